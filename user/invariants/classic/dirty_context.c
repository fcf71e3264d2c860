// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty-context: file systems rely on the folio lock when a folio is marked dirty
 * (Documentation/filesystems/locking.rst, dirty_folio): it prevents truncation. They also take
 * locks that must not be taken with interrupts off. md's set_bit runs under counts.lock with
 * interrupts off. A function called there must not enable interrupts: the endio of another
 * write takes the same lock.
 */
#include "invariants/invariant.h"

static void dc_judge_mark(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_task *task;
	bool locked;

	locked = ev->page.dirty & BT_DIRTY_LOCKED;
	task = bt_task_find(view->bitmap, ev->tid);
	if (locked && (!task || !task->set_from_seq)) {
		bt_held(result);
		return;
	}
	bt_broken(result, view,
		  locked ? "page %u is marked dirty inside set_bit, with interrupts off"
			 : "page %u is marked dirty without the folio's lock",
		  ev->page.page);
}

static void dc_judge_irqs(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;

	if (ev->irqs.on_entering == ev->irqs.on_leaving)
		return;
	bt_broken(result, view,
		  "md_bitmap_file_set_bit returns with interrupts %s, and was entered with "
		  "interrupts %s",
		  ev->irqs.on_leaving ? "on" : "off", ev->irqs.on_entering ? "on" : "off");
}

static void dc_event(struct bt_result *result, const struct bt_view *view)
{
	if (view->ev->type == BT_SET_BIT_LEFT)
		dc_judge_irqs(result, view);
	else
		dc_judge_mark(result, view);
}

const struct bt_invariant bt_dirty_context = {
	.name = "dirty-context",
	.impls = BT_ABOUT_CLASSIC,
	.severity = BT_SEVERITY_CONTEXT,
	.statement =
		"page cache: a bitmap page is marked dirty with its folio locked and never with "
		"interrupts off; set_bit returns with interrupts as at its entry",
	.consequence =
		"The page may be truncated meanwhile, or the kernel deadlocks: nothing is lost "
		"by this alone.",
	.functions = "md_bitmap_file_set_bit, folio_mark_dirty, counts.lock",
	.example = "set_bit marks the folio dirty under counts.lock, with interrupts off and "
		   "without the folio's lock",
	.correct = "marks the page dirty with the folio locked and interrupts on, and leaves "
		   "interrupts as it found them",
	.findings = "rfc: D5",
	.needs = BT_CAPABILITY_LIST(BT_SEES_DIRTYING),
	.needs_to_pass = BT_CAPABILITY_LIST(BT_SEES_IRQS),
	.may_be_idle = "no bitmap file in the page cache",
	.on = BT_TYPE_BIT(BT_PAGE_DIRTY) | BT_TYPE_BIT(BT_SET_BIT_LEFT),
	.rests_on = BT_TYPES_IRQS,
	.event = dc_event,
};
