// SPDX-License-Identifier: GPL-2.0-only
/*
 * infected-marked: infection makes the other chunks of a block Dirty or NeedSync, so that their
 * next writers need no write of the bitmap. That is right only if the block is written after
 * it: its mark is there once infection is over, or a write of it begins since.
 */
#include "invariants/llbitmap/lockless.h"

static void im_broken(struct bt_result *result, const struct bt_view *view,
		      const struct bt_event_ref *change)
{
	struct bt_counterexample *cx;

	cx = bt_broken(result, view,
		       "%u chunks from %llu on became Dirty or NeedSync by infection; their block "
		       "is not marked, and no write of it has begun since",
		       change->ev.ll_state.chunks, (unsigned long long)change->ev.ll_state.chunk);
	bt_about(cx, change->ev.ll_state.chunk);
	bt_evidence(cx, change);
}

static void im_judge_change(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	struct bt_event_ref change = { .seq = view->seq, .ev = *ev };

	if (!bt_ll_is_infection(view->bitmap, ev))
		return;
	if (ev->ll_state.flags & BT_LL_BLOCK_MARKED)
		bt_held(result);
	else if (!bt_ll_workers_active(view->bitmap))
		im_broken(result, view, &change);
	/* else a worker has its mark, and is about to write it or has: judged when it is over */
}

/* Nobody is left who could write what is pending. */
static void im_judge_exit(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_ll_bitmap_state *ll = &view->bitmap->state.own.ll;
	uint32_t i;

	if (ll->workers_nr != 1 || ll->workers[0] != view->ev->tid || ll->workers_unknown)
		return;
	for (i = 0; i < ll->pending_nr; i++)
		im_broken(result, view, &ll->pending[i].change);
}

/* What was pending is written: the model takes it off the list when it has seen this. */
static void im_judge_write(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_ll_bitmap_state *ll = &view->bitmap->state.own.ll;
	uint32_t first, i, nr = bt_event_blocks(view->bitmap, view->ev, &first);

	for (i = 0; i < ll->pending_nr; i++)
		if (ll->pending[i].block - first < nr)
			bt_held(result);
}

static void im_event(struct bt_result *result, const struct bt_view *view)
{
	if (!bt_event_enabled(view->ev))
		return;
	if (view->ev->type == BT_LL_STATE)
		im_judge_change(result, view);
	else if (view->ev->type == BT_PAGE_WRITE_START)
		im_judge_write(result, view);
	else
		im_judge_exit(result, view);
}

const struct bt_invariant bt_infected_marked = {
	.name = "infected-marked",
	.severity = BT_SEVERITY_DATA,
	.impls = BT_ABOUT_LOCKLESS,
	.statement = "lockless: a chunk that infection makes Dirty or NeedSync is in a block that "
		     "is marked after it, or of which a write begins after it",
	.consequence = "The chunk is Dirty in memory and Clean on disk, and its block is not "
		       "written: the next writers find it Dirty and write nothing.",
	.functions = "llbitmap_set_page_dirty, llbitmap_infect_dirty_bits, llbitmap_write_page",
	.example = "infection changes bytes after a worker has taken the mark of the block",
	.correct = "marks the block after the last byte in it has changed",
	.needs = BT_CAPABILITY_LIST(BT_SEES_LL_LIFE, BT_SEES_LL_STATES, BT_SEES_LL_WORK,
				    BT_SEES_LL_FLUSH, BT_SEES_LL_UPDATE_SB,
				    BT_SEES_PAGE_WRITES_INTERNAL),
	.may_be_idle = "no infection",
	.on = BT_TYPE_BIT(BT_LL_STATE) | BT_TYPE_BIT(BT_LL_WORK_EXIT) |
	      BT_TYPE_BIT(BT_LL_FLUSH_EXIT) | BT_TYPE_BIT(BT_UPDATE_SB_EXIT) |
	      BT_TYPE_BIT(BT_PAGE_WRITE_START),
	.rests_on = BT_TYPES_SUPER,
	.event = im_event,
};
