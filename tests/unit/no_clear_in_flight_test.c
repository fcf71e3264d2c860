// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "no-clear-in-flight"

static void quiet_clear_passes(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void clear_under_startwrite_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void clear_under_the_second_of_two_writers_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	do_startwrite(&s, 8, 5, false);
	do_data(&s, 7, 5);
	ev_endwrite(&s, 5);
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* Write-behind: the write has ended for the user, but not on one member. */
static void clear_under_member_write_fails(void **state)
{
	struct stream s;
	uint64_t bio;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 6);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	bio = ev_data_start(&s, 7, 5, 1, END_IO_USER);
	ev_endwrite(&s, 5);
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	ev_data_end(&s, bio);
	stream_free(&s);
}

/* Without a hook on md's callback no write would ever end. */
static void ends_that_are_not_told_convict_nobody(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	ev_data_start(&s, 7, 5, 1, END_IO_USER);
	ev_endwrite(&s, 5);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void clear_of_a_neighbour_passes(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 6);
	do_startwrite(&s, 7, 5, true);
	do_clear(&s, 6);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void late_attach_cannot_tell(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	do_clear(&s, 5);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet_clear_passes),
		cmocka_unit_test(clear_under_startwrite_fails),
		cmocka_unit_test(clear_under_the_second_of_two_writers_fails),
		cmocka_unit_test(clear_under_member_write_fails),
		cmocka_unit_test(ends_that_are_not_told_convict_nobody),
		cmocka_unit_test(clear_of_a_neighbour_passes),
		cmocka_unit_test(late_attach_cannot_tell),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
