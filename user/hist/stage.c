// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage.h"

#include <string.h>

const struct bt_stage_info bt_stages[BT_STAGES] = {
	[BT_STAGE_UNPLUG] = {
		.name = "unplug",
		.title = "unplug",
		.help = "Calls of unplug that wrote bitmap pages.",
	},
	[BT_STAGE_UNPLUG_IDLE] = {
		.name = "unplug_idle",
		.title = "unplug, nothing to write",
		.help = "Calls of unplug that wrote no bitmap page.",
	},
	[BT_STAGE_SET_TO_DISK] = {
		.name = "set_to_disk",
		.title = "set_bit to disk",
		.help = "From set_bit until the bit is on disk.",
	},
	[BT_STAGE_PAGE_WRITE] = {
		.name = "page_write",
		.title = "page write",
		.help = "Writes of one copy or block of a bitmap page.",
	},
	[BT_STAGE_DIRTY_TO_WRITE] = {
		.name = "dirty_to_write",
		.title = "dirty to write start",
		.help = "From the first bit set in a bitmap page until the page is submitted.",
	},
	[BT_STAGE_LIFETIME] = {
		.name = "lifetime",
		.title = "bit lifetime",
		.help = "From set_bit until the bit is cleared.",
	},
	[BT_STAGE_UNPLUG_WORK] = {
		.name = "unplug_work",
		.title = "unplug by a worker",
		.help = "Waits for a worker's call of unplug.",
	},
	[BT_STAGE_UPDATE_SB] = {
		.name = "update_sb",
		.title = "update_sb",
		.help = "Updates of the bitmap's superblock.",
	},
	[BT_STAGE_DAEMON_PASS] = {
		.name = "daemon_pass",
		.title = "daemon pass",
		.help = "Passes of the bitmap daemon that were due and had work to do.",
	},
	[BT_STAGE_USER_WRITE] = {
		.name = "user_write",
		.title = "user write",
		.help = "Writes to the array, from startwrite to endwrite.",
	},
	[BT_STAGE_BITMAP_WAIT] = {
		.name = "bitmap_wait",
		.title = "user write, held back by unplug",
		.help = "Time of a write to the array in which an unplug delayed its data.",
	},
};

enum bt_stage bt_stage_find(const char *name)
{
	unsigned int stage;

	for (stage = 0; stage < BT_STAGES; stage++)
		if (!strcmp(bt_stages[stage].name, name))
			break;
	return (enum bt_stage)stage;
}
