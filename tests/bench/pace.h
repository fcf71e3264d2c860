/* SPDX-License-Identifier: GPL-2.0-only */
/* So many a second, from a process that sleeps between pieces of about a millisecond. */
#ifndef BENCH_PACE_H
#define BENCH_PACE_H

#include <stdint.h>

struct pace {
	uint64_t start_ns; /* CLOCK_MONOTONIC; 0: not begun */
	uint64_t rate;	   /* a second; 0: as fast as it goes */
	uint64_t done;
};

/* Sleeps until nr more are due, or not at all when they have been. */
void pace_wait(struct pace *pace, uint64_t nr);
double pace_seconds(const struct pace *pace);

#endif /* BENCH_PACE_H */
