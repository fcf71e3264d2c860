// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page writes. One write of a page may be several submissions: one a member
 * for an internal bitmap (write_sb_page), one a block for buffer heads
 * (write_file_page). They are gathered into a round; the page is on disk when
 * every submission of a round has ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/internal.h"

const struct bt_page *bt_page_find(const struct bt_bitmap *bitmap, uint32_t page)
{
	const struct bt_page *known;

	HASH_FIND(hh, bitmap->pages, &page, sizeof(page), known);
	return known;
}

struct bt_page *bt_page_get(struct bt_bitmap *bitmap, uint32_t index)
{
	struct bt_page *page;

	HASH_FIND(hh, bitmap->pages, &index, sizeof(index), page);
	if (page)
		return page;
	page = bt_take(bitmap, sizeof(*page));
	if (!page)
		return NULL;
	page->index = index;
	HASH_ADD(hh, bitmap->pages, index, sizeof(page->index), page);
	return page;
}

void bt_pages_free(struct bt_bitmap *bitmap)
{
	struct bt_page *page, *next;

	HASH_ITER (hh, bitmap->pages, page, next) {
		HASH_DEL(bitmap->pages, page);
		bt_give(bitmap, page->rounds, page->rounds_cap * sizeof(*page->rounds));
		bt_parts_free(bitmap, page);
		bt_give(bitmap, page, sizeof(*page));
	}
}

/* Every other event begins or ends one, and they are large: worth more than a malloc(). */
static struct bt_io *io_take(struct bt_bitmap *bitmap)
{
	struct bt_io *io = bitmap->ios_idle;

	if (!io)
		return bt_take(bitmap, sizeof(*io));
	bitmap->ios_idle = io->next_idle;
	/* What stands behind these is set by who begins, or goes by them. */
	io->data = io->failed = io->in_unplug = false;
	io->outstanding = io->page = io->nr_pages = io->rounds_nr = 0;
	io->first = io->nr = 0;
	io->start.seq = 0;
	return io;
}

struct bt_io *bt_io_new(struct bt_bitmap *bitmap, uint64_t key)
{
	struct bt_io *io = io_take(bitmap);

	if (!io)
		return NULL;
	io->key = key;
	HASH_ADD(hh, bitmap->ios, key, sizeof(io->key), io);
	return io;
}

void bt_io_drop(struct bt_bitmap *bitmap, struct bt_io *io)
{
	HASH_DEL(bitmap->ios, io);
	io->next_idle = bitmap->ios_idle;
	bitmap->ios_idle = io;
}

void bt_ios_free(struct bt_bitmap *bitmap)
{
	struct bt_io *io, *next;

	HASH_ITER (hh, bitmap->ios, io, next)
		bt_io_drop(bitmap, io);
	for (io = bitmap->ios_idle; io; io = next) {
		next = io->next_idle;
		bt_give(bitmap, io->rounds, io->rounds_cap * sizeof(*io->rounds));
		bt_give(bitmap, io, sizeof(*io));
	}
	bitmap->ios_idle = NULL;
}

const struct bt_io *bt_io_find(const struct bt_bitmap *bitmap, uint64_t key)
{
	const struct bt_io *io;

	HASH_FIND(hh, bitmap->ios, &key, sizeof(key), io);
	return io;
}

uint32_t bt_page_of_chunk(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	uint64_t bit = chunk + (bitmap->geometry.geometry.has_sb ? 256 << 3 : 0);

	return (uint32_t)(bit >> 15); /* PAGE_BIT_SHIFT with pages of 4 KiB */
}

/*
 * An internal bitmap stands on every member: one that failed is thrown out of
 * the array (super_written -> md_error), so one good copy is enough. A file
 * has one copy of each block: all must be good.
 *
 * MAYBE: all that was submitted has ended, but the task may be about to submit
 * more. A round as large as the last whole one lacks nothing.
 */
static enum bt_tri round_good(const struct bt_bitmap *bitmap, const struct bt_round *round)
{
	if (round->in_flight || !round->ok)
		return BT_NO;
	if (round->failed && round->start.ev.page.backend != BT_BACKEND_INTERNAL)
		return BT_NO;
	/* A file system may end a writeback that it has sent nowhere. */
	if (round->dry)
		return BT_NO;
	if (round->open && (!bitmap->legs_last || round->legs_nr < bitmap->legs_last))
		return BT_MAYBE;
	return BT_YES;
}

