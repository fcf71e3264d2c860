// SPDX-License-Identifier: GPL-2.0-only
/*
 * intent-before-data: the purpose of the bitmap. Judged when a user write is submitted to a
 * member, before the device can have started it.
 */
#include "invariants/invariant.h"

static void ibd_unprotected(struct bt_result *result, const struct bt_view *view,
			    const struct bt_user_chunk *chunk)
{
	struct bt_counterexample *cx;

	cx = bt_broken(result, view,
		       "data for chunk %llu goes to member %d; the chunk is not protected",
		       (unsigned long long)chunk->index, view->ev->member);
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
			? "data for chunk %llu goes to member %d; each write of bitmap page %u "
			  "with "
			  "its record left out a copy or a block"
			: "data for chunk %llu goes to member %d before its record is on disk: no "
			  "write of bitmap page %u with that record has ended",
		(unsigned long long)chunk->index, view->ev->member,
		bt_page_of_block(view->bitmap, chunk->block_index));
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
		return; /* on disk before tracing began: no write to wait for */
	case BT_PROTECTION_UNKNOWN:
		bt_unjudged(result, "the chunk may have been protected before tracing began");
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
		bt_unjudged(result, "a member write of unknown origin");
		return;
	case BT_USER_WRITE_UNMAPPED:
		bt_blind(result, "no mapping from member sectors to chunks for this level");
		return;
	case BT_USER_WRITE_RESHAPE:
		bt_blind(result, "the array is being reshaped: no mapping to chunks");
		return;
	case BT_USER_WRITE_OUTSIDE:
		bt_unjudged(result, "a write beyond the last chunk of the bitmap");
		return;
	}
}

const struct bt_invariant bt_intent_before_data = {
	.name = "intent-before-data",
	.severity = BT_SEVERITY_DATA,
	.statement = "when a user write for chunk c is submitted to a member, a write of c's "
		     "bitmap page that was submitted since c was protected has completed",
	.consequence =
		"A crash before the bit is on disk leaves members that differ, and md does not "
		"resync the chunk: reads return old or new data, depending on the member.",
	.functions = "md_bitmap_startwrite, md_bitmap_unplug, and the personality that submits the "
		     "data (raid1_write_request, flush_bio_list)",
	.example =
		"two writers flush one bitmap page; the second does not wait for the first one's "
		"I/O, and its data overtakes the bit",
	.correct = "sets the bit, submits the bitmap page, waits until that write has ended, and "
		   "only then sends the data to the members",
	.findings = "stock md: S1 (unplug race), S3 (raid10 discard); rfc: D1",
	.follows_from = BT_RULES("dirty-reaches-disk", "unplug-durable", "intent-recorded",
				 "write-error-kicks", "no-clear-in-flight",
				 "writeback-before-stale-drop", "page-identity"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_SET_BIT, BT_SEES_MEMBER_WRITES, BT_SEES_PAGE_WRITES,
				    BT_SEES_LL_LIFE, BT_SEES_LL_STATES),
	.idle = "no user write to a chunk that was seen to become protected reached a member",
	.on = BT_TYPE_BIT(BT_DATA_START),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS,
	.event = ibd_event,
};
