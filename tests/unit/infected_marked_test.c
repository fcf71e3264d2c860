// SPDX-License-Identifier: GPL-2.0-only
#include "lockless.h"

#define NAME "infected-marked"

/* Of two chunks in block 2; the second one infects the rest of it. */
static void infect(struct stream *s, uint8_t flags)
{
	ll_enter(s, 7, 5, 5, BT_LL_STARTWRITE);
	ll_state(s, 7, 5, 1, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE, BT_LL_OWN | LL_MARKED);
	ll_state(s, 7, 6, 506, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE, flags);
	ll_exit(s, 7, 5, 5, BT_LL_STARTWRITE);
}

static void a_marked_block_passes(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	infect(&s, LL_MARKED);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void an_unmarked_block_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	infect(&s, BT_LL_PAGE_MARKED);
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->first.about, 6);
	stream_free(&s);
}

/* A worker has taken the mark, and writes the block after the change. */
static void a_worker_may_write_it(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ev_plain(&s, BT_LL_WORK_ENTER, LL_WORKER);
	infect(&s, 0);
	ll_block(&s, LL_WORKER, 2);
	ev_plain(&s, BT_LL_WORK_EXIT, LL_WORKER);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 1);
	stream_free(&s);
}

/* It wrote the block before the change, and that was all. */
static void a_worker_may_have_written_it(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ev_plain(&s, BT_LL_WORK_ENTER, LL_WORKER);
	ll_block(&s, LL_WORKER, 2);
	infect(&s, 0);
	expect_broken(&s, NULL);
	ev_plain(&s, BT_LL_WORK_EXIT, LL_WORKER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void another_block_does_not_help(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ev_plain(&s, BT_LL_WORK_ENTER, LL_WORKER);
	infect(&s, 0);
	ll_block(&s, LL_WORKER, 3);
	ev_plain(&s, BT_LL_WORK_EXIT, LL_WORKER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void without_infection_it_does_not_apply(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_marked_block_passes),
		cmocka_unit_test(an_unmarked_block_is_broken),
		cmocka_unit_test(a_worker_may_write_it),
		cmocka_unit_test(a_worker_may_have_written_it),
		cmocka_unit_test(another_block_does_not_help),
		cmocka_unit_test(without_infection_it_does_not_apply),
	};

	return cmocka_run_group_tests_name("infected_marked", tests, NULL, NULL);
}
