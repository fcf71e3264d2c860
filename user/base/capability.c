// SPDX-License-Identifier: GPL-2.0-only
#include "base/capability.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "shared/event.h"

#define BACKEND(name)  (1u << BT_BACKEND_##name)
#define LOCKLESS       (1u << BT_IMPL_LLBITMAP)
#define WHERE_LOCKLESS "lockless bitmaps"
#define CLASSIC	       (1u << BT_IMPL_CLASSIC)
#define LEVEL(number)  (1u << (number))
#define RAID5_LEVELS   (LEVEL(4) | LEVEL(5) | LEVEL(6))

static const struct bt_capability_desc descs[] = {
	[BT_SEES_END] = { .name = "", .sees = "" },
	[BT_SEES_LIFE] = { .name = "life",
			   .sees = "when a bitmap begins and ends",
			   .impls = CLASSIC },
	[BT_SEES_LOAD] = { .name = "load", .sees = "the load of a bitmap", .impls = CLASSIC },
	[BT_SEES_RESIZE] = { .name = "resize",
			     .sees = "new storage of a resized bitmap at once",
			     .impls = CLASSIC },
	[BT_SEES_STARTWRITE] = { .name = "startwrite",
				 .sees = "the bitmap's count of writes that start",
				 .impls = CLASSIC },
	[BT_SEES_ENDWRITE] = { .name = "endwrite",
			       .sees = "the bitmap's count of writes that end",
			       .impls = CLASSIC },
	[BT_SEES_SET_BIT] = { .name = "set-bit", .sees = "bits that are set", .impls = CLASSIC },
	[BT_SEES_CLEAR_BIT] = { .name = "clear-bit",
				.sees = "bits that are cleared",
				.impls = CLASSIC },
	[BT_SEES_IRQS] = { .name = "irqs", .sees = "whether interrupts are on", .impls = CLASSIC },
	[BT_SEES_UNPLUG] = { .name = "unplug", .sees = "unplugs", .impls = CLASSIC },
	[BT_SEES_UNPLUG_WORK] = { .name = "unplug-work",
				  .sees = "waits for an unplug by a worker",
				  .impls = CLASSIC },
	[BT_SEES_DAEMON] = { .name = "daemon", .sees = "passes of the daemon", .impls = CLASSIC },
	[BT_SEES_UPDATE_SB] = { .name = "update-sb",
				.sees = "updates of the bitmap's superblock",
				.impls = CLASSIC },
	[BT_SEES_RESYNC] = { .name = "resync",
			     .sees = "what resync reports to the bitmap",
			     .impls = CLASSIC },
	[BT_SEES_MEMBER_WRITES] = { .name = "member-writes", .sees = "writes to members" },
	[BT_SEES_WRITE_ENDS_RAID1] = { .name = "write-ends-raid1",
				       .sees = "ends of member writes",
				       .levels = LEVEL(1),
				       .where = "raid1" },
	[BT_SEES_WRITE_ENDS_RAID10] = { .name = "write-ends-raid10",
					.sees = "ends of member writes",
					.levels = LEVEL(10),
					.where = "raid10" },
	[BT_SEES_WRITE_ENDS_RAID5] = { .name = "write-ends-raid5",
				       .sees = "ends of member writes",
				       .levels = RAID5_LEVELS,
				       .where = "raid4, raid5, raid6" },
	[BT_SEES_ERRORS_RAID1] = { .name = "errors-raid1",
				   .sees = "failed members",
				   .levels = LEVEL(1),
				   .where = "raid1" },
	[BT_SEES_ERRORS_RAID10] = { .name = "errors-raid10",
				    .sees = "failed members",
				    .levels = LEVEL(10),
				    .where = "raid10" },
	[BT_SEES_ERRORS_RAID5] = { .name = "errors-raid5",
				   .sees = "failed members",
				   .levels = RAID5_LEVELS,
				   .where = "raid4, raid5, raid6" },
	[BT_SEES_PAGE_WRITES_INTERNAL] = { .name = "page-writes-internal",
					   .sees = "writes of bitmap pages",
					   .backends = BACKEND(INTERNAL),
					   .where = "internal bitmaps" },
	[BT_SEES_PAGE_WRITES_BUFFER] = { .name = "page-writes-buffer",
					 .sees = "writes of bitmap pages",
					 .backends = BACKEND(BUFFER),
					 .where = "bitmap files by buffer heads" },
	[BT_SEES_PAGE_WRITES_PAGECACHE] = { .name = "page-writes-pagecache",
					    .sees = "writes of bitmap pages",
					    .backends = BACKEND(PAGECACHE),
					    .where = "bitmap files by page cache" },
	[BT_SEES_PAGE_WRITES_FILEIO] = { .name = "page-writes-fileio",
					 .sees = "writes of bitmap pages",
					 .backends = BACKEND(FILEIO),
					 .where = "bitmap files by the file system" },
	[BT_SEES_DIRTYING] = { .name = "dirtying",
			       .sees = "pages that are marked dirty",
			       .backends = BACKEND(PAGECACHE),
			       .where = "bitmap files by page cache" },
	[BT_SEES_WRITEBACK_CALLS] = { .name = "writeback-calls",
				      .sees = "calls that start writeback of a bitmap file",
				      .backends = BACKEND(PAGECACHE),
				      .where = "bitmap files by page cache" },
	[BT_SEES_WRITEBACK_WAITS] = { .name = "writeback-waits",
				      .sees = "calls that wait for writeback of a bitmap file",
				      .backends = BACKEND(PAGECACHE),
				      .where = "bitmap files by page cache" },
	[BT_SEES_LLBITMAP] = { .name = "llbitmap",
			       .sees = "that a bitmap is lockless",
			       .impls = LOCKLESS,
			       .where = WHERE_LOCKLESS },
	[BT_SEES_LL_LIFE] = { .name = "ll-life",
			      .sees = "when a lockless bitmap begins and ends",
			      .impls = LOCKLESS,
			      .where = WHERE_LOCKLESS },
	[BT_SEES_LL_WRITES] = { .name = "ll-writes",
				.sees = "where the lockless bitmap begins and ends a write",
				.impls = LOCKLESS,
				.where = WHERE_LOCKLESS },
	[BT_SEES_LL_STATES] = { .name = "ll-states",
				.sees = "states of chunks of the lockless bitmap",
				.impls = LOCKLESS,
				.where = WHERE_LOCKLESS },
	[BT_SEES_LL_MARKS] = { .name = "ll-marks",
			       .sees = "blocks of the lockless bitmap that are marked to be "
				       "written",
			       .impls = LOCKLESS,
			       .where = WHERE_LOCKLESS },
	[BT_SEES_LL_BARRIER] = { .name = "ll-barrier",
				 .sees = "who holds a page of the lockless bitmap",
				 .impls = LOCKLESS,
				 .where = WHERE_LOCKLESS },
	[BT_SEES_LL_UNPLUG] = { .name = "ll-unplug",
				.sees = "unplugs of the lockless bitmap",
				.impls = LOCKLESS,
				.where = WHERE_LOCKLESS },
	[BT_SEES_LL_WORK] = { .name = "ll-work",
			      .sees = "the worker of such an unplug",
			      .impls = LOCKLESS,
			      .where = WHERE_LOCKLESS },
	[BT_SEES_LL_FLUSH] = { .name = "ll-flush",
			       .sees = "flushes of the whole lockless bitmap",
			       .impls = LOCKLESS,
			       .where = WHERE_LOCKLESS },
	[BT_SEES_LL_UPDATE_SB] = { .name = "ll-update-sb",
				   .sees = "updates of the lockless bitmap's superblock",
				   .impls = LOCKLESS,
				   .where = WHERE_LOCKLESS },
	[BT_SEES_LL_DAEMON] = { .name = "ll-daemon",
				.sees = "runs of the lockless bitmap's daemon",
				.impls = LOCKLESS,
				.where = WHERE_LOCKLESS },
	[BT_SEES_LL_DISCARDS] = { .name = "ll-discards",
				  .sees = "discards of the lockless bitmap",
				  .impls = LOCKLESS,
				  .where = WHERE_LOCKLESS },
	[BT_SEES_LL_SYNC] = { .name = "ll-sync",
			      .sees = "what resync tells and asks the lockless bitmap",
			      .impls = LOCKLESS,
			      .where = WHERE_LOCKLESS },
	[BT_SEES_FLUSHES] = { .name = "flushes", .sees = "flushes of disks with a volatile cache" },
};

static_assert(sizeof(descs) / sizeof(descs[0]) == BT_CAPABILITIES, "each is described");

const struct bt_capability_desc *bt_capability_desc(enum bt_capability capability)
{
	return &descs[(unsigned int)capability < BT_CAPABILITIES ? capability : BT_SEES_END];
}

enum bt_capability bt_capability_of_name(const char *name)
{
	unsigned int i;

	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++)
		if (!strcmp(descs[i].name, name))
			return (enum bt_capability)i;
	return BT_SEES_END;
}

bool bt_capability_among(const enum bt_capability *list, enum bt_capability capability)
{
	for (; list && *list != BT_SEES_END; list++)
		if (*list == capability)
			return true;
	return false;
}

void bt_missing_add(struct bt_missing *missing, enum bt_capability capability, const char *why)
{
	if (!missing->why[capability][0])
		snprintf(missing->why[capability], sizeof(missing->why[capability]), "%s",
			 why[0] ? why : "not recorded");
}

const char *bt_missing_why(const struct bt_missing *missing, enum bt_capability capability)
{
	return missing->why[capability][0] ? missing->why[capability] : NULL;
}
