// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "degraded-keeps-bits"

/* Chunk 5 is written while a member is missing. */
static void degraded_write(struct stream *s)
{
	stream_init(s, BT_BACKEND_INTERNAL);
	s->degraded = true;
	do_write(s, 7, 5);
	s->degraded = false;
}

static void cleared_after_a_whole_resync_passes(void **state)
{
	struct stream s;

	(void)state;
	degraded_write(&s);
	ev_sync(&s, BT_START_SYNC, 5, 1, false);
	ev_sync(&s, BT_END_SYNC, 0, CHUNKS, false);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void cleared_without_a_resync_fails(void **state)
{
	struct stream s;

	(void)state;
	degraded_write(&s);
	ev_sync(&s, BT_END_SYNC, 0, CHUNKS, false); /* of other chunks */
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->first.events[0].ev.type, BT_ENDWRITE_EXIT);
	do_write(&s, 7, 5);
	do_clear(&s, 5); /* reported once; the new write was complete */
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void cleared_during_the_resync_fails(void **state)
{
	struct stream s;

	(void)state;
	degraded_write(&s);
	ev_sync(&s, BT_START_SYNC, 4, 3, false);
	ev_sync(&s, BT_END_SYNC, 0, 5, false); /* chunks 0 to 4 */
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void cleared_after_an_aborted_resync_fails(void **state)
{
	struct stream s;

	(void)state;
	degraded_write(&s);
	ev_sync(&s, BT_START_SYNC, 5, 1, false);
	ev_sync(&s, BT_END_SYNC, 5, 1, true);
	ev_sync(&s, BT_END_SYNC, 0, CHUNKS, false); /* close_sync */
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void written_again_while_resyncing_needs_another(void **state)
{
	struct stream s;

	(void)state;
	degraded_write(&s);
	ev_sync(&s, BT_START_SYNC, 5, 1, false);
	s.degraded = true;
	ev_startwrite(&s, 7, 5);
	ev_endwrite(&s, 5);
	s.degraded = false;
	ev_sync(&s, BT_END_SYNC, 0, CHUNKS, false);
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* start_sync between entry and exit of the endwrite: before NEEDED or after? */
static void a_start_inside_the_endwrite_is_not_judged(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	do_data(&s, 7, 5);
	ev = stream_event(&s, BT_ENDWRITE, 7);
	ev.range.sector = 5 << CHUNK_SHIFT;
	ev.range.sectors = 8;
	ev.bm_flags = BT_BM_DEGRADED;
	stream_put(&s, &ev);
	ev_sync(&s, BT_START_SYNC, 5, 1, false);
	ev.type = BT_ENDWRITE_EXIT;
	stream_put(&s, &ev);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* Degraded only at the exit: the function may have looked before. */
static void degraded_at_one_end_is_not_judged(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	ev = stream_event(&s, BT_ENDWRITE_EXIT, 7);
	ev.range.sector = 5 << CHUNK_SHIFT;
	ev.range.sectors = 8;
	ev.bm_flags = BT_BM_DEGRADED;
	stream_put(&s, &ev);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void a_loss_forgives_what_it_may_hide(void **state)
{
	struct stream s;

	(void)state;
	degraded_write(&s);
	ev_lost(&s, 1); /* perhaps the resync is missing */
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void a_whole_array_has_no_say(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

/* The array may have been complete in between: also when the function looked? */
static void a_member_that_fails_meanwhile_leaves_it_open(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	do_data(&s, 7, 5);
	ev = stream_event(&s, BT_ENDWRITE, 0);
	ev.bm_flags |= BT_BM_DEGRADED;
	ev.range.sector = 5 << CHUNK_SHIFT;
	ev.range.sectors = 8;
	stream_put(&s, &ev);
	ev_member_error(&s, 1, true);
	ev.type = BT_ENDWRITE_EXIT;
	stream_put(&s, &ev);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleared_after_a_whole_resync_passes),
		cmocka_unit_test(cleared_without_a_resync_fails),
		cmocka_unit_test(cleared_during_the_resync_fails),
		cmocka_unit_test(cleared_after_an_aborted_resync_fails),
		cmocka_unit_test(written_again_while_resyncing_needs_another),
		cmocka_unit_test(a_start_inside_the_endwrite_is_not_judged),
		cmocka_unit_test(degraded_at_one_end_is_not_judged),
		cmocka_unit_test(a_loss_forgives_what_it_may_hide),
		cmocka_unit_test(a_whole_array_has_no_say),
		cmocka_unit_test(a_member_that_fails_meanwhile_leaves_it_open),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
