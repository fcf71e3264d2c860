// SPDX-License-Identifier: GPL-2.0-only
/*
 * superblock-durable: the bitmap's superblock on disk must never be older than md's superblock.
 * Judged when bitmap_update_sb returns, and when md's superblock is submitted to a member.
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
		bt_unjudged(result, "the entry of bitmap_update_sb was not seen");
		return;
	}
	need = (struct bt_window){ .from_seq = task->update_sb.seq, .seq = task->update_sb.seq };
	block = bt_block_find(bitmap, 0);
	/* md_super_write skips members that have failed; that may be all of them. */
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
		"bitmap_update_sb returns before page 0 is on disk: no write of it submitted "
		"since its entry has completed");
	bt_evidence(cx, &task->update_sb);
	bt_evidence_block(cx, view, 0, need);
	bt_evidence_task(cx, view, need.seq);
}

/*
 * mddev->events changes in md_update_sb only, which updates the bitmap's superblock before it
 * writes the members'. Every bio to the place of a superblock carries the same number.
 */
static void sd_judge_member(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event_ref *updated = &view->bitmap->state.sb_updated;
	struct bt_counterexample *cx;

	if (!updated->seq)
		return; /* no bitmap_update_sb was seen */
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
	.statement = "when update_sb returns, the write of bitmap page 0 has completed; the md "
		     "superblock is submitted after that",
	.consequence =
		"After a crash the bitmap's superblock is older than md's: md takes the bitmap "
		"for stale, and resyncs everything.",
	.functions = "md_bitmap_update_sb, md_update_sb",
	.example = "bitmap_update_sb returns while the write of page 0 is in flight",
	.correct = "waits in bitmap_update_sb for the write of page 0, and writes md's own "
		   "superblock only after it",
	.findings = "rfc: D11",
	.follows_from = BT_RULES("dirty-reaches-disk"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_UPDATE_SB, BT_SEES_PAGE_WRITES, BT_SEES_LL_LIFE,
				    BT_SEES_LL_UPDATE_SB),
	.may_be_idle = "bitmap_update_sb was not called",
	.on = BT_TYPE_BIT(BT_UPDATE_SB_EXIT) | BT_TYPE_BIT(BT_SB_WRITE_START),
	.rests_on = BT_TYPES_SUPER,
	.event = sd_event,
};
