// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_needs.h"

#include <stdbool.h>
#include <stddef.h>

#define NEEDS(...) BT_CAPABILITY_LIST(__VA_ARGS__)

/* All of these are needed, for every kind of bitmap. */
static const enum bt_capability *const needs[BT_STAGES] = {
	[BT_STAGE_UNPLUG] = NEEDS(BT_SEES_UNPLUG),
	[BT_STAGE_UNPLUG_IDLE] = NEEDS(BT_SEES_UNPLUG),
	[BT_STAGE_SET_TO_DISK] = NEEDS(BT_SEES_SET_BIT),
	[BT_STAGE_DIRTY_TO_WRITE] = NEEDS(BT_SEES_SET_BIT),
	[BT_STAGE_LIFETIME] = NEEDS(BT_SEES_SET_BIT, BT_SEES_CLEAR_BIT),
	[BT_STAGE_UNPLUG_WORK] = NEEDS(BT_SEES_UNPLUG_WORK),
	[BT_STAGE_UPDATE_SB] = NEEDS(BT_SEES_UPDATE_SB),
	[BT_STAGE_DAEMON_PASS] = NEEDS(BT_SEES_DAEMON),
	[BT_STAGE_USER_WRITE] = NEEDS(BT_SEES_STARTWRITE, BT_SEES_ENDWRITE),
	[BT_STAGE_BITMAP_WAIT] =
		NEEDS(BT_SEES_STARTWRITE, BT_SEES_ENDWRITE, BT_SEES_UNPLUG, BT_SEES_MEMBER_WRITES),
};

/* One kind of bitmap is enough: for the others nothing is seen, and nothing counted. */
static bool page_writes_seen(const struct bt_missing *missing)
{
	return !bt_missing_why(missing, BT_SEES_PAGE_WRITES_INTERNAL) ||
	       !bt_missing_why(missing, BT_SEES_PAGE_WRITES_BUFFER) ||
	       !bt_missing_why(missing, BT_SEES_PAGE_WRITES_PAGECACHE) ||
	       !bt_missing_why(missing, BT_SEES_PAGE_WRITES_FILEIO);
}

static bool of_page_writes(unsigned int stage)
{
	return stage == BT_STAGE_SET_TO_DISK || stage == BT_STAGE_PAGE_WRITE ||
	       stage == BT_STAGE_DIRTY_TO_WRITE;
}

static const char *why_missing(const struct bt_missing *missing, const enum bt_capability *list)
{
	const char *why = NULL;

	for (; list && *list != BT_SEES_END && !why; list++)
		why = bt_missing_why(missing, *list);
	return why;
}

void bt_stages_missing(const struct bt_missing *lacks, const char *missing[BT_STAGES])
{
	bool pages_seen = page_writes_seen(lacks);
	unsigned int stage;

	for (stage = 0; stage < BT_STAGES; stage++) {
		missing[stage] = why_missing(lacks, needs[stage]);
		if (!missing[stage] && !pages_seen && of_page_writes(stage))
			missing[stage] = "no hooks on page writes";
		if (lacks->unknown[0])
			missing[stage] = lacks->unknown;
	}
}
