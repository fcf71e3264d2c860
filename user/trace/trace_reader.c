// SPDX-License-Identifier: GPL-2.0-only
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_kind.h"
#include "base/printable.h"
#include "trace/trace_format.h"

/* Most traces have larger blocks; the buffer grows to their size. */
#define PAYLOAD_USUAL 4096

struct reader {
	int fd;
	uint64_t offset; /* end of the bytes that were read */
	uint32_t seq;	 /* of the block that must come next */
	struct bt_sink *sink;
	struct bt_stacks *stacks;
	struct bt_trace_info *info;
	struct bt_trace_end *end;
	struct bt_trace_block block;
	/* malloc aligns for any type, so records are read where they lie. */
	unsigned char *payload;
	uint32_t payload_room;
};

/* Result of one step of reading. */
enum step {
	STEP_NEXT = 0,	  /* continue */
	STEP_DONE = 1,	  /* the end block */
	STEP_DAMAGED = 2, /* end->problem says how */
};

__attribute__((format(printf, 2, 3))) static int damaged(struct reader *reader, const char *format,
							 ...)
{
	struct bt_trace_end *end = reader->end;
	va_list args;

	va_start(args, format);
	vsnprintf(end->problem, sizeof(end->problem), format, args);
	va_end(args);
	return STEP_DAMAGED;
}

/* Returns the bytes read, fewer than len only at the end of the file, or -errno. */
static ssize_t read_full(struct reader *reader, void *data, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = read(reader->fd, (char *)data + got, len - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	reader->offset += got;
	return (ssize_t)got;
}

static int read_header(struct reader *reader)
{
	struct bt_trace_header header = { 0 };
	ssize_t n = read_full(reader, &header, sizeof(header));

	if (n < 0)
		return (int)n;
	if (n == 0)
		damaged(reader, "not a trace: it is empty");
	else if (n < BT_TRACE_MAGIC_LEN || memcmp(header.magic, BT_TRACE_MAGIC, BT_TRACE_MAGIC_LEN))
		damaged(reader, "not a trace: %s", bt_file_kind(&header, (size_t)n));
	else if ((size_t)n < sizeof(header))
		damaged(reader, "not a trace: it ends within the header, at offset %zd", n);
	else if (header.endian != BT_TRACE_ENDIAN)
		damaged(reader, "recorded on a machine of the other byte order, or damaged at 8");
	else if (header.crc != bt_trace_header_crc(&header))
		damaged(reader, "the header is damaged (checksum at offset 20)");
	else if (header.version != BT_TRACE_VERSION)
		damaged(reader, "trace format %u, this program reads %u", header.version,
			BT_TRACE_VERSION);
	else if (header.event_version != BT_EVENT_VERSION ||
		 header.event_size != sizeof(struct bt_event))
		damaged(reader,
			"events of version %u (%u bytes), this program reads %u (%zu bytes)",
			header.event_version, header.event_size, BT_EVENT_VERSION,
			sizeof(struct bt_event));
	else
		return 0;
	return -EINVAL;
}

static int make_room(struct reader *reader, uint32_t length)
{
	if (length <= reader->payload_room)
		return 0;
	free(reader->payload);
	reader->payload = malloc(length);
	reader->payload_room = reader->payload ? length : 0;
	return reader->payload ? 0 : -ENOMEM;
}

/* Reads and verifies one block; its content is used only after that. */
static int read_block(struct reader *reader)
{
	struct bt_trace_block *block = &reader->block;
	uint64_t at = reader->offset;
	ssize_t n = read_full(reader, block, sizeof(*block));

	if (n < 0)
		return (int)n;
	if (n == 0)
		return damaged(reader, "cut off at offset %" PRIu64, at);
	if ((size_t)n < sizeof(*block))
		return damaged(reader, "cut off within the block at offset %" PRIu64, at);
	if (block->length > BT_TRACE_BLOCK_MAX || block->length % BT_TRACE_ALIGN)
		return damaged(reader, "damaged at offset %" PRIu64 ": block of %u bytes", at,
			       block->length);
	n = make_room(reader, block->length);
	if (!n)
		n = read_full(reader, reader->payload, block->length);
	if (n < 0)
		return (int)n;
	if ((size_t)n < block->length)
		return damaged(reader, "cut off within the block at offset %" PRIu64, at);
	if (block->crc != bt_trace_block_crc(block, reader->payload))
		return damaged(reader, "damaged at offset %" PRIu64 ": wrong checksum", at);
	if (block->seq != reader->seq)
		return damaged(reader, "damaged at offset %" PRIu64 ": block %u instead of %u", at,
			       block->seq, reader->seq);
	reader->seq++;
	return STEP_NEXT;
}

static void clean(char *text)
{
	for (; *text; text++)
		*text = bt_printable(*text);
}

/*
 * "set-bit: no hook on md_bitmap_file_set_bit". A name that is not known here was written by a
 * newer version, or by one that recorded hooks instead; it can mean any capability.
 */
static void missing_line(struct bt_missing *missing, const char *value)
{
	const char *colon = strchr(value, ':');
	enum bt_capability capability = BT_SEES_END;
	char name[32];

	if (colon) {
		snprintf(name, sizeof(name), "%.*s", (int)(colon - value), value);
		capability = bt_capability_of_name(name);
	}
	if (capability != BT_SEES_END)
		bt_missing_add(missing, capability, colon + 1 + strspn(colon + 1, " "));
	else
		snprintf(missing->unknown, sizeof(missing->unknown), "%s", value);
}

static void info_line(struct bt_trace_info *info, char *line)
{
	char *value = line;
	const char *name = strsep(&value, "=");

	if (!value)
		return;
	if (!strcmp(name, "release"))
		snprintf(info->release, sizeof(info->release), "%s", value);
	else if (!strcmp(name, "version"))
		snprintf(info->version, sizeof(info->version), "%s", value);
	else if (!strcmp(name, "command"))
		snprintf(info->command, sizeof(info->command), "%s", value);
	else if (!strcmp(name, "host"))
		snprintf(info->host, sizeof(info->host), "%s", value);
	else if (!strcmp(name, "clock"))
		info->clock_ns = strtoll(value, NULL, 10);
	else if (!strcmp(name, "features"))
		info->features = strtoull(value, NULL, 0);
	else if (!strcmp(name, "perturb"))
		snprintf(info->perturb, sizeof(info->perturb), "%s", value);
	else if (!strcmp(name, "perturb_from"))
		info->perturb_ns = strtoull(value, NULL, 10);
	else if (!strcmp(name, "slice_of"))
		snprintf(info->slice_of, sizeof(info->slice_of), "%s", value);
	else if (!strcmp(name, "missing") || !strcmp(name, "hook_missing"))
		missing_line(&info->missing, value);
}

/* Behind a NUL is padding and nothing else: a line there would be passed over in silence. */
static bool is_text(const unsigned char *payload, uint32_t length)
{
	size_t i = strnlen((const char *)payload, length);

	if (length - i >= BT_TRACE_ALIGN)
		return false;
	while (i < length && !payload[i])
		i++;
	return i == length;
}

/* Lines of name=value; unknown names are for newer readers. */
static int take_info(struct reader *reader)
{
	char *text, *line, *rest;

	if (!is_text(reader->payload, reader->block.length))
		return damaged(reader, "block %u is no text", reader->block.seq);
	text = strndup((const char *)reader->payload, reader->block.length);
	if (!text)
		return -ENOMEM;
	memset(reader->info, 0, sizeof(*reader->info));
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		clean(line);
		info_line(reader->info, line);
	}
	free(text);
	return STEP_NEXT;
}

