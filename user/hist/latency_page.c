// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page writes in flight, and the bits that wait for them. One page write is several
 * submissions: one copy for each member of an internal bitmap, or one for each block of a file.
 * The bits are on disk when all submissions have ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hist/latency_internal.h"

#define BITS_PER_PAGE 32768
#define PARTS_MAX     4 /* submissions of one buffer head at the same time */

/* The times at which bits were set that wait for the same page write. */
struct waiting {
	uint64_t *all_ns;
	uint32_t nr, cap;
};

struct bt_latency_page {
	struct bt_latency_key key;
	UT_hash_handle hh;
	uint64_t dirty_ns; /* first set_bit since it was last submitted; 0: none */
	struct waiting waiting;
};

/* One write of one page that bits wait for. */
struct bt_latency_round {
	uint64_t id;
	UT_hash_handle hh;
	uint32_t bitmap;
	struct waiting waiting;
	uint64_t ended_ns;
	uint32_t pending; /* submissions in flight, plus 1 until its thread adds no more */
	uint32_t ok, failed;
	bool file; /* a file: one failed block makes it fail; internal: one good copy is enough */
};

/* The submissions with one address (bio, buffer head or folio), oldest first. */
struct bt_latency_io {
	struct bt_latency_key key;
	UT_hash_handle hh;
	uint32_t nr;
	struct part {
		uint64_t start_ns;
		uint64_t round;
	} parts[PARTS_MAX];
};

/* ---- bits that wait --------------------------------------------------------------- */

static struct bt_latency_page *page_find(struct bt_latency *latency, struct bt_latency_key key)
{
	struct bt_latency_page *page;

	HASH_FIND(hh, latency->pages, &key, sizeof(key), page);
	return page;
}

static struct bt_latency_page *page_get(struct bt_latency *latency, struct bt_latency_key key)
{
	struct bt_latency_page *page = page_find(latency, key);

	if (page || HASH_COUNT(latency->pages) >= BT_LATENCY_PAGES_MAX)
		return page;
	page = calloc(1, sizeof(*page));
	if (!page)
		return NULL;
	page->key = key;
	HASH_ADD(hh, latency->pages, key, sizeof(page->key), page);
	return page;
}

