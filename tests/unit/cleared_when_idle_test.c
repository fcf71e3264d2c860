// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "stream.h"

#define NAME "cleared-when-idle"

static void passes(struct stream *s, unsigned int nr)
{
	while (nr--)
		do_pass(s);
}

static void a_bit_cleared_in_time_passes(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	assert_int_equal(result_of(&s, NAME)->held, 1);
	stream_free(&s);
}

static void a_bit_that_stays_fails_once(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	do_counted_write(&s, 7, 6);
	passes(&s, BT_IDLE_PASSES - 1);
	expect_broken(&s, NULL);
	passes(&s, 4);
	expect_broken(&s, NAME, 2, NULL);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NAME, 2, NULL);
	stream_free(&s);
}

/* No write is in flight, and bitmap_flush has run three passes. */
static void a_bit_that_is_set_when_the_bitmap_is_freed_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_counted_write(&s, 7, 5);
	passes(&s, BT_IDLE_PASSES_GONE);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);

	stream_init(&s, BT_BACKEND_BUFFER);
	do_counted_write(&s, 7, 5);
	passes(&s, BT_IDLE_PASSES_GONE - 1);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void a_chunk_that_is_written_again_is_not_idle(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	passes(&s, 3);
	ev_startwrite_counted(&s, 7, 5, 3);
	passes(&s, 9);
	ev_endwrite(&s, 5);
	passes(&s, BT_IDLE_PASSES - 1);
	expect_broken(&s, NULL);
	passes(&s, 1);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* The pass was not due; or two threads were in the daemon. */
static void a_pass_that_did_not_run_does_not_count(void **state)
{
	struct stream s;
	int i;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	for (i = 0; i < 9; i++) {
		ev_daemon_enter(&s, false);
		ev_daemon_exit(&s, BT_RAN_NO);
		ev_daemon_enter(&s, false);
		ev_daemon_exit(&s, BT_RAN_UNKNOWN);
		ev_plain(&s, BT_DAEMON_ENTER, 50);
		ev_daemon_enter(&s, false);
		ev_daemon_exit(&s, BT_RAN_YES);
		ev_plain(&s, BT_DAEMON_EXIT, 50);
	}
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

/* need_sync, which an endwrite sets, keeps the daemon from clearing bits. */
static void a_pass_with_need_sync_does_not_count(void **state)
{
	struct stream s;
	int i;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	do_counted_write(&s, 7, 6);
	for (i = 0; i < 9; i++) {
		ev_daemon_enter(&s, true);
		ev_startwrite_counted(&s, 7, 6, 3);
		ev_endwrite(&s, 6);
		ev_daemon_exit(&s, BT_RAN_YES);
		do_page_write(&s, 99, 0);
	}
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* md takes all bits as cleared and returns at once, with need_sync or without. */
static void a_pass_that_finds_all_clean_counts(void **state)
{
	struct bt_event ev;
	struct stream s;
	int i;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	for (i = 0; i < BT_IDLE_PASSES_GONE; i++) {
		ev = stream_event(&s, BT_DAEMON_ENTER, 50);
		ev.pass.need_sync = ev.pass.allclean = 1;
		stream_put(&s, &ev);
		ev = stream_event(&s, BT_DAEMON_EXIT, 50);
		ev.pass.ran = BT_RAN_YES;
		stream_put(&s, &ev);
	}
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* Under load each pass has an endwrite; the next one's need_sync shows that it was harmless. */
static void an_idle_chunk_of_a_busy_array_is_judged(void **state)
{
	struct stream s;
	int i;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	do_counted_write(&s, 7, 6);
	for (i = 0; i <= BT_IDLE_PASSES; i++) {
		ev_daemon_enter(&s, false);
		ev_startwrite_counted(&s, 7, 6, 3);
		ev_endwrite(&s, 6);
		ev_daemon_exit(&s, BT_RAN_YES);
	}
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void what_a_resync_waits_for_is_not_judged(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	s.degraded = true;
	do_counted_write(&s, 7, 5);
	s.degraded = false;
	/* bitmap_dirty_bits, through sysfs */
	ev_set_bit_enter(&s, 8, 6);
	ev_set_bit(&s, 8, 6, BT_ATTR_DIRTY);
	do_unplug(&s, 8, 0);
	ev_startwrite_counted(&s, 8, 6, 3);
	ev_endwrite(&s, 6);
	/* ... of a bit that was set before */
	do_counted_write(&s, 7, 7);
	ev_set_bit_enter(&s, 8, 7);
	ev_set_bit(&s, 8, 7, BT_ATTR_DIRTY);
	do_unplug(&s, 8, 0);
	/* read from disk: needed or not */
	ev_startwrite_counted(&s, 7, 8, 3);
	ev_endwrite(&s, 8);
	/* a counter that may be shared */
	ev_set_bit_enter(&s, 7, 9);
	ev_set_bit(&s, 7, 9, BT_ATTR_DIRTY);
	ev = stream_event(&s, BT_STARTWRITE, 7);
	ev.range.sector = 9 << CHUNK_SHIFT;
	ev.range.sectors = 8;
	stream_put(&s, &ev);
	ev_endwrite(&s, 9);
	passes(&s, 9);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

static void after_a_loss_of_counters_nothing_is_idle(void **state)
{
	struct stream s;
	struct bt_event ev;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	ev = stream_event(&s, BT_LOST, 0);
	ev.bitmap = 0;
	ev.lost.count = 1;
	bt_type_set_store(BT_TYPE_BIT(BT_STARTWRITE), ev.lost.types);
	stream_put(&s, &ev);
	passes(&s, 9);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* Nothing wakes the daemon: no rule is broken, but the report has a remark. */
static void bits_that_stay_set_without_a_pass_are_remarked_on(void **state)
{
	struct bt_sight sight;
	struct stream s;
	char reason[160];

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_counted_write(&s, 7, 5);
	do_counted_write(&s, 7, 6);
	s.ts_ns += UINT64_C(30000000000);
	do_data(&s, 7, 6);
	sight = bt_checker_sight(&s.checker, NULL, 0, false);
	assert_int_equal(bt_verdict_of(result_of(&s, NAME), &sight, reason, sizeof(reason)),
			 BT_VERDICT_NA);
	assert_non_null(strstr(reason, "md0: 2 bits still set 30.0 s after its last write, "
				       "0 passes of the daemon since"));
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bit_cleared_in_time_passes),
		cmocka_unit_test(a_bit_that_stays_fails_once),
		cmocka_unit_test(a_bit_that_is_set_when_the_bitmap_is_freed_fails),
		cmocka_unit_test(a_chunk_that_is_written_again_is_not_idle),
		cmocka_unit_test(a_pass_that_did_not_run_does_not_count),
		cmocka_unit_test(a_pass_with_need_sync_does_not_count),
		cmocka_unit_test(a_pass_that_finds_all_clean_counts),
		cmocka_unit_test(an_idle_chunk_of_a_busy_array_is_judged),
		cmocka_unit_test(what_a_resync_waits_for_is_not_judged),
		cmocka_unit_test(after_a_loss_of_counters_nothing_is_idle),
		cmocka_unit_test(bits_that_stay_set_without_a_pass_are_remarked_on),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
