// SPDX-License-Identifier: GPL-2.0-only
#include "lockless.h"

#define NAME "sync-covers"

static void a_clean_chunk_may_be_left_out(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_skip(&s, 5);
	ll_write(&s, 7, 6);
	ll_skip(&s, 6); /* Dirty by a write since the load */
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void a_chunk_to_be_synced_may_not(void **state)
{
	struct stream s;

	(void)state;
	ll_init_as(&s, 1, BT_LL_NEED_SYNC);
	ll_skip(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void nor_one_that_was_dirty_on_disk(void **state)
{
	struct stream s;

	(void)state;
	ll_init_as(&s, 1, BT_LL_DIRTY);
	ll_skip(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	ll_change(&s, 1, 6, BT_LL_DIRTY, BT_LL_NEED_SYNC, BT_LL_RELOAD);
	ll_change(&s, 98, 6, BT_LL_NEED_SYNC, BT_LL_SYNCING, BT_LL_STARTSYNC);
	ev_sync(&s, BT_START_SYNC, 6, 1, false);
	ll_skip(&s, 6);
	expect_broken(&s, NAME, 2, NULL);
	stream_free(&s);
}

static void what_is_not_known_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	ll_init_late(&s, BT_LL_CLEAN);
	ev_lost(&s, 1);
	ll_skip(&s, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_chunk_may_be_left_out),
		cmocka_unit_test(a_chunk_to_be_synced_may_not),
		cmocka_unit_test(nor_one_that_was_dirty_on_disk),
		cmocka_unit_test(what_is_not_known_is_not_judged),
	};

	return cmocka_run_group_tests_name("sync_covers", tests, NULL, NULL);
}
