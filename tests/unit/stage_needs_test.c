// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hist/stage_needs.h"
#include "hist/stage_set.h"

/* The stages that cannot be measured without these capabilities. */
static uint32_t missing_without(const enum bt_capability *list)
{
	const char *missing[BT_STAGES];
	struct bt_missing lacks = { 0 };
	uint32_t stages = 0;
	unsigned int stage;

	for (; *list != BT_SEES_END; list++)
		bt_missing_add(&lacks, *list, "no hook");
	bt_stages_missing(&lacks, missing);
	for (stage = 0; stage < BT_STAGES; stage++)
		if (missing[stage])
			stages |= bt_stage_bit(stage);
	return stages;
}

#define WITHOUT(...) missing_without(BT_CAPABILITY_LIST(__VA_ARGS__))

static void each_stage_needs_its_hooks(void **state)
{
	const uint32_t unplugs = bt_stage_bit(BT_STAGE_UNPLUG) | bt_stage_bit(BT_STAGE_UNPLUG_IDLE),
		       writes = bt_stage_bit(BT_STAGE_USER_WRITE) |
				bt_stage_bit(BT_STAGE_BITMAP_WAIT),
		       set_bits = bt_stage_bit(BT_STAGE_SET_TO_DISK) |
				  bt_stage_bit(BT_STAGE_DIRTY_TO_WRITE) |
				  bt_stage_bit(BT_STAGE_LIFETIME);

	(void)state;
	assert_int_equal(WITHOUT(BT_SEES_RESIZE), 0);
	assert_int_equal(WITHOUT(BT_SEES_UNPLUG), unplugs | bt_stage_bit(BT_STAGE_BITMAP_WAIT));
	assert_int_equal(WITHOUT(BT_SEES_UNPLUG_WORK), bt_stage_bit(BT_STAGE_UNPLUG_WORK));
	assert_int_equal(WITHOUT(BT_SEES_STARTWRITE), writes);
	assert_int_equal(WITHOUT(BT_SEES_ENDWRITE), writes);
	assert_int_equal(WITHOUT(BT_SEES_SET_BIT), set_bits);
	assert_int_equal(WITHOUT(BT_SEES_CLEAR_BIT), bt_stage_bit(BT_STAGE_LIFETIME));
	assert_int_equal(WITHOUT(BT_SEES_UPDATE_SB), bt_stage_bit(BT_STAGE_UPDATE_SB));
	assert_int_equal(WITHOUT(BT_SEES_DAEMON), bt_stage_bit(BT_STAGE_DAEMON_PASS));
	assert_int_equal(WITHOUT(BT_SEES_ERRORS_RAID1, BT_SEES_DIRTYING), 0);
}

static void any_kind_of_page_write_is_enough(void **state)
{
	const uint32_t pages = bt_stage_bit(BT_STAGE_SET_TO_DISK) |
			       bt_stage_bit(BT_STAGE_DIRTY_TO_WRITE) |
			       bt_stage_bit(BT_STAGE_PAGE_WRITE);

	(void)state;
	assert_int_equal(WITHOUT(BT_SEES_PAGE_WRITES_BUFFER), 0);
	assert_int_equal(WITHOUT(BT_SEES_PAGE_WRITES_INTERNAL, BT_SEES_PAGE_WRITES_BUFFER), 0);
	assert_int_equal(WITHOUT(BT_SEES_PAGE_WRITES_INTERNAL, BT_SEES_PAGE_WRITES_BUFFER,
				 BT_SEES_PAGE_WRITES_PAGECACHE, BT_SEES_PAGE_WRITES_FILEIO),
			 pages);
	assert_int_equal(WITHOUT(BT_SEES_MEMBER_WRITES, BT_SEES_PAGE_WRITES),
			 pages | bt_stage_bit(BT_STAGE_BITMAP_WAIT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stage_needs_its_hooks),
		cmocka_unit_test(any_kind_of_page_write_is_enough),
	};

	return cmocka_run_group_tests_name("stage_needs", tests, NULL, NULL);
}