/* Has what was submitted ended well? */
static enum bt_tri rounds_cover(const struct bt_bitmap *bitmap, const struct bt_page *page,
				struct bt_span span)
{
	enum bt_tri covers, good;
	uint32_t i;

	if (page->done_seq > span.seq)
		return BT_YES;
	covers = page->done_seq > span.from_seq ? BT_MAYBE : BT_NO;
	for (i = 0; i < page->rounds_nr; i++) {
		if (page->rounds[i].start.seq <= span.from_seq)
			continue;
		good = round_good(bitmap, &page->rounds[i]);
		if (good == BT_YES && page->rounds[i].start.seq > span.seq)
			return BT_YES;
		if (good != BT_NO)
			covers = BT_MAYBE;
	}
	return covers;
}

enum bt_tri bt_page_covers(const struct bt_bitmap *bitmap, const struct bt_page *page,
			   struct bt_span span)
{
	enum bt_tri rounds, parts;

	if (!page)
		return BT_NO;
	rounds = rounds_cover(bitmap, page, span);
	if (rounds == BT_NO)
		return BT_NO;
	parts = bt_parts_cover(bitmap, page, span);
	return parts == BT_YES ? rounds : parts;
}

bool bt_page_lacks_part(const struct bt_bitmap *bitmap, const struct bt_page *page,
			struct bt_span span)
{
	return page && rounds_cover(bitmap, page, span) != BT_NO &&
	       bt_parts_cover(bitmap, page, span) == BT_NO;
}

enum bt_tri bt_page_durable(const struct bt_bitmap *bitmap, const struct bt_page *page,
			    struct bt_span span)
{
	enum bt_tri durable, good;
	uint32_t i;

	if (page->durable_seq > span.seq)
		return BT_YES;
	durable = page->durable_seq > span.from_seq || page->evicted_seq > span.from_seq ? BT_MAYBE
											 : BT_NO;
	for (i = 0; i < page->rounds_nr; i++) {
		if (page->rounds[i].start.seq <= span.from_seq || page->rounds[i].volatile_nr)
			continue;
		good = round_good(bitmap, &page->rounds[i]);
		if (good == BT_YES && page->rounds[i].start.seq > span.seq)
			return BT_YES;
		if (good != BT_NO)
			durable = BT_MAYBE;
	}
	return durable;
}

/* Of those on the members after one has failed, that one is no part. */
static bool round_whole(const struct bt_bitmap *bitmap, const struct bt_round *round)
{
	if (round->failed)
		return false;
	return round->start.ev.page.backend != BT_BACKEND_INTERNAL || !bitmap->failure.seq ||
	       round->start.seq < bitmap->failure.seq;
}

enum bt_tri bt_page_whole(const struct bt_bitmap *bitmap, const struct bt_page *page,
			  struct bt_span span)
{
	enum bt_tri whole, good;
	uint32_t i;

	if (!page)
		return BT_NO;
	if (page->whole_seq > span.seq)
		return BT_YES;
	whole = page->whole_seq > span.from_seq ? BT_MAYBE : BT_NO;
	for (i = 0; i < page->rounds_nr; i++) {
		if (page->rounds[i].start.seq <= span.from_seq ||
		    !round_whole(bitmap, &page->rounds[i]))
			continue;
		good = round_good(bitmap, &page->rounds[i]);
		if (good == BT_YES && page->rounds[i].start.seq > span.seq)
			return BT_YES;
		if (good != BT_NO)
			whole = BT_MAYBE;
	}
	return whole;
}

const struct bt_round *bt_page_begun_by(const struct bt_page *page, uint32_t tid, uint64_t since)
{
	uint32_t i;

	for (i = 0; page && i < page->rounds_nr; i++)
		if (page->rounds[i].in_flight && page->rounds[i].start.ev.tid == tid &&
		    page->rounds[i].start.seq > since)
			return &page->rounds[i];
	return NULL;
}

uint64_t bt_page_fill_seq(const struct bt_bitmap *bitmap, const struct bt_page *page)
{
	if (page && page->fill_seq > bitmap->init_enter.seq)
		return page->fill_seq;
	return bitmap->init_enter.seq;
}

const struct bt_round *bt_page_in_flight(const struct bt_page *page)
{
	unsigned int i;

	for (i = page ? page->rounds_nr : 0; i > 0; i--)
		if (page->rounds[i - 1].in_flight)
			return &page->rounds[i - 1];
	return NULL;
}

static struct bt_round *round_find(struct bt_page *page, uint64_t id)
{
	unsigned int i;

