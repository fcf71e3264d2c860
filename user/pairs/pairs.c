// SPDX-License-Identifier: GPL-2.0-only
#include "pairs/pairs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "event/event_desc.h"

/* Numbers of steps: places in this table. */
static const struct {
	uint16_t type;
	bool chunk, page, all_pages, interrupt;
} steps[] = {
	{ BT_STARTWRITE, .chunk = true },
	{ BT_ENDWRITE, .chunk = true },
	{ BT_SET_BIT_ENTER, .chunk = true, .page = true },
	{ BT_SET_BIT, .chunk = true, .page = true },
	{ BT_CLEAR_BIT, .chunk = true, .page = true },
	{ BT_UNPLUG_ENTER, .all_pages = true },
	{ BT_UNPLUG_PAGE, .page = true },
	{ BT_UNPLUG_EXIT, .all_pages = true },
	{ BT_DAEMON_ENTER, .all_pages = true },
	{ BT_DAEMON_EXIT, .all_pages = true },
	{ BT_UPDATE_SB_ENTER, .all_pages = true },
	{ BT_UPDATE_SB_EXIT, .all_pages = true },
	{ BT_PAGE_DIRTY, .page = true },
	{ BT_PAGE_WRITE_START, .page = true },
	{ BT_PAGE_WRITE_END, .page = true, .interrupt = true },
	{ BT_LL_CALL_ENTER, .all_pages = true },
	{ BT_LL_CALL_EXIT, .all_pages = true },
	{ BT_LL_MARK, .page = true },
	{ BT_LL_BARRIER, .page = true },
	{ BT_LL_WORK_ENTER, .all_pages = true },
	{ BT_LL_WORK_EXIT, .all_pages = true },
};

#define STEPS_NR     (sizeof(steps) / sizeof(steps[0]))
#define INTERRUPT    UINT32_MAX
#define RANGE_CHUNKS 64 /* of a write, that are followed */

static_assert(STEPS_NR <= BT_STEPS_MAX, "they have room");

struct last {
	uint32_t tid;
	uint8_t step; /* 1 + its number; 0: none yet */
};

/* of: BT_PAIRS_OF is the bitmap itself, which has the last step on it, and the last of all pages.
 */
struct key {
	uint64_t number;
	uint32_t bitmap;
	uint32_t of;
};

struct bt_pairs_place {
	struct key key;
	struct last last, of_all;
	UT_hash_handle hh;
};

void bt_pairs_free(struct bt_pairs *pairs)
{
	struct bt_pairs_place *place, *next;

	HASH_ITER (hh, pairs->places, place, next) {
		HASH_DEL(pairs->places, place);
		free(place);
	}
}

static struct bt_pairs_place *pairs_place(struct bt_pairs *pairs, uint32_t bitmap, uint32_t of,
					  uint64_t number)
{
	const struct key key = { .number = number, .bitmap = bitmap, .of = of };
	struct bt_pairs_place *place;

	HASH_FIND(hh, pairs->places, &key, sizeof(key), place);
	if (place || pairs->places_nr == BT_PAIRS_PLACES)
		return place;
	place = calloc(1, sizeof(*place));
	if (!place)
		return NULL;
	place->key = key;
	HASH_ADD(hh, pairs->places, key, sizeof(place->key), place);
	pairs->places_nr++;
	return place;
}

static void pairs_count(struct bt_pairs *pairs, const struct bt_event *ev, enum bt_pairs_of of,
			const struct last *before, const struct last *now)
{
	uint64_t *seen;

	if (!before->step || before->tid == now->tid)
		return;
	seen = &pairs->seen[of][before->step - 1][now->step - 1];
	if (!(*seen)++)
		pairs->slice_of[of][before->step - 1][now->step - 1] =
			pairs->slice_ns && ev->ts_ns > pairs->from_ns
				? (ev->ts_ns - pairs->from_ns) / pairs->slice_ns
				: 0;
}

static void pairs_on_chunk(struct bt_pairs *pairs, const struct bt_event *ev, uint64_t chunk,
			   const struct last *now)
{
	struct bt_pairs_place *place = pairs_place(pairs, ev->bitmap, BT_PAIRS_CHUNK, chunk);

	if (!place)
		return;
	pairs_count(pairs, ev, BT_PAIRS_CHUNK, &place->last, now);
	place->last = *now;
}

static void pairs_on_range(struct bt_pairs *pairs, const struct bt_event *ev,
			   const struct last *now)
{
	uint8_t shift =
		ev->bitmap < sizeof(pairs->chunk_shift) ? pairs->chunk_shift[ev->bitmap] : 0;
	uint64_t first, last;

	if (!shift || shift > 63 || !ev->range.sectors)
		return;
	first = ev->range.sector >> shift;
	last = (ev->range.sector + ev->range.sectors - 1) >> shift;
	for (; first <= last && last - first < RANGE_CHUNKS; first++)
		pairs_on_chunk(pairs, ev, first, now);
}

static uint64_t pairs_page(const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_SET_BIT_ENTER:
	case BT_SET_BIT:
	case BT_CLEAR_BIT:
		return ev->bit.page;
	case BT_UNPLUG_PAGE:
		return ev->attr.page;
	case BT_LL_MARK:
		return ev->ll_mark.page;
	case BT_LL_BARRIER:
		return ev->ll_page.page;
	default:
		return ev->page.page;
	}
}

