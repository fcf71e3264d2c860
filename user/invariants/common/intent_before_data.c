// SPDX-License-Identifier: GPL-2.0-only
/*
 * intent-before-data: the promise of the bitmap itself. Judged when a user
 * write enters the queue of a member, before the device can have seen any of
 * it.
 */
#include "invariants/invariant.h"

static void ibd_unprotected(struct bt_result *result, const struct bt_view *view,
			    const struct bt_user_chunk *chunk)
{
	struct bt_counterexample *cx;

	cx = bt_broken(result, view, "data for chunk %llu goes to member %d; %s",
		       (unsigned long long)chunk->index, view->ev->member,
		       view->bitmap->ops->unset);
	if (!cx)
		return;
	bt_about(cx, chunk->index);
	bt_evidence_clear(cx, view, chunk->index);
}

static void ibd_protected(struct bt_result *result, const struct bt_view *view,
			  const struct bt_user_chunk *chunk)
{
	const struct bt_block *block = bt_block_find(view->bitmap, chunk->block_index);
	struct bt_window need = bt_chunk_window(chunk->known);
	struct bt_counterexample *cx;

	if (bt_answered(result, bt_block_covers(view->bitmap, block, need), BT_WRITTEN_WHILE_SET))
		return;
	cx = bt_broken(
		result, view,
		bt_block_lacks_copy(view->bitmap, block, need)
			? "data for chunk %llu goes to member %d; of bitmap page %u a part "
			  "was left out of each write from after its %s"
			: "data for chunk %llu goes to member %d; no write of bitmap page %u "
			  "from after its %s has ended",
		(unsigned long long)chunk->index, view->ev->member,
		bt_page_of_block(view->bitmap, chunk->block_index), view->bitmap->ops->setting);
	if (!cx)
		return;
	bt_about(cx, chunk->index);
	bt_evidence(cx, &chunk->known->set);
	bt_evidence_block(cx, view, chunk->block_index, need);
	bt_evidence_task(cx, view, chunk->known->set.seq);
}

static void ibd_judge(struct bt_result *result, const struct bt_view *view,
		      const struct bt_user_chunk *chunk)
{
	switch (chunk->protection) {
	case BT_PROTECTED_LOADED:
		return; /* on disk before tracing began: nothing to wait for */
	case BT_PROTECTION_UNKNOWN:
		bt_unjudged(result, "the bit may have been set before tracing began");
		return;
	case BT_UNPROTECTED:
		ibd_unprotected(result, view, chunk);
		return;
	case BT_PROTECTED:
		ibd_protected(result, view, chunk);
		return;
	}
}

static void ibd_event(struct bt_result *result, const struct bt_view *view)
{
	if (!bt_event_enabled(view->ev))
		return;
	switch (bt_for_each_user_chunk(result, view, ibd_judge)) {
	case BT_USER_WRITE:
	case BT_USER_WRITE_NONE:
		return;
	case BT_USER_WRITE_OWNER:
		bt_unjudged(result, "a member write of which it cannot be told whose it is");
		return;
	case BT_USER_WRITE_UNMAPPED:
		bt_blind(result, "no mapping from member sectors to chunks for this level");
		return;
	case BT_USER_WRITE_RESHAPE:
		bt_blind(result, "the array is being reshaped: no mapping to chunks");
		return;
	case BT_USER_WRITE_OUTSIDE:
		bt_unjudged(result, "a write outside the bitmap");
		return;
	}
}

const struct bt_invariant bt_intent_before_data = {
	.name = "intent-before-data",
	.severity = BT_SEVERITY_DATA,
	.statement = "when a member gets a user write for chunk c, a done write of page(c) covers "
		     "the last set_bit(c)",
	.needs = BT_CAPABILITY_LIST(BT_SEES_SET_BIT, BT_SEES_MEMBER_WRITES, BT_SEES_PAGE_WRITES,
				    BT_SEES_LL_LIFE, BT_SEES_LL_STATES),
	.idle = "no user write whose set_bit was seen reached a member",
	.on = BT_TYPE_BIT(BT_DATA_START),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS,
	.event = ibd_event,
};
