// SPDX-License-Identifier: GPL-2.0-only
/*
 * writeback-before-stale-drop: a bitmap that is out of date at load is filled
 * with ones; until that is on disk, a crash must find it still marked STALE.
 * bitmap_load drops the flag right after md_bitmap_init_from_disk; it is
 * judged at the first event that is seen without it.
 */
#include "invariant.h"

static void judge_drop(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	uint32_t i, uncovered = 0, first = 0, pages = bitmap->geometry.geometry.file_pages;
	struct bt_counterexample *cx;
	const struct bt_page *page;

	if (!bitmap->described || pages > BT_FILE_PAGES_MAX) {
		bt_unjudged(result, "the size of the bitmap is not known");
		return;
	}
	for (i = 0; i < pages; i++) {
		page = bt_page_find(bitmap, i);
		if (bt_page_covered(page, bt_page_fill_seq(bitmap, page)))
			continue;
		if (!uncovered++)
			first = i;
	}
	if (!uncovered) {
		bt_held(result);
		return;
	}
	cx = bt_broken(
		result, view,
		"STALE is dropped; %u of %u bitmap pages have no done write of the 0xff fill, "
		"the first is page %u",
		uncovered, pages, first);
	if (!cx)
		return;
	page = bt_page_find(bitmap, first);
	bt_evidence(cx, &bitmap->init_enter);
	bt_evidence(cx, &bitmap->init_exit);
	if (page && page->dirty.seq > bitmap->init_enter.seq)
		bt_evidence(cx, &page->dirty);
	bt_evidence_page(cx, view, first, bt_page_fill_seq(bitmap, page));
}

/* The superblock on disk must lose the flag, too, and only afterwards. */
static void judge_load_exit(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_page *sb = bt_page_find(bitmap, 0);
	struct bt_counterexample *cx;

	if (!bitmap->geometry.geometry.has_sb || bitmap->stale_drop.seq == view->seq)
		return;
	/* This submission may itself be the first event seen without the flag. */
	if (sb && sb->start_seq >= bitmap->stale_drop.seq) {
		bt_held(result);
		return;
	}
	cx = bt_broken(result, view,
		       "bitmap_load returns; the superblock without STALE was not submitted");
	if (!cx)
		return;
	bt_evidence(cx, &bitmap->stale_drop);
	if (sb)
		bt_evidence(cx, &sb->dirty);
}

static void judge_clear(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_page *page = bt_page_find(view->bitmap, ev->bit.page);
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, ev->bit.chunk);
	uint64_t need_seq = bt_page_fill_seq(view->bitmap, page);
	struct bt_counterexample *cx;

	if (chunk && chunk->bit != BT_BIT_LOADED)
		return; /* set since: no longer the bit of the fill */
	if (bt_page_covered(page, need_seq)) {
		bt_held(result);
		return;
	}
	cx = bt_broken(result, view,
		       "the stale bit of chunk %llu is dropped; page %u has no done write of the "
		       "0xff fill",
		       (unsigned long long)ev->bit.chunk, ev->bit.page);
	if (!cx)
		return;
	bt_evidence(cx, &view->bitmap->init_enter);
	bt_evidence(cx, &view->bitmap->init_exit);
	bt_evidence_page(cx, view, ev->bit.page, need_seq);
}

static void event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;

	if (!bitmap)
		return;
	if (bitmap->stale_stage == BT_STALE_DROPPED && bitmap->stale_drop.seq == view->seq)
		judge_drop(result, view);
	if (view->ev->type == BT_LOAD_EXIT && bitmap->stale_stage == BT_STALE_DROPPED &&
	    view->ev->call.ret == 0)
		judge_load_exit(result, view);
	if (view->ev->type == BT_CLEAR_BIT && bitmap->stale_loaded)
		judge_clear(result, view);
}

static const char *const needs[] = { "md_bitmap_init_from_disk", "bitmap_load", NULL };

const struct bt_invariant bt_writeback_before_stale_drop = {
	.name = "writeback-before-stale-drop",
	.statement = "STALE goes 1 -> 0 only after every bitmap page has a done write covering the "
		     "0xff fill, and the superblock without it is submitted later; a stale bit is "
		     "dropped only after the write that covers it is done",
	.needs = needs,
	.needs_page_writes = true,
	.may_be_idle = "no out-of-date bitmap was loaded",
	.event = event,
};