	for (i = 0; i < page->rounds_nr; i++)
		if (page->rounds[i].id == id)
			return &page->rounds[i];
	return NULL;
}

/* A round that nobody can add to and that has ended is folded into done_seq. */
static void rounds_fold(const struct bt_bitmap *bitmap, struct bt_page *page)
{
	uint32_t i, kept = 0;

	for (i = 0; i < page->rounds_nr; i++) {
		struct bt_round *round = &page->rounds[i];

		if (round->open || round->in_flight) {
			if (kept != i)
				page->rounds[kept] = *round;
			kept++;
			continue;
		}
		if (round_good(bitmap, round) != BT_YES)
			continue;
		/* Also when a newer one was done first: this one may be durable, that one not. */
		bt_flush_round_done(page, round);
		if (round_whole(bitmap, round) && round->start.seq > page->whole_seq)
			page->whole_seq = round->start.seq;
		if (round->start.seq > page->done_seq) {
			page->done_before_seq = page->done_seq;
			page->done_seq = round->start.seq;
		}
	}
	page->rounds_nr = kept;
}

void bt_round_close(struct bt_bitmap *bitmap, struct bt_task *task)
{
	struct bt_page *page;
	struct bt_round *round;

	if (!task->open_round)
		return;
	HASH_FIND(hh, bitmap->pages, &task->open_page, sizeof(task->open_page), page);
	round = page ? round_find(page, task->open_round) : NULL;
	task->open_round = 0;
	if (!round)
		return;
	round->open = false;
	bitmap->legs_last = round->legs_nr;
	rounds_fold(bitmap, page);
}

uint64_t bt_leg_of(const struct bt_event *ev)
{
	return ev->page.backend == BT_BACKEND_INTERNAL ? ev->page.dev : ev->page.io;
}

static bool round_has_leg(const struct bt_round *round, uint64_t leg)
{
	unsigned int i;

	for (i = 0; i < round->legs_nr; i++)
		if (round->legs[i] == leg)
			return true;
	return false;
}

/* The round that this submission adds to: the one its task is submitting; or NULL. */
static struct bt_round *round_continued(const struct bt_bitmap *bitmap, const struct bt_task *task,
					const struct bt_event *ev)
{
	struct bt_page *page;
	struct bt_round *round;

	if (!task->open_round || task->open_page != ev->page.page)
		return NULL;
	HASH_FIND(hh, bitmap->pages, &task->open_page, sizeof(task->open_page), page);
	round = page ? round_find(page, task->open_round) : NULL;
	if (!round || round->legs_nr == BT_LEGS_MAX || round_has_leg(round, bt_leg_of(ev)))
		return NULL;
	return round;
}

bool bt_round_continues(const struct bt_bitmap *bitmap, const struct bt_task *task,
			const struct bt_event *ev)
{
	return ev->type == BT_PAGE_WRITE_START && round_continued(bitmap, task, ev);
}

static struct bt_round *round_new(struct bt_model *model, struct bt_bitmap *bitmap,
				  struct bt_page *page, struct bt_task *task,
				  const struct bt_event *ev)
{
	struct bt_round *round;

	if (page->rounds_nr == BT_ROUNDS_MAX) {
		/* Without this write covered would be told uncovered: give up all. */
		bitmap->overflow = true;
		page->rounds_nr = 0;
	}
	round = bt_grown(bitmap, page->rounds, page->rounds_nr, &page->rounds_cap, sizeof(*round));
	if (!round)
		return NULL;
	page->rounds = round;
	round = &page->rounds[page->rounds_nr++];
	memset(round, 0, sizeof(*round));
	round->id = ++bitmap->rounds_last;
	bt_moment_set(&round->start, model->seq, ev);
	page->start_seq = model->seq;
	if (page->index == 0)
		bitmap->sb_due.seq = 0;
	/* One writeback is one submission of the folio; nothing to gather. */
	if (ev->page.backend != BT_BACKEND_PAGECACHE) {
		round->open = true;
		task->open_page = page->index;
		task->open_round = round->id;
	}
	return round;
}

/* Whose cache may hold this write when it has ended. */
static void round_cache(struct bt_round *round, const struct bt_event *ev)
{
	uint8_t i;

	if (ev->page.cache == BT_CACHE_NONE || ev->page.cache == BT_CACHE_FUA || !ev->page.dev)
		return;
	for (i = 0; i < round->volatile_nr; i++)
		if (round->volatile_devs[i] == ev->page.dev)
			return;
	if (round->volatile_nr < BT_LEGS_MAX)
		round->volatile_devs[round->volatile_nr++] = ev->page.dev;
}

