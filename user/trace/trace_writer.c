// SPDX-License-Identifier: GPL-2.0-only
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/trace_format.h"

/* If the recorder is killed, or the machine crashes, at most the events of this time are lost. */
#define FLUSH_AFTER_NS 1000000000ull

struct bt_trace_writer {
	struct bt_sink sink;
	struct bt_trace_info info;
	int fd;
	char *created; /* name of the file if this run created it; else NULL */
	bool begun;    /* the file is truncated and the header is written */
	bool ticked;
	int err; /* first error; nothing is written after it */
	uint32_t seq;
	uint32_t nr; /* events in the block */
	uint64_t events;
	const struct bt_stacks *stacks; /* to be written at each tick, or NULL */
	uint64_t stacks_seen;		/* up to here they are written */
	struct {
		struct bt_trace_block header;
		struct bt_event events[BT_TRACE_BLOCK_EVENTS];
	} block;
};

static int write_all(int fd, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	while (len) {
		n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* block: a header, with the payload right after it. */
static int put_block(struct bt_trace_writer *writer, struct bt_trace_block *block, uint32_t type,
		     size_t length)
{
	if (writer->err)
		return writer->err;
	if (length > BT_TRACE_BLOCK_MAX)
		return writer->err = -E2BIG;
	block->type = type;
	block->length = (uint32_t)length;
	block->seq = writer->seq;
	block->crc = bt_trace_block_crc(block, block + 1);
	writer->err = write_all(writer->fd, block, sizeof(*block) + length);
	writer->seq++;
	return writer->err;
}

/* A block that is built piece by piece; open_memstream adds no padding. */
struct builder {
	FILE *stream;
	char *data;
	size_t len;
};

static int builder_open(struct builder *builder)
{
	struct bt_trace_block blank = { 0 };

	builder->stream = open_memstream(&builder->data, &builder->len);
	if (!builder->stream)
		return -ENOMEM;
	fwrite(&blank, sizeof(blank), 1, builder->stream);
	return 0;
}

/* Writes it as a block and frees it; the file has begun. */
static int builder_finish(struct builder *builder, struct bt_trace_writer *writer, uint32_t type)
{
	int err;

	fflush(builder->stream);
	while (builder->len % BT_TRACE_ALIGN) {
		fputc(0, builder->stream);
		fflush(builder->stream);
	}
	err = ferror(builder->stream) ? -ENOMEM : 0;
	if (fclose(builder->stream))
		err = -ENOMEM;
	if (!err)
		err = put_block(writer, (void *)builder->data, type,
				builder->len - sizeof(struct bt_trace_block));
	free(builder->data);
	return err;
}

static int write_info(struct bt_trace_writer *writer)
{
	const struct bt_trace_info *info = &writer->info;
	struct builder builder;
	uint32_t i;

	if (builder_open(&builder))
		return -ENOMEM;
	fprintf(builder.stream, "release=%s\nversion=%s\n", info->release, info->version);
	if (info->host[0])
		fprintf(builder.stream, "host=%s\nclock=%" PRId64 "\n", info->host, info->clock_ns);
	if (info->command[0])
		fprintf(builder.stream, "command=%s\n", info->command);
	fprintf(builder.stream, "features=%#" PRIx64 "\n", info->features);
	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++)
		if (info->missing.why[i][0])
			fprintf(builder.stream, "missing=%s: %s\n",
				bt_capability_desc((enum bt_capability)i)->name,
				info->missing.why[i]);
	if (info->missing.unknown[0])
		fprintf(builder.stream, "missing=%s\n", info->missing.unknown);
	if (info->perturb[0])
		fprintf(builder.stream, "perturb=%s\nperturb_from=%" PRIu64 "\n", info->perturb,
			info->perturb_ns);
	if (info->slice_of[0])
		fprintf(builder.stream, "slice_of=%s\n", info->slice_of);
	return builder_finish(&builder, writer, BT_BLOCK_INFO);
}

static int write_header(struct bt_trace_writer *writer)
{
	struct bt_trace_header header = {
		.magic = BT_TRACE_MAGIC,
		.endian = BT_TRACE_ENDIAN,
		.version = BT_TRACE_VERSION,
		.event_version = BT_EVENT_VERSION,
		.event_size = sizeof(struct bt_event),
	};

	header.crc = bt_trace_header_crc(&header);
	return write_all(writer->fd, &header, sizeof(header));
}

/* The previous content is removed only when there is something to write. */
static int begin(struct bt_trace_writer *writer)
{
	struct stat st;

	if (writer->begun || writer->err)
		return writer->err;
	writer->begun = true;
	if (fstat(writer->fd, &st) || (S_ISREG(st.st_mode) && ftruncate(writer->fd, 0)))
		return writer->err = -errno;
	writer->err = write_header(writer);
	if (!writer->err)
		write_info(writer);
	return writer->err;
}

static int flush_events(struct bt_trace_writer *writer)
{
	uint32_t nr = writer->nr;

	if (!nr)
		return writer->err;
	writer->nr = 0;
	writer->events += nr;
	begin(writer);
	return put_block(writer, &writer->block.header, BT_BLOCK_EVENTS,
			 nr * sizeof(struct bt_event));
}

static int writer_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_trace_writer *writer = (struct bt_trace_writer *)sink;
	struct bt_event *events = writer->block.events;

	if (writer->err)
		return 0;
	events[writer->nr++] = *ev;
	/* Timestamps of several CPUs may go back a little: a signed difference. */
	if (writer->nr == BT_TRACE_BLOCK_EVENTS ||
	    (int64_t)(ev->ts_ns - events[0].ts_ns) > (int64_t)FLUSH_AFTER_NS)
		flush_events(writer);
	return 0; /* the error is stored, see trace.h */
}

