// SPDX-License-Identifier: GPL-2.0-only
/*
 * discard-recorded: members may do a discard at different times, and a power cut between them
 * leaves them different. That is in order where the disk says that nothing valid is there
 * (Unwritten), or that a load has to resync; under Clean it stays so for good. Judged when a
 * discard enters the queue of a member.
 */
#include "invariants/llbitmap/lockless.h"

static bool dr_nothing_valid(unsigned int name)
{
	return name == BT_LL_UNWRITTEN || name == BT_LL_CLEAN_UNWRITTEN ||
	       name == BT_LL_NEED_SYNC_UNWRITTEN || name == BT_LL_SYNCING_UNWRITTEN;
}

/* Has the disk what memory has, or a state that a load resyncs? */
static enum bt_tri dr_recorded(const struct bt_view *view, const struct bt_user_chunk *chunk,
			       uint8_t state)
{
	const struct bt_block *block = bt_block_find(view->bitmap, chunk->block_index);
	unsigned int name = bt_ll_name_of(state);
	struct bt_window need;

	if (bt_ll_protects(name) && chunk->known)
		return bt_block_covers(view->bitmap, block, bt_chunk_window(chunk->known));
	if (!dr_nothing_valid(name))
		return BT_NO;
	if (state >> 4 == BT_LL_ON_DISK)
		return BT_YES;
	if (!chunk->known || state >> 4 == BT_LL_FOUND)
		return BT_MAYBE;
	if (bt_ll_still_on_disk(view->bitmap, chunk->known, chunk->index))
		return BT_YES;
	need.from_seq = need.seq = chunk->known->set.seq;
	if (bt_ll_cleared_seq(chunk->known) > need.seq)
		need.from_seq = need.seq = bt_ll_cleared_seq(chunk->known);
	return bt_block_covers(view->bitmap, block, need);
}

static void dr_judge(struct bt_result *result, const struct bt_view *view,
		     const struct bt_user_chunk *chunk)
{
	uint8_t state = bt_chunk_state(view->bitmap, chunk->known, chunk->index);
	struct bt_counterexample *cx;

	if (chunk->protection == BT_PROTECTED_LOADED) {
		bt_held(result);
		return;
	}
	if (state == BT_LL_STATE_NOT_KNOWN) {
		bt_unjudged(result, "the state of a chunk is not known");
		return;
	}
	if (bt_answered(result, dr_recorded(view, chunk, state),
			"what the disk has of a chunk is not known"))
		return;
	cx = bt_broken(
		result, view,
		"a discard in chunk %llu goes to member %d; the chunk is %s, and the disk may "
		"still have it as Clean",
		(unsigned long long)chunk->index, view->ev->member,
		bt_ll_state_name(bt_ll_name_of(state)));
	bt_about(cx, chunk->index);
	bt_evidence_clear(cx, view, chunk->index);
}

static void dr_event(struct bt_result *result, const struct bt_view *view)
{
	enum bt_user_write kind;

	if (!bt_event_enabled(view->ev))
		return;
	kind = bt_for_each_discarded_chunk(result, view, dr_judge);
	if (kind == BT_USER_WRITE_OWNER || kind == BT_USER_WRITE_UNMAPPED ||
	    kind == BT_USER_WRITE_RESHAPE)
		bt_unjudged(result, "a discard with an unknown origin or target");
}

const struct bt_invariant bt_discard_recorded = {
	.name = "discard-recorded",
	.severity = BT_SEVERITY_DATA,
	.impls = BT_ABOUT_LOCKLESS,
	.statement = "lockless: when a member gets a discard in chunk c, the disk has c as "
		     "Unwritten, or as a state that a load resyncs",
	.consequence = "Members discard at different times: a power cut in between leaves them "
		       "different under a byte that is Clean on disk.",
	.functions = "llbitmap_start_discard, llbitmap_write",
	.example = "a discard makes the byte Unwritten in memory only, and the members discard "
		   "at once",
	.correct = "has a byte on disk that a load resyncs, or Unwritten, before it sends a "
		   "discard to the members",
	.needs = BT_CAPABILITY_LIST(BT_SEES_LL_LIFE, BT_SEES_LL_STATES, BT_SEES_MEMBER_WRITES,
				    BT_SEES_PAGE_WRITES_INTERNAL),
	.may_be_idle = "no discard",
	.on = BT_TYPE_BIT(BT_DATA_START),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS,
	.event = dr_event,
};
