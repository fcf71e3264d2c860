// SPDX-License-Identifier: GPL-2.0-only
#include "lockless.h"

#define NAME "barrier-before-state"

static void a_held_page_passes(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void a_page_taken_too_late_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_change(&s, 7, 5, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE);
	ll_barrier(&s, 7, 0);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void a_page_never_taken_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_change(&s, 7, 5, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* The reference of an earlier write has been given back. */
static void the_page_of_an_earlier_write_does_not_help(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	ll_change(&s, 7, 6, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE);
	ev_startwrite(&s, 7, 6);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void a_write_from_before_tracing_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	ll_init_late(&s, BT_LL_CLEAN);
	ll_change(&s, 7, 5, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* llbitmap_dirty_bits, by sysfs: no write. */
static void another_function_needs_no_page(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_change(&s, 7, 9, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE);
	ll_start(&s, 7, 5, BT_LL_CLEAN);
	ll_change(&s, 7, 10, BT_LL_CLEAN, BT_LL_DIRTY, BT_LL_STARTWRITE);
	ll_barrier(&s, 7, 0);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_held_page_passes),
		cmocka_unit_test(a_page_taken_too_late_is_broken),
		cmocka_unit_test(a_page_never_taken_is_broken),
		cmocka_unit_test(the_page_of_an_earlier_write_does_not_help),
		cmocka_unit_test(a_write_from_before_tracing_is_not_judged),
		cmocka_unit_test(another_function_needs_no_page),
	};

	return cmocka_run_group_tests_name("barrier_before_state", tests, NULL, NULL);
}
