// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "live/live_internal.h"

static void a_skipped_program_loses_all_it_tells(void **state)
{
	struct bt_missed before = { 0 }, now = { 0 };

	(void)state;
	before.by_type[BT_SET_BIT] = 3;
	now = before;
	assert_int_equal(bt_missed_types(&before, &now), 0);
	now.by_type[BT_DATA_END]++;
	assert_int_equal(bt_missed_types(&before, &now), BT_TYPE_BIT(BT_DATA_END));
	now.by_type[BT_SB_WRITE_END]++; /* super_written */
	assert_int_equal(bt_missed_types(&before, &now), BT_TYPE_BIT(BT_DATA_END) |
								 BT_TYPE_BIT(BT_SB_WRITE_END) |
								 BT_TYPE_BIT(BT_PAGE_WRITE_END));
	now.by_type[0]++; /* a program that is not in the table */
	assert_int_equal(bt_missed_types(&before, &now), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_skipped_program_loses_all_it_tells),
	};

	return cmocka_run_group_tests_name("live_missed", tests, NULL, NULL);
}
