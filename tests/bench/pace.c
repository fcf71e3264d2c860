// SPDX-License-Identifier: GPL-2.0-only
#include "pace.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"

void pace_wait(struct pace *pace, uint64_t nr)
{
	struct timespec due;
	uint64_t ns;

	if (!pace->start_ns)
		pace->start_ns = bt_now_ns();
	pace->done += nr;
	if (!pace->rate)
		return;
	ns = pace->start_ns + (uint64_t)((double)pace->done * 1e9 / (double)pace->rate);
	due.tv_sec = (time_t)(ns / 1000000000);
	due.tv_nsec = (long)(ns % 1000000000);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
		;
}

double pace_seconds(const struct pace *pace)
{
	return (double)(bt_now_ns() - pace->start_ns) / 1e9;
}