static int take_events(struct reader *reader)
{
	const struct bt_event *ev = (const void *)reader->payload;
	uint32_t nr = reader->block.length / sizeof(*ev);
	int err;

	if (reader->block.length % sizeof(*ev))
		return damaged(reader, "block %u does not hold a whole number of events",
			       reader->block.seq);
	err = bt_sink_events(reader->sink, ev, nr);
	if (err)
		return err;
	reader->end->events += nr;
	return STEP_NEXT;
}

static int take_stack(struct reader *reader)
{
	const struct bt_trace_stack_payload *stack = (const void *)reader->payload;
	char *at = (char *)(reader->payload + sizeof(*stack)), *zero;
	const char *end = (const char *)reader->payload + reader->block.length;
	const char **frames;
	uint32_t i;
	int err;

	/* A frame takes a byte at least. */
	if (reader->block.length < sizeof(*stack) || stack->nr > (size_t)(end - at))
		return damaged(reader, "block %u holds an incomplete stack", reader->block.seq);
	frames = calloc(stack->nr + 1, sizeof(*frames));
	if (!frames)
		return -ENOMEM;
	for (i = 0; i < stack->nr; i++) {
		zero = memchr(at, 0, (size_t)(end - at));
		if (!zero) {
			free(frames);
			return damaged(reader, "block %u holds an incomplete stack",
				       reader->block.seq);
		}
		clean(at);
		frames[i] = at;
		at = zero + 1;
	}
	err = bt_stacks_add(reader->stacks, stack->id, frames, stack->nr);
	free(frames);
	return err;
}

/* Copies the counts that both versions know, from a table of nr. */
static const uint64_t *take_counts(uint64_t *to, uint32_t to_nr, const uint64_t *from, uint32_t nr)
{
	memcpy(to, from, (nr < to_nr ? nr : to_nr) * sizeof(*to));
	return from + nr;
}

