// SPDX-License-Identifier: GPL-2.0-only
/*
 * write-error-kicks: md must not rely on a bitmap page that it could not write. When an unplug
 * returns and a page write of it failed, a bitmap file is STALE (md_bitmap_file_kick), or a
 * member of an internal bitmap is Faulty (super_written, through the personality's error
 * handler).
 */
#include "invariants/invariant.h"

static void wek_evidence(struct bt_counterexample *cx, const struct bt_unplug *call,
			 const struct bt_failure *failure)
{
	bt_about(cx, failure->end.ev.page.page);
	bt_evidence(cx, &call->enter);
	bt_evidence(cx, &failure->end);
}

static void wek_judge_member(struct bt_result *result, const struct bt_view *view,
			     const struct bt_unplug *call, const struct bt_failure *failure)
{
	const struct bt_member *member =
		bt_member_error(view->bitmap, failure->dev, failure->start_seq);
	struct bt_counterexample *cx;

	if (member && member->error.ev.member_error.faulty) {
		bt_held(result);
		return;
	}
	if (member) {
		bt_unjudged(result, "the member was kept because it is the last one");
		return;
	}
	/* md_error returns early for a member that is Faulty already. */
	if (bt_member_error(view->bitmap, failure->dev, 0)) {
		bt_unjudged(result, "the member may have failed before the write began");
		return;
	}
	cx = bt_broken(
		result, view,
		"unplug returns; a write of bitmap page %u failed and the member is still in "
		"the array",
		failure->end.ev.page.page);
	wek_evidence(cx, call, failure);
}

static void wek_judge_file(struct bt_result *result, const struct bt_view *view,
			   const struct bt_unplug *call, const struct bt_failure *failure)
{
	struct bt_counterexample *cx;

	if (view->ev->bm_flags & BT_BM_STALE) {
		bt_held(result);
		return;
	}
	cx = bt_broken(
		result, view,
		"unplug returns; a write of bitmap page %u failed and the bitmap is not STALE",
		failure->end.ev.page.page);
	wek_evidence(cx, call, failure);
}

static void wek_unplug_exit(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_unplug *call = bt_unplug_find(view->bitmap, view->ev->tid);
	uint32_t i;

	for (i = 0; call && i < call->failures_nr; i++) {
		if (view->bitmap->backend == BT_BACKEND_UNKNOWN)
			bt_unjudged(result,
				    "not known whether the bitmap is in a file or on the members");
		else if (view->bitmap->backend == BT_BACKEND_INTERNAL)
			wek_judge_member(result, view, call, &call->failures[i]);
		else
			wek_judge_file(result, view, call, &call->failures[i]);
	}
}

/* The unplug returned before the failure, so no call can report it. */
static void wek_page_end(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_io *io = bt_io_find(view->bitmap, ev->page.io);
	const struct bt_unplug *call;
	struct bt_counterexample *cx;

	if (!io || !io->in_unplug || ev->bm_flags & BT_BM_STALE ||
	    !bt_page_write_failed(view->bitmap, io, ev))
		return;
	call = bt_unplug_find(view->bitmap, io->unplug_tid);
	if (call && call->enter.seq < io->start.seq)
		return;
	cx = bt_broken(
		result, view,
		"a write of bitmap page %u failed after the unplug that submitted it had returned",
		ev->page.page);
	if (cx)
		bt_evidence(cx, &io->start);
}

static void wek_event(struct bt_result *result, const struct bt_view *view)
{
	if (view->ev->type == BT_UNPLUG_EXIT)
		wek_unplug_exit(result, view);
	else if (view->ev->type == BT_PAGE_WRITE_END)
		wek_page_end(result, view);
}

const struct bt_invariant bt_write_error_kicks = {
	.name = "write-error-kicks",
	.severity = BT_SEVERITY_DATA,
	.statement = "a failed bitmap page write makes the bitmap STALE (file) or the member "
		     "Faulty (internal) before the unplug that submitted it returns",
	.consequence =
		"md goes on to rely on a bitmap, or on a member, that does not have the bits.",
	.functions = "__bitmap_unplug (BITMAP_WRITE_ERROR), md_bitmap_file_kick, super_written, "
		     "md_error",
	.example = "the write of a bitmap file's page fails, and the bitmap stays in use",
	.correct = "gives up the bitmap file (STALE), or the member, before the unplug returns "
		   "whose page write failed",
	.findings = "rfc: D8",
	.needs = BT_CAPABILITY_LIST(BT_SEES_UNPLUG, BT_SEES_PAGE_WRITES, BT_SEES_ERRORS,
				    BT_SEES_LL_LIFE, BT_SEES_LL_UNPLUG),
	.may_be_idle = "no bitmap page write of an unplug failed",
	.on = BT_TYPE_BIT(BT_UNPLUG_EXIT) | BT_TYPE_BIT(BT_PAGE_WRITE_END),
	.event = wek_event,
};
