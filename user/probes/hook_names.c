// SPDX-License-Identifier: GPL-2.0-only
#include "probes/hook_names.h"

#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* drivers/md/md-bitmap.c of 6.1, 6.12 and 6.17 */
static const struct {
	const char *function;
	const char *other;
} other_names[] = {
	/* Before 6.12 they were exported, not behind struct bitmap_operations. */
	{ "bitmap_load", "md_bitmap_load" },
	{ "__bitmap_unplug", "md_bitmap_unplug" },
	{ "bitmap_daemon_work", "md_bitmap_daemon_work" },
	{ "bitmap_update_sb", "md_bitmap_update_sb" },
	{ "__bitmap_resize", "md_bitmap_resize" },
	/* Since 6.17. */
	{ "bitmap_startwrite", "bitmap_start_write" },
	{ "bitmap_endwrite", "bitmap_end_write" },
};

/* bpf/trace/md_exported.bpf.c */
static const struct {
	const char *function;
	const char *hook;
} stand_ins[] = {
	{ "md_bitmap_startwrite", "bitmap_startwrite" },
	{ "md_bitmap_endwrite", "bitmap_endwrite" },
	{ "md_bitmap_start_sync", "bitmap_start_sync" },
	{ "md_bitmap_end_sync", "bitmap_end_sync" },
	{ "md_bitmap_cond_end_sync", "bitmap_cond_end_sync" },
	{ "md_bitmap_close_sync", "bitmap_close_sync" },
	{ "md_bitmap_unplug_async", "bitmap_unplug" },
};

const unsigned int bt_hook_other_names_nr = ARRAY_SIZE(other_names);
const unsigned int bt_hook_stand_ins_nr = ARRAY_SIZE(stand_ins);

const char *bt_hook_other_name(const char *function, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(other_names); i++)
		if (!strcmp(other_names[i].function, function) && !n--)
			return other_names[i].other;
	return NULL;
}

const char *bt_hook_of_function(const char *function)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stand_ins); i++)
		if (!strcmp(stand_ins[i].function, function))
			return stand_ins[i].hook;
	return function;
}