static int write_stack(void *ctx, const struct bt_stack *stack)
{
	struct bt_trace_stack_payload payload = { .id = stack->id, .nr = stack->nr };
	struct builder builder;
	unsigned int i;

	if (builder_open(&builder))
		return -ENOMEM;
	fwrite(&payload, sizeof(payload), 1, builder.stream);
	for (i = 0; i < stack->nr; i++)
		fwrite(stack->frames[i], strlen(stack->frames[i]) + 1, 1, builder.stream);
	return builder_finish(&builder, ctx, BT_BLOCK_STACK);
}

static int write_stacks(struct bt_trace_writer *writer, const struct bt_stacks *stacks)
{
	if (writer->err || !writer->begun)
		return writer->err;
	return bt_stacks_each_new(stacks, &writer->stacks_seen, write_stack, writer);
}

static int writer_tick(struct bt_sink *sink)
{
	struct bt_trace_writer *writer = (struct bt_trace_writer *)sink;

	/* The first tick comes before COMMAND runs. */
	if (writer->ticked)
		begin(writer);
	writer->ticked = true;
	flush_events(writer);
	if (writer->stacks)
		write_stacks(writer, writer->stacks);
	return 0; /* the error is stored, see trace.h */
}

int bt_trace_create_fd(int fd, const struct bt_trace_info *info, struct bt_trace_writer **writer)
{
	struct bt_trace_writer *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->sink.event = writer_event;
	new->sink.tick = writer_tick;
	new->info = *info;
	new->fd = fd;
	*writer = new;
	return 0;
}

static int open_file(const char *path, bool *is_new)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	*is_new = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int bt_trace_create(const char *path, const struct bt_trace_info *info,
		    struct bt_trace_writer **writer)
{
	bool is_new;
	int fd = open_file(path, &is_new), err;

	if (fd < 0)
		return fd;
	err = bt_trace_create_fd(fd, info, writer);
	if (err) {
		close(fd);
		return err;
	}
	if (is_new)
		(*writer)->created = strdup(path);
	return 0;
}

struct bt_sink *bt_trace_writer_sink(struct bt_trace_writer *writer)
{
	return &writer->sink;
}

void bt_trace_writer_stacks(struct bt_trace_writer *writer, const struct bt_stacks *stacks)
{
	writer->stacks = stacks;
}

static int write_stats(struct bt_trace_writer *writer, const struct bt_stream_stats *stats)
{
	struct bt_trace_stats_payload payload = {
		.types = BT_EVENT_TYPE_MAX,
		.channels = BT_LOSS_MAX,
	};
	struct builder builder;

	if (builder_open(&builder))
		return -ENOMEM;
	fwrite(&payload, sizeof(payload), 1, builder.stream);
	fwrite(stats->emitted, sizeof(stats->emitted), 1, builder.stream);
	fwrite(stats->lost_by_type, sizeof(stats->lost_by_type), 1, builder.stream);
	fwrite(stats->lost_by_channel, sizeof(stats->lost_by_channel), 1, builder.stream);
	return builder_finish(&builder, writer, BT_BLOCK_STATS);
}

static int write_perturbed(struct bt_trace_writer *writer, const struct bt_stream_stats *stats)
{
	struct bt_trace_perturbed_payload payload = { .places = BT_PLACES };
	struct builder builder;

	if (!writer->info.perturb[0])
		return 0;
	if (builder_open(&builder))
		return -ENOMEM;
	fwrite(&payload, sizeof(payload), 1, builder.stream);
	fwrite(stats->perturbed, sizeof(stats->perturbed), 1, builder.stream);
	return builder_finish(&builder, writer, BT_BLOCK_PERTURBED);
}

static int write_end(struct bt_trace_writer *writer, int command_status)
{
	struct {
		struct bt_trace_block block;
		struct bt_trace_end_payload payload;
	} end = { .payload = { .events = writer->events, .command_status = command_status } };

	return put_block(writer, &end.block, BT_BLOCK_END, sizeof(end.payload));
}

int bt_trace_finish(struct bt_trace_writer *writer, const struct bt_stacks *stacks,
		    const struct bt_stream_stats *stats, int command_status)
{
	int err = begin(writer);

	if (!err)
		err = flush_events(writer);
	if (!err)
		err = write_stacks(writer, stacks);
	if (!err)
		err = write_stats(writer, stats);
	if (!err)
		err = write_perturbed(writer, stats);
	if (!err)
		err = write_end(writer, command_status);
	if (close(writer->fd) && !err)
		err = -errno;
	free(writer->created);
	free(writer);
	return err;
}

void bt_trace_abandon(struct bt_trace_writer *writer)
{
	flush_events(writer);
	close(writer->fd);
	if (!writer->begun && writer->created)
		unlink(writer->created);
	free(writer->created);
	free(writer);
}
