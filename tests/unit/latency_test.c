// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "latency.h"
#include "stream.h"

static const struct bt_histogram *stage(struct bt_latency *latency, enum bt_stage which)
{
	struct bt_stage_array *array;

	HASH_FIND_STR(latency->set.arrays, "md0", array);
	assert_non_null(array);
	return &array->stages[which];
}

static void feed(struct bt_latency *latency, struct stream *s, enum bt_event_type type,
		 uint64_t ts_ns, uint32_t tid, uint64_t chunk, uint64_t io)
{
	struct bt_event ev = stream_event(s, type, tid);

	ev.ts_ns = ts_ns;
	switch (type) {
	case BT_SET_BIT:
	case BT_CLEAR_BIT:
		ev.bit.chunk = chunk;
		ev.bit.page = page_of(chunk);
		break;
	case BT_UNPLUG_PAGE:
		ev.attr.page = page_of(chunk);
		ev.attr.attr = BT_ATTR_DIRTY;
		break;
	case BT_PAGE_WRITE_START:
	case BT_PAGE_WRITE_END:
		ev.page.io = io;
		ev.page.page = page_of(chunk);
		ev.page.nr_pages = 1;
		ev.page.dev = (uint32_t)io;
		ev.page.backend = BT_BACKEND_INTERNAL;
		break;
	case BT_ARRAY:
		strcpy(ev.array.name, "md0");
		break;
	default:
		break;
	}
	assert_int_equal(bt_sink_event(&latency->sink, &ev), 0);
}

static void every_stage_has_its_duration(void **state)
{
	struct bt_latency latency;
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	bt_latency_init(&latency);
	feed(&latency, &s, BT_ARRAY, 1, 1, 0, 0);
	feed(&latency, &s, BT_SET_BIT, 1000, 7, 5, 0);
	feed(&latency, &s, BT_SET_BIT, 1500, 7, 6, 0);
	feed(&latency, &s, BT_UNPLUG_ENTER, 2000, 7, 0, 0);
	feed(&latency, &s, BT_UNPLUG_PAGE, 2001, 7, 5, 0);
	feed(&latency, &s, BT_PAGE_WRITE_START, 3000, 7, 5, 11);
	feed(&latency, &s, BT_PAGE_WRITE_START, 3100, 7, 5, 12);
	feed(&latency, &s, BT_PAGE_WRITE_END, 8000, 0, 5, 11);
	feed(&latency, &s, BT_PAGE_WRITE_END, 9100, 0, 5, 12);
	feed(&latency, &s, BT_UNPLUG_EXIT, 9500, 7, 0, 0);
	feed(&latency, &s, BT_UNPLUG_ENTER, 9600, 7, 0, 0);
	feed(&latency, &s, BT_UNPLUG_EXIT, 9700, 7, 0, 0);
	feed(&latency, &s, BT_CLEAR_BIT, 50000, 9, 5, 0);

	assert_int_equal(stage(&latency, BT_STAGE_UNPLUG)->count, 1);
	assert_int_equal(stage(&latency, BT_STAGE_UNPLUG)->total_ns, 7500);
	assert_int_equal(stage(&latency, BT_STAGE_UNPLUG_IDLE)->count, 1);
	assert_int_equal(stage(&latency, BT_STAGE_UNPLUG_IDLE)->total_ns, 100);
	/* Both bits reach the disk when both members have the page. */
	assert_int_equal(stage(&latency, BT_STAGE_SET_TO_DISK)->count, 2);
	assert_int_equal(stage(&latency, BT_STAGE_SET_TO_DISK)->max_ns, 8100);
	assert_int_equal(stage(&latency, BT_STAGE_SET_TO_DISK)->min_ns, 7600);
	assert_int_equal(stage(&latency, BT_STAGE_PAGE_WRITE)->count, 2);
	assert_int_equal(stage(&latency, BT_STAGE_PAGE_WRITE)->total_ns, 5000 + 6000);
	assert_int_equal(stage(&latency, BT_STAGE_DIRTY_TO_WRITE)->count, 1);
	assert_int_equal(stage(&latency, BT_STAGE_DIRTY_TO_WRITE)->total_ns, 2000);
	assert_int_equal(stage(&latency, BT_STAGE_LIFETIME)->count, 1);
	assert_int_equal(stage(&latency, BT_STAGE_LIFETIME)->total_ns, 49000);
	bt_latency_free(&latency);
	stream_free(&s);
}

static void clocks_that_disagree_give_zero(void **state)
{
	struct bt_latency latency;
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	bt_latency_init(&latency);
	feed(&latency, &s, BT_ARRAY, 1, 1, 0, 0);
	feed(&latency, &s, BT_UNPLUG_ENTER, 2000, 7, 0, 0);
	feed(&latency, &s, BT_UNPLUG_EXIT, 1990, 7, 0, 0);
	assert_int_equal(stage(&latency, BT_STAGE_UNPLUG_IDLE)->max_ns, 0);
	bt_latency_free(&latency);
	stream_free(&s);
}

static void loss_forgets_what_is_under_way(void **state)
{
	struct bt_latency latency;
	struct bt_event lost;
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	bt_latency_init(&latency);
	feed(&latency, &s, BT_ARRAY, 1, 1, 0, 0);
	feed(&latency, &s, BT_SET_BIT, 1000, 7, 5, 0);
	lost = stream_event(&s, BT_LOST, 0);
	lost.bitmap = 0;
	assert_int_equal(bt_sink_event(&latency.sink, &lost), 0);
	feed(&latency, &s, BT_PAGE_WRITE_START, 3000, 7, 5, 11);
	feed(&latency, &s, BT_PAGE_WRITE_END, 8000, 0, 5, 11);
	feed(&latency, &s, BT_CLEAR_BIT, 50000, 9, 5, 0);
	assert_int_equal(stage(&latency, BT_STAGE_SET_TO_DISK)->count, 0);
	assert_int_equal(stage(&latency, BT_STAGE_LIFETIME)->count, 0);
	assert_int_equal(stage(&latency, BT_STAGE_PAGE_WRITE)->count, 1);
	bt_latency_free(&latency);
	stream_free(&s);
}

static void bits_that_never_reach_the_disk_are_bounded(void **state)
{
	const uint64_t bits_per_page = 32768;
	struct bt_latency latency;
	struct stream s;
	uint64_t page;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	bt_latency_init(&latency);
	for (page = 0; page < BT_LATENCY_PAGES_MAX + 5; page++)
		feed(&latency, &s, BT_SET_BIT, 1000, 7, page * bits_per_page, 0);
	assert_int_equal(latency.set.lost, 5);
	feed(&latency, &s, BT_PAGE_WRITE_START, 2000, 7, 0, 1);
	feed(&latency, &s, BT_PAGE_WRITE_END, 3000, 0, 0, 1);
	assert_int_equal(latency.waiting_nr, BT_LATENCY_PAGES_MAX - 1);
	bt_latency_free(&latency);
	assert_int_equal(latency.waiting_nr, 0);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stage_has_its_duration),
		cmocka_unit_test(clocks_that_disagree_give_zero),
		cmocka_unit_test(loss_forgets_what_is_under_way),
		cmocka_unit_test(bits_that_never_reach_the_disk_are_bounded),
	};

	return cmocka_run_group_tests_name("latency", tests, NULL, NULL);
}
