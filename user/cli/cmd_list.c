// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/arrays.h"
#include "cli/cli.h"

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

int bt_cmd_list(const struct bt_options *options)
{
	unsigned int nr = 0;
	int err = bt_arrays_each("/sys/block", print_array, &nr);

	(void)options;
	if (err == -ENOENT)
		err = 0; /* no block devices at all */
	if (err) {
		fprintf(stderr, "bitmap-trace: /sys/block: %s\n", strerror(-err));
		return BT_EXIT_ERROR;
	}
	if (!nr)
		fputs("bitmap-trace: no md arrays on this machine\n", stderr);
	return BT_EXIT_PASS;
}
