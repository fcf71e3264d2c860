/* SPDX-License-Identifier: GPL-2.0-only */
/* Intervals of equal length, by the clock of the events. */
#ifndef BT_INTERVAL_H
#define BT_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

struct bt_interval {
	uint64_t length_ns;  /* 0: the whole run is one */
	unsigned long count; /* at most so many are reported; 0: no bound */
	/* Reports what was between from_ns and until_ns, from_ns being still the old one. */
	void (*report)(struct bt_interval *interval, uint64_t until_ns);
	bool begun;
	uint64_t from_ns; /* the running interval */
	uint64_t now_ns;  /* the latest time that was seen */
	unsigned long reported;
};

/* count is reached. */
bool bt_interval_finished(const struct bt_interval *interval);
/* Time has come to now_ns: reports the intervals that have ended since. */
void bt_interval_advance(struct bt_interval *interval, uint64_t now_ns);
/* Reports the running one as it is. */
void bt_interval_end(struct bt_interval *interval, uint64_t until_ns);

#endif /* BT_INTERVAL_H */
