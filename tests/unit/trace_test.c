// SPDX-License-Identifier: GPL-2.0-only
/* The trace file: it is read as it was written, and damage is detected. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "trace/trace.h"
#include "trace/trace_format.h"

#define EVENTS_MAX 20000

/* A file in memory with a path. */
struct file {
	int fd;
	char path[32];
	off_t size;
};

/* The result of reading it. */
struct result {
	struct bt_sink sink;
	struct bt_event *events;
	uint64_t nr;
	uint64_t fail_at; /* event that the sink refuses, from 1; 0: none */
	struct bt_stacks *stacks;
	struct bt_trace_info info;
	struct bt_trace_end end;
	int ret;
};

static struct file file_new(void)
{
	struct file file = { .fd = memfd_create("trace", 0) };

	assert_true(file.fd >= 0);
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	return file;
}

static void file_free(struct file *file)
{
	close(file->fd);
}

static int take(struct bt_sink *sink, const struct bt_event *ev)
{
	struct result *result = (struct result *)sink;

	assert_true(result->nr < EVENTS_MAX);
	if (result->nr + 1 == result->fail_at)
		return -ECANCELED;
	result->events[result->nr++] = *ev;
	return 0;
}

static struct result result_new(void)
{
	struct result result = {
		.sink.event = take,
		.events = malloc(EVENTS_MAX * sizeof(struct bt_event)),
		.stacks = bt_stacks_new(),
	};

	assert_non_null(result.events);
	assert_non_null(result.stacks);
	return result;
}

static void read_into(struct result *result, const struct file *file)
{
	result->nr = 0;
	result->ret = bt_trace_read(file->path, &result->sink, result->stacks, &result->info,
				    &result->end);
}

static void result_free(struct result *result)
{
	free(result->events);
	bt_stacks_free(result->stacks);
}

static struct bt_event event_nr(uint64_t i)
{
	return (struct bt_event){
		.ts_ns = 1000 + i,
		.bitmap = 1,
		.tid = 77,
		.stack = -1,
		.type = BT_SET_BIT,
		.member = -1,
		.bit.chunk = i * 0x9e3779b97f4a7c15,
	};
}

/* A complete trace with every type of block. */
static void write_trace(struct file *file, uint64_t events)
{
	static const char *const frames[] = { "inner+0x1/0x20", "outer+0x3/0x40 [md_mod]" };
	struct bt_trace_info info = {
		.release = "6.12.0",
		.host = "somewhere",
		.clock_ns = 1800000000123456789,
		.version = "9.9",
		.missing.why = { [BT_SEES_SET_BIT] = "no hook on one (split)",
				 [BT_SEES_FLUSHES] = "no hook: two" },
		.perturb = "7:250,4000,unplug_exit",
		.perturb_ns = 123456789012345,
		.slice_of = "some-rule",
	};
	struct bt_stream_stats stats = {
		.emitted[BT_SET_BIT] = events,
		.lost_by_type[BT_LOST] = 5,
		.lost_by_channel[BT_LOSS_MISSED] = 3,
		.perturbed[BT_PLACES - 1] = { .passed = 9, .spins = 4, .ns = 77 },
	};
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_trace_writer *writer;
	struct bt_event ev;
	uint64_t i;

	assert_int_equal(bt_stacks_add(stacks, 4, frames, 2), 0);
	assert_int_equal(bt_stacks_add(stacks, 0, NULL, 0), 0);
	assert_int_equal(bt_trace_create(file->path, &info, &writer), 0);
	for (i = 0; i < events; i++) {
		ev = event_nr(i);
		assert_int_equal(bt_sink_event(bt_trace_writer_sink(writer), &ev), 0);
	}
	assert_int_equal(bt_trace_finish(writer, stacks, &stats, 256), 0);
	bt_stacks_free(stacks);
	file->size = lseek(file->fd, 0, SEEK_END);
}

/* The events read are the first ones that were written, and no others. */
static void assert_prefix(const struct result *result)
{
	struct bt_event ev;
	uint64_t i;

	for (i = 0; i < result->nr; i++) {
		ev = event_nr(i);
		assert_memory_equal(&result->events[i], &ev, sizeof(ev));
	}
}

