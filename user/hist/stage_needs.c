// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_needs.h"

#include <stdbool.h>
#include <string.h>

#define HOOKS_MAX 4 /* of one stage */
#define MISSING(hook)                                                                              \
	{                                                                                          \
		hook, "the kernel has no place for a probe on " hook                               \
	}

struct need {
	const char *hook;
	const char *why;
};

/* All of these, whatever the bitmap is kept in. */
static const struct need needs[BT_STAGES][HOOKS_MAX] = {
	[BT_STAGE_UNPLUG] = { MISSING("__bitmap_unplug") },
	[BT_STAGE_UNPLUG_IDLE] = { MISSING("__bitmap_unplug") },
	[BT_STAGE_SET_TO_DISK] = { MISSING("md_bitmap_file_set_bit") },
	[BT_STAGE_DIRTY_TO_WRITE] = { MISSING("md_bitmap_file_set_bit") },
	[BT_STAGE_LIFETIME] = { MISSING("md_bitmap_file_set_bit"),
				MISSING("md_bitmap_file_clear_bit") },
	[BT_STAGE_UNPLUG_WORK] = { MISSING("bitmap_unplug") },
	[BT_STAGE_UPDATE_SB] = { MISSING("bitmap_update_sb") },
	[BT_STAGE_DAEMON_PASS] = { MISSING("bitmap_daemon_work") },
	[BT_STAGE_USER_WRITE] = { MISSING("bitmap_startwrite"), MISSING("bitmap_endwrite") },
	[BT_STAGE_BITMAP_WAIT] = { MISSING("bitmap_startwrite"), MISSING("bitmap_endwrite"),
				   MISSING("__bitmap_unplug"), MISSING("block_bio_queue") },
};

/* A page write is seen from both its hooks: of internal bitmaps, buffer heads, page cache. */
static const char *const page_write_hooks[][2] = {
	{ "block_bio_queue", "super_written" },
	{ "submit_bh", "end_bitmap_write" },
	{ "__folio_start_writeback", "folio_end_writeback" },
};

static bool is_missing(const struct bt_trace_info *info, const char *hook)
{
	unsigned int i;

	for (i = 0; i < info->hooks_missing_nr; i++)
		if (!strcmp(info->hooks_missing[i], hook))
			return true;
	return false;
}

/* Some kind of bitmap is enough: of others nothing is seen, and nothing counted. */
static bool page_writes_seen(const struct bt_trace_info *info)
{
	unsigned int i;

	for (i = 0; i < sizeof(page_write_hooks) / sizeof(page_write_hooks[0]); i++)
		if (!is_missing(info, page_write_hooks[i][0]) &&
		    !is_missing(info, page_write_hooks[i][1]))
			return true;
	return false;
}

static bool of_page_writes(unsigned int stage)
{
	return stage == BT_STAGE_SET_TO_DISK || stage == BT_STAGE_PAGE_WRITE ||
	       stage == BT_STAGE_DIRTY_TO_WRITE;
}

void bt_stages_missing(const struct bt_trace_info *info, const char *missing[BT_STAGES])
{
	bool pages_seen = page_writes_seen(info);
	unsigned int stage, i;

	for (stage = 0; stage < BT_STAGES; stage++) {
		missing[stage] = NULL;
		if (!pages_seen && of_page_writes(stage))
			missing[stage] = "the kernel has no place for probes on page writes";
		for (i = HOOKS_MAX; i > 0; i--)
			if (needs[stage][i - 1].hook && is_missing(info, needs[stage][i - 1].hook))
				missing[stage] = needs[stage][i - 1].why;
	}
}
