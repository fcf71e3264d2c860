// SPDX-License-Identifier: GPL-2.0-only
/*
 * no-clear-in-flight: judged when a chunk is about to become unprotected.
 * startwrite is reported when it has counted, endwrite when it is about to, so
 * a clear between the two events is one under a raised counter.
 */
#include "invariants/invariant.h"

static const struct bt_io *ncf_data_in_flight(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	const struct bt_io *io;
	struct bt_data_walk walk;
	uint64_t first, nr;

	bt_for_each_io(bitmap, io)
	{
		if (!io->data || !bt_data_walk(&walk, bitmap, &io->start.ev))
			continue;
		while (bt_data_next(&walk, &first, &nr))
			if (chunk >= first && chunk - first < nr)
				return io;
	}
	return NULL;
}

/* Nothing is known to be in flight: is everything known? */
static void ncf_quiet(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, index);

	if (bt_chunk_protection(bitmap, chunk, index) == BT_PROTECTION_UNKNOWN)
		bt_unjudged(result, "writes to the chunk may have begun before tracing did");
	else if (!bitmap->mapped || bitmap->state.unplaced)
		bt_blind(result, "member writes went to chunks that are not known");
	else
		bt_held(result);
}

static void ncf_judge(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, index);
	struct bt_counterexample *cx;
	const struct bt_io *io;
	uint32_t data;

	/* Without the hook on the callback a write would seem in flight for ever. */
	data = chunk && view->bitmap->state.data_ends ? chunk->data_in_flight : 0;
	if (!chunk || (!chunk->writers && !data)) {
		ncf_quiet(result, view, index);
		return;
	}
	cx = bt_broken(
		result, view,
		"the bit of chunk %llu is dropped with %u startwrites not ended and %u member "
		"writes in flight",
		(unsigned long long)index, chunk->writers, data);
	if (!cx)
		return;
	bt_about(cx, index);
	bt_evidence(cx, &chunk->set);
	io = data ? ncf_data_in_flight(view->bitmap, index) : NULL;
	if (io)
		bt_evidence(cx, &io->start);
}

static void ncf_event(struct bt_result *result, const struct bt_view *view)
{
	bt_for_each_unprotected(result, view, ncf_judge);
}

const struct bt_invariant bt_no_clear_in_flight = {
	.name = "no-clear-in-flight",
	.severity = BT_SEVERITY_DATA,
	.statement = "clear_bit(c) only with no startwrite(c) outstanding and no member user write "
		     "to c in flight",
	.needs = BT_CAPABILITY_LIST(BT_SEES_CLEAR_BIT, BT_SEES_STARTWRITE, BT_SEES_ENDWRITE,
				    BT_SEES_MEMBER_WRITES, BT_SEES_WRITE_ENDS, BT_SEES_LL_LIFE,
				    BT_SEES_LL_STATES, BT_SEES_LL_WRITES),
	.idle = "no bit was cleared",
	.on_unprotect = true,
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS,
	.event = ncf_event,
};
