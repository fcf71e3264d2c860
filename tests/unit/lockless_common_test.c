// SPDX-License-Identifier: GPL-2.0-only
/* The rules of all bitmaps, on lockless ones. */
#include "lockless.h"

static void whole_writes_pass(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	ll_clean(&s, 5);
	ll_write(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, "intent-before-data", BT_VERDICT_PASS);
	expect(&s, "intent-recorded", BT_VERDICT_PASS);
	expect(&s, "unplug-durable", BT_VERDICT_PASS);
	expect(&s, "no-clear-in-flight", BT_VERDICT_PASS);
	expect(&s, "two-pass-clear", BT_VERDICT_NA);
	expect_overall(&s, BT_VERDICT_PASS);
	stream_free(&s);
}

/* L1: nothing is left for B's unplug to see, while A's write of the block is under way. */
static void a_second_writer_overtakes_the_first(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_start(&s, 7, 5, BT_LL_CLEAN);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_plain(&s, BT_LL_WORK_ENTER, LL_WORKER);
	ll_block_start(&s, LL_WORKER, 2, 0);
	ll_block_start(&s, LL_WORKER, 2, 1);
	ll_barrier(&s, 8, 0);
	ev_startwrite(&s, 8, 5);
	ev_plain(&s, BT_UNPLUG_ENTER, 8);
	ev_plain(&s, BT_UNPLUG_EXIT, 8);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, "intent-before-data", 1, NULL);
	stream_free(&s);
}

static void data_for_a_clean_chunk_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, "intent-before-data", 1, NULL);
	stream_free(&s);
}

/* Clean is not written back: until a write of the block begins, the disk has Dirty. */
static void what_the_disk_still_has_protects(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	ll_clean(&s, 5);
	ll_start(&s, 8, 5, BT_LL_CLEAN);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, NULL);
	ev_endwrite(&s, 5);
	stream_free(&s);
}

static void once_written_as_clean_it_does_not(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	ll_clean(&s, 5);
	ll_write(&s, 7, 6); /* the same block */
	ll_start(&s, 8, 5, BT_LL_CLEAN);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, "intent-before-data", 1, NULL);
	stream_free(&s);
}

static void found_in_memory_is_not_on_disk(void **state)
{
	struct stream s;

	(void)state;
	ll_init_late(&s, BT_LL_DIRTY);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, NULL);
	expect(&s, "intent-before-data", BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void loaded_dirty_is(void **state)
{
	struct stream s;

	(void)state;
	ll_init_as(&s, 1, BT_LL_DIRTY);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, "intent-before-data")->unjudged, 0);
	stream_free(&s);
}

/* Late, but the bytes are known: rules work at once. */
static void an_array_met_late_is_judged(void **state)
{
	struct stream s;

	(void)state;
	ll_init_late(&s, BT_LL_CLEAN);
	ll_write(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, "intent-before-data", BT_VERDICT_PASS);
	ev_data_start(&s, 8, 9, 0, END_IO_USER);
	expect_broken(&s, "intent-before-data", 1, NULL);
	stream_free(&s);
}

static void cleaned_under_a_writer_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_start(&s, 7, 5, BT_LL_CLEAN);
	ll_clean(&s, 5);
	expect_broken(&s, "no-clear-in-flight", 1, NULL);
	stream_free(&s);
}

static void a_start_that_leaves_it_clean_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_barrier(&s, 7, 0);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, "intent-recorded", 1, NULL);
	stream_free(&s);
}

static void a_start_that_marks_nothing_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_barrier(&s, 7, 0);
	ll_enter(&s, 7, 5, 5, BT_LL_STARTWRITE);
	ll_state(&s, 7, 5, 1, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE,
		 BT_LL_OWN | BT_LL_BLOCK_MARKED);
	ll_exit(&s, 7, 5, 5, BT_LL_STARTWRITE);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, "intent-recorded", 1, NULL);
	stream_free(&s);
}

/* Two CPUs report one change: it does not become newer by that. */
static void a_change_reported_twice_is_one(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_start(&s, 7, 5, BT_LL_CLEAN);
	ll_unplug(&s, 7, 2);
	ll_state(&s, 8, 5, 1, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE, 0);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void an_unplug_that_writes_nothing_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 6);
	ll_start(&s, 7, 5, BT_LL_CLEAN);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, "unplug-durable", 1, NULL);
	stream_free(&s);
}

