// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/arrays.h"
#include "cli/cli.h"
#include "event/event_json.h"

#define LINE "%-10s %-8s %-12s %-9s %-9s %s\n"

static void format_bytes(char *buf, size_t len, uint64_t bytes)
{
	if (!bytes)
		snprintf(buf, len, "-");
	else if (bytes % (1 << 20) == 0)
		snprintf(buf, len, "%" PRIu64 "MiB", bytes >> 20);
	else
		snprintf(buf, len, "%" PRIu64 "KiB", bytes >> 10);
}

static int print_array(void *ctx, const struct bt_array_info *info)
{
	unsigned int *nr = ctx;
	char chunk[24];

	if (!(*nr)++)
		printf(LINE, "ARRAY", "LEVEL", "STATE", "BITMAP", "CHUNK", "MEMBERS");
	format_bytes(chunk, sizeof(chunk), info->chunk_bytes);
	printf(LINE, info->name, info->level[0] ? info->level : "-", info->state, info->bitmap,
	       chunk, info->members);
	if (info->untraced) {
		fflush(stdout);
		fprintf(stderr, "bitmap-trace: %s: a bitmap of the kind %s is not traced\n",
			info->name, info->bitmap);
	}
	return 0;
}

static int add_json(void *ctx, const struct bt_array_info *info)
{
	json_object *list = ctx, *object = json_object_new_object();

	json_object_object_add(object, "array", bt_json_text(info->name, SIZE_MAX));
	json_object_object_add(object, "level", bt_json_text(info->level, SIZE_MAX));
	json_object_object_add(object, "state", bt_json_text(info->state, SIZE_MAX));
	json_object_object_add(object, "bitmap", bt_json_text(info->bitmap, SIZE_MAX));
	json_object_object_add(object, "traced", json_object_new_boolean(!info->untraced));
	json_object_object_add(object, "chunk_bytes", json_object_new_uint64(info->chunk_bytes));
	json_object_object_add(object, "members", bt_json_text(info->members, SIZE_MAX));
	json_object_array_add(list, object);
	return 0;
}

static int list_json(void)
{
	json_object *root = json_object_new_object(), *list = json_object_new_array();
	int err = bt_arrays_each("/sys/block", add_json, list);

	json_object_object_add(root, "arrays", list);
	if (!err || err == -ENOENT)
		puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
								  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
	return err;
}

static int list_text(void)
{
	unsigned int nr = 0;
	int err = bt_arrays_each("/sys/block", print_array, &nr);

	if (!nr && (!err || err == -ENOENT))
		fputs("bitmap-trace: no md arrays on this machine\n", stderr);
	return err;
}

int bt_cmd_list(const struct bt_options *options)
{
	int err = options->format == BT_FORMAT_JSON ? list_json() : list_text();

	if (!err || err == -ENOENT) /* no block devices at all */
		return BT_EXIT_PASS;
	fprintf(stderr, "bitmap-trace: /sys/block: %s\n", strerror(-err));
	return BT_EXIT_ERROR;
}
