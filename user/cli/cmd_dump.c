// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "event/event_json.h"
#include "event/event_print.h"
#include "model/core/model.h"
#include "stream/array_filter.h"
#include "trace/trace.h"

struct dump {
	struct bt_sink sink;
	struct bt_names *names;
	struct bt_trace_info info;
	bool json;
	bool begun; /* what comes before the events is printed */
	const struct bt_options *options;
	uint64_t first_ns;     /* of the trace; 0: no event yet */
	unsigned long printed; /* events */
	/* --chunk: what an event is about. */
	struct bt_model model;
	struct bt_observer observer;
	bool on_chunk; /* the event at hand */
};

static void print_json(struct json_object *object, const char *type)
{
	json_object_object_add(object, "type", json_object_new_string(type));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static struct json_object *text_or_null(const char *text)
{
	return text[0] ? bt_json_text(text, SIZE_MAX) : NULL;
}

static void begin_json(const struct bt_trace_info *info)
{
	struct json_object *object = json_object_new_object(), *missing = json_object_new_object();
	uint32_t i;

	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++)
		if (info->missing.why[i][0])
			json_object_object_add(missing,
					       bt_capability_desc((enum bt_capability)i)->name,
					       bt_json_text(info->missing.why[i], SIZE_MAX));
	if (info->missing.unknown[0])
		json_object_object_add(missing, "unknown",
				       bt_json_text(info->missing.unknown, SIZE_MAX));
	json_object_object_add(object, "release", text_or_null(info->release));
	json_object_object_add(object, "version", text_or_null(info->version));
	json_object_object_add(object, "command_line", text_or_null(info->command));
	json_object_object_add(object, "host", text_or_null(info->host));
	json_object_object_add(object, "clock_ns",
			       info->host[0] ? json_object_new_int64(info->clock_ns) : NULL);
	json_object_object_add(object, "missing", missing);
	print_json(object, "trace");
}

static void print_host(const struct bt_trace_info *info)
{
	time_t seconds = (time_t)(info->clock_ns / 1000000000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	printf("# host %s, second 0 is %s.%03d UTC\n", info->host, text,
	       (int)(info->clock_ns % 1000000000 / 1000000));
}

static void begin_text(const struct bt_trace_info *info)
{
	uint32_t i;

	if (info->release[0])
		printf("# kernel %s, recorded by bitmap-trace %s\n", info->release, info->version);
	else
		puts("# the kernel is not known");
	if (info->command[0])
		printf("# run: %s\n", info->command);
	if (info->host[0])
		print_host(info);
	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++)
		if (info->missing.why[i][0])
			printf("# missing: %s: %s\n",
			       bt_capability_desc((enum bt_capability)i)->name,
			       info->missing.why[i]);
	if (info->missing.unknown[0])
		printf("# missing: %s\n", info->missing.unknown);
}

/* The reader has filled in the info before it hands on the first event. */
static void begin(struct dump *dump)
{
	if (dump->begun)
		return;
	dump->begun = true;
	if (dump->json)
		begin_json(&dump->info);
	else
		begin_text(&dump->info);
}

static bool is_among(uint64_t chunk, uint64_t first, uint64_t nr)
{
	return chunk >= first && chunk - first < nr;
}

static bool data_is_on_chunk(const struct bt_bitmap *bitmap, const struct bt_event *start,
			     uint64_t chunk)
{
	struct bt_data_walk walk;
	uint64_t first, nr;

	if (!bt_data_walk(&walk, bitmap, start))
		return false;
	while (bt_data_next(&walk, &first, &nr))
		if (is_among(chunk, first, nr))
			return true;
	return false;
}

static bool is_on_chunk(const struct bt_view *view, uint64_t chunk)
{
	const struct bt_event *ev = view->ev;
	const struct bt_io *io;
	uint64_t first, last;
	uint32_t block, nr;

	switch (ev->type) {
	case BT_SET_BIT_ENTER:
	case BT_SET_BIT:
	case BT_CLEAR_BIT:
		return ev->bit.chunk == chunk;
	case BT_STARTWRITE:
	case BT_ENDWRITE:
	case BT_ENDWRITE_EXIT:
		return bt_range_chunks(view->bitmap, ev->range.sector, ev->range.sectors, &first,
				       &last) &&
		       chunk >= first && chunk <= last;
	case BT_DATA_START:
		return data_is_on_chunk(view->bitmap, ev, chunk);
	case BT_DATA_END:
		io = bt_io_find(view->bitmap, ev->data.bio);
		return io && data_is_on_chunk(view->bitmap, &io->start.ev, chunk);
	case BT_PAGE_DIRTY:
	case BT_PAGE_WRITE_START:
	case BT_PAGE_WRITE_END:
		nr = bt_event_blocks(view->bitmap, ev, &block);
		return is_among(bt_block_of_chunk(view->bitmap, chunk), block, nr);
	default:
		return false;
	}
}

