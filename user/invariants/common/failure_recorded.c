// SPDX-License-Identifier: GPL-2.0-only
/*
 * failure-recorded: when a bitmap page cannot be written, md gives up the bitmap file or fails
 * the member, at first only in memory. Until a superblock on a disk records that, a crash
 * leaves an array that relies on a copy of the bitmap without the bit. Judged when a user write
 * is submitted to a member while no superblock on a disk records the failure.
 */
#include "invariants/invariant.h"

static void fr_protected(struct bt_result *result, const struct bt_view *view,
			 const struct bt_user_chunk *chunk)
{
	const struct bt_block *block = bt_block_find(view->bitmap, chunk->block_index);
	struct bt_window need = bt_chunk_window(chunk->known);
	struct bt_counterexample *cx;

	/* A chunk that no disk has as protected in a bitmap in use: see intent-before-data */
	if (bt_event_enabled(view->ev) && bt_block_covers(view->bitmap, block, need) == BT_NO)
		return;
	if (bt_answered(result, bt_block_whole(view->bitmap, block, need), BT_WRITTEN_WHILE_SET))
		return;
	cx = bt_broken(
		result, view,
		"data for chunk %llu goes to member %d; a write of bitmap page %u has failed, "
		"and no md superblock written since is on a disk",
		(unsigned long long)chunk->index, view->ev->member,
		bt_page_of_block(view->bitmap, chunk->block_index));
	bt_about(cx, chunk->index);
	bt_evidence(cx, &chunk->known->set);
	bt_evidence(cx, &view->bitmap->state.failure);
	bt_evidence_task(cx, view, chunk->known->set.seq);
}

static void fr_judge(struct bt_result *result, const struct bt_view *view,
		     const struct bt_user_chunk *chunk)
{
	if (chunk->protection == BT_PROTECTION_UNKNOWN)
		bt_unjudged(result, "the chunk may have been protected before tracing began");
	else if (chunk->protection == BT_PROTECTED)
		fr_protected(result, view, chunk);
	/* Unprotected: intent-before-data. Loaded: all copies have it. */
}

static void fr_event(struct bt_result *result, const struct bt_view *view)
{
	enum bt_user_write kind;

	/*
	 * Also judged when the bitmap is STALE: the rule matters after the bitmap was kicked.
	 */
	if (!view->bitmap->state.failure.seq)
		return;
	kind = bt_for_each_user_chunk(result, view, fr_judge);
	if (kind != BT_USER_WRITE && kind != BT_USER_WRITE_NONE)
		bt_unjudged(result, "a member write of unknown origin or position");
}

const struct bt_invariant bt_failure_recorded = {
	.name = "failure-recorded",
	.severity = BT_SEVERITY_DATA,
	.statement =
		"after a bitmap page write fails, no user data reaches a member until an md "
		"superblock written after the failure is on disk (unless all copies had the bit)",
	.consequence =
		"After a crash md trusts the bitmap file, or reads the bitmap of the member, "
		"that lacks the bit: no resync.",
	.functions = "md_bitmap_file_kick, md_error, md_update_sb",
	.example = "unplug kicks the bitmap file out, and the data goes down before the next "
		   "superblock does",
	.correct = "writes an md superblock that records the failure before it sends more data to "
		   "the members",
	.findings = "stock md: S6, S7 (failed bitmap write)",
	.follows_from = BT_RULES("write-error-kicks"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_SET_BIT, BT_SEES_MEMBER_WRITES, BT_SEES_PAGE_WRITES,
				    BT_SEES_LL_LIFE, BT_SEES_LL_STATES),
	.may_be_idle = "no page write failed before a user write",
	.on = BT_TYPE_BIT(BT_DATA_START),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS | BT_TYPES_SUPER,
	.event = fr_event,
};
