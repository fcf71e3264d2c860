// SPDX-License-Identifier: GPL-2.0-only
/*
 * no-clear-in-flight: judged when a chunk is about to become unprotected. A startwrite event is
 * emitted after md has counted the write, an endwrite event before md counts it down. So
 * between the two events the counter is raised.
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

/* No write is known to be in flight. Was every write seen? */
static void ncf_quiet(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, index);

	if (bt_chunk_protection(bitmap, chunk, index) == BT_PROTECTION_UNKNOWN)
		bt_unjudged(result, "writes to the chunk may have begun before tracing did");
	else if (!bitmap->mapped || bitmap->state.unplaced)
		bt_blind(result, "a member write of unknown origin or position");
	else
		bt_held(result);
}

static void ncf_judge(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, index);
	struct bt_counterexample *cx;
	const struct bt_io *io;
	uint32_t data;

	/* Without the hook on the callback, writes would stay in flight forever. */
	data = chunk && view->bitmap->state.data_ends ? chunk->data_in_flight : 0;
	if (!chunk || (!chunk->writers && !data)) {
		ncf_quiet(result, view, index);
		return;
	}
	cx = bt_broken(result, view,
		       "chunk %llu becomes unprotected with %u startwrites not ended and %u member "
		       "writes in flight",
		       (unsigned long long)index, chunk->writers, data);
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
	.statement = "chunk c becomes unprotected only while no startwrite of c is outstanding and "
		     "no user write to c is in flight at a member",
	.consequence =
		"A crash while the write is under way leaves members that differ, and md does "
		"not resync the chunk.",
	.functions = "md_bitmap_endwrite, bitmap_daemon_work, md_bitmap_file_clear_bit",
	.example =
		"a write-mostly member still writes (write-behind) when endwrite has counted the "
		"write as done",
	.correct = "keeps the bit until every member write of the chunk has ended and endwrite was "
		   "called for it",
	.findings = "stock md: S2 (write-behind)",
	.follows_from = BT_RULES("balanced-counters"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_CLEAR_BIT, BT_SEES_STARTWRITE, BT_SEES_ENDWRITE,
				    BT_SEES_MEMBER_WRITES, BT_SEES_WRITE_ENDS, BT_SEES_LL_LIFE,
				    BT_SEES_LL_STATES, BT_SEES_LL_WRITES),
	.idle = "no chunk became unprotected",
	.on_unprotect = true,
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS,
	.event = ncf_event,
};
