// SPDX-License-Identifier: GPL-2.0-only
/* Applies the stream, one event after the other, to the bitmaps it speaks of. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "model/core/internal.h"

void bt_model_init(struct bt_model *model)
{
	memset(model, 0, sizeof(*model));
	model->bytes_max = BT_MODEL_BYTES_MAX;
}

void *bt_mem_alloc(struct bt_bitmap *bitmap, size_t size)
{
	void *memory = calloc(1, size);

	if (memory)
		bitmap->bytes += size;
	return memory;
}

void *bt_mem_alloc_aligned(struct bt_bitmap *bitmap, size_t alignment, size_t size)
{
	void *memory = aligned_alloc(alignment, size);

	if (!memory)
		return NULL;
	bitmap->bytes += size;
	return memset(memory, 0, size);
}

void bt_mem_free(struct bt_bitmap *bitmap, void *memory, size_t size)
{
	free(memory);
	bitmap->bytes -= size;
}

void *bt_mem_grow(struct bt_bitmap *bitmap, void *array, uint32_t nr, uint32_t *cap, size_t size)
{
	uint32_t more = *cap ? *cap * 2 : 4;
	void *new;

	if (nr < *cap)
		return array;
	new = realloc(array, more * size);
	if (!new)
		return NULL;
	bitmap->bytes += (more - *cap) * size;
	*cap = more;
	return new;
}

/* Forgets all state of a bitmap but who it is. */
static void bitmap_forget(struct bt_bitmap *bitmap)
{
	bt_chunks_free(bitmap);
	bt_blocks_free(bitmap);
	bt_ios_free(bitmap);
	bt_tasks_free(bitmap);
	bt_unplugs_free(bitmap);
	bt_loaded_free(bitmap);
	bt_members_free(bitmap);
	bt_daemon_free(bitmap);
	assert(!bitmap->bytes);
	bt_members_forget(bitmap);
	bitmap->from_load = false;
	bitmap->forgotten = true;
	bitmap->unplaced = false;
	bitmap->sb_due.seq = 0;
	bitmap->sb_updated.seq = 0;
	bitmap->sb_ios_nr = 0;
	bitmap->failure.seq = 0;
	bitmap->without_bio_nr = 0;
	bitmap->stale_loaded = false;
	bitmap->stale_stage = BT_STALE_NONE;
	bitmap->init_enter.seq = 0;
	bitmap->pass_tid = 0;
	bitmap->pass_last_tid = 0;
	bitmap->passes_active = 0;
}

static void bitmap_free(struct bt_model *model, struct bt_bitmap *bitmap)
{
	bitmap_forget(bitmap);
	model->bytes -= bitmap->bytes_counted;
	HASH_DEL(model->bitmaps, bitmap);
	model->bitmap_last = NULL;
	free(bitmap);
}

static void bitmaps_free(struct bt_model *model)
{
	struct bt_bitmap *bitmap, *next;

	HASH_ITER (hh, model->bitmaps, bitmap, next)
		bitmap_free(model, bitmap);
}

void bt_model_free(struct bt_model *model)
{
	bitmaps_free(model);
	bt_symbols_free(model);
	bt_flushes_free(model);
}

void bt_model_observe(struct bt_model *model, struct bt_observer *observer)
{
	assert(model->observers_nr < BT_OBSERVERS_MAX);
	model->observers[model->observers_nr++] = observer;
}

static struct bt_bitmap *bitmap_find(struct bt_model *model, uint32_t id)
{
	struct bt_bitmap *bitmap = model->bitmap_last;

	if (bitmap && bitmap->id == id)
		return bitmap;
	HASH_FIND(hh, model->bitmaps, &id, sizeof(id), bitmap);
	model->bitmap_last = bitmap;
	return bitmap;
}

static struct bt_bitmap *bitmap_get(struct bt_model *model, uint32_t id)
{
	struct bt_bitmap *bitmap = bitmap_find(model, id);

