// SPDX-License-Identifier: GPL-2.0-only
#include "crash/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file_kind.h"
#include "crash/le.h"

#define LOG_MAGIC   UINT64_C(0x6a736677736872)
#define LOG_VERSION 1
#define UNIT_MAX    (1u << 16) /* larger than any device's block */
#define BUFFER	    (1u << 20) /* bytes; a multiple of UNIT_MAX */
#define ENTRY_BYTES 32	       /* struct log_write_entry; a mark's text follows */
#define FLAGS_KNOWN (BT_LOG_FLUSH | BT_LOG_FUA | BT_LOG_DISCARD | BT_LOG_MARK | BT_LOG_METADATA)
/* A byte offset of the device must fit into a file offset. */
#define SECTOR_MAX ((uint64_t)INT64_MAX / BT_SECTOR)

__attribute__((format(printf, 2, 3))) static int damaged(struct bt_log *log, const char *format,
							 ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(log->problem, sizeof(log->problem), format, args);
	va_end(args);
	return -EINVAL;
}

/*
 * Reads ahead until size bytes are at pos. Returns 0, -ENODATA if the file ends before, or
 * -errno.
 */
static int need(struct bt_log *log, size_t size)
{
	ssize_t n;

	if (log->len - log->pos >= size)
		return 0;
	memmove(log->buffer, log->buffer + log->pos, log->len - log->pos);
	log->len -= log->pos;
	log->pos = 0;
	while (log->len < size) {
		n = read(log->fd, log->buffer + log->len, BUFFER - log->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA;
		log->len += (size_t)n;
	}
	return 0;
}

static const unsigned char *take(struct bt_log *log, size_t size)
{
	const unsigned char *at = log->buffer + log->pos;

	log->pos += size;
	log->offset += size;
	return at;
}

/* The error message for a failed need(), with the part of the log. */
static int ended(struct bt_log *log, int err, const char *part)
{
	if (err != -ENODATA)
		return damaged(log, "entry %" PRIu64 ": %s at byte %" PRIu64 ": %s", log->read,
			       part, log->offset, strerror(-err));
	return damaged(log,
		       "the log ends in entry %" PRIu64 " of %" PRIu64 ": its %s at byte %" PRIu64
		       " is incomplete",
		       log->read, log->entries, part, log->offset);
}

static int check_super(struct bt_log *log, const unsigned char *super)
{
	uint32_t unit = bt_le32(super + 24);

	if (bt_le64(super) != LOG_MAGIC)
		return damaged(log, "not a write log: %s", bt_file_kind(super, BT_SECTOR));
	if (bt_le64(super + 8) != LOG_VERSION)
		return damaged(log, "version %" PRIu64 " is unknown, expected %d",
			       bt_le64(super + 8), LOG_VERSION);
	if (unit < BT_SECTOR || unit > UNIT_MAX || (unit & (unit - 1)))
		return damaged(log, "sector size %u: expected a power of two from %u to %u", unit,
			       BT_SECTOR, UNIT_MAX);
	log->unit = unit;
	log->entries = bt_le64(super + 16);
	return 0;
}

static int read_super(struct bt_log *log)
{
	int err = need(log, BT_SECTOR);

	if (err == -ENODATA && !log->len)
		return damaged(log, "not a write log: it is empty");
	if (err == -ENODATA)
		return damaged(log, "not a write log: it is too short, or %s",
			       bt_file_kind(log->buffer, log->len));
	if (err) {
		damaged(log, "%s", strerror(-err));
		return err;
	}
	err = check_super(log, log->buffer);
	if (err)
		return err;
	err = need(log, log->unit);
	if (err)
		return damaged(log, "it ends within its super block");
	take(log, log->unit);
	return 0;
}

int bt_log_open(struct bt_log *log, const char *path)
{
	int err;

	*log = (struct bt_log){ .path = path, .fd = STDIN_FILENO };
	if (strcmp(path, "-") != 0)
		log->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0) {
		err = -errno;
		damaged(log, "%s", strerror(-err));
		return err;
	}
	log->buffer = malloc(BUFFER);
	if (log->buffer) {
		err = read_super(log);
	} else {
		err = -ENOMEM;
		damaged(log, "out of memory");
	}
	if (err)
		bt_log_close(log);
	return err;
}

