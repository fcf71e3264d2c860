// SPDX-License-Identifier: GPL-2.0-only
/* Applies the stream, one event after the other, to the bitmaps it speaks of. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

void bt_model_init(struct bt_model *model)
{
	memset(model, 0, sizeof(*model));
}

static void moment_set(struct bt_moment *moment, uint64_t seq, const struct bt_event *ev)
{
	moment->seq = seq;
	moment->ev = *ev;
}

/* Forgets all state of a bitmap but who it is. */
static void bitmap_forget(struct bt_bitmap *bitmap)
{
	bt_chunks_free(bitmap);
	bt_pages_free(bitmap);
	bt_ios_free(bitmap);
	bt_tasks_free(bitmap);
	bt_unplugs_free(bitmap);
	bitmap->from_load = false;
	bitmap->stale_loaded = false;
	bitmap->stale_stage = BT_STALE_NONE;
	bitmap->init_enter.seq = 0;
	bitmap->pass_tid = 0;
	bitmap->passes_active = 0;
	bitmap->pass_pages_nr = 0;
}

static void bitmap_free(struct bt_model *model, struct bt_bitmap *bitmap)
{
	bitmap_forget(bitmap);
	free(bitmap->pass_pages);
	HASH_DEL(model->bitmaps, bitmap);
	free(bitmap);
}

void bt_model_free(struct bt_model *model)
{
	struct bt_bitmap *bitmap, *next;

	HASH_ITER (hh, model->bitmaps, bitmap, next)
		bitmap_free(model, bitmap);
	bt_symbols_free(model);
}

void bt_model_observe(struct bt_model *model, struct bt_observer *observer)
{
	assert(model->observers_nr < BT_OBSERVERS_MAX);
	model->observers[model->observers_nr++] = observer;
}

static struct bt_bitmap *bitmap_get(struct bt_model *model, uint32_t id)
{
	struct bt_bitmap *bitmap;

	HASH_FIND(hh, model->bitmaps, &id, sizeof(id), bitmap);
	if (bitmap)
		return bitmap;
	bitmap = calloc(1, sizeof(*bitmap));
	if (!bitmap)
		return NULL;
	bitmap->id = id;
	HASH_ADD(hh, model->bitmaps, id, sizeof(bitmap->id), bitmap);
	return bitmap;
}

bool bt_event_has_flags(const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_LOST:
	case BT_ARRAY:
	case BT_TASK:
	case BT_SYMBOL:
	case BT_UNPLUG_PAGE:
	case BT_DAEMON_PAGE:
		return false;
	default:
		return true;
	}
}

bool bt_event_enabled(const struct bt_event *ev)
{
	return !(ev->bm_flags & (BT_BM_STALE | BT_BM_NO_FILEMAP));
}

/* ---- description ------------------------------------------------------------ */

static void describe(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	/* Resized: the numbers of chunks and pages mean something else now. */
	if (bitmap->described &&
	    (bitmap->geometry.geometry.chunks != ev->geometry.chunks ||
	     bitmap->geometry.geometry.chunk_shift != ev->geometry.chunk_shift ||
	     bitmap->geometry.geometry.file_pages != ev->geometry.file_pages))
		bitmap_forget(bitmap);
	bitmap->geometry = *ev;
	bitmap->described = true;
	if (bitmap->backend == BT_BACKEND_UNKNOWN)
		bitmap->backend = ev->geometry.backend;
}

/* What a file-backed bitmap does tells which kind it is. */
static void refine_backend(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (ev->type == BT_PAGE_DIRTY)
		bitmap->backend = BT_BACKEND_PAGECACHE;
	else if (ev->page.backend == BT_BACKEND_BUFFER || ev->page.backend == BT_BACKEND_PAGECACHE)
		bitmap->backend = ev->page.backend;
}

/* ---- load ------------------------------------------------------------------- */

static void init_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	/* What was known of the bits is void: they are read afresh. */
	bt_chunks_free(bitmap);
	moment_set(&bitmap->init_enter, model->seq, ev);
	bitmap->stale_stage = ev->bm_flags & BT_BM_STALE ? BT_STALE_INIT : BT_STALE_NONE;
	bitmap->stale_loaded = false;
}