/* L5: the superblock says that the bitmap is up to date, and the disk has the old states. */
static void a_stale_load_is_written_first(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	s.bm_flags = BT_BM_STALE;
	ev_plain(&s, BT_LOAD_ENTER, 1);
	s.bm_flags = 0;
	ll_enter(&s, 1, 0, LL_CHUNKS - 1, BT_LL_STALE);
	ll_state(&s, 1, 0, LL_CHUNKS, BT_LL_CLEAN, BT_LL_NEED_SYNC, BT_LL_STALE,
		 BT_LL_OWN | LL_MARKED);
	ll_exit(&s, 1, 0, LL_CHUNKS - 1, BT_LL_STALE);
	ev_call(&s, BT_LOAD_EXIT, 1, 0);
	ev_update_sb(&s, 1);
	expect_broken(&s, "writeback-before-stale-drop", 1, NULL);
	stream_free(&s);
}

static void degraded_writes_keep_their_chunks(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	s.degraded = true;
	ll_write(&s, 7, 5);
	ll_clean(&s, 5);
	expect_broken(&s, "degraded-keeps-bits", 1, NULL);
	stream_free(&s);
}

static void change_degraded(struct stream *s, uint32_t tid, uint8_t before, uint8_t after,
			    uint8_t action)
{
	ll_enter(s, tid, 5, 5, action);
	ll_state(s, tid, 5, 1, before, after, action,
		 BT_LL_OWN | BT_LL_DEGRADED | (after == BT_LL_SYNCING ? 0 : LL_MARKED));
	ll_exit(s, tid, 5, 5, action);
}

/* A recovery that passes the chunk, and a write to it while md still counts the array as degraded.
 */
static void write_behind_recovery(struct stream *s, bool fails)
{
	s->degraded = true;
	ll_barrier(s, 7, 0);
	change_degraded(s, 7, BT_LL_CLEAN, BT_LL_NEED_SYNC, BT_LL_STARTWRITE);
	ev_startwrite(s, 7, 5);
	ll_unplug(s, 7, (5 + 1024) / 512);
	do_data(s, 7, 5);
	ev_endwrite(s, 5);
	change_degraded(s, 98, BT_LL_NEED_SYNC, BT_LL_SYNCING, BT_LL_STARTSYNC);
	change_degraded(s, 98, BT_LL_SYNCING, BT_LL_DIRTY, BT_LL_ENDSYNC);
	if (fails)
		ev_member_error(s, 1, true);
	ev_startwrite(s, 7, 5);
	do_data(s, 7, 5);
	ev_endwrite(s, 5);
	s->degraded = false;
	ll_clean(s, 5);
}

static void what_a_recovery_has_passed_is_kept_no_more(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	write_behind_recovery(&s, false);
	expect_overall(&s, BT_VERDICT_PASS);
	stream_free(&s);
}

/* Dirty since before the member was lost: no write made it needed, but it is resynced all the same.
 */
static void what_was_dirty_before_is_kept_no_more_either(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	s.degraded = true;
	change_degraded(&s, 98, BT_LL_DIRTY, BT_LL_SYNCING, BT_LL_STARTSYNC);
	change_degraded(&s, 98, BT_LL_SYNCING, BT_LL_DIRTY, BT_LL_ENDSYNC);
	ev_startwrite(&s, 7, 5);
	do_data(&s, 7, 5);
	ev_endwrite(&s, 5);
	s.degraded = false;
	ll_clean(&s, 5);
	expect_overall(&s, BT_VERDICT_PASS);
	stream_free(&s);
}

static void unless_a_member_fails_after_it(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	write_behind_recovery(&s, true);
	expect_broken(&s, "degraded-keeps-bits", 1, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_writes_pass),
		cmocka_unit_test(a_second_writer_overtakes_the_first),
		cmocka_unit_test(data_for_a_clean_chunk_is_broken),
		cmocka_unit_test(what_the_disk_still_has_protects),
		cmocka_unit_test(once_written_as_clean_it_does_not),
		cmocka_unit_test(found_in_memory_is_not_on_disk),
		cmocka_unit_test(loaded_dirty_is),
		cmocka_unit_test(an_array_met_late_is_judged),
		cmocka_unit_test(cleaned_under_a_writer_is_broken),
		cmocka_unit_test(a_start_that_leaves_it_clean_is_broken),
		cmocka_unit_test(a_start_that_marks_nothing_is_broken),
		cmocka_unit_test(a_change_reported_twice_is_one),
		cmocka_unit_test(an_unplug_that_writes_nothing_is_broken),
		cmocka_unit_test(a_stale_load_is_written_first),
		cmocka_unit_test(degraded_writes_keep_their_chunks),
		cmocka_unit_test(what_a_recovery_has_passed_is_kept_no_more),
		cmocka_unit_test(what_was_dirty_before_is_kept_no_more_either),
		cmocka_unit_test(unless_a_member_fails_after_it),
	};

	return cmocka_run_group_tests_name("lockless_common", tests, NULL, NULL);
}
