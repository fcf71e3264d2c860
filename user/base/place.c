// SPDX-License-Identifier: GPL-2.0-only
#include "base/place.h"

const char *bt_place_name(enum bt_place place)
{
	static const char *const names[BT_PLACES] = {
		[BT_PLACE_STARTWRITE_EXIT] = "startwrite_exit",
		[BT_PLACE_ENDWRITE_ENTER] = "endwrite_enter",
		[BT_PLACE_SET_BIT_ENTER] = "set_bit_enter",
		[BT_PLACE_SET_BIT_EXIT] = "set_bit_exit",
		[BT_PLACE_CLEAR_BIT_ENTER] = "clear_bit_enter",
		[BT_PLACE_UNPLUG_ENTER] = "unplug_enter",
		[BT_PLACE_UNPLUG_EXIT] = "unplug_exit",
		[BT_PLACE_WORK_ENTER] = "work_enter",
		[BT_PLACE_WORK_EXIT] = "work_exit",
		[BT_PLACE_DAEMON_ENTER] = "daemon_enter",
		[BT_PLACE_DAEMON_EXIT] = "daemon_exit",
		[BT_PLACE_UPDATE_SB_ENTER] = "update_sb_enter",
		[BT_PLACE_UPDATE_SB_EXIT] = "update_sb_exit",
		[BT_PLACE_PAGE_WRITE_START] = "page_write_start",
		[BT_PLACE_PAGE_WRITE_END] = "page_write_end",
		[BT_PLACE_DATA_START] = "data_start",
		[BT_PLACE_DATA_END] = "data_end",
		[BT_PLACE_BARRIER_ENTER] = "barrier_enter",
		[BT_PLACE_BARRIER_EXIT] = "barrier_exit",
		[BT_PLACE_STATE_ENTER] = "state_enter",
		[BT_PLACE_STATE_EXIT] = "state_exit",
		[BT_PLACE_MARK_ENTER] = "mark_enter",
		[BT_PLACE_MARK_EXIT] = "mark_exit",
		[BT_PLACE_INFECT_ENTER] = "infect_enter",
		[BT_PLACE_START_SYNC_EXIT] = "start_sync_exit",
		[BT_PLACE_END_SYNC_ENTER] = "end_sync_enter",
	};

	return names[place];
}