/* It was reported as incomplete. */
static void assert_noticed(const struct result *result)
{
	assert_false(result->end.complete);
	assert_true(result->end.problem[0] != 0);
	if (result->ret) {
		assert_int_equal(result->ret, -EINVAL);
		assert_int_equal(result->nr, 0);
		return;
	}
	assert_prefix(result);
}

static void round_trip_of(uint64_t events)
{
	struct file file = file_new();
	struct result result = result_new();
	const struct bt_stack *stack;

	write_trace(&file, events);
	read_into(&result, &file);
	assert_int_equal(result.ret, 0);
	assert_true(result.end.complete);
	assert_string_equal(result.end.problem, "");
	assert_int_equal(result.nr, events);
	assert_int_equal(result.end.events, events);
	assert_int_equal(result.end.command_status, 256);
	assert_int_equal(result.end.stats.emitted[BT_SET_BIT], events);
	assert_int_equal(result.end.stats.perturbed[BT_PLACES - 1].spins, 4);
	assert_int_equal(result.end.stats.perturbed[BT_PLACES - 1].ns, 77);
	assert_int_equal(result.end.stats.perturbed[0].passed, 0);
	assert_int_equal(result.end.stats.lost_by_type[BT_LOST], 5);
	assert_int_equal(result.end.stats.lost_by_channel[BT_LOSS_MISSED], 3);
	assert_string_equal(result.info.release, "6.12.0");
	assert_string_equal(result.info.host, "somewhere");
	assert_int_equal(result.info.clock_ns, 1800000000123456789);
	assert_string_equal(result.info.version, "9.9");
	assert_string_equal(bt_missing_why(&result.info.missing, BT_SEES_SET_BIT),
			    "no hook on one (split)");
	assert_string_equal(bt_missing_why(&result.info.missing, BT_SEES_FLUSHES), "no hook: two");
	assert_null(bt_missing_why(&result.info.missing, BT_SEES_LOAD));
	assert_string_equal(result.info.missing.unknown, "");
	assert_string_equal(result.info.slice_of, "some-rule");
	assert_prefix(&result);
	stack = bt_stacks_find(result.stacks, 4);
	assert_non_null(stack);
	assert_int_equal(stack->nr, 2);
	assert_string_equal(stack->frames[1], "outer+0x3/0x40 [md_mod]");
	assert_int_equal(bt_stacks_find(result.stacks, 0)->nr, 0);
	result_free(&result);
	file_free(&file);
}

static void test_round_trip(void **state)
{
	(void)state;
	round_trip_of(0);
	round_trip_of(1);
	round_trip_of(BT_TRACE_BLOCK_EVENTS - 1);
	round_trip_of(BT_TRACE_BLOCK_EVENTS);
	round_trip_of(2 * BT_TRACE_BLOCK_EVENTS + 1);
}

static void test_truncated_anywhere(void **state)
{
	struct file file = file_new();
	struct result result = result_new();
	off_t size;

	(void)state;
	write_trace(&file, 5);
	for (size = file.size - 1; size >= 0; size--) {
		assert_int_equal(ftruncate(file.fd, size), 0);
		read_into(&result, &file);
		assert_noticed(&result);
	}
	result_free(&result);
	file_free(&file);
}

static void flip(const struct file *file, off_t at, int bit)
{
	unsigned char byte;

	assert_int_equal(pread(file->fd, &byte, 1, at), 1);
	byte ^= (unsigned char)(1u << bit);
	assert_int_equal(pwrite(file->fd, &byte, 1, at), 1);
}

static void test_every_flipped_bit(void **state)
{
	struct file file = file_new();
	struct result result = result_new();
	off_t at;
	int bit;

	(void)state;
	write_trace(&file, 5);
	for (at = 0; at < file.size; at++) {
		for (bit = 0; bit < 8; bit++) {
			flip(&file, at, bit);
			read_into(&result, &file);
			assert_noticed(&result);
			flip(&file, at, bit);
		}
	}
	read_into(&result, &file);
	assert_true(result.end.complete);
	result_free(&result);
	file_free(&file);
}