	if (bitmap)
		return bitmap;
	if (HASH_COUNT(model->bitmaps) >= BT_BITMAPS_MAX) {
		bitmaps_free(model);
		model->given_up++;
	}
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
	case BT_LAYOUT:
	case BT_LOADED_BITS:
	case BT_FLUSH_START:
	case BT_FLUSH_END:
	case BT_UNPLUG_PAGE:
	case BT_DAEMON_PAGE:
	case BT_MEMBERS:
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

static void name_set(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	size_t i, n = strnlen(ev->array.name, sizeof(ev->array.name));

	for (i = 0; i < n; i++)
		bitmap->name[i] = bt_printable(ev->array.name[i]);
	bitmap->name[n] = 0;
}

static void describe(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	/* Told again: the storage is another, with counters that begin anew (__bitmap_resize). */
	if (bitmap->described)
		bitmap_forget(bitmap);
	bitmap->geometry = *ev;
	bitmap->described = true;
	if (bitmap->backend == BT_BACKEND_UNKNOWN)
		bitmap->backend = ev->geometry.backend;
}

/* What a bitmap does tells which kind it is, file-backed or not described. */
static void refine_backend(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (ev->type == BT_PAGE_DIRTY)
		bitmap->backend = BT_BACKEND_PAGECACHE;
	else if (ev->page.backend == BT_BACKEND_BUFFER ||
		 ev->page.backend == BT_BACKEND_PAGECACHE ||
		 ev->page.backend == BT_BACKEND_INTERNAL)
		bitmap->backend = ev->page.backend;
}

static int page_dirtied(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t i, nr = bt_event_pages(ev);
	struct bt_block *block;

	refine_backend(bitmap, ev);
	for (i = 0; i < nr; i++) {
		block = bt_block_get(bitmap, ev->page.page + i);
		if (!block)
			return -ENOMEM;
		bt_event_ref_set(&block->dirty, model->seq, ev);
	}
	return 0;
}

/* ---- load ------------------------------------------------------------------- */

static void init_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	/* What was known of the bits is void: they are read afresh. */
	bt_chunks_free(bitmap);
	bt_loaded_free(bitmap);
	bitmap->counters_forgotten = false;
	bt_event_ref_set(&bitmap->init_enter, model->seq, ev);
	bitmap->stale_stage = ev->bm_flags & BT_BM_STALE ? BT_STALE_INIT : BT_STALE_NONE;
	bitmap->stale_loaded = false;
	bitmap->failure.seq = 0;
}

static void init_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bool seen_enter = bitmap->init_enter.seq != 0;
	struct bt_block *block, *next;

	bt_event_ref_set(&bitmap->init_exit, model->seq, ev);
	bitmap->from_load = seen_enter && ev->call.ret == 0;
	if (bitmap->stale_stage == BT_STALE_NONE)
		return;
	if (ev->call.ret != 0)
		bitmap->stale_stage = BT_STALE_NONE;
	else if (bitmap->stale_stage == BT_STALE_INIT)
		bitmap->stale_stage = BT_STALE_FILLED;
	bitmap->stale_loaded = ev->call.ret == 0;
	/* A page marked dirty inside was filled just before the mark. */
	HASH_ITER (hh, bitmap->blocks, block, next)
		block->fill_seq = block->dirty.seq > bitmap->init_enter.seq ? block->dirty.seq : 0;
}

static void watch_stale(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bool marked =
		bitmap->stale_stage == BT_STALE_INIT || bitmap->stale_stage == BT_STALE_FILLED;

	if (marked && bt_event_has_flags(ev) && ev->type != BT_BITMAP &&
	    !(ev->bm_flags & BT_BM_STALE)) {
		bitmap->stale_stage = BT_STALE_DROPPED;
		bt_event_ref_set(&bitmap->stale_drop, model->seq, ev);
	}
}

/* ---- the stream ---------------------------------------------------------------- */

