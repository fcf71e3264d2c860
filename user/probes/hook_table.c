// SPDX-License-Identifier: GPL-2.0-only
/*
 * drivers/md of 6.1, 6.12 and 7.3: where functions are, what they are called and take, and who
 * calls them. Adding a probe: its program in bpf/, one row here.
 */
#include "probes/hook_table.h"

#include <string.h>

#include "shared/event.h"

#define NAMES(...) .names = { __VA_ARGS__ }
#define MD	   "md_mod"
#define PROBE(name, cap, ...)                                                                      \
	{                                                                                          \
		.program = (name), .gives = { BT_SEES_##cap }, .types = { __VA_ARGS__ }            \
	}
#define PROBE_OF_TWO(name, cap, other, ...)                                                        \
	{                                                                                          \
		.program = (name), .gives = { BT_SEES_##cap, BT_SEES_##other }, .types = {         \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

const struct bt_hook_row bt_hook_table[] = {
	/* ---- life of a bitmap; before 6.12 md exported what is behind bitmap_operations now */
	{ .name = "bitmap_load",
	  .module = MD,
	  .variants = { { NAMES("bitmap_load", "md_bitmap_load"), .takes = "mddev* -> int",
			  .copies = BT_COPIES_MISLEAD,
			  .probes = { PROBE("bitmap_load", LOAD, BT_LOAD_ENTER),
				      PROBE("bitmap_load_exit", LOAD, BT_LOAD_EXIT) } } } },
	{ .name = "md_bitmap_init_from_disk",
	  .module = MD,
	  .variants = { { NAMES("md_bitmap_init_from_disk"), .takes = "bitmap*, u64 -> int",
			  .copies = BT_COPIES_MISLEAD, .inlinable = true,
			  .probes = { PROBE("init_from_disk", LIFE, BT_INIT_ENTER),
				      PROBE("init_from_disk_exit", LIFE, BT_INIT_EXIT,
					    BT_LOADED_BITS) } } } },
	{ .name = "md_bitmap_free",
	  .module = MD,
	  .variants = { { NAMES("md_bitmap_free"), .takes = "*", .copies = BT_COPIES_MISLEAD,
			  .probes = { PROBE("bitmap_free", LIFE, BT_GONE) } } } },
	{ .name = "__bitmap_resize",
	  .module = MD,
	  .variants = { { NAMES("__bitmap_resize", "md_bitmap_resize"), .takes = "bitmap*",
			  .copies = BT_COPIES_UNJUDGED, .inlinable = true,
			  .probes = { PROBE("bitmap_resize", RESIZE, BT_BITMAP) } } } },

	/* ---- counters and bits; bitmap_start_write since 6.17 */
	{ .name = "bitmap_startwrite",
	  .module = MD,
	  .variants = { { NAMES("bitmap_startwrite", "bitmap_start_write"),
			  .takes = "mddev*, u64, u64",
			  .probes = { PROBE("startwrite_exit", STARTWRITE, BT_STARTWRITE) } },
			{ NAMES("md_bitmap_startwrite"), .takes = "bitmap*, u64, u64",
			  .probes = { PROBE("md_startwrite_exit", STARTWRITE,
					    BT_STARTWRITE) } } } },
	{ .name = "bitmap_endwrite",
	  .module = MD,
	  .variants = { { NAMES("bitmap_endwrite", "bitmap_end_write"), .takes = "mddev*, u64, u64",
			  .probes = { PROBE("endwrite", ENDWRITE, BT_ENDWRITE),
				      PROBE("endwrite_exit", ENDWRITE, BT_ENDWRITE_EXIT) } },
			{ NAMES("md_bitmap_endwrite"), .takes = "bitmap*, u64, u64",
			  .probes = { PROBE("md_endwrite", ENDWRITE, BT_ENDWRITE),
				      PROBE("md_endwrite_exit", ENDWRITE, BT_ENDWRITE_EXIT) } } } },
	{ .name = "md_bitmap_file_set_bit",
	  .module = MD,
	  .variants = { { NAMES("md_bitmap_file_set_bit"), .takes = "bitmap*, u64",
			  .copies = BT_COPIES_MISLEAD, .inlinable = true,
			  .probes = { PROBE("set_bit", SET_BIT, BT_SET_BIT_ENTER),
				      PROBE("set_bit_exit", SET_BIT, BT_SET_BIT) } } } },
	{ .name = "irqsave_flags",
	  .module = MD,
	  .variable = "irqsave_flags",
	  .arch = "x86",
	  .variants = { { NAMES("md_bitmap_file_set_bit"), .takes = "bitmap*",
			  .copies = BT_COPIES_MISLEAD, .inlinable = true,
			  .probes = { PROBE("set_bit_irqs", IRQS, BT_SET_BIT_LEFT),
				      PROBE("set_bit_irqs_exit", IRQS, BT_SET_BIT_LEFT) } } } },
	{ .name = "md_bitmap_file_clear_bit",
	  .module = MD,
	  .variants = { { NAMES("md_bitmap_file_clear_bit"), .takes = "bitmap*, u64",
			  .copies = BT_COPIES_MISLEAD, .inlinable = true,
			  .probes = { PROBE("clear_bit", CLEAR_BIT, BT_CLEAR_BIT) } } } },

	/* ---- functions that push the bitmap out */
	{ .name = "__bitmap_unplug",
	  .module = MD,
	  .variants = { { NAMES("__bitmap_unplug", "md_bitmap_unplug"), .takes = "bitmap*",
			  .copies = BT_COPIES_MISLEAD, .inlinable = true,
			  .probes = { PROBE("unplug", UNPLUG, BT_UNPLUG_ENTER, BT_UNPLUG_PAGE),
				      PROBE("unplug_exit", UNPLUG, BT_UNPLUG_EXIT) } },
			{ NAMES("bitmap_unplug"), .takes = "mddev*, bool",
			  .stands_in = "those of a resize and of clustered md are not seen",
			  .probes = { PROBE("ops_unplug", UNPLUG, BT_UNPLUG_ENTER, BT_UNPLUG_PAGE),
				      PROBE("ops_unplug_exit", UNPLUG, BT_UNPLUG_EXIT) } } } },
	{ .name = "bitmap_unplug",
	  .module = MD,
	  .absent = "this md unplugs without a worker",
	  .variants = { { NAMES("bitmap_unplug"), .takes = "mddev*, bool",
			  .probes = { PROBE("unplug_work", UNPLUG_WORK, BT_UNPLUG_WORK_ENTER),
				      PROBE("unplug_work_exit", UNPLUG_WORK,
					    BT_UNPLUG_WORK_EXIT) } },
			{ NAMES("md_bitmap_unplug_async"), /* 6.6 to 6.11 */
			  .takes = "bitmap*",
			  .probes = { PROBE("md_unplug_work", UNPLUG_WORK, BT_UNPLUG_WORK_ENTER),
				      PROBE("md_unplug_work_exit", UNPLUG_WORK,
					    BT_UNPLUG_WORK_EXIT) } } } },
	{ .name = "bitmap_daemon_work",
	  .module = MD,
	  .variants = { { NAMES("bitmap_daemon_work", "md_bitmap_daemon_work"), .takes = "mddev*",
			  .copies = BT_COPIES_MISLEAD,
			  .probes = { PROBE("daemon_work", DAEMON, BT_DAEMON_ENTER),
				      PROBE("daemon_work_exit", DAEMON, BT_DAEMON_EXIT,
					    BT_DAEMON_PAGE) } } } },
	{ .name = "bitmap_update_sb",
	  .module = MD,
	  .variants = { { NAMES("bitmap_update_sb", "md_bitmap_update_sb"), .takes = "*",
			  .copies = BT_COPIES_UNJUDGED,
			  .probes = { PROBE("update_sb", UPDATE_SB, BT_UPDATE_SB_ENTER),
				      PROBE("update_sb_exit", UPDATE_SB, BT_UPDATE_SB_EXIT) } } } },

	/* ---- resync and recovery */
	{ .name = "bitmap_start_sync",
	  .module = MD,
	  .variants = { { NAMES("bitmap_start_sync"), .takes = "mddev*, u64, *, bool -> bool",
			  .copies = BT_COPIES_MISLEAD,
			  .probes = { PROBE("start_sync_exit", RESYNC, BT_START_SYNC) } },
			{ NAMES("md_bitmap_start_sync"), .takes = "bitmap*, u64, *, int -> int",
			  .copies = BT_COPIES_MISLEAD,
			  .probes = { PROBE("md_start_sync_exit", RESYNC, BT_START_SYNC) } } } },
	{ .name = "bitmap_end_sync",
	  .module = MD,
	  .variants = { { NAMES("bitmap_end_sync"), .takes = "mddev*, u64",
			  .copies = BT_COPIES_TOLD,
			  .probes = { PROBE("end_sync", RESYNC, BT_END_SYNC) } },
			{ NAMES("md_bitmap_end_sync"), .takes = "bitmap*, u64, *, int",
			  .copies = BT_COPIES_TOLD,
			  .probes = { PROBE("md_end_sync", RESYNC, BT_END_SYNC) } } } },
	{ .name = "bitmap_cond_end_sync",
	  .module = MD,
	  .variants = { { NAMES("bitmap_cond_end_sync"), .takes = "mddev*, u64, bool",
			  .probes = { PROBE("cond_end_sync", RESYNC, BT_END_SYNC) } },
			{ NAMES("md_bitmap_cond_end_sync"), .takes = "bitmap*, u64, bool",
			  .probes = { PROBE("md_cond_end_sync", RESYNC, BT_END_SYNC) } } } },
	{ .name = "bitmap_close_sync",
	  .module = MD,
	  .variants = { { NAMES("bitmap_close_sync"), .takes = "mddev*",
			  .copies = BT_COPIES_MISLEAD,
			  .probes = { PROBE("close_sync", RESYNC, BT_END_SYNC) } },
			{ NAMES("md_bitmap_close_sync"), .takes = "bitmap*",
			  .copies = BT_COPIES_MISLEAD,
			  .probes = { PROBE("md_close_sync", RESYNC, BT_END_SYNC) } } } },

	/* ---- writes at the members */
	{ .name = "block_bio_queue",
	  .tracepoint = true,
	  .variants = { { NAMES("block_bio_queue"), .takes = "bio*",
			  .probes = { PROBE_OF_TWO("bio_queue", MEMBER_WRITES, PAGE_WRITES_INTERNAL,
						   BT_DATA_START, BT_PAGE_WRITE_START,
						   BT_SB_WRITE_START),
				      PROBE("bio_queue_pages", PAGE_WRITES_PAGECACHE, BT_PAGE_BIO),
				      PROBE("flush_queue", FLUSHES, BT_FLUSH_START) } } } },
	{ .name = "bio_endio",
	  .variants = { { NAMES("bio_endio"), .takes = "bio*",
			  .probes = { PROBE("flush_end", FLUSHES, BT_FLUSH_END) } } } },
	{ .name = "super_written",
	  .module = MD,
	  .variants = { { NAMES("super_written"), .takes = "bio*",
			  .probes = { PROBE("super_written", PAGE_WRITES_INTERNAL, BT_SB_WRITE_END,
					    BT_PAGE_WRITE_END) } } } },
	{ .name = "raid1_end_write_request",
	  .module = "raid1",
	  .variants = { { NAMES("raid1_end_write_request"), .takes = "bio*",
			  .probes = { PROBE("raid1_end_write", WRITE_ENDS_RAID1,
					    BT_DATA_END) } } } },
	{ .name = "raid10_end_write_request",
	  .module = "raid10",
	  .variants = { { NAMES("raid10_end_write_request"), .takes = "bio*",
			  .probes = { PROBE("raid10_end_write", WRITE_ENDS_RAID10,
					    BT_DATA_END) } } } },
	{ .name = "raid10_end_discard_request",
	  .module = "raid10",
	  .variants = { { NAMES("raid10_end_discard_request"), .takes = "bio*",
			  .probes = { PROBE("raid10_end_discard", WRITE_ENDS_RAID10,
					    BT_DATA_END) } } } },
	{ .name = "raid5_end_write_request",
	  .module = "raid456",
	  .variants = { { NAMES("raid5_end_write_request"), .takes = "bio*",
			  .probes = { PROBE("raid5_end_write", WRITE_ENDS_RAID5,
					    BT_DATA_END) } } } },
	{ .name = "raid1_error",
	  .module = "raid1",
	  .variants = { { NAMES("raid1_error"), .takes = "mddev*, md_rdev*",
			  .probes = { PROBE("raid1_error_exit", ERRORS_RAID1,
					    BT_MEMBER_ERROR) } } } },
	{ .name = "raid10_error",
	  .module = "raid10",
	  .variants = { { NAMES("raid10_error"), .takes = "mddev*, md_rdev*",
			  .probes = { PROBE("raid10_error_exit", ERRORS_RAID10,
					    BT_MEMBER_ERROR) } } } },
	{ .name = "raid5_error",
	  .module = "raid456",
	  .variants = { { NAMES("raid5_error"), .takes = "mddev*, md_rdev*",
			  .probes = { PROBE("raid5_error_exit", ERRORS_RAID5,
					    BT_MEMBER_ERROR) } } } },

	/* ---- another implementation of the bitmap */
	{ .name = "llbitmap_start_write",
	  .module = MD,
	  .absent = "this md has no lockless bitmap",
	  .variants = { { NAMES("llbitmap_start_write"), .takes = "mddev*",
			  .probes = { PROBE("llbitmap_start_write", LLBITMAP, BT_ARRAY) } } } },

	/* ---- bitmap files: buffer heads, since 7.x with the bio's end instead of the buffer's */
	{ .name = "submit_bh",
	  .variants = { { NAMES("submit_bh"), .takes = "u32, buffer_head*",
			  .probes = { PROBE("submit_bh", PAGE_WRITES_BUFFER, BT_PAGE_WRITE_START,
					    BT_PAGE_READ_START) } },
			{ NAMES("bh_submit"), .takes = "buffer_head*, u32",
			  .probes = { PROBE("bh_submit", PAGE_WRITES_BUFFER, BT_PAGE_WRITE_START,
					    BT_PAGE_READ_START) } } } },
	{ .name = "end_bitmap_write",
	  .module = MD,
	  .absent = "this md does not write bitmap files by buffer heads",
	  .variants = { { NAMES("end_bitmap_write"), .takes = "buffer_head*, int",
			  .probes = { PROBE("end_bitmap_write", PAGE_WRITES_BUFFER,
					    BT_PAGE_WRITE_END) } },
			{ NAMES("end_bitmap_write"), .takes = "bio*",
			  .probes = { PROBE("end_bitmap_bio", PAGE_WRITES_BUFFER,
					    BT_PAGE_WRITE_END) } } } },

	/* ---- bitmap files: page cache */
	{ .name = "folio_mark_dirty",
	  .variants = { { NAMES("folio_mark_dirty"), .takes = "folio*",
			  .probes = { PROBE("mark_dirty", DIRTYING, BT_PAGE_DIRTY) } } } },
	{ .name = "__folio_start_writeback",
	  .variants = { { NAMES("__folio_start_writeback"), .takes = "folio*",
			  .probes = { PROBE("start_writeback", PAGE_WRITES_PAGECACHE,
					    BT_PAGE_WRITE_START) } } } },
	{ .name = "folio_end_writeback",
	  .variants = { { NAMES("folio_end_writeback"), .takes = "folio*",
			  .probes = { PROBE("end_writeback", PAGE_WRITES_PAGECACHE,
					    BT_PAGE_WRITE_END) } } } },
	{ .name = "__filemap_set_wb_err",
	  .variants = { { NAMES("__filemap_set_wb_err"), .takes = "address_space*, int",
			  .probes = { PROBE("set_wb_err", PAGE_WRITES_PAGECACHE,
					    BT_WRITEBACK_ERROR) } } } },
	{ .name = "filemap_fdatawrite_wbc",
	  .variants = { { NAMES("filemap_fdatawrite_wbc"),
			  .takes = "address_space*, writeback_control* -> int",
			  .copies = BT_COPIES_MISLEAD,
			  .probes = { PROBE("fdatawrite", WRITEBACK_CALLS, BT_WRITEBACK_ENTER),
				      PROBE("fdatawrite_exit", WRITEBACK_CALLS,
					    BT_WRITEBACK_EXIT) } },
			{ NAMES("filemap_writeback"),
			  .takes = "address_space*, u64, u64, int, * -> int",
			  .copies = BT_COPIES_MISLEAD, .inlinable = true,
			  .probes = { PROBE("writeback", WRITEBACK_CALLS, BT_WRITEBACK_ENTER),
				      PROBE("writeback_exit", WRITEBACK_CALLS,
					    BT_WRITEBACK_EXIT) } } } },
	{ .name = "filemap_fdatawait_range",
	  .variants = { { NAMES("filemap_fdatawait_range"),
			  .takes = "address_space*, u64, u64 -> int", .copies = BT_COPIES_UNJUDGED,
			  .probes = { PROBE("fdatawait", WRITEBACK_WAITS, BT_WAIT_ENTER),
				      PROBE("fdatawait_exit", WRITEBACK_WAITS,
					    BT_WAIT_EXIT) } } } },
	{ .name = "filemap_fdatawait_keep_errors",
	  .variants = { { NAMES("filemap_fdatawait_keep_errors"), .takes = "address_space* -> int",
			  .copies = BT_COPIES_UNJUDGED,
			  .probes = { PROBE("fdatawait_keep", WRITEBACK_WAITS, BT_WAIT_ENTER),
				      PROBE("fdatawait_keep_exit", WRITEBACK_WAITS,
					    BT_WAIT_EXIT) } } } },
};

const unsigned int bt_hook_table_nr = sizeof(bt_hook_table) / sizeof(bt_hook_table[0]);

const struct bt_probe *bt_probe_of(const char *program)
{
	const struct bt_probe *probe;
	unsigned int row, variant, i;

	for (row = 0; row < bt_hook_table_nr; row++)
		for (variant = 0; variant < BT_HOOK_VARIANTS; variant++)
			for (i = 0; i < BT_VARIANT_PROBES; i++) {
				probe = &bt_hook_table[row].variants[variant].probes[i];
				if (probe->program && !strcmp(probe->program, program))
					return probe;
			}
	return NULL;
}