static int page_leg_start(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_task *task,
			  const struct bt_event *ev, uint32_t index, uint64_t *id)
{
	struct bt_page *page = bt_page_get(bitmap, index);
	struct bt_round *round = NULL;

	if (!page)
		return -ENOMEM;
	if (index == ev->page.page)
		round = round_continued(bitmap, task, ev);
	if (!round)
		round = round_new(model, bitmap, page, task, ev);
	if (!round)
		return -ENOMEM;
	if (round->legs_nr < BT_LEGS_MAX)
		round->legs[round->legs_nr++] = bt_leg_of(ev);
	page->blocks = ev->page.backend == BT_BACKEND_BUFFER ? ev->page.blocks : 0;
	round_cache(round, ev);
	round->in_flight++;
	*id = round->id;
	return 0;
}

uint32_t bt_event_pages(const struct bt_event *ev)
{
	/* A folio is at most 2 MiB; more is a damaged record. */
	return ev->page.nr_pages && ev->page.nr_pages <= 512 ? ev->page.nr_pages : 1;
}

static struct bt_io *io_get(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_io *io;

	HASH_FIND(hh, bitmap->ios, &ev->page.io, sizeof(ev->page.io), io);
	if (io && (io->data || io->page != ev->page.page)) {
		/* The address was used again; the end of the first was lost. */
		bt_io_drop(bitmap, io);
		io = NULL;
	}
	if (io)
		return io;
	io = bt_io_new(bitmap, ev->page.io);
	if (!io)
		return NULL;
	io->page = ev->page.page;
	io->nr_pages = bt_event_pages(ev);
	return io;
}

int bt_page_io_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_task *task = bt_task_get(bitmap, ev->tid);
	struct bt_io *io = io_get(bitmap, ev);
	uint64_t first = 0, id, *rounds;
	uint32_t i;

	if (!task || !io)
		return -ENOMEM;
	io->outstanding++;
	io->in_unplug = bt_unplug_find(bitmap, ev->tid) != NULL;
	bt_moment_set(&io->start, model->seq, ev);
	if (ev->type == BT_PAGE_READ_START)
		return 0;
	for (i = 0; i < io->nr_pages; i++) {
		if (page_leg_start(model, bitmap, task, ev, io->page + i, &id))
			return -ENOMEM;
		if (i == 0)
			first = id;
	}
	if (io->rounds_nr == BT_ROUNDS_MAX) {
		bitmap->overflow = true;
		return 0;
	}
	rounds = bt_grown(bitmap, io->rounds, io->rounds_nr, &io->rounds_cap, sizeof(*rounds));
	if (!rounds)
		return -ENOMEM;
	io->rounds = rounds;
	io->rounds[io->rounds_nr++] = first;
	return 0;
}

uint32_t bt_page_bytes(const struct bt_bitmap *bitmap, uint32_t page)
{
	const uint32_t btrfs_magic = 0x9123683e, inline_max = 2048;
	uint64_t bytes = bitmap->layout.layout.bytes, before = (uint64_t)page << 12;

	if (bitmap->layout.layout.fs_magic == btrfs_magic && bytes <= inline_max)
		return 0;
	if (!bytes)
		return 1; /* not told: something, at least */
	if (bytes <= before)
		return 0;
	return bytes - before < 4096 ? (uint32_t)(bytes - before) : 4096;
}

const struct bt_round *bt_page_writeback(const struct bt_page *page)
{
	uint32_t i;

	for (i = page ? page->rounds_nr : 0; i > 0; i--)
		if (page->rounds[i - 1].in_flight &&
		    page->rounds[i - 1].start.ev.page.backend == BT_BACKEND_PAGECACHE)
			return &page->rounds[i - 1];
	return NULL;
}

/* What of these bytes is the n-th page's. */
static uint32_t bytes_of_page(uint32_t bytes, uint32_t n)
{
	uint32_t before = n << 12;

	if (bytes <= before)
		return 0;
	return bytes - before < 4096 ? bytes - before : 4096;
}

