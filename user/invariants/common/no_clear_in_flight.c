// SPDX-License-Identifier: GPL-2.0-only
/*
 * no-clear-in-flight: judged when a bit is about to be cleared. startwrite is
 * told when it has counted, endwrite when it is about to, so a clear between
 * the two events is one under a raised counter.
 */
#include "invariants/invariant.h"

static const struct bt_io *data_in_flight(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	const struct bt_io *io, *next;
	struct bt_data_walk walk;
	uint64_t first, nr;

	HASH_ITER (hh, bitmap->ios, io, next) {
		if (!io->data || !bt_data_walk(&walk, bitmap, &io->start.ev))
			continue;
		while (bt_data_next(&walk, &first, &nr))
			if (chunk >= first && chunk - first < nr)
				return io;
	}
	return NULL;
}

static void event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_chunk *chunk;
	struct bt_counterexample *cx;
	const struct bt_io *io;
	uint32_t data;

	chunk = bt_chunk_find(view->bitmap, ev->bit.chunk);
	/* Without the hook on the callback a write would seem in flight for ever. */
	data = chunk && view->bitmap->data_ends ? chunk->data_in_flight : 0;
	if (!chunk || (!chunk->writers && !data)) {
		if (bt_chunk_bit(view->bitmap, ev->bit.chunk) == BT_BIT_UNKNOWN)
			bt_unjudged(result,
				    "writes to the chunk may have begun before tracing did");
		else if (!bt_level_mapped(view->bitmap) || view->bitmap->unplaced)
			bt_blind(result, "member writes went to chunks that are not known");
		else
			bt_held(result);
		return;
	}
	cx = bt_broken(
		result, view,
		"the bit of chunk %llu is dropped with %u startwrites not ended and %u member "
		"writes in flight",
		(unsigned long long)ev->bit.chunk, chunk->writers, data);
	if (!cx)
		return;
	bt_evidence(cx, &chunk->set);
	io = data ? data_in_flight(view->bitmap, ev->bit.chunk) : NULL;
	if (io)
		bt_evidence(cx, &io->start);
}

const struct bt_invariant bt_no_clear_in_flight = {
	.name = "no-clear-in-flight",
	.statement = "clear_bit(c) only with no startwrite(c) outstanding and no member user write "
		     "to c in flight",
	.needs = BT_CAPABILITY_LIST(BT_SEES_CLEAR_BIT, BT_SEES_STARTWRITE, BT_SEES_ENDWRITE,
				    BT_SEES_MEMBER_WRITES, BT_SEES_WRITE_ENDS),
	.idle = "no bit was cleared",
	.on = BT_TYPE_BIT(BT_CLEAR_BIT),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS,
	.event = event,
};
