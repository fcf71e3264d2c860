// SPDX-License-Identifier: GPL-2.0-only
/*
 * sync-covers: a resync leaves out what needs none. A chunk that a load, or a degraded array,
 * has made NeedSync is not left out; nor one that was Dirty on disk.
 */
#include "invariants/llbitmap/lockless.h"

static void sc_judge(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, index);
	uint8_t state = bt_chunk_state(view->bitmap, chunk, index);
	struct bt_counterexample *cx;
	unsigned int name;

	if (state == BT_LL_STATE_NOT_KNOWN) {
		bt_unjudged(result, "the state of a chunk is not known");
		return;
	}
	name = bt_ll_name_of(state);
	if (!bt_ll_protects(name) || (name == BT_LL_DIRTY && state >> 4 != BT_LL_ON_DISK)) {
		bt_held(result);
		return;
	}
	/* The byte was read before this event, and a writer may have come in between. */
	if (chunk && chunk->set.seq > view->bitmap->state.own.ll.sync_seq) {
		bt_unjudged(result, "the chunk was written while resync looked at it");
		return;
	}
	cx = bt_broken(result, view, "resync leaves out chunk %llu, which is %s",
		       (unsigned long long)index, bt_ll_state_name(name));
	bt_about(cx, index);
	if (chunk)
		bt_evidence(cx, &chunk->set);
}

static void sc_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	uint64_t first, last;

	if (!bt_range_chunks(view->bitmap, ev->sync.sector, ev->sync.sectors, &first, &last) ||
	    last - first >= BT_CHUNKS_PER_EVENT_MAX)
		return;
	for (; first <= last; first++)
		sc_judge(result, view, first);
}

const struct bt_invariant bt_sync_covers = {
	.name = "sync-covers",
	.severity = BT_SEVERITY_DATA,
	.impls = BT_ABOUT_LOCKLESS,
	.statement = "lockless: resync leaves out a chunk only if it is Clean, Unwritten or "
		     "CleanUnwritten, or Dirty by a write since the load",
	.consequence = "A chunk that differs between members is left out by the resync, and is "
		       "taken for in sync from then on.",
	.functions = "llbitmap_skip_sync_blocks, md_do_sync",
	.example = "resync leaves out chunks that are NeedSync",
	.correct = "resyncs each chunk that is NeedSync or Syncing, or was Dirty when it was "
		   "loaded",
	.needs = BT_CAPABILITY_LIST(BT_SEES_LL_LIFE, BT_SEES_LL_STATES, BT_SEES_LL_SYNC),
	.may_be_idle = "no resync left a chunk out",
	.on = BT_TYPE_BIT(BT_LL_SYNC_SKIP),
	.rests_on = BT_TYPES_COUNTERS,
	.event = sc_event,
};