/* The offset of block nr. */
static off_t block_at(const struct file *file, unsigned int nr)
{
	off_t at = sizeof(struct bt_trace_header);
	struct bt_trace_block block;

	while (nr--) {
		assert_int_equal(pread(file->fd, &block, sizeof(block), at), sizeof(block));
		at += (off_t)(sizeof(block) + block.length);
	}
	return at;
}

static void test_block_missing_or_doubled(void **state)
{
	struct file file = file_new();
	struct result result = result_new();
	char *data;
	off_t from, to;

	(void)state;
	write_trace(&file, 2 * BT_TRACE_BLOCK_EVENTS);
	from = block_at(&file, 1);
	to = block_at(&file, 2);
	data = malloc((size_t)file.size);
	assert_int_equal(pread(file.fd, data, (size_t)file.size, 0), file.size);

	/* Without the first block of events */
	assert_int_equal(pwrite(file.fd, data + to, (size_t)(file.size - to), from),
			 file.size - to);
	assert_int_equal(ftruncate(file.fd, file.size - (to - from)), 0);
	read_into(&result, &file);
	assert_noticed(&result);
	assert_int_equal(result.nr, 0);

	/* ... and with that block twice */
	assert_int_equal(pwrite(file.fd, data, (size_t)to, 0), to);
	assert_int_equal(pwrite(file.fd, data + from, (size_t)(file.size - from), to),
			 file.size - from);
	read_into(&result, &file);
	assert_noticed(&result);
	assert_int_equal(result.nr, BT_TRACE_BLOCK_EVENTS);
	free(data);
	result_free(&result);
	file_free(&file);
}

static void test_data_behind_the_end(void **state)
{
	struct file file = file_new();
	struct result result = result_new();

	(void)state;
	write_trace(&file, 1);
	assert_int_equal(pwrite(file.fd, "x", 1, file.size), 1);
	read_into(&result, &file);
	assert_noticed(&result);
	assert_int_equal(result.nr, 1);
	result_free(&result);
	file_free(&file);
}

/* A block with a valid header and checksum: only its own bounds are left to check. */
static void forge(struct file *file, unsigned int seq, uint32_t type, const void *payload,
		  uint32_t length)
{
	struct bt_trace_block block = { .type = type, .length = length, .seq = seq };
	off_t at;

	write_trace(file, 1);
	at = block_at(file, seq);
	if (length <= BT_TRACE_BLOCK_MAX)
		block.crc = bt_trace_block_crc(&block, payload);
	assert_int_equal(ftruncate(file->fd, at), 0);
	assert_int_equal(pwrite(file->fd, &block, sizeof(block), at), sizeof(block));
	if (length <= BT_TRACE_BLOCK_MAX)
		assert_int_equal(pwrite(file->fd, payload, length, at + (off_t)sizeof(block)),
				 length);
}

static void assert_forged_noticed(uint32_t type, const void *payload, uint32_t length)
{
	struct file file = file_new();
	struct result result = result_new();

	forge(&file, 2, type, payload, length);
	read_into(&result, &file);
	assert_noticed(&result);
	assert_int_equal(result.nr, 1);
	result_free(&result);
	file_free(&file);
}