static int waiting_add(struct bt_latency *latency, struct waiting *waiting, uint64_t ns)
{
	uint32_t cap = waiting->cap ? waiting->cap * 2 : 8;
	uint64_t *grown;

	/* More bits than a page has: it never gets written, stop collecting. */
	if (waiting->nr == BITS_PER_PAGE || latency->waiting_nr == BT_LATENCY_WAITING_MAX)
		return -ENOSPC;
	if (waiting->nr == waiting->cap) {
		grown = realloc(waiting->all_ns, cap * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		waiting->all_ns = grown;
		waiting->cap = cap;
	}
	latency->waiting_nr++;
	waiting->all_ns[waiting->nr++] = ns;
	return 0;
}

static void waiting_free(struct bt_latency *latency, struct waiting *waiting)
{
	latency->waiting_nr -= waiting->nr;
	free(waiting->all_ns);
}

/*
 * If the page is no longer DIRTY, some unplug has cleared the attribute and will write the
 * page; it is not known whether that write includes this bit, so it is left out.
 */
static void bit_set(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_page *page;

	if (!(view->ev->bit.attr & BT_ATTR_DIRTY))
		return;
	page = page_get(latency, bt_latency_key(view, view->ev->bit.page));
	if (!page || waiting_add(latency, &page->waiting, view->ev->ts_ns)) {
		latency->set.lost++;
		return;
	}
	if (!page->dirty_ns)
		page->dirty_ns = view->ev->ts_ns;
}

/* ---- page writes that bits wait for
 * ------------------------------------------------------------------------- */

static struct bt_latency_round *round_find(struct bt_latency *latency, uint64_t id)
{
	struct bt_latency_round *round;

	HASH_FIND(hh, latency->rounds, &id, sizeof(id), round);
	return round;
}

static void round_free(struct bt_latency *latency, struct bt_latency_round *round)
{
	HASH_DEL(latency->rounds, round);
	waiting_free(latency, &round->waiting);
	free(round);
}

static void settle_bits(struct bt_latency *latency, const struct bt_view *view,
			const struct bt_latency_round *round)
{
	uint32_t i;

	for (i = 0; i < round->waiting.nr; i++)
		bt_stage_set_add(&latency->set, view->bitmap->name, BT_STAGE_SET_TO_DISK,
				 round->ended_ns > round->waiting.all_ns[i]
					 ? round->ended_ns - round->waiting.all_ns[i]
					 : 0);
}

/* One submission of the page write has ended; the last one ends it. */
static void round_settle(struct bt_latency *latency, const struct bt_view *view,
			 struct bt_latency_round *round)
{
	if (--round->pending)
		return;
	if (round->ok && !(round->file && round->failed))
		settle_bits(latency, view, round);
	round_free(latency, round);
}

void bt_latency_round_close(struct bt_latency *latency, const struct bt_view *view,
			    struct bt_latency_call *call)
{
	struct bt_latency_round *round = call->round ? round_find(latency, call->round) : NULL;

	call->writing = false;
	call->round = 0;
	if (round)
		round_settle(latency, view, round);
}

/*
 * A page write for the bits that wait for this page, with its first submission pending; 0: no
 * bit waits.
 */
static uint64_t round_begin(struct bt_latency *latency, const struct bt_view *view,
			    bool more_to_come)
{
	struct bt_latency_page *page =
		page_find(latency, bt_latency_key(view, view->ev->page.page));
	struct bt_latency_round *round;

	if (!page || !page->waiting.nr)
		return 0;
	round = calloc(1, sizeof(*round));
	if (!round) {
		latency->set.lost += page->waiting.nr;
		return 0;
	}
	round->id = ++latency->rounds_last;
	round->bitmap = view->ev->bitmap;
	round->waiting = page->waiting;
	round->pending = more_to_come ? 2 : 1;
	round->file = view->ev->page.backend != BT_BACKEND_INTERNAL;
	memset(&page->waiting, 0, sizeof(page->waiting));
	HASH_ADD(hh, latency->rounds, id, sizeof(round->id), round);
	return round->id;
}

/* ---- page writes ---------------------------------------------------------------------- */

static struct bt_latency_io *io_get(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_key key = bt_latency_key(view, view->ev->page.io);
	struct bt_latency_io *io;

	HASH_FIND(hh, latency->ios, &key, sizeof(key), io);
	if (io || HASH_COUNT(latency->ios) >= BT_LATENCY_IOS_MAX)
		return io;
	io = calloc(1, sizeof(*io));
	if (!io)
		return NULL;
	io->key = key;
	HASH_ADD(hh, latency->ios, key, sizeof(io->key), io);
	return io;
}

static void io_start(struct bt_latency *latency, const struct bt_view *view, uint64_t round)
{
	struct bt_latency_io *io = io_get(latency, view);

	if (!io || io->nr == PARTS_MAX) {
		latency->set.lost++;
		return;
	}
	io->parts[io->nr++] = (struct part){ .start_ns = view->ev->ts_ns, .round = round };
}

/*
 * Does this copy or block continue the page write of the thread? They come in the same order
 * each time: when the first one comes again, another page write begins.
 */
static uint64_t part_round(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_call *call = bt_latency_call(latency, view, true);
	uint64_t part = bt_submission_target(view->ev);
	struct bt_latency_round *round;

	if (!call)
		return round_begin(latency, view, false);
	call->wrote = true;
	if (call->writing && call->page == view->ev->page.page && call->first_part != part) {
		round = call->round ? round_find(latency, call->round) : NULL;
		if (round)
			round->pending++;
		return call->round;
	}
	bt_latency_round_close(latency, view, call);
	if (bt_submits_once(view->ev))
		return round_begin(latency, view, false);
	call->writing = true;
	call->page = view->ev->page.page;
	call->first_part = part;
	call->round = round_begin(latency, view, true);
	return call->round;
}

static void write_start(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_page *page =
		page_find(latency, bt_latency_key(view, view->ev->page.page));

	if (page && page->dirty_ns) {
		bt_latency_add(latency, view, BT_STAGE_DIRTY_TO_WRITE, page->dirty_ns);
		page->dirty_ns = 0;
	}
	io_start(latency, view, part_round(latency, view));
}

/* The oldest submission with this address; false: a read, or begun before tracing. */
static bool part_take(struct bt_latency *latency, const struct bt_view *view, struct part *part)
{
	struct bt_latency_key key = bt_latency_key(view, view->ev->page.io);
	struct bt_latency_io *io;

	HASH_FIND(hh, latency->ios, &key, sizeof(key), io);
	if (!io)
		return false;
	*part = io->parts[0];
	memmove(io->parts, io->parts + 1, --io->nr * sizeof(io->parts[0]));
	if (io->nr)
		return true;
	HASH_DEL(latency->ios, io);
	free(io);
	return true;
}

static void write_end(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_round *round;
	struct part part;

	if (!part_take(latency, view, &part))
		return;
	bt_latency_add(latency, view, BT_STAGE_PAGE_WRITE, part.start_ns);
	round = part.round ? round_find(latency, part.round) : NULL;
	if (!round)
		return;
	round->ended_ns = view->ev->ts_ns;
	if (view->ev->status)
		round->failed++;
	else
		round->ok++;
	round_settle(latency, view, round);
}

void bt_latency_page_event(struct bt_latency *latency, const struct bt_view *view)
{
	if (view->ev->type == BT_SET_BIT)
		bit_set(latency, view);
	else if (view->ev->type == BT_PAGE_WRITE_START)
		write_start(latency, view);
	else
		write_end(latency, view);
}

static void ios_free(struct bt_latency *latency, uint32_t bitmap)
{
	struct bt_latency_io *io, *next;

	HASH_ITER (hh, latency->ios, io, next) {
		if (bitmap && io->key.bitmap != bitmap)
			continue;
		HASH_DEL(latency->ios, io);
		free(io);
	}
}

void bt_latency_pages_free(struct bt_latency *latency, uint32_t bitmap)
{
	struct bt_latency_round *round, *next_round;
	struct bt_latency_page *page, *next;

	HASH_ITER (hh, latency->pages, page, next) {
		if (bitmap && page->key.bitmap != bitmap)
			continue;
		HASH_DEL(latency->pages, page);
		waiting_free(latency, &page->waiting);
		free(page);
	}
	HASH_ITER (hh, latency->rounds, round, next_round)
		if (!bitmap || round->bitmap == bitmap)
			round_free(latency, round);
	ios_free(latency, bitmap);
}
