/* SPDX-License-Identifier: GPL-2.0-only */
/* A given rate per second, from a process that sleeps between bursts of about a millisecond. */
#ifndef BENCH_PACE_H
#define BENCH_PACE_H

#include <stdint.h>

struct pace {
	uint64_t start_ns; /* CLOCK_MONOTONIC; 0: not begun */
	uint64_t rate;	   /* per second; 0: no limit */
	uint64_t done;
};

/* Sleeps until nr more are due; returns at once if they are due already. */
void pace_wait(struct pace *pace, uint64_t nr);
double pace_seconds(const struct pace *pace);

#endif /* BENCH_PACE_H */
