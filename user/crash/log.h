/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Write logs: every write to a block device in the order of completion. The format is that of
 * drivers/md/dm-log-writes.c (struct log_write_super, struct log_write_entry), which that
 * target and QEMU's blklogwrites write. A log is read once from start to end, and may be a
 * pipe.
 */
#ifndef BT_CRASH_LOG_H
#define BT_CRASH_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BT_SECTOR 512u /* bytes; the unit of all sectors except in the log's own fields */

#define BT_LOG_FLUSH	(1u << 0)
#define BT_LOG_FUA	(1u << 1)
#define BT_LOG_DISCARD	(1u << 2)
#define BT_LOG_MARK	(1u << 3)
#define BT_LOG_METADATA (1u << 4)

#define BT_MARK_MAX 64 /* longer marks are cut off */

struct bt_log_entry {
	uint64_t nr;	  /* the first is 1 */
	uint64_t sector;  /* of the logged device */
	uint64_t sectors; /* 0 for a flush without data and for a mark */
	uint32_t flags;
	char mark[BT_MARK_MAX + 1];
};

/* Internal to log.c; problem names entry, byte and field. */
struct bt_log {
	int fd;
	const char *path; /* not owned */
	unsigned char *buffer;
	size_t pos, len;       /* of the data read ahead */
	uint64_t offset;       /* byte of the file at pos */
	uint32_t unit;	       /* bytes in a sector of the log */
	uint64_t entries;      /* according to its super block */
	uint64_t read;	       /* entries begun */
	uint64_t data_sectors; /* of the current entry, not yet consumed */
	bool more;	       /* the log continues after the last entry of its super block */
	char problem[256];
};

/*
 * path: a file, or "-" for standard input. Returns 0, or -errno or -EINVAL with log->problem
 * set; bt_log_close() is not needed then.
 */
int bt_log_open(struct bt_log *log, const char *path);
void bt_log_close(struct bt_log *log);

/*
 * The next entry; data of the previous entry that the caller did not consume is skipped.
 * Returns 1, 0 at the end, -EINVAL if the log is damaged or cannot be read: log->problem says
 * how.
 */
int bt_log_next(struct bt_log *log, struct bt_log_entry *entry);

/*
 * The next piece of the current entry's data: *data is valid until the next call. Returns its
 * number of sectors, 0 at the end, -EINVAL as above.
 */
int bt_log_data(struct bt_log *log, const unsigned char **data);

#endif /* BT_CRASH_LOG_H */
