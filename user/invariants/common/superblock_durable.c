// SPDX-License-Identifier: GPL-2.0-only
/*
 * superblock-durable: on disk the bitmap's superblock must never be older than
 * md's own. Judged when bitmap_update_sb returns, and when md's superblock
 * goes to a member.
 */
#include "invariants/invariant.h"

static void sd_judge_exit(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_event *ev = view->ev;
	const struct bt_task *task;
	const struct bt_block *block;
	struct bt_counterexample *cx;
	struct bt_window need;

	task = bt_task_find(bitmap, ev->tid);
	if (!task || !task->update_sb.seq) {
		bt_unjudged(result, "its entry was not seen");
		return;
	}
	need = (struct bt_window){ .from_seq = task->update_sb.seq, .seq = task->update_sb.seq };
	block = bt_block_find(bitmap, 0);
	/* md_super_write leaves out members that have failed, if need be all. */
	if (bitmap->backend == BT_BACKEND_INTERNAL && (!block || block->start_seq < need.seq)) {
		bt_unjudged(result, "no member took the superblock");
		return;
	}
	if (bt_block_covers(bitmap, block, need) != BT_NO) {
		bt_held(result);
		return;
	}
	cx = bt_broken(
		result, view,
		"bitmap_update_sb returns; no write of page 0 from after its entry has ended");
	if (!cx)
		return;
	bt_evidence(cx, &task->update_sb);
	bt_evidence_block(cx, view, 0, need);
	bt_evidence_task(cx, view, need.seq);
}

/*
 * mddev->events changes in md_update_sb only, which tells the bitmap before
 * the members; all that goes to a superblock's place carries the same number.
 */
static void sd_judge_member(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event_ref *updated = &view->bitmap->state.sb_updated;
	struct bt_counterexample *cx;

	if (!updated->seq)
		return; /* not since we look, or not through bitmap_update_sb */
	if (updated->ev.super.events == view->ev->super.events) {
		bt_held(result);
		return;
	}
	cx = bt_broken(
		result, view,
		"the md superblock with events %llu goes to member %d; the bitmap's was last "
		"updated with %llu",
		(unsigned long long)view->ev->super.events, view->ev->member,
		(unsigned long long)updated->ev.super.events);
	if (cx)
		bt_evidence(cx, updated);
}

static void sd_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;

	if (!view->bitmap->geometry.geometry.has_sb ||
	    ev->bm_flags & (BT_BM_NO_FILEMAP | BT_BM_WRITE_ERROR))
		return;
	if (ev->type == BT_UPDATE_SB_EXIT)
		sd_judge_exit(result, view);
	else if (ev->type == BT_SB_WRITE_START)
		sd_judge_member(result, view);
}

const struct bt_invariant bt_superblock_durable = {
	.name = "superblock-durable",
	.severity = BT_SEVERITY_RESYNC,
	.statement = "when update_sb returns, page 0's write is done; the md superblock goes down "
		     "only after",
	.needs = BT_CAPABILITY_LIST(BT_SEES_UPDATE_SB, BT_SEES_PAGE_WRITES, BT_SEES_LL_LIFE,
				    BT_SEES_LL_UPDATE_SB),
	.may_be_idle = "the superblock was not updated through bitmap_update_sb",
	.on = BT_TYPE_BIT(BT_UPDATE_SB_EXIT) | BT_TYPE_BIT(BT_SB_WRITE_START),
	.rests_on = BT_TYPES_SUPER,
	.event = sd_event,
};