static void test_hostile_blocks(void **state)
{
	unsigned char zeroes[128] = { 0 };
	struct bt_trace_stack_payload stack = { .id = 1, .nr = 0xffffffff };
	struct bt_trace_stats_payload stats = { .types = 0xffffffff, .channels = 0xffffffff };
	struct bt_trace_end_payload end = { .events = 2 };
	char unterminated[16] = { 1, 0, 0, 0, 2, 0, 0, 0, 'a', 0, 'b', 'b', 'b', 'b', 'b', 'b' };

	(void)state;
	assert_forged_noticed(BT_BLOCK_EVENTS, zeroes, 0xfffffff8);
	assert_forged_noticed(BT_BLOCK_EVENTS, zeroes, BT_TRACE_BLOCK_MAX + 8);
	assert_forged_noticed(BT_BLOCK_EVENTS, zeroes, 72);
	assert_forged_noticed(BT_BLOCK_EVENTS, zeroes, 63);
	assert_forged_noticed(BT_BLOCK_INFO, zeroes, 8);
	assert_forged_noticed(BT_BLOCK_STACK, zeroes, 0);
	assert_forged_noticed(BT_BLOCK_STACK, &stack, sizeof(stack));
	assert_forged_noticed(BT_BLOCK_STACK, unterminated, sizeof(unterminated));
	assert_forged_noticed(BT_BLOCK_STATS, zeroes, 0);
	assert_forged_noticed(BT_BLOCK_STATS, &stats, sizeof(stats));
	assert_forged_noticed(BT_BLOCK_END, zeroes, 8);
	assert_forged_noticed(BT_BLOCK_END, &end, sizeof(end));
}

/* An unknown type of block is for newer readers, and no damage. */
static void test_unknown_block(void **state)
{
	unsigned char zeroes[16] = {};
	struct file file = file_new();
	struct result result = result_new();
	char words[64];

	(void)state;
	forge(&file, 2, 99, zeroes, sizeof(zeroes));
	read_into(&result, &file);
	assert_noticed(&result);
	snprintf(words, sizeof(words), "cut off at offset %lld",
		 (long long)lseek(file.fd, 0, SEEK_END));
	assert_string_equal(result.end.problem, words);
	result_free(&result);
	file_free(&file);
}

static void test_unknown_info(void **state)
{
	static const char text[40] = "new=1\n=\nnonsense\nrelease=6.1=x\nversion=";
	struct file file = file_new();
	struct result result = result_new();

	(void)state;
	forge(&file, 0, BT_BLOCK_INFO, text, sizeof(text));
	read_into(&result, &file);
	assert_noticed(&result); /* it is the only block */
	assert_string_equal(result.info.release, "6.1=x");
	assert_string_equal(result.info.version, "");
	result_free(&result);
	file_free(&file);
}

static void assert_refused(const void *data, size_t len, const char *because)
{
	struct file file = file_new();
	struct result result = result_new();

	assert_int_equal(write(file.fd, data, len), len);
	read_into(&result, &file);
	assert_int_equal(result.ret, -EINVAL);
	assert_non_null(strstr(result.end.problem, because));
	result_free(&result);
	file_free(&file);
}

static void test_no_trace_at_all(void **state)
{
	struct bt_trace_header header = {
		.magic = BT_TRACE_MAGIC,
		.endian = BT_TRACE_ENDIAN,
		.version = BT_TRACE_VERSION + 1,
		.event_version = BT_EVENT_VERSION,
		.event_size = sizeof(struct bt_event),
	};

	(void)state;
	assert_refused("", 0, "not a trace");
	assert_refused("hello, this is another kind of file\n", 36, "not a trace");
	assert_refused(&header, 12, "ends within the header");
	assert_refused(&header, sizeof(header), "header is damaged");
	header.crc = bt_trace_header_crc(&header);
	assert_refused(&header, sizeof(header), "trace format 2");
	header.version = BT_TRACE_VERSION;
	header.event_size = 72;
	header.crc = bt_trace_header_crc(&header);
	assert_refused(&header, sizeof(header), "72 bytes");
	header.endian = 0x04030201;
	assert_refused(&header, sizeof(header), "byte order");
}

static void test_no_file(void **state)
{
	struct file file = { .path = "/nowhere/at/all" };
	struct result result = result_new();
	struct bt_trace_info info = {};
	struct bt_trace_writer *writer = NULL;

	(void)state;
	read_into(&result, &file);
	assert_int_equal(result.ret, -ENOENT);
	assert_non_null(strstr(result.end.problem, "No such file"));
	assert_int_equal(bt_trace_create(file.path, &info, &writer), -ENOENT);
	assert_null(writer);
	result_free(&result);
}

