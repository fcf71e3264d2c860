// SPDX-License-Identifier: GPL-2.0-only
#include "crash/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic_file.h"

struct replay {
	struct bt_log *log;
	int fd;
	const char *path;
	char *problem;
	size_t size;
};

static int failed(struct replay *replay, int err)
{
	snprintf(replay->problem, replay->size, "%s: %s", replay->path, strerror(-err));
	return err;
}

static int put(struct replay *replay, uint64_t sector, const unsigned char *data, size_t bytes)
{
	off_t at = (off_t)(sector * BT_SECTOR);
	ssize_t n;

	while (bytes) {
		n = pwrite(replay->fd, data, bytes, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(replay, -errno);
		data += n;
		at += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* As in the oracle, a discard leaves zeroes. */
static int discard(struct replay *replay, const struct bt_log_entry *entry)
{
	if (!entry->sectors ||
	    !fallocate(replay->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		       (off_t)(entry->sector * BT_SECTOR), (off_t)(entry->sectors * BT_SECTOR)))
		return 0;
	return failed(replay, -errno);
}

static int damaged(struct replay *replay)
{
	snprintf(replay->problem, replay->size, "%s", replay->log->problem);
	return -EINVAL;
}

static int write_entry(struct replay *replay, const struct bt_log_entry *entry)
{
	uint64_t sector = entry->sector;
	const unsigned char *data;
	int n, err;

	if (entry->flags & BT_LOG_DISCARD)
		return discard(replay, entry);
	while ((n = bt_log_data(replay->log, &data)) > 0) {
		err = put(replay, sector, data, (size_t)n * BT_SECTOR);
		if (err)
			return err;
		sector += (uint64_t)n;
	}
	return n < 0 ? damaged(replay) : 0;
}

/* Checked before anything is written: a device is written in place. */
static int check_entries(struct replay *replay, uint64_t entries)
{
	if (entries <= replay->log->entries)
		return 0;
	snprintf(replay->problem, replay->size,
		 "the log has %" PRIu64 " entries, no crash point after entry %" PRIu64,
		 replay->log->entries, entries);
	return -EINVAL;
}

static int write_entries(struct replay *replay, uint64_t entries)
{
	struct bt_log_entry entry;
	uint64_t nr;
	int ret;

	for (nr = 0; nr < entries; nr++) {
		ret = bt_log_next(replay->log, &entry);
		if (ret <= 0)
			return damaged(replay);
		ret = write_entry(replay, &entry);
		if (ret)
			return ret;
	}
	return 0;
}

int bt_replay(struct bt_log *log, uint64_t entries, const char *path, char *problem, size_t size)
{
	struct replay replay = { .log = log, .path = path, .problem = problem, .size = size };
	struct bt_atomic_file file;
	int err = check_entries(&replay, entries);

	if (err)
		return err;
	err = bt_atomic_open(&file, path);
	if (err)
		return failed(&replay, err);
	replay.fd = file.fd;
	err = write_entries(&replay, entries);
	if (err) {
		bt_atomic_drop(&file);
		return err;
	}
	err = bt_atomic_commit(&file);
	return err ? failed(&replay, err) : 0;
}
