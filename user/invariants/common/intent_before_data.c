// SPDX-License-Identifier: GPL-2.0-only
/*
 * intent-before-data: the promise of the bitmap itself. Judged when a user
 * write enters the queue of a member (block_bio_queue), before the device can
 * have seen any of it.
 */
#include "invariants/invariant.h"

static void judge(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, index);
	uint32_t page = bt_block_of_chunk(view->bitmap, index);
	const struct bt_block *known = bt_block_find(view->bitmap, page);
	struct bt_counterexample *cx;
	struct bt_window need;

	switch (bt_chunk_bit_of(view->bitmap, chunk, index)) {
	case BT_BIT_LOADED:
		return; /* set on disk before we or anybody came: nothing to wait for */
	case BT_BIT_UNKNOWN:
		bt_unjudged(result, "the bit may have been set before tracing began");
		return;
	case BT_BIT_CLEAR:
		cx = bt_broken(result, view,
			       "data for chunk %llu goes to member %d; its bit is not set",
			       (unsigned long long)index, view->ev->member);
		if (cx) {
			bt_about(cx, index);
			bt_evidence_clear(cx, view, index);
		}
		return;
	case BT_BIT_SET:
		break;
	}
	need = (struct bt_window){ .from_seq = chunk->set_from_seq, .seq = chunk->set.seq };
	if (bt_answered(result, bt_block_covers(view->bitmap, known, need), BT_WRITTEN_WHILE_SET))
		return;
	cx = bt_broken(
		result, view,
		bt_block_lacks_copy(view->bitmap, known, need)
			? "data for chunk %llu goes to member %d; of bitmap page %u a part "
			  "was left out of each write from after its set_bit"
			: "data for chunk %llu goes to member %d; no write of bitmap page %u "
			  "from after its set_bit has ended",
		(unsigned long long)index, view->ev->member, page);
	if (!cx)
		return;
	bt_about(cx, index);
	bt_evidence(cx, &chunk->set);
	bt_evidence_page(cx, view, page, need);
	bt_evidence_task(cx, view, chunk->set.seq);
}

static void event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	enum bt_data_class class;
	struct bt_data_walk walk;
	uint64_t first, nr, i;

	if (!bt_event_enabled(ev))
		return;
	class = bt_data_class(view->model, ev);
	if (class == BT_DATA_OTHER)
		return;
	if (class == BT_DATA_UNKNOWN) {
		bt_unjudged(result, "a member write of which it cannot be told whose it is");
		return;
	}
	if (!bt_level_mapped(view->bitmap)) {
		bt_blind(result, "no mapping from member sectors to chunks for this level");
		return;
	}
	if (ev->bm_flags & BT_BM_RESHAPE) {
		bt_blind(result, "the array is being reshaped: no mapping to chunks");
		return;
	}
	if (!bt_data_walk(&walk, view->bitmap, ev)) {
		bt_unjudged(result, "a write outside the bitmap");
		return;
	}
	while (bt_data_next(&walk, &first, &nr))
		for (i = first; i < first + nr; i++)
			judge(result, view, i);
}

static const char *const needs[] = { "md_bitmap_file_set_bit", "block_bio_queue", NULL };

const struct bt_invariant bt_intent_before_data = {
	.name = "intent-before-data",
	.statement = "when a member gets a user write for chunk c, a done write of page(c) covers "
		     "the last set_bit(c)",
	.needs = needs,
	.needs_page_writes = true,
	.idle = "no user write whose set_bit was seen reached a member",
	.on = BT_TYPE_BIT(BT_DATA_START),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS,
	.event = event,
};