static void init_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bool seen_enter = bitmap->init_enter.seq != 0;
	struct bt_page *page, *next;

	moment_set(&bitmap->init_exit, model->seq, ev);
	bitmap->from_load = seen_enter && ev->call.ret == 0;
	if (bitmap->stale_stage != BT_STALE_INIT)
		return;
	bitmap->stale_stage = ev->call.ret == 0 ? BT_STALE_FILLED : BT_STALE_NONE;
	bitmap->stale_loaded = ev->call.ret == 0;
	/* A page marked dirty inside was filled just before the mark. */
	HASH_ITER (hh, bitmap->pages, page, next)
		page->fill_seq = page->dirty.seq > bitmap->init_enter.seq ? page->dirty.seq : 0;
}

static void watch_stale(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (bitmap->stale_stage == BT_STALE_FILLED && bt_event_has_flags(ev) &&
	    ev->type != BT_BITMAP && !(ev->bm_flags & BT_BM_STALE)) {
		bitmap->stale_stage = BT_STALE_DROPPED;
		moment_set(&bitmap->stale_drop, model->seq, ev);
	}
}

/* ---- bits -------------------------------------------------------------------- */

/* DIRTY may have been taken away by an unplug before it could be sampled. */
static enum bt_tri attr_dirty(const struct bt_bitmap *bitmap, const struct bt_page *page,
			      const struct bt_event *ev, uint64_t from_seq)
{
	if (ev->bit.attr & BT_ATTR_DIRTY)
		return BT_YES;
	if (bitmap->unplugs_nr || bitmap->unplug_exit.seq > from_seq || page->start_seq > from_seq)
		return BT_MAYBE;
	return BT_NO;
}

static int set_bit_seen(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_chunk *chunk = bt_chunk_get(bitmap, ev->bit.chunk);
	struct bt_page *page = bt_page_get(bitmap, ev->bit.page);
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	uint64_t from_seq;

	if (!chunk || !page || !task)
		return -ENOMEM;
	from_seq = task->set_from_seq ? task->set_from_seq : model->seq;
	task->set_from_seq = 0;
	moment_set(&page->set, model->seq, ev);
	page->set_from_seq = from_seq;
	/* Set again (bitmap_dirty_bits): nothing on disk changes by it. */
	if (chunk->bit == BT_BIT_SET)
		return 0;
	chunk->bit = BT_BIT_SET;
	moment_set(&chunk->set, model->seq, ev);
	chunk->set_from_seq = from_seq;
	chunk->attr_dirty = (uint8_t)attr_dirty(bitmap, page, ev, from_seq);
	chunk->marked = page->dirty.seq > from_seq;
	return 0;
}

