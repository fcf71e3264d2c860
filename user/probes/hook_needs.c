// SPDX-License-Identifier: GPL-2.0-only
#include "probes/hook_needs.h"

#include <string.h>

#define BACKEND(name) (1U << BT_BACKEND_##name)
#define LEVEL(number) (1U << (number))

const struct bt_hook_need bt_hook_needs[] = {
	{ "block_bio_queue", .backends = BACKEND(INTERNAL) | BACKEND(PAGECACHE),
	  .where = "internal bitmaps and bitmap files by page cache" },
	{ "super_written", .backends = BACKEND(INTERNAL), .where = "internal bitmaps" },
	{ "submit_bh", .backends = BACKEND(BUFFER), .where = "bitmap files by buffer heads" },
	{ "end_bitmap_write", .backends = BACKEND(BUFFER),
	  .where = "bitmap files by buffer heads" },
	{ "__folio_start_writeback", .backends = BACKEND(PAGECACHE),
	  .where = "bitmap files by page cache" },
	{ "folio_end_writeback", .backends = BACKEND(PAGECACHE),
	  .where = "bitmap files by page cache" },
	{ "folio_mark_dirty", .backends = BACKEND(PAGECACHE),
	  .where = "bitmap files by page cache" },
	{ "__filemap_set_wb_err", .backends = BACKEND(PAGECACHE),
	  .where = "bitmap files by page cache" },
	{ "raid1_end_write_request", .levels = LEVEL(1), .where = "raid1" },
	{ "raid10_end_write_request", .levels = LEVEL(10), .where = "raid10" },
	{ "raid10_end_discard_request", .levels = LEVEL(10), .where = "raid10" },
	{ "raid1_error", .levels = LEVEL(1), .errors = true, .where = "raid1" },
	{ "raid10_error", .levels = LEVEL(10), .errors = true, .where = "raid10" },
	{ "raid5_error", .levels = LEVEL(4) | LEVEL(5) | LEVEL(6), .errors = true,
	  .where = "raid4, raid5, raid6" },
	{ "raid5_end_write_request", .levels = LEVEL(4) | LEVEL(5) | LEVEL(6),
	  .where = "raid4, raid5, raid6" },
	{ 0 },
};

bool bt_hook_need_is_of(const struct bt_hook_need *need, const struct bt_invariant *invariant)
{
	if (need->errors)
		return invariant->needs_error_handler;
	return need->backends ? invariant->needs_page_writes : invariant->needs_data_ends;
}

const char *const bt_hooks_needed_by_all[] = { "md_bitmap_init_from_disk", "md_bitmap_free", NULL };

static bool among(const char *const *hooks, const char *hook)
{
	for (; hooks && *hooks; hooks++)
		if (!strcmp(*hooks, hook))
			return true;
	return false;
}

bool bt_hook_needed_by_all(const char *hook)
{
	return among(bt_hooks_needed_by_all, hook);
}

bool bt_hook_always_needed(const struct bt_invariant *invariant, const char *hook)
{
	return bt_hook_needed_by_all(hook) || among(invariant->needs, hook) ||
	       among(invariant->needs_to_pass, hook);
}

const struct bt_hook_need *bt_hook_needed_where(const struct bt_invariant *invariant,
						const char *hook)
{
	const struct bt_hook_need *need;

	for (need = bt_hook_needs; need->hook; need++) {
		if (strcmp(need->hook, hook))
			continue;
		if (bt_hook_need_is_of(need, invariant))
			return need;
	}
	return NULL;
}
