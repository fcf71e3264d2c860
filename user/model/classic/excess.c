// SPDX-License-Identifier: GPL-2.0-only
/*
 * A counter that a startwrite found higher than the calls make it: 2, plus 1 for each write in
 * flight. Other calls may have counted without having returned, and an endwrite is emitted
 * before it counts. So a counter is suspected only if no write of the chunk was in flight for
 * two passes of the daemon before it. Then only startwrites that have not returned can explain
 * it, and each of them emits its own sample when it returns: the last of them finds the counter
 * right, except for endwrites since. If none does, and two more passes have ended, there was no
 * such startwrite.
 */
#include "model/classic/handlers.h"

#define WRITTEN_LATELY 2 /* value of a counter without writers */

/* By how much the counter is too high, at least; 0: it is not. */
static uint32_t excess_of(const struct bt_chunk *chunk, const struct bt_event *ev)
{
	uint32_t due = WRITTEN_LATELY + chunk->writers;

	return ev->range.counter > due ? ev->range.counter - due : 0;
}

/* Was the beginning of each of its writes seen? */
static bool writers_known(const struct bt_bitmap *bitmap, const struct bt_chunk *chunk)
{
	return (bitmap->state.from_load && !bitmap->state.counters_forgotten) ||
	       (chunk->state == BT_BIT_SET && chunk->own.classic.kept == BT_KEPT_NOT);
}

static void suspect(struct bt_model *model, struct bt_bitmap *bitmap, uint64_t index,
		    const struct bt_event *ev)
{
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, index);
	struct bt_excess *excess = &bitmap->state.own.classic.excess;

	if (excess->start.seq || !chunk || chunk->writers != 1 || !chunk->end_seq ||
	    !writers_known(bitmap, chunk) || !excess_of(chunk, ev) ||
	    bt_passes_since(bitmap, chunk->own.classic.idle_pass, NULL) < BT_EXCESS_PASSES)
		return;
	*excess = (struct bt_excess){ .chunk = index, .over = excess_of(chunk, ev) };
	excess->pass = bt_passes_begun(bitmap);
	bt_event_ref_set(&excess->start, model->seq, ev);
}

/* The chunk is not at an end of this range, so its counter was not sampled. */
static bool is_sampled(const struct bt_excess *excess, uint64_t first, uint64_t last)
{
	return excess->chunk == first || excess->chunk == last;
}

static void look_again(struct bt_bitmap *bitmap, uint64_t first, uint64_t last,
		       const struct bt_event *ev)
{
	struct bt_excess *excess = &bitmap->state.own.classic.excess;
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, excess->chunk);
	uint32_t over;

	if (excess->chunk < first || excess->chunk > last)
		return;
	over = chunk && is_sampled(excess, first, last) ? excess_of(chunk, ev) : 0;
	if (over <= excess->ended)
		excess->start.seq = 0;
	else if (over - excess->ended < excess->over)
		excess->over = over - excess->ended;
	excess->pass = bt_passes_begun(bitmap);
}

/* bitmap_startwrite has returned, and the model has counted it. */
void bt_excess_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint64_t first, last;

	if (!bt_write_chunks(bitmap, ev, &first, &last))
		return;
	if (bitmap->state.own.classic.excess.start.seq) {
		look_again(bitmap, first, last, ev);
		return;
	}
	if (!ev->range.sampled)
		return;
	/*
	 * The sample is the smaller one of both: if it is too high for one of them, that
	 * counter is too high.
	 */
	suspect(model, bitmap, first, ev);
	suspect(model, bitmap, last, ev);
}

void bt_excess_end(struct bt_bitmap *bitmap, uint64_t first, uint64_t last)
{
	if (bitmap->state.own.classic.excess.chunk >= first &&
	    bitmap->state.own.classic.excess.chunk <= last)
		bitmap->state.own.classic.excess.ended++;
}

/* The bit of this chunk changes: its counter was 0 or becomes 0. */
void bt_excess_bit(struct bt_bitmap *bitmap, uint64_t chunk)
{
	if (bitmap->state.own.classic.excess.chunk == chunk)
		bitmap->state.own.classic.excess.start.seq = 0;
}

const struct bt_excess *bt_excess_proved(const struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_excess *excess = &bitmap->state.own.classic.excess;

	if (!excess->start.seq || bt_passes_since(bitmap, excess->pass, ev) < BT_EXCESS_PASSES)
		return NULL;
	return excess;
}

void bt_excess_pass(struct bt_bitmap *bitmap)
{
	if (bt_excess_proved(bitmap, NULL))
		bitmap->state.own.classic.excess.start.seq = 0; /* reported once */
}
