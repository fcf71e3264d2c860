// SPDX-License-Identifier: GPL-2.0-only
/*
 * barrier-before-state: a writer that changes bytes holds the references of their pages by then, or
 * the daemon may clean what it has just made Dirty. Judged when llbitmap_start_write returns,
 * of the call inside it that changed something.
 */
#include "invariants/llbitmap/lockless.h"

#define PAGES_MAX 2 /* that the model remembers of a thread */

/* When the thread took the page's reference in this write; 0: not that we know. */
static uint64_t bbs_taken(const struct bt_task *task, uint32_t page)
{
	unsigned int i;

	for (i = 0; i < PAGES_MAX; i++)
		if (task->ll.pages[i] == page + 1 && task->ll.pages_seq[i] > task->ll.started_seq)
			return task->ll.pages_seq[i];
	return 0;
}

static void bbs_judge(struct bt_result *result, const struct bt_view *view,
		      const struct bt_task *task, uint32_t page)
{
	uint64_t taken = bbs_taken(task, page);
	struct bt_counterexample *cx;

	if (taken && taken < task->ll.call_seq) {
		bt_held(result);
		return;
	}
	if (!taken && !task->ll.started_seq && !view->bitmap->state.from_load) {
		bt_unjudged(result, "the write may have begun before tracing did");
		return;
	}
	cx = bt_broken(result, view,
		       taken ? "start_write returns; it changed chunks of page %u before it took "
			       "the page's reference"
			     : "start_write returns; it changed chunks of page %u without the "
			       "page's reference",
		       page);
	if (cx)
		bt_about(cx, page);
}

/* The call may be one of another function of this thread: then it is of other chunks. */
static void bbs_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_task *task = bt_task_find(bitmap, view->ev->tid);
	uint64_t first, last;
	uint32_t page, end;

	if (!task || task->ll.call_seq <= task->ll.started_seq ||
	    !bt_range_chunks(bitmap, view->ev->range.sector, view->ev->range.sectors, &first,
			     &last) ||
	    task->ll.call_first != first || task->ll.call_last != last)
		return;
	page = bt_page_of_block(bitmap, bt_block_of_chunk(bitmap, first));
	end = bt_page_of_block(bitmap, bt_block_of_chunk(bitmap, last)) + 1;
	if (end - page > PAGES_MAX) {
		bt_unjudged(result, "a write of more pages than are remembered");
		return;
	}
	for (; page < end; page++)
		bbs_judge(result, view, task, page);
}

const struct bt_invariant bt_barrier_before_state = {
	.name = "barrier-before-state",
	.severity = BT_SEVERITY_DATA,
	.impls = BT_ABOUT_LOCKLESS,
	.statement = "lockless: start_write changes states only while it holds the references of "
		     "their pages",
	.consequence = "The daemon makes a chunk Clean that a writer has just made Dirty: the "
		       "write runs unrecorded, and after a crash members differ.",
	.functions = "llbitmap_start_write, llbitmap_raise_barrier, llbitmap_state_machine",
	.example = "start_write runs the state machine first and takes the reference of the "
		   "page after it",
	.correct = "takes the reference of each page of the range before it changes a state in "
		   "it",
	.needs = BT_CAPABILITY_LIST(BT_SEES_LL_LIFE, BT_SEES_LL_BARRIER, BT_SEES_LL_STATES,
				    BT_SEES_LL_WRITES),
	.idle = "no write changed the state of a chunk",
	.on = BT_TYPE_BIT(BT_STARTWRITE),
	.rests_on = BT_TYPES_COUNTERS,
	.event = bbs_event,
};
