// SPDX-License-Identifier: GPL-2.0-only
#include "cli/interval.h"

/* More intervals than this without an event are passed over: nobody reads so many zeroes. */
#define GAP_MAX 3600

bool bt_interval_finished(const struct bt_interval *interval)
{
	return interval->count && interval->reported >= interval->count;
}

void bt_interval_end(struct bt_interval *interval, uint64_t until_ns)
{
	interval->report(interval, until_ns);
	interval->from_ns = until_ns;
	interval->reported++;
}

/* Stamps in a damaged trace may be anything. */
static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void bt_interval_advance(struct bt_interval *interval, uint64_t now_ns)
{
	uint64_t next_ns;

	if (!interval->begun)
		interval->from_ns = now_ns;
	interval->begun = true;
	/* Records are in order, their clocks only nearly. */
	if (now_ns > interval->now_ns)
		interval->now_ns = now_ns;
	if (!interval->length_ns)
		return;
	next_ns = add_saturated(interval->from_ns, interval->length_ns);
	while (now_ns >= next_ns && next_ns != UINT64_MAX && !bt_interval_finished(interval)) {
		bt_interval_end(interval, next_ns);
		if ((now_ns - next_ns) / interval->length_ns > GAP_MAX)
			interval->from_ns = now_ns;
		next_ns = add_saturated(interval->from_ns, interval->length_ns);
	}
}
