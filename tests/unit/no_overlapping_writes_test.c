// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "no-overlapping-writes"

static void one_after_the_other_passes(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER,
						    BT_BACKEND_PAGECACHE, BT_BACKEND_FILEIO };
	struct stream s;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		stream_init(&s, backends[i]);
		do_page_write(&s, 7, 0);
		do_page_write(&s, 8, 0);
		ev_page_start(&s, 7, 1, 0);
		ev_page_start(&s, 8, 2, 0); /* another page */
		expect_broken(&s, NULL);
		expect(&s, NAME, BT_VERDICT_PASS);
		stream_free(&s);
	}
}

static void to_the_same_member_twice_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_page_start(&s, 7, 0, 0);
	ev_page_start(&s, 7, 0, 1);
	expect_broken(&s, NULL);
	ev_page_start(&s, 8, 0, 0);
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->first.nr, 2);
	stream_free(&s);
}

/* One submission has ended; perhaps it was this one. */
static void which_leg_is_left_is_not_guessed(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	io = ev_page_start(&s, 7, 0, 0);
	ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, io, 0);
	ev_page_start(&s, 8, 0, 0);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_the_other_passes),
		cmocka_unit_test(to_the_same_member_twice_fails),
		cmocka_unit_test(which_leg_is_left_is_not_guessed),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