void bt_log_close(struct bt_log *log)
{
	if (log->fd > STDIN_FILENO)
		close(log->fd);
	log->fd = -1;
	free(log->buffer);
	log->buffer = NULL;
}

/* A log that was not closed has more entries than its super block says. */
static int at_end(struct bt_log *log)
{
	const unsigned char *next;

	if (!need(log, log->unit)) {
		next = log->buffer + log->pos;
		log->more = next[0] || memcmp(next, next + 1, ENTRY_BYTES - 1) != 0;
	}
	return 0;
}

static int parse(struct bt_log *log, const unsigned char *at, struct bt_log_entry *entry)
{
	uint64_t factor = log->unit / BT_SECTOR, sector = bt_le64(at), sectors = bt_le64(at + 8);
	uint64_t flags = bt_le64(at + 16), length = bt_le64(at + 24), offset = log->offset;

	if (flags & ~(uint64_t)FLAGS_KNOWN)
		return damaged(log,
			       "entry %" PRIu64 " at byte %" PRIu64 ": flags %#" PRIx64
			       " are unknown",
			       log->read, offset, flags);
	if (sector > SECTOR_MAX / factor || sectors > SECTOR_MAX / factor ||
	    (sector + sectors) * factor > SECTOR_MAX)
		return damaged(log,
			       "entry %" PRIu64 " at byte %" PRIu64 ": sector %" PRIu64
			       ", length %" PRIu64 ": no device is that large",
			       log->read, offset, sector, sectors);
	if ((flags & BT_LOG_MARK) && (length > log->unit - ENTRY_BYTES || sectors))
		return damaged(log,
			       "entry %" PRIu64 " at byte %" PRIu64 ": a mark of %" PRIu64
			       " bytes and %" PRIu64 " sectors",
			       log->read, offset, length, sectors);
	if (!(flags & BT_LOG_MARK) && length)
		return damaged(log,
			       "entry %" PRIu64 " at byte %" PRIu64 ": %" PRIu64
			       " bytes of inline data, which no block device logs",
			       log->read, offset, length);
	*entry = (struct bt_log_entry){
		.nr = log->read,
		.sector = sector * factor,
		.sectors = sectors * factor,
		.flags = (uint32_t)flags,
	};
	if (flags & BT_LOG_MARK)
		snprintf(entry->mark, sizeof(entry->mark), "%.*s", (int)length, at + ENTRY_BYTES);
	log->data_sectors = flags & BT_LOG_DISCARD ? 0 : entry->sectors;
	return 1;
}

int bt_log_next(struct bt_log *log, struct bt_log_entry *entry)
{
	const unsigned char *rest;
	int ret;

	do
		ret = bt_log_data(log, &rest);
	while (ret > 0);
	if (ret < 0)
		return ret;
	if (log->read == log->entries)
		return at_end(log);
	log->read++;
	ret = need(log, log->unit);
	if (ret)
		return ended(log, ret, "header");
	ret = parse(log, log->buffer + log->pos, entry);
	take(log, log->unit);
	return ret;
}

int bt_log_data(struct bt_log *log, const unsigned char **data)
{
	uint64_t sectors = log->data_sectors;
	int err;

	if (!sectors)
		return 0;
	/* Data that was read ahead comes first: the buffer is refilled only when it is used up. */
	if (log->len - log->pos < BT_SECTOR) {
		err = need(log, BT_SECTOR);
		if (err)
			return ended(log, err, "data");
	}
	if (sectors > (log->len - log->pos) / BT_SECTOR)
		sectors = (log->len - log->pos) / BT_SECTOR;
	log->data_sectors -= sectors;
	*data = take(log, sectors * BT_SECTOR);
	return (int)sectors;
}