static void test_sink_ends_the_reading(void **state)
{
	struct file file = file_new();
	struct result result = result_new();

	(void)state;
	write_trace(&file, 10);
	result.fail_at = 4;
	read_into(&result, &file);
	assert_int_equal(result.ret, -ECANCELED);
	assert_int_equal(result.nr, 3);
	assert_false(result.end.complete);
	result_free(&result);
	file_free(&file);
}

/* A recorder that is killed leaves the events up to a second ago. */
static void test_flushes(void **state)
{
	struct bt_trace_info info = { .release = "x" };
	struct bt_stream_stats stats = {};
	struct bt_stacks *stacks = bt_stacks_new();
	struct file file = file_new();
	struct result result = result_new();
	struct bt_trace_writer *writer;
	struct bt_event ev = event_nr(0);

	(void)state;
	assert_int_equal(bt_trace_create(file.path, &info, &writer), 0);
	assert_int_equal(bt_sink_event(bt_trace_writer_sink(writer), &ev), 0);
	assert_int_equal(lseek(file.fd, 0, SEEK_END), 0);

	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	read_into(&result, &file);
	assert_noticed(&result);
	assert_int_equal(result.end.events, 1);
	assert_non_null(strstr(result.end.problem, "cut off at offset"));

	assert_int_equal(bt_sink_event(bt_trace_writer_sink(writer), &ev), 0);
	ev.ts_ns += 2000000000;
	assert_int_equal(bt_sink_event(bt_trace_writer_sink(writer), &ev), 0);
	read_into(&result, &file);
	assert_int_equal(result.end.events, 3);

	assert_int_equal(bt_trace_finish(writer, stacks, &stats, -1), 0);
	read_into(&result, &file);
	assert_true(result.end.complete);
	assert_int_equal(result.end.command_status, -1);
	bt_stacks_free(stacks);
	result_free(&result);
	file_free(&file);
}

/* ... and its stacks, each once. */
static void test_stacks_while_it_runs(void **state)
{
	static const char *const frames[] = { "inner+0x1/0x20" };
	struct bt_trace_info info = { .release = "x" };
	struct bt_stacks *stacks = bt_stacks_new();
	struct file file = file_new();
	struct result result = result_new();
	struct bt_trace_writer *writer;
	struct bt_event ev = event_nr(0);
	off_t size;

	(void)state;
	assert_int_equal(bt_trace_create(file.path, &info, &writer), 0);
	bt_trace_writer_stacks(writer, stacks);
	assert_int_equal(bt_stacks_add(stacks, 6, frames, 1), 0);
	assert_int_equal(bt_sink_event(bt_trace_writer_sink(writer), &ev), 0);
	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	size = lseek(file.fd, 0, SEEK_END);
	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	assert_int_equal(lseek(file.fd, 0, SEEK_END), size);
	assert_int_equal(bt_stacks_add(stacks, 8, frames, 1), 0);
	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	bt_trace_abandon(writer);
	read_into(&result, &file);
	assert_noticed(&result);
	assert_int_equal(result.end.events, 1);
	assert_string_equal(bt_stacks_find(result.stacks, 6)->frames[0], frames[0]);
	assert_non_null(bt_stacks_find(result.stacks, 8));
	bt_stacks_free(stacks);
	result_free(&result);
	file_free(&file);
}

static void test_full_disk(void **state)
{
	struct bt_trace_info info = { .release = "x" };
	struct bt_stream_stats stats = {};
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_trace_writer *writer;

	(void)state;
	assert_int_equal(bt_trace_create("/dev/full", &info, &writer), 0);
	assert_int_equal(bt_trace_finish(writer, stacks, &stats, -1), -ENOSPC);
	assert_int_equal(bt_trace_create("/dev/null", &info, &writer), 0);
	assert_int_equal(bt_trace_finish(writer, stacks, &stats, -1), 0);
	bt_stacks_free(stacks);
}

