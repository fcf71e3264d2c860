/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that run one step at a time, so that those of many threads can be interleaved:
 * each stores in its frame the line where it continues. A function returns true when it has
 * finished, false when it must be called again. State that must survive from one step to the
 * next is in its frame; its arguments must be the same at each call.
 *
 *	static bool twice(struct sim_actor *me)
 *	{
 *		SIM_BEGIN(me);
 *		SIM_CALL(me, once(me));
 *		SIM_STEP();			others may run here
 *		SIM_WAIT(something_is_so);
 *		SIM_CALL(me, once(me));
 *		SIM_END();
 *	}
 *
 * No SIM_* inside a switch, and no early return except SIM_RETURN.
 */
#ifndef SIM_STEPS_H
#define SIM_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_DEPTH_MAX 12

struct sim_frame {
	int line;
	uint64_t i, n; /* for the function's own use */
	bool flag;
};

#define SIM_BEGIN(actor)                                                                           \
	struct sim_frame *f = &(actor)->frames[(actor)->depth];                                    \
	switch (f->line) {                                                                         \
	case 0:

#define SIM_END()                                                                                  \
	}                                                                                          \
	f->line = 0;                                                                               \
	return true

#define SIM_RETURN()                                                                               \
	do {                                                                                       \
		f->line = 0;                                                                       \
		return true;                                                                       \
	} while (0)

#define SIM_STEP()                                                                                 \
	do {                                                                                       \
		f->line = __LINE__;                                                                \
		return false;                                                                      \
	case __LINE__:;                                                                            \
	} while (0)

#define SIM_WAIT(condition)                                                                        \
	do {                                                                                       \
		while (!(condition)) {                                                             \
			f->line = __LINE__;                                                        \
			return false;                                                              \
		case __LINE__:;                                                                    \
		}                                                                                  \
	} while (0)

#define SIM_CALL(actor, call)                                                                      \
	do {                                                                                       \
		bool done_ = false;                                                                \
                                                                                                   \
		while (!done_) {                                                                   \
			(actor)->depth++;                                                          \
			done_ = (call);                                                            \
			(actor)->depth--;                                                          \
			if (done_)                                                                 \
				break;                                                             \
			f->line = __LINE__;                                                        \
			return false;                                                              \
		case __LINE__:                                                                     \
			done_ = false;                                                             \
		}                                                                                  \
	} while (0)

#endif /* SIM_STEPS_H */