static int pass_add_page(struct bt_bitmap *bitmap, struct bt_page *page)
{
	uint32_t cap, *grown;

	if (!bitmap->pass_tid || page->clear_pass == bitmap->pass)
		return 0;
	if (bitmap->pass_pages_nr == bitmap->pass_pages_cap) {
		cap = bitmap->pass_pages_cap ? bitmap->pass_pages_cap * 2 : 16;
		grown = realloc(bitmap->pass_pages, cap * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		bitmap->pass_pages = grown;
		bitmap->pass_pages_cap = cap;
	}
	bitmap->pass_pages[bitmap->pass_pages_nr++] = page->index;
	page->clear_pass = bitmap->pass;
	page->pass_attr = 0;
	return 0;
}

static int clear_bit_seen(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev)
{
	struct bt_chunk *chunk = bt_chunk_get(bitmap, ev->bit.chunk);
	struct bt_page *page = bt_page_get(bitmap, ev->bit.page);

	if (!chunk || !page)
		return -ENOMEM;
	chunk->bit = BT_BIT_CLEAR;
	moment_set(&page->clear, model->seq, ev);
	return pass_add_page(bitmap, page);
}

static int count_writers(struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t seq,
			 bool start)
{
	unsigned int shift = bitmap->geometry.geometry.chunk_shift;
	uint64_t first, last, i;
	struct bt_chunk *chunk;

	if (!bitmap->described || shift > 62 || !ev->range.sectors ||
	    ev->range.sector > UINT64_MAX - ev->range.sectors)
		return 0;
	first = ev->range.sector >> shift;
	last = (ev->range.sector + ev->range.sectors - 1) >> shift;
	if (last >= bitmap->geometry.geometry.chunks || last - first >= BT_CHUNKS_PER_EVENT_MAX)
		return 0;
	for (i = first; i <= last; i++) {
		chunk = bt_chunk_get(bitmap, i);
		if (!chunk)
			return -ENOMEM;
		if (start) {
			chunk->writers++;
			continue;
		}
		chunk->end_seq = seq;
		if (chunk->writers)
			chunk->writers--;
	}
	return 0;
}

/* ---- tasks, daemon ------------------------------------------------------------ */

/* Ends arrive in whatever context an interrupt finds; they say nothing of the task. */
static bool is_end(const struct bt_event *ev)
{
	return ev->type == BT_PAGE_WRITE_END || ev->type == BT_DATA_END ||
	       ev->type == BT_SB_WRITE_END || ev->type == BT_ENDWRITE ||
	       ev->type == BT_WRITEBACK_ERROR;
}

/*
 * The kworker that ran the call for this task is not named; it is the one
 * that returned last, since its return is what the task waited for.
 */
static void work_exit(const struct bt_model *model, const struct bt_bitmap *bitmap,
		      struct bt_task *task, const struct bt_event *ev)
{
	moment_set(&task->work_exit, model->seq, ev);
	if (!task->work_enter.seq || bitmap->unplug_exit.seq < task->work_enter.seq)
		return;
	task->unplug_enter = bitmap->unplug_enter;
	task->unplug_exit = bitmap->unplug_exit;
}

static int task_moves_on(struct bt_model *model, struct bt_bitmap *bitmap,
			 const struct bt_event *ev)
{
	struct bt_task *task;

	if (is_end(ev) || !bt_event_has_flags(ev) || ev->type == BT_BITMAP)
		return 0;
	task = bt_task_get(bitmap, ev->tid);
	if (!task)
		return -ENOMEM;
	if (!bt_round_continues(bitmap, task, ev))
		bt_round_close(bitmap, task);
	if (ev->type == BT_SET_BIT_ENTER)
		task->set_from_seq = model->seq;
	else if (ev->type == BT_UNPLUG_ENTER)
		moment_set(&task->unplug_enter, model->seq, ev);
	else if (ev->type == BT_UNPLUG_EXIT)
		moment_set(&task->unplug_exit, model->seq, ev);
	else if (ev->type == BT_UNPLUG_WORK_ENTER)
		moment_set(&task->work_enter, model->seq, ev);
	else if (ev->type == BT_UNPLUG_WORK_EXIT)
		work_exit(model, bitmap, task, ev);
	else if (ev->type == BT_UPDATE_SB_ENTER)
		moment_set(&task->update_sb, model->seq, ev);
	else if (ev->type == BT_WRITEBACK_ENTER)
		moment_set(&task->writeback, model->seq, ev);
	return 0;
}

static int page_dirtied(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t i, nr = bt_event_pages(ev);
	struct bt_page *page;

	refine_backend(bitmap, ev);
	for (i = 0; i < nr; i++) {
		page = bt_page_get(bitmap, ev->page.page + i);
		if (!page)
			return -ENOMEM;
		moment_set(&page->dirty, model->seq, ev);
	}
	return 0;
}

static void daemon_enter(struct bt_model *model, struct bt_bitmap *bitmap,
			 const struct bt_event *ev)
{
	bitmap->pass++;
	bitmap->pass_tid = ev->tid;
	bitmap->passes_active++;
	bitmap->pass_pages_nr = 0;
	moment_set(&bitmap->pass_enter, model->seq, ev);
}

static int daemon_page(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_page *page = bt_page_get(bitmap, ev->attr.page);

	if (!page)
		return -ENOMEM;
	page->pass_attr = ev->attr.attr;
	return 0;
}

/* ---- the stream ---------------------------------------------------------------- */

static int apply_bits(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_STARTWRITE:
		return count_writers(bitmap, ev, model->seq, true);
	case BT_ENDWRITE:
		return count_writers(bitmap, ev, model->seq, false);
	case BT_SET_BIT:
		return set_bit_seen(model, bitmap, ev);
	case BT_CLEAR_BIT:
		return clear_bit_seen(model, bitmap, ev);
	case BT_UNPLUG_ENTER:
		return bt_unplug_enter(model, bitmap, ev);
	case BT_UNPLUG_PAGE:
		return bt_unplug_page(bitmap, ev);
	case BT_UNPLUG_EXIT:
		return bt_unplug_exit(model, bitmap, ev);
	case BT_DAEMON_ENTER:
		daemon_enter(model, bitmap, ev);
		return 0;
	case BT_DAEMON_PAGE:
		return daemon_page(bitmap, ev);
	case BT_DAEMON_EXIT:
		moment_set(&bitmap->pass_exit, model->seq, ev);
		if (bitmap->passes_active)
			bitmap->passes_active--;
		bitmap->pass_tid = 0;
		return 0;
	default:
		return 0;
	}
}

