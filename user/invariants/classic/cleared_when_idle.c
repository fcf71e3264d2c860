// SPDX-License-Identifier: GPL-2.0-only
/*
 * cleared-when-idle: each bit that stays set costs a resync of its chunk after every crash.
 * Judged when a pass of the daemon begins or ends, for the chunks in the idle list. A time
 * without any pass is no violation: md arms no timer when a write ends, so the daemon may sleep
 * until something else wakes the array's thread. That gives a remark in the report.
 */
#include <inttypes.h>
#include <stdio.h>

#include "invariants/invariant.h"

#define REMARK_AFTER_NS UINT64_C(1000000000)

static void cwi_broken(struct bt_result *result, const struct bt_view *view, uint32_t i,
		       uint32_t passes)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	struct bt_counterexample *cx;

	cx = bt_broken(result, view,
		       "the bit of chunk %" PRIu64 " is still set %" PRIu32
		       " passes of the daemon after its last write",
		       bitmap->state.own.classic.idle[i], passes);
	bt_about(cx, bitmap->state.own.classic.idle[i]);
	bt_evidence(cx, &bt_chunk_find(bitmap, bitmap->state.own.classic.idle[i])->set);
	bt_evidence(cx, &bitmap->state.own.classic.pass_exit);
	bt_evidence(cx, &bitmap->state.own.classic.pass_enter);
}

static void cwi_judge_pass(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_chunk *chunk;
	uint32_t i;

	if (!bt_pass_counts(bitmap, view->ev))
		return;
	for (i = 0; i < bitmap->state.own.classic.idle_nr; i++) {
		chunk = bt_idle_chunk(bitmap, i);
		if (chunk && bt_passes_since(bitmap, chunk->own.classic.idle_pass, view->ev) ==
				     BT_IDLE_PASSES)
			cwi_broken(result, view, i, BT_IDLE_PASSES);
	}
}

/* md has waited for all writes, and bitmap_flush has run three passes. */
static void cwi_judge_gone(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_chunk *chunk;
	uint32_t i, passes;

	for (i = 0; i < view->bitmap->state.own.classic.idle_nr; i++) {
		chunk = bt_idle_chunk(view->bitmap, i);
		passes = chunk ? bt_passes_since(view->bitmap, chunk->own.classic.idle_pass, NULL)
			       : 0;
		if (passes >= BT_IDLE_PASSES_GONE)
			cwi_broken(result, view, i, passes);
	}
}

/* The daemon has cleared the bit in time: a chunk that was reported is no longer in the list. */
static void cwi_judge_clear(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, view->ev->bit.chunk);

	if (view->bitmap->state.own.classic.passes_reported && chunk &&
	    chunk->own.classic.idle_listed)
		bt_held(result);
}

static void cwi_event(struct bt_result *result, const struct bt_view *view)
{
	if (!bt_event_enabled(view->ev))
		return;
	if (view->ev->type == BT_CLEAR_BIT)
		cwi_judge_clear(result, view);
	else if (view->ev->type == BT_GONE)
		cwi_judge_gone(result, view);
	else
		cwi_judge_pass(result, view);
}

static uint32_t cwi_waiting(const struct bt_bitmap *bitmap)
{
	uint32_t i, nr = 0;

	for (i = 0; i < bitmap->state.own.classic.idle_nr; i++)
		nr += bt_idle_chunk(bitmap, i) != NULL;
	return nr;
}

/* The bitmap whose bits have stayed set longest when the stream ends. */
static void cwi_remark(const struct bt_model *model, char *text, size_t len)
{
	const struct bt_bitmap *bitmap, *longest = NULL;

	bt_for_each_bitmap(model,
			   bitmap) if (cwi_waiting(bitmap) &&
				       (!longest || bitmap->state.own.classic.endwrite_ns <
							    longest->state.own.classic.endwrite_ns))
		longest = bitmap;
	if (!longest || model->ts_ns < longest->state.own.classic.endwrite_ns + REMARK_AFTER_NS)
		return;
	snprintf(text, len,
		 "%s: %" PRIu32 " bits still set %.1f s after its last write, %" PRIu32
		 " passes of the daemon since",
		 longest->name, cwi_waiting(longest),
		 (double)(model->ts_ns - longest->state.own.classic.endwrite_ns) / 1e9,
		 bt_passes_since(longest, longest->state.own.classic.endwrite_pass, NULL));
}

const struct bt_invariant bt_cleared_when_idle = {
	.name = "cleared-when-idle",
	.severity = BT_SEVERITY_RESYNC,
	.impls = BT_ABOUT_CLASSIC,
	.statement = "a bit that a startwrite has set is cleared within three passes of the daemon "
		     "after the last endwrite, unless the array was degraded then",
	.consequence = "After each crash md resyncs chunks that agree; nothing is lost.",
	.functions = "md_bitmap_endwrite, bitmap_daemon_work",
	.example = "an endwrite does not mark the counter's page as pending; the daemon goes past "
		   "it, and the bit stays",
	.correct = "drops the bit in the second pass of the daemon after the last write of the "
		   "chunk",
	.follows_from = BT_RULES("balanced-counters"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_SET_BIT, BT_SEES_CLEAR_BIT, BT_SEES_STARTWRITE,
				    BT_SEES_ENDWRITE, BT_SEES_DAEMON),
	.may_be_idle =
		"no bit was cleared, and no chunk was idle for that many passes of the daemon",
	.on = BT_TYPE_BIT(BT_CLEAR_BIT) | BT_TYPE_BIT(BT_DAEMON_ENTER) |
	      BT_TYPE_BIT(BT_DAEMON_EXIT) | BT_TYPE_BIT(BT_GONE),
	.rests_on = BT_TYPES_COUNTERS,
	.event = cwi_event,
	.remark = cwi_remark,
};