/* After the last step on this page, or on the bitmap, whichever came later on it. */
static void pairs_on_page(struct bt_pairs *pairs, const struct bt_event *ev, const struct last *now)
{
	struct bt_pairs_place *bitmap = pairs_place(pairs, ev->bitmap, BT_PAIRS_OF, 0);
	struct bt_pairs_place *place =
		pairs_place(pairs, ev->bitmap, BT_PAIRS_PAGE, pairs_page(ev));

	if (!bitmap || !place)
		return;
	pairs_count(pairs, ev, BT_PAIRS_PAGE, &place->last, now);
	pairs_count(pairs, ev, BT_PAIRS_PAGE, &bitmap->last, now);
	place->last = bitmap->of_all = *now;
	bitmap->last.step = 0; /* the pages' turn */
}

static void pairs_on_bitmap(struct bt_pairs *pairs, const struct bt_event *ev,
			    const struct last *now)
{
	struct bt_pairs_place *bitmap = pairs_place(pairs, ev->bitmap, BT_PAIRS_OF, 0);

	if (!bitmap)
		return;
	pairs_count(pairs, ev, BT_PAIRS_PAGE, &bitmap->of_all, now);
	bitmap->last = bitmap->of_all = *now;
}

static int pairs_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_pairs *pairs = bt_container_of(sink, struct bt_pairs, sink);
	struct last now;
	unsigned int i;

	if (ev->type == BT_BITMAP && ev->bitmap < sizeof(pairs->chunk_shift))
		pairs->chunk_shift[ev->bitmap] = ev->geometry.chunk_shift;
	for (i = 0; i < STEPS_NR && steps[i].type != ev->type; i++)
		;
	if (i == STEPS_NR || !ev->bitmap)
		return 0;
	now = (struct last){ .tid = steps[i].interrupt ? INTERRUPT : ev->tid,
			     .step = (uint8_t)(i + 1) };
	pairs->steps[BT_PAIRS_CHUNK][i] += steps[i].chunk;
	pairs->steps[BT_PAIRS_PAGE][i] += steps[i].page || steps[i].all_pages;
	if (steps[i].chunk && steps[i].page)
		pairs_on_chunk(pairs, ev, ev->bit.chunk, &now);
	else if (steps[i].chunk)
		pairs_on_range(pairs, ev, &now);
	if (steps[i].page)
		pairs_on_page(pairs, ev, &now);
	else if (steps[i].all_pages)
		pairs_on_bitmap(pairs, ev, &now);
	return 0;
}

void bt_pairs_init(struct bt_pairs *pairs)
{
	memset(pairs, 0, sizeof(*pairs));
	pairs->sink.event = pairs_event;
}

const char *bt_pairs_step(unsigned int step)
{
	return step < STEPS_NR ? bt_event_type_name(steps[step].type) : NULL;
}

unsigned int bt_pairs_seen(const struct bt_pairs *pairs, enum bt_pairs_of of, unsigned int *all)
{
	unsigned int a, b, seen = 0;

	*all = 0;
	for (a = 0; a < STEPS_NR; a++)
		for (b = 0; b < STEPS_NR; b++) {
			if (!pairs->steps[of][a] || !pairs->steps[of][b])
				continue;
			++*all;
			seen += pairs->seen[of][a][b] > 0;
		}
	return seen;
}

/* ---- text ------------------------------------------------------------------------ */

static const char *const of_names[BT_PAIRS_OF] = { "chunk", "page" };

static void print_pairs(FILE *out, const struct bt_pairs *pairs, enum bt_pairs_of of)
{
	unsigned int a, b, all, nr = bt_pairs_seen(pairs, of, &all);

	fprintf(out, "%s: %u of %u ordered pairs seen\n", of_names[of], nr, all);
	for (a = 0; a < STEPS_NR; a++)
		for (b = 0; b < STEPS_NR; b++)
			if (pairs->steps[of][a] && pairs->steps[of][b])
				fprintf(out, "%s %s %s %s %" PRIu64 "\n", of_names[of],
					pairs->seen[of][a][b] ? "seen " : "never", bt_pairs_step(a),
					bt_pairs_step(b), pairs->seen[of][a][b]);
}

/* How many pairs a slice was the first to see. */
static void print_slices(FILE *out, const struct bt_pairs *pairs)
{
	uint64_t slice, last = 0;
	unsigned int of, a, b, nr;

	for (of = 0; of < BT_PAIRS_OF; of++)
		for (a = 0; a < STEPS_NR; a++)
			for (b = 0; b < STEPS_NR; b++)
				if (pairs->slice_of[of][a][b] > last)
					last = pairs->slice_of[of][a][b];
	for (slice = 0; slice <= last; slice++) {
		for (nr = 0, of = 0; of < BT_PAIRS_OF; of++)
			for (a = 0; a < STEPS_NR; a++)
				for (b = 0; b < STEPS_NR; b++)
					nr += pairs->seen[of][a][b] &&
					      pairs->slice_of[of][a][b] == slice;
		if (nr)
			fprintf(out, "slice %" PRIu64 " new %u\n", slice, nr);
	}
}

void bt_pairs_print(FILE *out, const struct bt_pairs *pairs, bool slices)
{
	print_pairs(out, pairs, BT_PAIRS_CHUNK);
	print_pairs(out, pairs, BT_PAIRS_PAGE);
	if (slices)
		print_slices(out, pairs);
}
