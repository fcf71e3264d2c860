// SPDX-License-Identifier: GPL-2.0-only
/*
 * balanced-counters: every endwrite has a startwrite before it, and every startwrite an
 * endwrite before the bitmap is freed. An endwrite without a startwrite is judged only since
 * the load: earlier startwrites may not have been seen.
 *
 * The counters that BT_STARTWRITE samples are judged, too: not lower than the calls make them,
 * and not higher permanently.
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
	cx = bt_broken(result, view, "endwrite of chunk %llu without a startwrite",
		       (unsigned long long)index);
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
		bt_blind(result, "a write of more chunks than the model handles at once");
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
		bt_about(cx, iter.index);
		bt_evidence(cx, &iter.chunk->set);
		return;
	}
	bt_held(result);
}

#define COUNTER_OF_ONE_WRITER 3

static uint32_t bc_writers_of(const struct bt_bitmap *bitmap, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, index);

	return chunk ? chunk->writers : 0;
}

/*
 * The counter includes this startwrite and those that returned before the sample was taken. The
 * sample is later than the thread's own last event. So it is judged only if no other startwrite
 * has returned since that event. An endwrite is emitted before md lowers the counter. A counter
 * below 3 is judged by intent-recorded.
 */
static void bc_judge_start(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_event *ev = view->ev;
	const struct bt_task *task = bt_task_find(bitmap, ev->tid);
	uint32_t writers, other;
	struct bt_counterexample *cx;
	uint64_t first, last;

	if (!ev->range.sampled || ev->range.counter < COUNTER_OF_ONE_WRITER || !task ||
	    !task->own_seq || bitmap->state.own.classic.startwrite_seq > task->own_seq ||
	    !bt_range_chunks(bitmap, ev->range.sector, ev->range.sectors, &first, &last))
		return;
	writers = bc_writers_of(bitmap, first);
	other = bc_writers_of(bitmap, last);
	if (other < writers)
		writers = other;
	if (!writers || ev->range.counter >= 2 + writers + 1) {
		bt_held(result);
		return;
	}
	cx = bt_broken(result, view,
		       "startwrite returns; the counter of chunk %llu or %llu is %u, and %u "
		       "other writes are in flight",
		       (unsigned long long)first, (unsigned long long)last, ev->range.counter,
		       writers);
	bt_about(cx, first);
}

static void bc_judge_pass(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_excess *excess;
	struct bt_counterexample *cx;

	excess = bt_pass_counts(bitmap, view->ev) ? bt_excess_proved(bitmap, view->ev) : NULL;
	if (!excess)
		return;
	cx = bt_broken(result, view,
		       "the counter of chunk %llu was %u when a startwrite returned: %u more than "
		       "there were writes, and it has not come down",
		       (unsigned long long)excess->chunk, excess->start.ev.range.counter,
		       excess->over);
	bt_about(cx, excess->chunk);
	bt_evidence(cx, &excess->start);
	bt_evidence(cx, &bitmap->state.own.classic.pass_enter);
}

static void bc_event(struct bt_result *result, const struct bt_view *view)
{
	if (view->ev->type == BT_ENDWRITE)
		bc_judge_end(result, view);
	else if (view->ev->type == BT_STARTWRITE)
		bc_judge_start(result, view);
	else if (view->ev->type == BT_GONE)
		bc_judge_gone(result, view);
	else
		bc_judge_pass(result, view);
}

const struct bt_invariant bt_balanced_counters = {
	.name = "balanced-counters",
	.severity = BT_SEVERITY_RESYNC,
	.impls = BT_ABOUT_CLASSIC,
	.statement =
		"startwrites - endwrites per chunk is never negative, and 0 when the bitmap is "
		"freed; the chunk's counter is as these calls make it",
	.consequence =
		"A counter that is too high keeps the bit set for good, and each crash costs a "
		"resync of the chunk; one too low drops the bit under a write.",
	.functions = "md_bitmap_startwrite, md_bitmap_endwrite",
	.example = "an endwrite leaves the counter of a chunk at 3 when the last write ends",
	.correct = "calls endwrite once for each startwrite, and each of them changes the counter "
		   "of the chunk by one",
	.needs = BT_CAPABILITY_LIST(BT_SEES_STARTWRITE, BT_SEES_ENDWRITE),
	.idle = "no write ended",
	.on = BT_TYPE_BIT(BT_STARTWRITE) | BT_TYPE_BIT(BT_ENDWRITE) | BT_TYPE_BIT(BT_GONE) |
	      BT_TYPE_BIT(BT_DAEMON_ENTER) | BT_TYPE_BIT(BT_DAEMON_EXIT),
	.rests_on = BT_TYPES_COUNTERS,
	.event = bc_event,
};
