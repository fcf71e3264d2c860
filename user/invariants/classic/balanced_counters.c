// SPDX-License-Identifier: GPL-2.0-only
/*
 * balanced-counters: every endwrite has had its startwrite, and when the
 * bitmap is freed none is missing. An endwrite without one convicts only from
 * the load on: before, startwrites may have gone unseen.
 */
#include "invariants/invariant.h"

static void bc_judge_end_of(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, index);
	struct bt_counterexample *cx;

	if (chunk && chunk->writers) {
		bt_held(result);
		return;
	}
	if (!view->bitmap->state.from_load || view->bitmap->state.counters_forgotten) {
		bt_unjudged(result, "startwrites from before tracing began");
		return;
	}
	cx = bt_broken(result, view, "endwrite of chunk %llu has had no startwrite",
		       (unsigned long long)index);
	if (!cx)
		return;
	bt_about(cx, index);
	bt_evidence(cx, &view->bitmap->state.init_exit);
}

static void bc_judge_end(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	uint64_t first, last;

	if (!bt_range_chunks(view->bitmap, ev->range.sector, ev->range.sectors, &first, &last))
		return;
	if (last - first >= BT_CHUNKS_PER_EVENT_MAX) {
		bt_blind(result, "a write of more chunks than the model takes at once");
		return;
	}
	for (; first <= last; first++)
		bc_judge_end_of(result, view, first);
}

/* md waits for all writes before it frees the bitmap. */
static void bc_judge_gone(struct bt_result *result, const struct bt_view *view)
{
	struct bt_chunk_iter iter = { .group = NULL };
	struct bt_counterexample *cx;

	while (bt_chunk_next(view->bitmap, &iter)) {
		if (!iter.chunk->writers)
			continue;
		cx = bt_broken(result, view,
			       "the bitmap is freed; %u startwrites of chunk %llu have not been "
			       "ended",
			       iter.chunk->writers, (unsigned long long)iter.index);
		if (!cx)
			return;
		bt_about(cx, iter.index);
		bt_evidence(cx, &iter.chunk->set);
		return;
	}
	bt_held(result);
}

static void bc_event(struct bt_result *result, const struct bt_view *view)
{
	if (view->ev->type != BT_ENDWRITE && view->ev->type != BT_GONE)
		return;
	if (view->ev->type == BT_ENDWRITE)
		bc_judge_end(result, view);
	else
		bc_judge_gone(result, view);
}

static const char *const needs[] = { "bitmap_startwrite", "bitmap_endwrite", NULL };

const struct bt_invariant bt_balanced_counters = {
	.name = "balanced-counters",
	.severity = BT_SEVERITY_RESYNC,
	.statement =
		"startwrites - endwrites per chunk is never negative, and 0 when the bitmap is "
		"freed",
	.needs = needs,
	.idle = "no write ended",
	.on = BT_TYPE_BIT(BT_ENDWRITE) | BT_TYPE_BIT(BT_GONE),
	.rests_on = BT_TYPES_COUNTERS,
	.event = bc_event,
};
