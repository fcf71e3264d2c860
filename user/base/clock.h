/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BT_CLOCK_H
#define BT_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC, which the probes use for events, too. */
static inline uint64_t bt_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif /* BT_CLOCK_H */
