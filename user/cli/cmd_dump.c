// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "event/event_json.h"
#include "event/event_print.h"
#include "trace/trace.h"

struct dump {
	struct bt_sink sink;
	struct bt_names *names;
	struct bt_trace_info info;
	bool json;
	bool begun; /* what comes before the events is printed */
};

static void print_json(struct json_object *object)
{
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
	json_object_object_add(object, "missing", missing);
	print_json(object);
}

static void begin_text(const struct bt_trace_info *info)
{
	uint32_t i;

	if (info->release[0])
		printf("# kernel %s, recorded by bitmap-trace %s\n", info->release, info->version);
	else
		puts("# the kernel is not known");
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

static int dump_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct dump *dump = (struct dump *)sink;
	struct json_object *object;
	char line[512];
	int err = bt_names_learn(dump->names, ev);

	if (err)
		return err;
	begin(dump);
	if (dump->json) {
		object = bt_event_json(ev, dump->names);
		if (!object)
			return -ENOMEM;
		print_json(object);
	} else {
		bt_event_format(ev, dump->names, line, sizeof(line));
		puts(line);
	}
	return ferror(stdout) ? -EIO : 0;
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
	print_json(object);
	return 0;
}

static int dump_file(struct dump *dump, struct bt_stacks *stacks, const char *path)
{
	struct bt_trace_end end;
	int err = bt_trace_read(path, &dump->sink, stacks, &dump->info, &end);

	if (!err) {
		begin(dump);
		bt_stacks_each(stacks, dump_stack, dump);
	}
	if (ferror(stdout))
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
	};
	struct bt_stacks *stacks = bt_stacks_new();
	int ret = BT_EXIT_ERROR;

	if (dump.names && stacks)
		ret = dump_file(&dump, stacks, options->input);
	else
		fputs("bitmap-trace: out of memory\n", stderr);
	bt_stacks_free(stacks);
	bt_names_free(dump.names);
	return ret;
}