static void before(struct bt_observer *observer, const struct bt_view *view)
{
	struct dump *dump = bt_container_of(observer, struct dump, observer);

	dump->on_chunk =
		view->bitmap && view->bitmap->ops && is_on_chunk(view, dump->options->chunk);
}

static bool is_shown(const struct dump *dump, const struct bt_event *ev)
{
	const struct bt_options *options = dump->options;
	uint64_t ts_ns = ev->ts_ns - (options->relative ? dump->first_ns : 0);

	return (!options->types || bt_type_set_has(options->types, ev->type)) &&
	       (!options->by_chunk || dump->on_chunk) && ts_ns >= options->from_ns &&
	       (!options->to_ns || ts_ns <= options->to_ns) &&
	       (!options->lines || dump->printed < options->lines);
}

static int print_event(struct dump *dump, const struct bt_event *ev)
{
	uint64_t since_ns = ev->ts_ns - dump->first_ns;
	struct json_object *object;
	const char *rest;
	char line[512];

	dump->printed++;
	if (dump->json) {
		object = bt_event_json(ev, dump->names);
		if (!object)
			return -ENOMEM;
		print_json(object, "event");
		return 0;
	}
	bt_event_format(ev, dump->names, line, sizeof(line));
	rest = strstr(line, " [");
	if (dump->options->relative && rest)
		printf("%6" PRIu64 ".%09" PRIu64 "%s\n", since_ns / 1000000000,
		       since_ns % 1000000000, rest);
	else
		puts(line);
	return 0;
}

static int dump_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct dump *dump = (struct dump *)sink;
	int err = bt_names_learn(dump->names, ev);

	if (!dump->first_ns)
		dump->first_ns = ev->ts_ns;
	dump->on_chunk = false;
	if (!err && dump->options->by_chunk)
		err = bt_model_event(&dump->model, ev);
	if (err)
		return err;
	begin(dump);
	if (is_shown(dump, ev))
		err = print_event(dump, ev);
	return ferror(stdout) ? -EIO : err;
}

static int dump_stack(void *ctx, const struct bt_stack *stack)
{
	const struct dump *dump = ctx;
	struct json_object *object, *frames;
	unsigned int i;

	if (!dump->json) {
		printf("# stack %d\n", stack->id);
		for (i = 0; i < stack->nr; i++)
			printf("#     %s\n", stack->frames[i]);
		return 0;
	}
	object = json_object_new_object();
	frames = json_object_new_array();
	for (i = 0; i < stack->nr; i++)
		json_object_array_add(frames, bt_json_text(stack->frames[i], SIZE_MAX));
	json_object_object_add(object, "stack", json_object_new_int(stack->id));
	json_object_object_add(object, "frames", frames);
	print_json(object, "stack");
	return 0;
}

static int dump_file(struct dump *dump, struct bt_stacks *stacks, const char *path)
{
	const struct bt_options *options = dump->options;
	struct bt_array_filter filter;
	struct bt_trace_end end;
	bool missed;
	int err;

	bt_array_filter_init(&filter, options->arrays, options->arrays_nr, &dump->sink);
	err = bt_trace_read(path, options->arrays_nr ? &filter.sink : &dump->sink, stacks,
			    &dump->info, &end);
	missed = !err && bt_array_filter_missed(&filter, bt_trace_name(path), stderr);
	bt_array_filter_free(&filter);
	if (!err && !missed) {
		begin(dump);
		bt_stacks_each(stacks, dump_stack, dump);
	}
	if (ferror(stdout) || missed)
		return BT_EXIT_ERROR;
	if (err) {
		fprintf(stderr, "bitmap-trace: %s: %s\n", bt_trace_name(path), end.problem);
		return BT_EXIT_ERROR;
	}
	if (!end.complete)
		bt_trace_incomplete(path, &end);
	return end.complete ? BT_EXIT_PASS : BT_EXIT_UNKNOWN;
}

int bt_cmd_dump(const struct bt_options *options)
{
	struct dump dump = {
		.sink = { .event = dump_event },
		.names = bt_names_new(),
		.json = options->format == BT_FORMAT_JSON,
		.options = options,
		.observer = { .before = before },
	};
	struct bt_stacks *stacks = bt_stacks_new();
	int ret = BT_EXIT_ERROR;

	bt_model_init(&dump.model);
	bt_model_observe(&dump.model, &dump.observer);
	if (dump.names && stacks)
		ret = dump_file(&dump, stacks, options->input);
	else
		fputs("bitmap-trace: out of memory\n", stderr);
	bt_model_free(&dump.model);
	bt_stacks_free(stacks);
	bt_names_free(dump.names);
	return ret;
}
