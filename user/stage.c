// SPDX-License-Identifier: GPL-2.0-only
#include "stage.h"

#include <string.h>

const struct bt_stage_info bt_stages[BT_STAGES] = {
	[BT_STAGE_UNPLUG] = {
		.name = "unplug",
		.title = "unplug",
		.help = "Calls of unplug that found a bitmap page to write.",
	},
	[BT_STAGE_UNPLUG_IDLE] = {
		.name = "unplug_idle",
		.title = "unplug, nothing to write",
		.help = "Calls of unplug that found no bitmap page to write.",
	},
	[BT_STAGE_SET_TO_DISK] = {
		.name = "set_to_disk",
		.title = "set_bit to disk",
		.help = "From the setting of a bit until it is on disk.",
	},
	[BT_STAGE_PAGE_WRITE] = {
		.name = "page_write",
		.title = "page write",
		.help = "Writes of one part of a bitmap page.",
	},
	[BT_STAGE_DIRTY_TO_WRITE] = {
		.name = "dirty_to_write",
		.title = "dirty to write start",
		.help = "From the first bit set in a bitmap page until the page is submitted.",
	},
	[BT_STAGE_LIFETIME] = {
		.name = "lifetime",
		.title = "bit lifetime",
		.help = "From the setting of a bit until it is cleared.",
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
