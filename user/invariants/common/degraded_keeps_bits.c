// SPDX-License-Identifier: GPL-2.0-only
/*
 * degraded-keeps-bits: a chunk that was written while a member was missing stays protected
 * until the chunk has been resynced to that member. When the member is re-added, md resyncs
 * only the protected chunks.
 */
#include "invariants/invariant.h"

static void dkb_judge(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, index);
	struct bt_counterexample *cx;

	if (!chunk || chunk->needed == BT_NEEDED_NOT || chunk->needed == BT_NEEDED_SYNCED)
		return;
	cx = bt_broken(result, view,
		       "chunk %llu becomes unprotected; it was written while the array was "
		       "degraded, and %s",
		       (unsigned long long)index,
		       chunk->needed == BT_NEEDED ? "no resync of it has started since"
						  : "its resync has not completed without error");
	bt_about(cx, index);
	bt_evidence(cx, chunk->ended);
}

static void dkb_event(struct bt_result *result, const struct bt_view *view)
{
	if (view->ev->type == BT_ENDWRITE_EXIT)
		bt_held(result); /* from now on its clears are judged */
	bt_for_each_unprotected(result, view, dkb_judge);
}

/* Its state is NeedSync from the write's start on; there is no exit to wait for. */
static void dkb_llbitmap(struct bt_result *result, const struct bt_view *view)
{
	if (view->ev->type == BT_ENDWRITE && view->ev->bm_flags & BT_BM_DEGRADED)
		bt_held(result);
	else if (view->ev->type == BT_LL_STATE)
		bt_for_each_unprotected(result, view, dkb_judge);
}

const struct bt_invariant bt_degraded_keeps_bits = {
	.name = "degraded-keeps-bits",
	.severity = BT_SEVERITY_DATA,
	.statement = "after a write to chunk c ends while the array is degraded, c stays protected "
		     "until a resync of c in the complete array ends without error",
	.consequence =
		"A member that comes back is not brought up to date there: it returns old data.",
	.functions = "md_bitmap_endwrite (NEEDED_MASK), md_bitmap_start_sync, md_bitmap_end_sync",
	.example = "endwrite forgets NEEDED_MASK while a member is missing; the daemon drops the "
		   "bit",
	.correct = "keeps the bit of a chunk written while a member was missing until a resync of "
		   "it has ended well",
	.needs = BT_CAPABILITY_LIST(BT_SEES_ENDWRITE, BT_SEES_CLEAR_BIT, BT_SEES_RESYNC,
				    BT_SEES_LL_LIFE, BT_SEES_LL_STATES, BT_SEES_LL_WRITES),
	.may_be_idle = "no write ended while the array was degraded",
	.on = BT_TYPE_BIT(BT_ENDWRITE_EXIT),
	.on_llbitmap = BT_TYPE_BIT(BT_ENDWRITE),
	.on_unprotect = true,
	.rests_on = BT_TYPES_COUNTERS,
	.event = dkb_event,
	.event_llbitmap = dkb_llbitmap,
};
