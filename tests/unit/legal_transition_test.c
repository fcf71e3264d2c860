// SPDX-License-Identifier: GPL-2.0-only
#include "lockless.h"

#define NAME "legal-transition"

static void what_the_table_has_passes(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	ll_clean(&s, 5);
	ll_change(&s, 8, 5, BT_LL_CLEAN, BT_LL_UNWRITTEN, BT_LL_DISCARD);
	ll_change(&s, 8, 5, BT_LL_UNWRITTEN, BT_LL_DIRTY, BT_LL_STARTWRITE);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 4);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void what_it_has_not_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_change(&s, 7, 5, BT_LL_CLEAN, BT_LL_NEED_SYNC, BT_LL_STARTWRITE);
	expect_broken(&s, NAME, 1, NULL);
	ll_change(&s, 7, 5, BT_LL_NEED_SYNC, BT_LL_CLEAN, BT_LL_DAEMON);
	expect_broken(&s, NAME, 2, NULL);
	stream_free(&s);
}

static void infection_changes_neighbours(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_enter(&s, 7, 5, 5, BT_LL_STARTWRITE);
	ll_state(&s, 7, 6, 10, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE, LL_MARKED);
	ll_state(&s, 7, 20, 1, BT_LL_UNWRITTEN, BT_LL_DIRTY, BT_LL_STARTWRITE, LL_MARKED);
	ll_exit(&s, 7, 5, 5, BT_LL_STARTWRITE);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 2);
	/* NeedSync is not what it makes of them, and the daemon infects nobody. */
	ll_enter(&s, 7, 5, 5, BT_LL_STARTWRITE);
	ll_state(&s, 7, 30, 1, BT_LL_CLEAN, BT_LL_NEED_SYNC, BT_LL_STARTWRITE, LL_MARKED);
	ll_exit(&s, 7, 5, 5, BT_LL_STARTWRITE);
	ll_enter(&s, LL_DAEMON_T, 5, 5, BT_LL_DAEMON);
	ll_state(&s, LL_DAEMON_T, 31, 1, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_DAEMON, LL_MARKED);
	ll_exit(&s, LL_DAEMON_T, 5, 5, BT_LL_DAEMON);
	expect_broken(&s, NAME, 2, NULL);
	stream_free(&s);
}

/* A chunk that infection made Dirty is Dirty when the load comes to it. */
static void a_load_goes_through_infected_chunks(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_enter(&s, 1, 0, LL_CHUNKS - 1, BT_LL_RELOAD);
	ll_state(&s, 1, 3, 1, BT_LL_CLEAN, BT_LL_NEED_SYNC, BT_LL_RELOAD, BT_LL_OWN | LL_MARKED);
	ll_state(&s, 1, 0, 3, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_RELOAD, BT_LL_OWN | LL_MARKED);
	ll_exit(&s, 1, 0, LL_CHUNKS - 1, BT_LL_RELOAD);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 2);
	stream_free(&s);
}

static void a_degraded_array_needs_a_sync(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_enter(&s, 7, 5, 5, BT_LL_STARTWRITE);
	ll_state(&s, 7, 5, 1, BT_LL_CLEAN, BT_LL_NEED_SYNC, BT_LL_STARTWRITE,
		 BT_LL_OWN | BT_LL_DEGRADED | LL_MARKED);
	ll_exit(&s, 7, 5, 5, BT_LL_STARTWRITE);
	expect_broken(&s, NULL);
	ll_enter(&s, 7, 6, 6, BT_LL_STARTWRITE);
	ll_state(&s, 7, 6, 1, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE,
		 BT_LL_OWN | BT_LL_DEGRADED | LL_MARKED);
	ll_exit(&s, 7, 6, 6, BT_LL_STARTWRITE);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void parity_is_built_by_a_sync(void **state)
{
	struct stream s;

	(void)state;
	ll_init_as(&s, 5, BT_LL_UNWRITTEN);
	ll_change(&s, 7, 5, BT_LL_UNWRITTEN, BT_LL_NEED_SYNC, BT_LL_STARTWRITE);
	expect_broken(&s, NULL);
	ll_change(&s, 7, 6, BT_LL_UNWRITTEN, BT_LL_DIRTY, BT_LL_STARTWRITE);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void two_calls_at_once_are_not_judged(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_enter(&s, 7, 5, 5, BT_LL_STARTWRITE);
	ll_enter(&s, 8, 9, 9, BT_LL_DISCARD);
	ll_state(&s, 7, 9, 1, BT_LL_CLEAN, BT_LL_UNWRITTEN, BT_LL_STARTWRITE, LL_MARKED);
	ll_exit(&s, 8, 9, 9, BT_LL_DISCARD);
	ll_exit(&s, 7, 5, 5, BT_LL_STARTWRITE);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->unjudged, 1);
	stream_free(&s);
}

/* A kernel whose table could not be read: UNKNOWN, whatever it does. */
static void without_a_table_nothing_is_judged(void **state)
{
	struct stream s;
	struct bt_event ev;

	(void)state;
	ll_init(&s);
	ev = stream_event(&s, BT_LL_TABLE, 1);
	stream_put(&s, &ev); /* a row without actions */
	ll_change(&s, 7, 5, BT_LL_CLEAN, BT_LL_NEED_SYNC, BT_LL_STARTWRITE);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_table_has_passes),
		cmocka_unit_test(what_it_has_not_is_broken),
		cmocka_unit_test(infection_changes_neighbours),
		cmocka_unit_test(a_load_goes_through_infected_chunks),
		cmocka_unit_test(a_degraded_array_needs_a_sync),
		cmocka_unit_test(parity_is_built_by_a_sync),
		cmocka_unit_test(two_calls_at_once_are_not_judged),
		cmocka_unit_test(without_a_table_nothing_is_judged),
	};

	return cmocka_run_group_tests_name("legal_transition", tests, NULL, NULL);
}
