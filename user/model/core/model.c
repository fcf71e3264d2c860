// SPDX-License-Identifier: GPL-2.0-only
/* Applies the stream, one event after the other, to the bitmaps. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "model/core/impl.h"
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

/* Resets a bitmap's state, keeps its identity. */
static void bitmap_forget(struct bt_bitmap *bitmap)
{
	bt_chunks_free(bitmap);
	bt_blocks_free(bitmap);
	bt_ios_free(bitmap);
	bt_tasks_free(bitmap);
	bt_unplugs_free(bitmap);
	bt_members_free(bitmap);
	if (bitmap->ops)
		bitmap->ops->free(bitmap);
	assert(!bitmap->bytes);
	bitmap->state = (struct bt_state){ 0 };
	bitmap->forgotten = true;
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
	case BT_PROBES:
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
	case BT_LL_NAMES:
	case BT_LL_TABLE:
		return false;
	default:
		return true;
	}
}

bool bt_event_enabled(const struct bt_event *ev)
{
	return !(ev->bm_flags & (BT_BM_STALE | BT_BM_NO_FILEMAP));
}

/* ---- identity ------------------------------------------------------------------- */

static int set_name(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	size_t i, n = strnlen(ev->array.name, sizeof(ev->array.name));

	(void)model;
	for (i = 0; i < n; i++)
		bitmap->name[i] = bt_printable(ev->array.name[i]);
	bitmap->name[n] = 0;
	return 0;
}

static int set_geometry(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	(void)model;
	/*
	 * Reported again: it has another storage, with counters that start again
	 * (__bitmap_resize).
	 */
	if (bitmap->described)
		bitmap_forget(bitmap);
	bitmap->geometry = *ev;
	bitmap->described = true;
	if (bitmap->backend == BT_BACKEND_UNKNOWN)
		bitmap->backend = ev->geometry.backend;
	bt_geometry_set(bitmap);
	bt_place_set(bitmap);
	return 0;
}

static int set_layout(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	(void)model;
	bitmap->layout = *ev;
	bt_geometry_set(bitmap);
	bt_place_set(bitmap);
	return 0;
}

/* The implementation is that of the first event that has one. */
static void set_impl(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bitmap->ops = bt_impl_find(ev->impl);
	bt_place_set(bitmap);
}

/* The bitmap's events show which kind it is, if it is in a file or was not described. */
void bt_backend_refine(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (ev->page.backend != BT_BACKEND_UNKNOWN && ev->page.backend != BT_BACKEND_FILE)
		bitmap->backend = ev->page.backend;
}

/* ---- the stream ------------------------------------------------------------------ */

/* The core's handler of each type; an implementation may have a handler of its own. */
static const bt_handler core_handlers[BT_EVENT_TYPE_MAX] = {
	[BT_ARRAY] = set_name,
	[BT_BITMAP] = set_geometry,
	[BT_LAYOUT] = set_layout,
	[BT_INIT_ENTER] = bt_init_enter,
	[BT_INIT_EXIT] = bt_init_exit,
	[BT_LOAD_EXIT] = bt_load_exit,
	[BT_UNPLUG_ENTER] = bt_unplug_enter,
	[BT_UNPLUG_PAGE] = bt_unplug_page,
	[BT_UNPLUG_EXIT] = bt_unplug_exit,
	[BT_UPDATE_SB_ENTER] = bt_update_sb,
	[BT_MEMBER_ERROR] = bt_member_failed,
	[BT_MEMBERS] = bt_members_reported,
	[BT_PAGE_DIRTY] = bt_page_dirty,
	[BT_PAGE_QUEUED] = bt_page_queued,
	[BT_PAGE_WRITE_START] = bt_page_io_start,
	[BT_PAGE_READ_START] = bt_page_io_start,
	[BT_PAGE_WRITE_END] = bt_page_io_end,
	[BT_PAGE_BIO] = bt_page_bio,
	[BT_WRITEBACK_ERROR] = bt_page_writeback_error,
	[BT_SB_WRITE_START] = bt_super_start,
	[BT_SB_WRITE_END] = bt_super_end,
	[BT_DATA_START] = bt_data_start,
	[BT_DATA_END] = bt_data_end,
};

static int apply(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bt_handler handler;

	if (ev->type >= BT_EVENT_TYPE_MAX)
		return 0;
	handler = bitmap->ops->handlers[ev->type];
	if (!handler)
		handler = core_handlers[ev->type];
	return handler ? handler(model, bitmap, ev) : 0;
}

/* For a bitmap that is not traced only the name is kept. */
static int apply_untraced(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev)
{
	return ev->type == BT_ARRAY ? set_name(model, bitmap, ev) : 0;
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

/* A damaged trace may contain any number of chunks and writes; memory is limited. */
static void bound_bytes(struct bt_model *model, struct bt_bitmap *bitmap)
{
	model->bytes += bitmap->bytes - bitmap->bytes_counted;
	bitmap->bytes_counted = bitmap->bytes;
	if (model->bytes <= model->bytes_max)
		return;
	bt_model_forget(model);
	model->given_up++;
}

/* A bio that a multipath member has sent on no longer shows its member. */
static int end_anywhere(struct bt_model *model, const struct bt_event *ev)
{
	struct bt_bitmap *bitmap, *next;
	int err;

	HASH_ITER (hh, model->bitmaps, bitmap, next) {
		err = bt_data_end(model, bitmap, ev);
		if (err)
			return err;
	}
	return 0;
}

static int apply_global(struct bt_model *model, const struct bt_event *ev)
{
	if (ev->type == BT_LOST)
		bt_model_lost(model, ev);
	else if (ev->type == BT_PROBES)
		bt_model_probes(model, ev);
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

/* What remains to be done for an event after all observers have seen it. */
static void settle(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (ev->type == BT_GONE) {
		bitmap_free(model, bitmap);
		return;
	}
	if (bitmap->state.overflow) {
		bitmap_forget(bitmap);
		model->given_up++;
	}
	bound_bytes(model, bitmap);
}

/* What the event shows about earlier ones. */
static int look_back(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (!bitmap->ops && ev->impl)
		set_impl(bitmap, ev);
	if (!bitmap->ops)
		return 0;
	bt_watch_stale(model, bitmap, ev);
	return bt_task_moves_on(model, bitmap, ev);
}

static int take_in(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (!bitmap)
		return apply_global(model, ev);
	return bitmap->ops ? apply(model, bitmap, ev) : apply_untraced(model, bitmap, ev);
}

int bt_model_event(struct bt_model *model, const struct bt_event *ev)
{
	struct bt_view view = { .model = model, .ev = ev, .seq = ++model->seq };
	struct bt_bitmap *bitmap = NULL;
	unsigned int i;

	model->ts_ns = ev->ts_ns;
	if (ev->bitmap) {
		bitmap = bitmap_get(model, ev->bitmap);
		if (!bitmap || look_back(model, bitmap, ev))
			goto out_of_memory;
	}
	view.bitmap = bitmap;
	for (i = 0; i < model->observers_nr; i++)
		if (model->observers[i]->before)
			model->observers[i]->before(model->observers[i], &view);
	if (take_in(model, bitmap, ev))
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

/* There may be too many chunks and submissions for the cache. */
void bt_model_soon(const struct bt_model *model, const struct bt_event *ev)
{
	const struct bt_bitmap *bitmap = model->bitmap_last;
	uint64_t first, last;

	if (!bitmap || bitmap->id != ev->bitmap || !bitmap->ops)
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
