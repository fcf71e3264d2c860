// SPDX-License-Identifier: GPL-2.0-only
/* Runs of the probes that the kernel skipped, and what each would have told. */
#include <errno.h>
#include <string.h>

#include "live/live_internal.h"
#include "skel/bitmap_trace.skel.h"

/*
 * Where a program emits several types: the one whose loss takes most away. The
 * others: counted_under.
 */
static const struct {
	const char *program;
	uint16_t type; /* enum bt_event_type */
} programs[] = {
	{ "bitmap_load", BT_LOAD_ENTER },
	{ "bitmap_load_exit", BT_LOAD_EXIT },
	{ "init_from_disk", BT_INIT_ENTER },
	{ "init_from_disk_exit", BT_INIT_EXIT },
	{ "bitmap_free", BT_GONE },
	{ "bitmap_resize", BT_BITMAP },
	{ "startwrite_exit", BT_STARTWRITE },
	{ "endwrite", BT_ENDWRITE },
	{ "endwrite_exit", BT_ENDWRITE_EXIT },
	{ "md_startwrite_exit", BT_STARTWRITE },
	{ "md_endwrite", BT_ENDWRITE },
	{ "md_endwrite_exit", BT_ENDWRITE_EXIT },
	{ "md_start_sync_exit", BT_START_SYNC },
	{ "md_end_sync", BT_END_SYNC },
	{ "md_cond_end_sync", BT_END_SYNC },
	{ "md_close_sync", BT_END_SYNC },
	{ "start_sync_exit", BT_START_SYNC },
	{ "end_sync", BT_END_SYNC },
	{ "cond_end_sync", BT_END_SYNC },
	{ "close_sync", BT_END_SYNC },
	{ "raid1_error_exit", BT_MEMBER_ERROR },
	{ "raid10_error_exit", BT_MEMBER_ERROR },
	{ "raid5_error_exit", BT_MEMBER_ERROR },
	{ "set_bit", BT_SET_BIT_ENTER },
	{ "set_bit_exit", BT_SET_BIT },
	{ "set_bit_irqs", BT_SET_BIT_LEFT },
	{ "set_bit_irqs_exit", BT_SET_BIT_LEFT },
	{ "clear_bit", BT_CLEAR_BIT },
	{ "unplug", BT_UNPLUG_ENTER },
	{ "unplug_exit", BT_UNPLUG_EXIT },
	{ "unplug_work", BT_UNPLUG_WORK_ENTER },
	{ "unplug_work_exit", BT_UNPLUG_WORK_EXIT },
	{ "md_unplug_work", BT_UNPLUG_WORK_ENTER },
	{ "md_unplug_work_exit", BT_UNPLUG_WORK_EXIT },
	{ "daemon_work", BT_DAEMON_ENTER },
	{ "daemon_work_exit", BT_DAEMON_EXIT },
	{ "update_sb", BT_UPDATE_SB_ENTER },
	{ "update_sb_exit", BT_UPDATE_SB_EXIT },
	{ "mark_dirty", BT_PAGE_DIRTY },
	{ "start_writeback", BT_PAGE_WRITE_START },
	{ "end_writeback", BT_PAGE_WRITE_END },
	{ "submit_bh", BT_PAGE_WRITE_START },
	{ "end_bitmap_write", BT_PAGE_WRITE_END },
	{ "fdatawrite", BT_WRITEBACK_ENTER },
	{ "fdatawrite_exit", BT_WRITEBACK_EXIT },
	{ "fdatawait", BT_WAIT_ENTER },
	{ "fdatawait_exit", BT_WAIT_EXIT },
	{ "fdatawait_keep", BT_WAIT_ENTER },
	{ "fdatawait_keep_exit", BT_WAIT_EXIT },
	{ "set_wb_err", BT_WRITEBACK_ERROR },
	{ "bio_queue", BT_DATA_START },
	{ "flush_end", BT_FLUSH_END },
	{ "raid1_end_write", BT_DATA_END },
	{ "raid10_end_write", BT_DATA_END },
	{ "raid10_end_discard", BT_DATA_END },
	{ "raid5_end_write", BT_DATA_END },
	{ "super_written", BT_SB_WRITE_END },
};

uint16_t bt_program_event_type(const char *program)
{
	unsigned int i;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (!strcmp(programs[i].program, program))
			return programs[i].type;
	return 0;
}

/*
 * All that the programs which are counted under this type may emit. Names of
 * threads and callbacks are told by whichever program runs next.
 */
static bt_type_set counted_under(uint16_t type)
{
	bt_type_set own = BT_TYPE_BIT(type);

	switch (type) {
	case BT_INIT_EXIT:
		return own | BT_TYPE_BIT(BT_LOADED_BITS);
	case BT_UNPLUG_ENTER:
		return own | BT_TYPE_BIT(BT_UNPLUG_PAGE);
	case BT_DAEMON_EXIT:
		return own | BT_TYPE_BIT(BT_DAEMON_PAGE);
	case BT_DATA_START: /* bio_queue */
		return own | BT_TYPE_BIT(BT_PAGE_WRITE_START) | BT_TYPE_BIT(BT_SB_WRITE_START) |
		       BT_TYPE_BIT(BT_PAGE_BIO) | BT_TYPE_BIT(BT_FLUSH_START);
	case BT_SB_WRITE_END: /* super_written */
		return own | BT_TYPE_BIT(BT_PAGE_WRITE_END);
	case BT_PAGE_WRITE_START: /* submit_bh */
		return own | BT_TYPE_BIT(BT_PAGE_READ_START);
	default:
		return own;
	}
}

bt_type_set bt_missed_types(const struct bt_missed *before, const struct bt_missed *now)
{
	bt_type_set types = 0;
	uint16_t type;

	if (now->by_type[0] != before->by_type[0])
		return 0;
	for (type = 1; type < BT_EVENT_TYPE_MAX; type++)
		if (now->by_type[type] != before->by_type[type])
			types |= counted_under(type);
	return types;
}

int bt_live_missed(const struct bt_live *live, struct bt_missed *missed)
{
	struct bt_missed new = { 0 };
	struct bpf_program *program;
	struct bpf_prog_info info;
	uint32_t len;
	int fd;

	bpf_object__for_each_program(program, live->skel->obj)
	{
		fd = bpf_program__fd(program);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		len = sizeof(info);
		if (bpf_obj_get_info_by_fd(fd, &info, &len))
			return -errno;
		new.total += info.recursion_misses;
		new.by_type[bt_program_event_type(bpf_program__name(program))] +=
			info.recursion_misses;
	}
	*missed = new;
	return 0;
}
