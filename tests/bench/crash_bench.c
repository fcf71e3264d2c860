// SPDX-License-Identifier: GPL-2.0-only
/*
 * Throughput and memory of `bitmap-trace crash`: makes a write log of the requested size and
 * feeds it through a pipe.
 *
 * The log is of an array of two members of 1 GiB: mirrored writes of 4 KiB at random
 * positions, with bitmap pages and flushes in between. None of it is stored.
 */
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crash/bitmap_format.h"
#include "crash_disk.h"

#define MEMBER_SECTORS	  (UINT64_C(1) << 21)
#define CHUNK_BYTES	  65536
#define PAGE_SECTORS	  8
#define DATA_PER_BITMAP	  16
#define ENTRIES_PER_FLUSH 64
#define BUFFER		  (1u << 20)
#define MIB		  (1024.0 * 1024.0)

struct bench {
	struct bt_layout layout;
	FILE *out;
	uint64_t entries, random;
	unsigned char page[PAGE_SECTORS * BT_SECTOR];
};

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t pick(struct bench *bench, uint64_t limit)
{
	bench->random ^= bench->random << 13;
	bench->random ^= bench->random >> 7;
	bench->random ^= bench->random << 17;
	return bench->random % limit;
}

static void put(struct bench *bench, const void *data, size_t size)
{
	if (fwrite(data, 1, size, bench->out) != size)
		fail("the tool ended early");
}

static void put_entry(struct bench *bench, uint64_t sector, uint64_t sectors, uint64_t flags,
		      const void *data)
{
	uint64_t header[BT_SECTOR / 8] = { htole64(sector), htole64(sectors), htole64(flags) };

	put(bench, header, sizeof(header));
	if (data)
		put(bench, data, sectors * BT_SECTOR);
	bench->entries++;
}

static void put_super(struct bench *bench, uint64_t entries)
{
	unsigned char super[BT_SECTOR] = { 0 };
	uint64_t fields[] = { htole64(UINT64_C(0x6a736677736872)), htole64(1), htole64(entries),
			      htole64(BT_SECTOR) };

	memcpy(super, fields, sizeof(fields));
	put(bench, super, sizeof(super));
}

/* The array is up, all its bits are set, and that is durable. */
static void put_array(struct bench *bench)
{
	struct disk_bitmap bitmap = { .events = 1 };
	struct disk_super super = { .events = 1, .roles = { 0, 1 } };
	uint64_t sector, first = disk_bitmap_sector(&bench->layout, 0);

	for (super.number = 0; super.number < 2; super.number++) {
		disk_put_super(bench->page, &bench->layout, &super);
		put_entry(bench, bench->layout.members[super.number].super, 1, 0, bench->page);
	}
	for (sector = 0; sector < bench->layout.bitmap_sectors; sector++) {
		memset(bench->page, 0xff, BT_SECTOR);
		if (!sector)
			disk_put_bitmap(bench->page, &bench->layout, &bitmap);
		put_entry(bench, first + sector, 1, 0, bench->page);
	}
	put_entry(bench, 0, 0, BT_LOG_FLUSH, NULL);
}

/* The content of each sector differs from all before it. */
static void new_content(struct bench *bench)
{
	uint32_t i;

	for (i = 0; i < PAGE_SECTORS; i++)
		memcpy(bench->page + (size_t)i * BT_SECTOR, &bench->entries, 8);
}

static void put_write(struct bench *bench)
{
	uint64_t place = pick(bench, MEMBER_SECTORS / PAGE_SECTORS) * PAGE_SECTORS;

	new_content(bench);
	put_entry(bench, bench->layout.members[0].data + place, PAGE_SECTORS, 0, bench->page);
	put_entry(bench, bench->layout.members[1].data + place, PAGE_SECTORS, 0, bench->page);
}

static void put_bitmap_write(struct bench *bench)
{
	uint64_t sector = 1 + pick(bench, bench->layout.bitmap_sectors - 1);

	memset(bench->page, 0xff, BT_SECTOR);
	put_entry(bench, disk_bitmap_sector(&bench->layout, 0) + sector, 1, 0, bench->page);
}

static void put_log(struct bench *bench, uint64_t bytes)
{
	/* As many writes of two entries of 9 sectors */
	uint64_t writes = bytes / (18 * BT_SECTOR), i;
	uint64_t entries = 3 + bench->layout.bitmap_sectors + writes * 2 +
			   writes / DATA_PER_BITMAP + writes / ENTRIES_PER_FLUSH;

	put_super(bench, entries);
	put_array(bench);
	for (i = 1; i <= writes; i++) {
		put_write(bench);
		if (i % DATA_PER_BITMAP == 0)
			put_bitmap_write(bench);
		if (i % ENTRIES_PER_FLUSH == 0)
			put_entry(bench, 0, 0, BT_LOG_FLUSH, NULL);
	}
	if (bench->entries != entries)
		abort();
}

static void make_layout(struct bt_layout *layout)
{
	disk_layout(layout, 2, 0, false, MEMBER_SECTORS);
	layout->bitmap_chunk = CHUNK_BYTES;
	layout->chunks = MEMBER_SECTORS * BT_SECTOR / CHUNK_BYTES;
	layout->bitmap_sectors = bt_bitmap_format_sectors(layout->format, layout->chunks);
	layout->extents[0].sectors = layout->bitmap_sectors;
}

static pid_t start(char *const argv[], int *input)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		dup2(fds[0], STDIN_FILENO);
		close(fds[0]);
		close(fds[1]);
		execv(argv[0], argv);
		fail(argv[0]);
	}
	close(fds[0]);
	*input = fds[1];
	return pid;
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static int report(pid_t pid, uint64_t bytes, double started)
{
	struct rusage usage;
	struct timespec now;
	double cpu, wall;
	int status;

	if (wait4(pid, &status, 0, &usage) < 0)
		fail("wait4");
	clock_gettime(CLOCK_MONOTONIC, &now);
	wall = (double)now.tv_sec + (double)now.tv_nsec / 1e9 - started;
	cpu = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
	printf("%.0f MiB in %.2f s of one CPU (%.2f s user): %.0f MB/s; %.2f s in all, %.0f MB/s; "
	       "peak RSS %.0f MiB\n",
	       (double)bytes / MIB, cpu, seconds(&usage.ru_utime), (double)bytes / 1e6 / cpu, wall,
	       (double)bytes / 1e6 / wall, (double)usage.ru_maxrss / 1024.0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

int main(int argc, char **argv)
{
	struct bench bench = { .random = 1 };
	char *tool[] = { NULL, "crash", "-i", "-", "-l", NULL, NULL, NULL };
	struct timespec begin;
	uint64_t bytes;
	char *text;
	pid_t pid;
	int fd, status;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: %s BITMAP-TRACE MIB [--cache]\n", argv[0]);
		return 2;
	}
	bytes = strtoull(argv[2], NULL, 10) << 20;
	make_layout(&bench.layout);
	text = disk_layout_text(&bench.layout);
	tool[0] = argv[1];
	tool[5] = disk_file(text, strlen(text));
	tool[6] = argc > 3 ? argv[3] : NULL;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	pid = start(tool, &fd);
	bench.out = fdopen(fd, "w");
	if (!bench.out || setvbuf(bench.out, NULL, _IOFBF, BUFFER))
		fail("pipe");
	put_log(&bench, bytes);
	fclose(bench.out);
	status = report(pid, bytes, (double)begin.tv_sec + (double)begin.tv_nsec / 1e9);
	unlink(tool[5]);
	free(tool[5]);
	free(text);
	disk_layout_free(&bench.layout);
	return status;
}