/* A full disk while a trace is written: the events continue, the file does not. */
static void test_disk_full_later(void **state)
{
	struct file file = { .fd = memfd_create("trace", MFD_ALLOW_SEALING) };
	struct bt_trace_info info = { .release = "x" };
	struct bt_stream_stats stats = {};
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_event ev = event_nr(0);
	struct bt_trace_writer *writer;
	struct result result = result_new();
	unsigned int i;

	(void)state;
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	assert_int_equal(bt_trace_create(file.path, &info, &writer), 0);
	assert_int_equal(bt_sink_event(bt_trace_writer_sink(writer), &ev), 0);
	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	assert_int_equal(fcntl(file.fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	for (i = 0; i < 3 * BT_TRACE_BLOCK_EVENTS; i++)
		assert_int_equal(bt_sink_event(bt_trace_writer_sink(writer), &ev), 0);
	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	assert_int_equal(bt_trace_finish(writer, stacks, &stats, -1), -EPERM);
	read_into(&result, &file);
	assert_int_equal(result.end.events, 1);
	assert_noticed(&result);
	bt_stacks_free(stacks);
	result_free(&result);
	file_free(&file);
}

/* A run that broke off keeps its events, without an end block. */
static void test_abandoned(void **state)
{
	struct file file = file_new();
	struct bt_trace_info info = { .release = "x" };
	struct bt_event ev = event_nr(0);
	struct bt_trace_writer *writer;
	struct result result = result_new();

	(void)state;
	assert_int_equal(bt_trace_create(file.path, &info, &writer), 0);
	assert_int_equal(bt_sink_event(bt_trace_writer_sink(writer), &ev), 0);
	bt_trace_abandon(writer);
	read_into(&result, &file);
	assert_int_equal(result.end.events, 1);
	assert_noticed(&result);
	result_free(&result);
	file_free(&file);
}

/* A live run that ends before its command runs leaves the old file, or none. */
static void test_what_was_there_stays(void **state)
{
	char dir[] = "/tmp/bt-trace-XXXXXX", path[64];
	struct bt_trace_info info = { .release = "x" };
	struct bt_trace_writer *writer;
	struct file file = file_new();

	(void)state;
	write_trace(&file, 3);
	assert_int_equal(bt_trace_create(file.path, &info, &writer), 0);
	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	bt_trace_abandon(writer);
	assert_int_equal(lseek(file.fd, 0, SEEK_END), file.size);

	/* The second tick comes when the command runs. */
	assert_int_equal(bt_trace_create(file.path, &info, &writer), 0);
	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	assert_int_equal(bt_sink_tick(bt_trace_writer_sink(writer)), 0);
	assert_true(lseek(file.fd, 0, SEEK_END) < file.size);
	bt_trace_abandon(writer);
	file_free(&file);

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/new", dir);
	assert_int_equal(bt_trace_create(path, &info, &writer), 0);
	assert_int_equal(access(path, F_OK), 0);
	bt_trace_abandon(writer);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(rmdir(dir), 0);
}

/* A capability without a name in this version is still missing. */
static void test_missing_without_a_name(void **state)
{
	static const char text[16] = "missing=newer: x";
	struct result result = result_new();
	struct file file = file_new();

	(void)state;
	forge(&file, 0, BT_BLOCK_INFO, text, sizeof(text));
	read_into(&result, &file);
	assert_string_equal(result.info.missing.unknown, "newer: x");
	file_free(&file);
	result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_truncated_anywhere),
		cmocka_unit_test(test_every_flipped_bit),
		cmocka_unit_test(test_block_missing_or_doubled),
		cmocka_unit_test(test_data_behind_the_end),
		cmocka_unit_test(test_hostile_blocks),
		cmocka_unit_test(test_unknown_block),
		cmocka_unit_test(test_unknown_info),
		cmocka_unit_test(test_no_trace_at_all),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_sink_ends_the_reading),
		cmocka_unit_test(test_flushes),
		cmocka_unit_test(test_stacks_while_it_runs),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_disk_full_later),
		cmocka_unit_test(test_abandoned),
		cmocka_unit_test(test_what_was_there_stays),
		cmocka_unit_test(test_missing_without_a_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