static int apply_bits(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_STARTWRITE:
		return bt_writers_count(bitmap, ev, model->seq, true);
	case BT_ENDWRITE:
		return bt_writers_count(bitmap, ev, model->seq, false);
	case BT_ENDWRITE_EXIT:
		return bt_sync_endwrite_exit(model, bitmap, ev);
	case BT_START_SYNC:
	case BT_END_SYNC:
		bt_sync_stretch(model, bitmap, ev);
		return 0;
	case BT_SET_BIT:
		return bt_bit_set(model, bitmap, ev);
	case BT_CLEAR_BIT:
		return bt_bit_clear(model, bitmap, ev);
	case BT_UNPLUG_ENTER:
		return bt_unplug_enter(model, bitmap, ev);
	case BT_UNPLUG_PAGE:
		return bt_unplug_page(bitmap, ev);
	case BT_UNPLUG_EXIT:
		return bt_unplug_exit(model, bitmap, ev);
	case BT_DAEMON_ENTER:
		bt_daemon_enter(model, bitmap, ev);
		return 0;
	case BT_DAEMON_PAGE:
		return bt_daemon_page(bitmap, ev);
	case BT_DAEMON_EXIT:
		bt_daemon_exit(model, bitmap, ev);
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
	case BT_PAGE_BIO:
		bt_page_bio(bitmap, ev);
		return 0;
	case BT_UPDATE_SB_ENTER:
		bt_event_ref_set(&bitmap->sb_updated, model->seq, ev);
		return 0;
	case BT_SB_WRITE_START:
		bt_super_start(model, bitmap, ev);
		return 0;
	case BT_SB_WRITE_END:
		bt_super_end(bitmap, ev);
		return 0;
	case BT_MEMBER_ERROR:
		return bt_member_failed(model, bitmap, ev);
	case BT_MEMBERS:
		bt_members_reported(model, bitmap, ev);
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
		name_set(bitmap, ev);
		return 0;
	case BT_BITMAP:
		describe(bitmap, ev);
		return 0;
	case BT_LAYOUT:
		bitmap->layout = *ev;
		return 0;
	case BT_LOADED_BITS:
		return bt_loaded_add(bitmap, ev);
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

void bt_model_forget(struct bt_model *model)
{
	struct bt_bitmap *bitmap, *next;

	HASH_ITER (hh, model->bitmaps, bitmap, next) {
		bitmap_forget(bitmap);
		bitmap->bytes_counted = 0;
	}
	model->bytes = 0;
	bt_flushes_free(model);
}

/* A damaged trace may speak of any number of chunks and writes; memory has an end. */
static void bound_bytes(struct bt_model *model, struct bt_bitmap *bitmap)
{
	model->bytes += bitmap->bytes - bitmap->bytes_counted;
	bitmap->bytes_counted = bitmap->bytes;
	if (model->bytes <= model->bytes_max)
		return;
	bt_model_forget(model);
	model->given_up++;
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
		bt_model_lost(model, ev);
	else if (ev->type == BT_SYMBOL)
		return bt_symbol_add(model, ev);
	else if (ev->type == BT_DATA_END)
		return end_anywhere(model, ev);
	else if (ev->type == BT_FLUSH_START)
		return bt_flush_start(model, ev);
	else if (ev->type == BT_FLUSH_END)
		bt_flush_end(model, ev);
	return 0;
}

/* What an event leaves to be done once all observers have seen it. */
static void settle(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (ev->type == BT_GONE) {
		bitmap_free(model, bitmap);
		return;
	}
	if (bitmap->overflow) {
		bitmap_forget(bitmap);
		bitmap->overflow = false;
		model->given_up++;
	}
	bound_bytes(model, bitmap);
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
		if (bt_task_moves_on(model, bitmap, ev))
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

/* Chunks and submissions are what there may be too many of for a cache. */
void bt_model_soon(const struct bt_model *model, const struct bt_event *ev)
{
	const struct bt_bitmap *bitmap = model->bitmap_last;
	uint64_t first, last;

	if (!bitmap || bitmap->id != ev->bitmap)
		return;
	switch (ev->type) {
	case BT_SET_BIT_ENTER:
	case BT_CLEAR_BIT:
		__builtin_prefetch(bt_chunk_find(bitmap, ev->bit.chunk));
		break;
	case BT_STARTWRITE:
	case BT_ENDWRITE:
		if (bt_range_chunks(bitmap, ev->range.sector, ev->range.sectors, &first, &last))
			__builtin_prefetch(bt_chunk_find(bitmap, first));
		break;
	default:
		break;
	}
}