void bt_page_bio(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint32_t n, nr = bt_event_pages(ev), index;
	struct bt_round *round;
	struct bt_page *page;

	for (n = 0; n < nr; n++) {
		index = ev->page.page + n;
		HASH_FIND(hh, bitmap->pages, &index, sizeof(index), page);
		round = (struct bt_round *)bt_page_writeback(page);
		if (!round)
			continue;
		if (!round->bio_dev)
			round->bio_dev = ev->page.dev;
		/* A file system that keeps copies writes them elsewhere, too. */
		if (round->bio_dev == ev->page.dev)
			round->bytes += bytes_of_page(ev->page.bytes, n);
		round_cache(round, ev);
	}
}

/* The writeback ends: have bios carried the page? */
static void round_dry(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_page *page,
		      struct bt_round *round, const struct bt_event *ev)
{
	uint32_t need = bt_page_bytes(bitmap, page->index);

	if (round->start.ev.page.backend != BT_BACKEND_PAGECACHE || round->failed ||
	    round->bytes >= need)
		return;
	round->dry = true;
	if (!page->dry.seq)
		bitmap->dry_nr++;
	bt_moment_set(&page->dry, model->seq, ev);
}

static void round_leg_end(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev, uint32_t index, uint64_t id, bool failed)
{
	struct bt_page *page;
	struct bt_round *round;

	HASH_FIND(hh, bitmap->pages, &index, sizeof(index), page);
	round = page ? round_find(page, id) : NULL;
	if (!round || !round->in_flight)
		return;
	round->in_flight--;
	if (failed)
		round->failed++;
	else
		round->ok++;
	bt_moment_set(&page->end, model->seq, ev);
	round->end_seq = model->seq;
	round_dry(model, bitmap, page, round, ev);
	rounds_fold(bitmap, page);
}

/* File systems note the error on the mapping, then end the writeback. */
bool bt_page_write_failed(const struct bt_bitmap *bitmap, const struct bt_io *io,
			  const struct bt_event *ev)
{
	return io->failed || ev->status ||
	       (ev->page.backend == BT_BACKEND_PAGECACHE &&
		bitmap->write_error_seq > io->start.seq);
}

/*
 * Started before we looked; or the block layer has refused the bio before it
 * could be told to be in the member's queue (submit_bio_noacct).
 */
static int page_end_alone(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev)
{
	return ev->status ? bt_part_ended(bitmap, ev, model->seq, true) : 0;
}

int bt_page_io_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_io *io;
	uint32_t i, n;

	HASH_FIND(hh, bitmap->ios, &ev->page.io, sizeof(ev->page.io), io);
	if (!io || io->data)
		return page_end_alone(model, bitmap, ev);
	io->failed = bt_page_write_failed(bitmap, io, ev);
	if (io->failed && bt_unplug_failure(model, bitmap, io, ev))
		return -ENOMEM;
	if (io->failed)
		bt_super_failure(model, bitmap, ev);
	/*
	 * md_update_sb may submit page 0's buffer while unplug has it under
	 * way. Which of the two this end belongs to cannot be told, so both
	 * count as ended with the last; md's own wait does the same
	 * (pending_writes counts the whole bitmap).
	 */
	if (io->outstanding > 1) {
		io->outstanding--;
		return 0;
	}
	for (i = 0; i < io->rounds_nr; i++)
		for (n = 0; n < io->nr_pages; n++)
			round_leg_end(model, bitmap, ev, io->page + n, io->rounds[i] + n,
				      io->failed);
	if (io->rounds_nr && bt_part_ended(bitmap, &io->start.ev, io->start.seq, io->failed))
		return -ENOMEM;
	bt_io_drop(bitmap, io);
	return 0;
}

void bt_page_not_dry(struct bt_bitmap *bitmap, struct bt_page *page)
{
	if (!page->dry.seq)
		return;
	page->dry.seq = 0;
	bitmap->dry_nr--;
}

/*
 * A file system may end a writeback and only then record that it failed
 * (btrfs, when it refuses a page). The error does not say which page it is
 * about: all that the same thread has ended within its present call of
 * filemap_fdatawrite are taken back. Writes still under way when the error
 * comes are failed when they end (bt_page_io_end).
 */
void bt_page_writeback_error(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_task *task = bt_task_find(bitmap, ev->tid);
	struct bt_page *page, *next;

	if (!task || !task->writeback.seq)
		return;
	HASH_ITER (hh, bitmap->pages, page, next) {
		if (page->end.ev.tid != ev->tid || page->end.seq < task->writeback.seq)
			continue;
		page->done_seq = page->done_before_seq;
		bt_page_not_dry(bitmap, page); /* the error is told: nobody is fooled */
	}
}
