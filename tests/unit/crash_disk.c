// SPDX-License-Identifier: GPL-2.0-only
#include "crash_disk.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash/bitmap_format.h"
#include "crash/bitmap_super.h"

static void put16(unsigned char *at, uint16_t value)
{
	value = htole16(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(unsigned char *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static void put64(unsigned char *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
}

static uint64_t data_sector(const struct bt_layout *layout, uint32_t member)
{
	return layout->members_nr * DISK_SUPER_STEP + member * layout->size;
}

uint64_t disk_bitmap_sector(const struct bt_layout *layout, uint32_t copy)
{
	return data_sector(layout, layout->members_nr) + copy * layout->bitmap_sectors;
}

uint64_t disk_sectors(const struct bt_layout *layout)
{
	return disk_bitmap_sector(layout, bt_layout_copies(layout));
}

static void lay_out(struct bt_layout *layout, uint32_t members, uint32_t near, uint64_t size,
		    const struct bt_bitmap_format *format, bool internal)
{
	uint64_t span = near ? size / 8 * members / near * 8 : size;
	uint32_t i;

	*layout = (struct bt_layout){
		.level = near ? 10 : 1,
		.members_nr = members,
		.near = near,
		.chunk_sectors = near ? 8 : 0,
		.size = size,
		.bitmap_chunk = BT_SECTOR,
		.format = format,
		.internal = internal,
		.zero = true,
		.span = span,
		.chunks = span,
		.bitmap_sectors = format == &bt_bitmap_format_lockless
					  ? (1024 + span + BT_SECTOR - 1) / BT_SECTOR
					  : (256 + (span + 7) / 8 + BT_SECTOR - 1) / BT_SECTOR,
	};
	memcpy(layout->uuid, "sixteen-bytes-id", 16);
	for (i = 0; i < members; i++)
		layout->members[i] = (struct bt_disk){
			.given = true,
			.super = i * DISK_SUPER_STEP,
			.data = data_sector(layout, i),
		};
	layout->extents_nr = bt_layout_copies(layout);
	layout->extents = calloc(layout->extents_nr, sizeof(*layout->extents));
	for (i = 0; i < layout->extents_nr; i++)
		layout->extents[i] = (struct bt_extent){
			.copy = i,
			.sector = disk_bitmap_sector(layout, i),
			.sectors = layout->bitmap_sectors,
		};
}

void disk_layout(struct bt_layout *layout, uint32_t members, uint32_t near, bool internal,
		 uint64_t size)
{
	lay_out(layout, members, near, size, &bt_bitmap_format_classic, internal);
}

void disk_layout_lockless(struct bt_layout *layout, uint32_t members, uint32_t near, uint64_t size)
{
	lay_out(layout, members, near, size, &bt_bitmap_format_lockless, true);
}

void disk_layout_free(struct bt_layout *layout)
{
	free(layout->extents);
}

void disk_put_super(unsigned char *sector, const struct bt_layout *layout,
		    const struct disk_super *super)
{
	uint64_t sum = 0;
	uint32_t i, word;

	memset(sector, 0, BT_SECTOR);
	put32(sector, 0xa92b4efc);
	put32(sector + 4, 1);
	put32(sector + 8, super->features);
	memcpy(sector + 16, layout->uuid, 16);
	sector[16] = (unsigned char)(sector[16] + super->foreign);
	put32(sector + 72, (uint32_t)layout->level);
	put32(sector + 76, layout->level == 10 ? 0x100 | layout->near : 0);
	put64(sector + 80, layout->size);
	put32(sector + 88, layout->chunk_sectors);
	put32(sector + 92, layout->members_nr);
	put64(sector + 136, layout->size + 10);
	put32(sector + 160, super->number);
	put64(sector + 200, super->events);
	put64(sector + 208, super->resync_offset);
	put32(sector + 220, layout->members_nr);
	for (i = 0; i < layout->members_nr; i++)
		put16(sector + 256 + 2 * (size_t)i, super->roles[i]);
	for (i = 0; i < 256 + 2 * layout->members_nr; i += 4) {
		memcpy(&word, sector + i, 4);
		sum += le32toh(word);
	}
	put32(sector + 216, (uint32_t)sum + (uint32_t)(sum >> 32) + super->bad_checksum);
}

static void put_lockless(unsigned char *sector, const struct bt_layout *layout,
			 const struct disk_bitmap *bitmap)
{
	put32(sector + 4, bitmap->version ? bitmap->version : 6);
	put64(sector + 40, bitmap->sync_size ? bitmap->sync_size : layout->span);
	put32(sector + 52, bitmap->chunk ? bitmap->chunk : layout->bitmap_chunk / BT_SECTOR);
	put32(sector + 56, bitmap->no_daemon_sleep ? 0 : 30);
	put32(sector + 64, (uint32_t)layout->bitmap_sectors);
}

void disk_put_bitmap(unsigned char *sector, const struct bt_layout *layout,
		     const struct disk_bitmap *bitmap)
{
	memset(sector, 0, BT_BITMAP_SUPER);
	put32(sector, bitmap->bad_magic ? 1 : 0x6d746962);
	put32(sector + 4, 4);
	memcpy(sector + 8, layout->uuid, 16);
	sector[8] = (unsigned char)(sector[8] + bitmap->foreign);
	put64(sector + 24, bitmap->events);
	put64(sector + 32, bitmap->events_cleared);
	put32(sector + 48, bitmap->state);
	put32(sector + 52, layout->bitmap_chunk);
	put32(sector + 56, 5);
	if (layout->format == &bt_bitmap_format_lockless)
		put_lockless(sector, layout, bitmap);
}

char *disk_layout_text(const struct bt_layout *layout)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "bitmap-trace-layout 1\nlevel raid%d\nraid-disks %u\nsize %" PRIu64 "\nuuid ",
		layout->level, layout->members_nr, layout->size);
	for (i = 0; i < 16; i++)
		fprintf(out, "%02x", layout->uuid[i]);
	if (layout->level == 10)
		fprintf(out, "\nnear-copies %u\nchunk %u", layout->near, layout->chunk_sectors);
	for (i = 0; i < layout->members_nr; i++)
		fprintf(out, "\nmember %zu super %" PRIu64 " data %" PRIu64, i,
			layout->members[i].super, layout->members[i].data);
	fprintf(out, "\nbitmap-chunk %u\nbitmap %s", layout->bitmap_chunk,
		layout->internal ? layout->format->name : "file");
	for (i = 0; i < layout->extents_nr; i++)
		fprintf(out, "\nextent %u %" PRIu64 " %" PRIu64, layout->extents[i].copy,
			layout->extents[i].sector, layout->extents[i].sectors);
	fprintf(out, "\ninitial %s\njudge-from start\n", layout->zero ? "zero" : "unknown");
	fclose(out);
	return text;
}

char *disk_file(const void *data, size_t size)
{
	char *path = strdup("/tmp/bitmap-trace-test.XXXXXX");
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		abort();
	return path;
}

static void put_log_super(struct disk_log *log)
{
	put64(log->data, UINT64_C(0x6a736677736872));
	put64(log->data + 8, 1);
	put64(log->data + 16, log->entries);
	put32(log->data + 24, log->unit);
}

static unsigned char *extend(struct disk_log *log, size_t size)
{
	unsigned char *data = realloc(log->data, log->size + size);

	if (!data)
		abort();
	log->data = data;
	memset(data + log->size, 0, size);
	log->size += size;
	return data + log->size - size;
}

void disk_log_begin(struct disk_log *log, uint32_t unit)
{
	*log = (struct disk_log){ .unit = unit };
	extend(log, unit);
	put_log_super(log);
}

void disk_log_add(struct disk_log *log, uint64_t sector, uint64_t sectors, uint64_t flags,
		  const void *data, const char *mark)
{
	unsigned char *at = extend(log, log->unit);

	put64(at, sector);
	put64(at + 8, sectors);
	put64(at + 16, flags);
	if (mark) {
		put64(at + 24, strlen(mark));
		memcpy(at + 32, mark, strlen(mark));
	}
	if (data) {
		at = extend(log, sectors * log->unit);
		memcpy(at, data, sectors * log->unit);
	}
	log->entries++;
	put_log_super(log);
}

void disk_log_free(struct disk_log *log)
{
	free(log->data);
}
