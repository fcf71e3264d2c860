// SPDX-License-Identifier: GPL-2.0-only
#include "latency.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BITS_PER_PAGE 32768

/* Bits of one page that are set and not yet on disk, oldest first. */
struct waiting {
	uint64_t seq;
	uint64_t ts_ns;
};

struct bt_latency_page {
	struct {
		uint32_t bitmap;
		uint32_t page;
	} key;
	UT_hash_handle hh;
	uint64_t dirty_ts_ns; /* first set_bit since the last write start, 0: none */
	struct waiting *waiting;
	uint32_t waiting_nr, waiting_cap;
};

static void add(struct bt_latency *latency, const struct bt_view *view, enum bt_stage stage,
		uint64_t from_ns)
{
	/* Records are in order, their clocks only nearly: two CPUs, two readings. */
	bt_stage_set_add(&latency->set, view->bitmap->name, stage,
			 view->ev->ts_ns > from_ns ? view->ev->ts_ns - from_ns : 0);
}

static struct bt_latency_page *page_get(struct bt_latency *latency, uint32_t bitmap, uint32_t index,
					bool create)
{
	struct bt_latency_page *page, key;

	memset(&key, 0, sizeof(key));
	key.key.bitmap = bitmap;
	key.key.page = index;
	HASH_FIND(hh, latency->pages, &key.key, sizeof(key.key), page);
	if (page || !create)
		return page;
	if (HASH_COUNT(latency->pages) >= BT_LATENCY_PAGES_MAX)
		return NULL;
	page = calloc(1, sizeof(*page));
	if (!page)
		return NULL;
	page->key = key.key;
	HASH_ADD(hh, latency->pages, key, sizeof(page->key), page);
	return page;
}

static void page_free(struct bt_latency *latency, struct bt_latency_page *page)
{
	HASH_DEL(latency->pages, page);
	latency->waiting_nr -= page->waiting_nr;
	free(page->waiting);
	free(page);
}

static void pages_free(struct bt_latency *latency, uint32_t bitmap, bool all)
{
	struct bt_latency_page *page, *next;

	HASH_ITER (hh, latency->pages, page, next)
		if (all || page->key.bitmap == bitmap)
			page_free(latency, page);
}

static int waiting_add(struct bt_latency *latency, struct bt_latency_page *page,
		       const struct bt_view *view)
{
	uint32_t cap = page->waiting_cap ? page->waiting_cap * 2 : 8;
	struct waiting *grown;

	/* More bits than a page has: it never gets written, stop collecting. */
	if (page->waiting_nr == BITS_PER_PAGE || latency->waiting_nr == BT_LATENCY_WAITING_MAX)
		return -ENOSPC;
	if (page->waiting_nr == page->waiting_cap) {
		grown = realloc(page->waiting, cap * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		page->waiting = grown;
		page->waiting_cap = cap;
	}
	latency->waiting_nr++;
	page->waiting[page->waiting_nr++] =
		(struct waiting){ .seq = view->seq, .ts_ns = view->ev->ts_ns };
	return 0;
}

static void bit_set(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_page *page =
		page_get(latency, view->ev->bitmap, view->ev->bit.page, true);

	if (!page || waiting_add(latency, page, view)) {
		latency->set.lost++;
		return;
	}
	if (!page->dirty_ts_ns)
		page->dirty_ts_ns = view->ev->ts_ns;
}

static void write_started(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_page *page =
		page_get(latency, view->ev->bitmap, view->ev->page.page, false);

	if (!page || !page->dirty_ts_ns)
		return;
	add(latency, view, BT_STAGE_DIRTY_TO_WRITE, page->dirty_ts_ns);
	page->dirty_ts_ns = 0;
}

static bool covers(const struct bt_bitmap *bitmap, const struct bt_page *page, uint64_t seq)
{
	struct bt_span span = { .from_seq = seq, .seq = seq };

	/* Its last part ends now; whether more may follow is not ours to ask. */
	return bt_page_covers(bitmap, page, span) != BT_NO;
}

/* After the model has taken the end in: which waiting bits are on disk now? */
static void write_ended(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_page *page =
		page_get(latency, view->ev->bitmap, view->ev->page.page, false);
	const struct bt_page *state = bt_page_find(view->bitmap, view->ev->page.page);
	uint32_t n = 0;

	if (!page)
		return;
	while (n < page->waiting_nr && covers(view->bitmap, state, page->waiting[n].seq))
		add(latency, view, BT_STAGE_SET_TO_DISK, page->waiting[n++].ts_ns);
	page->waiting_nr -= n;
	latency->waiting_nr -= n;
	memmove(page->waiting, page->waiting + n, page->waiting_nr * sizeof(page->waiting[0]));
}

static void unplug_exit(struct bt_latency *latency, const struct bt_view *view)
{
	const struct bt_unplug *call = bt_unplug_find(view->bitmap, view->ev->tid);

	if (call)
		add(latency, view, call->worked ? BT_STAGE_UNPLUG : BT_STAGE_UNPLUG_IDLE,
		    call->enter.ev.ts_ns);
}

static void before(struct bt_observer *observer, const struct bt_view *view)
{
	struct bt_latency *latency = bt_container_of(observer, struct bt_latency, observer);
	const struct bt_chunk *chunk;
	const struct bt_io *io;

	if (view->ev->type == BT_LOST) {
		pages_free(latency, 0, true);
		latency->set.lost_records += view->ev->lost.count;
	}
	if (!view->bitmap)
		return;
	switch (view->ev->type) {
	case BT_UNPLUG_EXIT:
		unplug_exit(latency, view);
		break;
	case BT_CLEAR_BIT:
		chunk = bt_chunk_find(view->bitmap, view->ev->bit.chunk);
		if (chunk && (chunk->bit == BT_BIT_SET || chunk->unconfirmed))
			add(latency, view, BT_STAGE_LIFETIME, chunk->set.ev.ts_ns);
		break;
	case BT_PAGE_WRITE_END:
		io = bt_io_find(view->bitmap, view->ev->page.io);
		if (io && io->rounds_nr)
			add(latency, view, BT_STAGE_PAGE_WRITE, io->start.ev.ts_ns);
		break;
	case BT_GONE:
		pages_free(latency, view->ev->bitmap, false);
		break;
	default:
		break;
	}
}

static void after(struct bt_observer *observer, const struct bt_view *view)
{
	struct bt_latency *latency = bt_container_of(observer, struct bt_latency, observer);

	if (!view->bitmap)
		return;
	if (view->ev->type == BT_SET_BIT)
		bit_set(latency, view);
	else if (view->ev->type == BT_PAGE_WRITE_START)
		write_started(latency, view);
	else if (view->ev->type == BT_PAGE_WRITE_END)
		write_ended(latency, view);
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	return bt_model_event(&bt_container_of(sink, struct bt_latency, sink)->model, ev);
}

void bt_latency_init(struct bt_latency *latency)
{
	memset(latency, 0, sizeof(*latency));
	latency->sink.event = sink_event;
	latency->observer.before = before;
	latency->observer.after = after;
	bt_stage_set_init(&latency->set);
	bt_model_init(&latency->model);
	bt_model_observe(&latency->model, &latency->observer);
}

void bt_latency_free(struct bt_latency *latency)
{
	pages_free(latency, 0, true);
	bt_stage_set_free(&latency->set);
	bt_model_free(&latency->model);
}