static int take_stats(struct reader *reader)
{
	const struct bt_trace_stats_payload *payload = (const void *)reader->payload;
	struct bt_stream_stats *stats = &reader->end->stats;
	const uint64_t *counts = (const void *)(payload + 1);

	if (reader->block.length < sizeof(*payload) ||
	    reader->block.length - sizeof(*payload) !=
		    (2ull * payload->types + payload->channels) * sizeof(uint64_t))
		return damaged(reader, "block %u holds no totals", reader->block.seq);
	counts = take_counts(stats->emitted, BT_EVENT_TYPE_MAX, counts, payload->types);
	counts = take_counts(stats->lost_by_type, BT_EVENT_TYPE_MAX, counts, payload->types);
	take_counts(stats->lost_by_channel, BT_LOSS_MAX, counts, payload->channels);
	return STEP_NEXT;
}

static int take_perturbed(struct reader *reader)
{
	const struct bt_trace_perturbed_payload *payload = (const void *)reader->payload;
	struct bt_perturb_count *counts = reader->end->stats.perturbed;

	if (reader->block.length < sizeof(*payload) ||
	    reader->block.length - sizeof(*payload) != payload->places * sizeof(*counts))
		return damaged(reader, "block %u holds no counts of --perturb", reader->block.seq);
	memcpy(counts, payload + 1,
	       (payload->places < BT_PLACES ? payload->places : BT_PLACES) * sizeof(*counts));
	return STEP_NEXT;
}

static int take_end(struct reader *reader)
{
	const struct bt_trace_end_payload *payload = (const void *)reader->payload;
	struct bt_trace_end *end = reader->end;
	unsigned char extra;
	ssize_t n;

	if (reader->block.length < sizeof(*payload))
		return damaged(reader, "block %u is not a valid end block", reader->block.seq);
	if (payload->events != end->events)
		return damaged(reader, "%" PRIu64 " events recorded, %" PRIu64 " in the file",
			       payload->events, end->events);
	end->command_status = payload->command_status;
	n = read_full(reader, &extra, 1);
	if (n < 0)
		return (int)n;
	if (n)
		return damaged(reader, "more data after the end block, at offset %" PRIu64,
			       reader->offset - 1);
	return STEP_DONE;
}

static int take_block(struct reader *reader)
{
	if ((reader->block.seq == 0) != (reader->block.type == BT_BLOCK_INFO))
		return damaged(reader, "block %u of type %u is out of place", reader->block.seq,
			       reader->block.type);
	switch (reader->block.type) {
	case BT_BLOCK_INFO:
		return take_info(reader);
	case BT_BLOCK_EVENTS:
		return take_events(reader);
	case BT_BLOCK_STACK:
		return take_stack(reader);
	case BT_BLOCK_STATS:
		return take_stats(reader);
	case BT_BLOCK_END:
		return take_end(reader);
	case BT_BLOCK_PERTURBED:
		return take_perturbed(reader);
	default:
		return STEP_NEXT; /* from a newer version, ignored */
	}
}

static int read_blocks(struct reader *reader)
{
	int step;

	do {
		step = read_block(reader);
		if (step != STEP_NEXT)
			break;
		step = take_block(reader);
	} while (step == STEP_NEXT);

	if (step < 0)
		return step;
	reader->end->complete = step == STEP_DONE;
	return 0;
}

static bool is_stdin(const char *path)
{
	return !strcmp(path, "-");
}

const char *bt_trace_name(const char *path)
{
	return is_stdin(path) ? "standard input" : path;
}

void bt_trace_incomplete(const char *path, const struct bt_trace_end *end)
{
	fprintf(stderr, "bitmap-trace: %s: trace incomplete: %s\n", bt_trace_name(path),
		end->problem);
}

/* Standard input stays open for other code. */
static int open_input(const char *path)
{
	return is_stdin(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			      : open(path, O_RDONLY | O_CLOEXEC);
}

int bt_trace_read(const char *path, struct bt_sink *sink, struct bt_stacks *stacks,
		  struct bt_trace_info *info, struct bt_trace_end *end)
{
	struct reader reader = { .sink = sink, .stacks = stacks, .info = info, .end = end };
	int err;

	memset(end, 0, sizeof(*end));
	end->command_status = -1;
	reader.fd = open_input(path);
	if (reader.fd < 0) {
		err = -errno;
		damaged(&reader, "%s", strerror(errno));
		return err;
	}
	err = make_room(&reader, PAYLOAD_USUAL);
	if (!err)
		err = read_header(&reader);
	if (!err) {
		memset(info, 0, sizeof(*info));
		err = read_blocks(&reader);
	}
	if (err && !end->problem[0] && !reader.offset)
		damaged(&reader, "%s", strerror(-err));
	else if (err && !end->problem[0])
		damaged(&reader, "at offset %" PRIu64 ": %s", reader.offset, strerror(-err));
	free(reader.payload);
	close(reader.fd);
	return err;
}
