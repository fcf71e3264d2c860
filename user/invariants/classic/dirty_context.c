// SPDX-License-Identifier: GPL-2.0-only
/*
 * dirty-context: file systems rely on a folio being locked when it is marked
 * dirty (Documentation/filesystems/locking.rst, dirty_folio), so that it cannot
 * be truncated meanwhile; and they take locks that must not be taken with
 * interrupts off. md's set_bit runs under counts.lock, interrupts off, and what
 * it calls must not turn them on: a write that ends then takes the lock again.
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
	bt_broken(result, view, "page %u is marked dirty %s", ev->page.page,
		  locked ? "inside set_bit, with interrupts off" : "without the folio's lock");
}

static void dc_judge_irqs(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;

	if (ev->irqs.on_entering == ev->irqs.on_leaving)
		return;
	bt_broken(result, view,
		  "md_bitmap_file_set_bit is left with interrupts %s, entered with %s",
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
	.severity = BT_SEVERITY_CONTEXT,
	.impls = BT_ABOUT_CLASSIC,
	.statement = "page cache: marking dirty happens with the folio locked and never with "
		     "interrupts off; set_bit leaves interrupts as it found them",
	.needs = BT_CAPABILITY_LIST(BT_SEES_DIRTYING),
	.needs_to_pass = BT_CAPABILITY_LIST(BT_SEES_IRQS),
	.may_be_idle = "no bitmap file in the page cache",
	.on = BT_TYPE_BIT(BT_PAGE_DIRTY) | BT_TYPE_BIT(BT_SET_BIT_LEFT),
	.rests_on = BT_TYPES_IRQS,
	.event = dc_event,
};