static int apply_io(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_PAGE_DIRTY:
		return page_dirtied(model, bitmap, ev);
	case BT_PAGE_WRITE_START:
	case BT_PAGE_READ_START:
		refine_backend(bitmap, ev);
		return bt_page_io_start(model, bitmap, ev);
	case BT_PAGE_WRITE_END:
		return bt_page_io_end(model, bitmap, ev);
	case BT_WRITEBACK_ERROR:
		bitmap->write_error_seq = model->seq;
		bt_page_writeback_error(bitmap, ev);
		return 0;
	case BT_DATA_START:
		return bt_data_start(model, bitmap, ev);
	case BT_DATA_END:
		return bt_data_end(bitmap, ev);
	default:
		return apply_bits(model, bitmap, ev);
	}
}

static int apply(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_ARRAY:
		memcpy(bitmap->name, ev->array.name, sizeof(ev->array.name));
		return 0;
	case BT_BITMAP:
		describe(bitmap, ev);
		return 0;
	case BT_INIT_ENTER:
		init_enter(model, bitmap, ev);
		return 0;
	case BT_INIT_EXIT:
		init_exit(model, bitmap, ev);
		return 0;
	case BT_LOAD_EXIT:
		bitmap->stale_stage = BT_STALE_NONE;
		return 0;
	default:
		return apply_io(model, bitmap, ev);
	}
}

/* Something is missing here: whatever was known may have changed meanwhile. */
static void forget_all(struct bt_model *model)
{
	struct bt_bitmap *bitmap, *next;

	HASH_ITER (hh, model->bitmaps, bitmap, next)
		bitmap_forget(bitmap);
}

/* A bio that a multipath member has sent on no longer tells whose it is. */
static int end_anywhere(struct bt_model *model, const struct bt_event *ev)
{
	struct bt_bitmap *bitmap, *next;
	int err;

	HASH_ITER (hh, model->bitmaps, bitmap, next) {
		err = bt_data_end(bitmap, ev);
		if (err)
			return err;
	}
	return 0;
}

static int apply_global(struct bt_model *model, const struct bt_event *ev)
{
	if (ev->type == BT_LOST)
		forget_all(model);
	else if (ev->type == BT_SYMBOL)
		return bt_symbol_learn(model, ev);
	else if (ev->type == BT_DATA_END)
		return end_anywhere(model, ev);
	return 0;
}

/* What an event leaves to be done once all observers have seen it. */
static void settle(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (ev->type == BT_GONE) {
		bitmap_free(model, bitmap);
	} else if (bitmap->overflow) {
		bitmap_forget(bitmap);
		bitmap->overflow = false;
		model->given_up++;
	}
}

int bt_model_event(struct bt_model *model, const struct bt_event *ev)
{
	struct bt_view view = { .model = model, .ev = ev, .seq = ++model->seq };
	struct bt_bitmap *bitmap = NULL;
	unsigned int i;
	int err;

	if (ev->bitmap) {
		bitmap = bitmap_get(model, ev->bitmap);
		if (!bitmap)
			goto out_of_memory;
		/* Both are about what came before this event, so they come first. */
		watch_stale(model, bitmap, ev);
		if (task_moves_on(model, bitmap, ev))
			goto out_of_memory;
	}
	view.bitmap = bitmap;
	for (i = 0; i < model->observers_nr; i++)
		if (model->observers[i]->before)
			model->observers[i]->before(model->observers[i], &view);
	err = bitmap ? apply(model, bitmap, ev) : apply_global(model, ev);
	if (err)
		goto out_of_memory;
	for (i = 0; i < model->observers_nr; i++)
		if (model->observers[i]->after)
			model->observers[i]->after(model->observers[i], &view);
	if (bitmap)
		settle(model, bitmap, ev);
	return 0;

out_of_memory:
	model->out_of_memory = true;
	return -ENOMEM;
}
