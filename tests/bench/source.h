/* SPDX-License-Identifier: GPL-2.0-only */
/* Between tests/bench/source and its program in the kernel. */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include "shared/event.h" /* the integer types of both worlds */

#define SOURCE_BATCH_MAX 4096

/* What one call of the program is given, and gives back. */
struct source_call {
	uint64_t nr;	     /* of the records laid ready */
	uint64_t filled_max; /* bytes in the buffer when a call began, the most so far */
};

#endif /* BENCH_SOURCE_H */
