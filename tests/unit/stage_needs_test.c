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
#include "probes/hook_state.h"

/* Which stages are gone without these hooks, NULL at the end. */
static uint32_t missing_without(const char *const *hooks)
{
	const char *missing[BT_STAGES];
	struct bt_trace_info info = { 0 };
	uint32_t stages = 0;
	unsigned int stage;

	for (; *hooks; hooks++) {
		assert_true(bt_hook_is_described(*hooks));
		snprintf(info.hooks_missing[info.hooks_missing_nr++], sizeof(info.hooks_missing[0]),
			 "%s", *hooks);
	}
	bt_stages_missing(&info, missing);
	for (stage = 0; stage < BT_STAGES; stage++)
		if (missing[stage])
			stages |= bt_stage_bit(stage);
	return stages;
}

#define WITHOUT(...) missing_without((const char *const[]){ __VA_ARGS__, NULL })

static void each_stage_needs_its_hooks(void **state)
{
	const uint32_t unplugs = bt_stage_bit(BT_STAGE_UNPLUG) | bt_stage_bit(BT_STAGE_UNPLUG_IDLE),
		       writes = bt_stage_bit(BT_STAGE_USER_WRITE) |
				bt_stage_bit(BT_STAGE_BITMAP_WAIT),
		       set_bits = bt_stage_bit(BT_STAGE_SET_TO_DISK) |
				  bt_stage_bit(BT_STAGE_DIRTY_TO_WRITE) |
				  bt_stage_bit(BT_STAGE_LIFETIME);

	(void)state;
	assert_int_equal(missing_without((const char *const[]){ NULL }), 0);
	assert_int_equal(WITHOUT("__bitmap_unplug"), unplugs | bt_stage_bit(BT_STAGE_BITMAP_WAIT));
	assert_int_equal(WITHOUT("bitmap_unplug"), bt_stage_bit(BT_STAGE_UNPLUG_WORK));
	assert_int_equal(WITHOUT("bitmap_startwrite"), writes);
	assert_int_equal(WITHOUT("bitmap_endwrite"), writes);
	assert_int_equal(WITHOUT("md_bitmap_file_set_bit"), set_bits);
	assert_int_equal(WITHOUT("md_bitmap_file_clear_bit"), bt_stage_bit(BT_STAGE_LIFETIME));
	assert_int_equal(WITHOUT("bitmap_update_sb"), bt_stage_bit(BT_STAGE_UPDATE_SB));
	assert_int_equal(WITHOUT("bitmap_daemon_work"), bt_stage_bit(BT_STAGE_DAEMON_PASS));
	assert_int_equal(WITHOUT("raid1_error", "folio_mark_dirty"), 0);
}

static void any_kind_of_page_write_is_enough(void **state)
{
	const uint32_t pages = bt_stage_bit(BT_STAGE_SET_TO_DISK) |
			       bt_stage_bit(BT_STAGE_DIRTY_TO_WRITE) |
			       bt_stage_bit(BT_STAGE_PAGE_WRITE);

	(void)state;
	assert_int_equal(WITHOUT("end_bitmap_write"), 0);
	assert_int_equal(WITHOUT("super_written", "submit_bh"), 0);
	assert_int_equal(WITHOUT("super_written", "submit_bh", "folio_end_writeback"), pages);
	assert_int_equal(WITHOUT("block_bio_queue", "end_bitmap_write", "__folio_start_writeback"),
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
