// SPDX-License-Identifier: GPL-2.0-only
/*
 * flush-before-data (strict): intent-before-data, where a disk with a volatile
 * cache may forget a write that has ended. Judged only where the write of the
 * bit has ended at all; where not, intent-before-data has told.
 */
#include "invariants/invariant.h"

static void judge(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, index);
	uint32_t page_index = bt_block_of_chunk(view->bitmap, index);
	const struct bt_block *block = bt_block_find(view->bitmap, page_index);
	struct bt_counterexample *cx;
	struct bt_window need;

	if (bt_chunk_bit(view->bitmap, index) == BT_BIT_UNKNOWN) {
		bt_unjudged(result, "the bit may have been set before tracing began");
		return;
	}
	if (!chunk || chunk->bit != BT_BIT_SET)
		return;
	need = (struct bt_window){ .from_seq = chunk->set_from_seq, .seq = chunk->set.seq };
	if (bt_block_covers(view->bitmap, block, need) != BT_YES)
		return;
	if (bt_answered(result, bt_block_durable(view->bitmap, block, need), BT_WRITTEN_WHILE_SET))
		return;
	cx = bt_broken(result, view,
		       "data for chunk %llu goes to member %d; the write of bitmap page %u has "
		       "ended, but neither was it FUA nor has the disk been flushed since",
		       (unsigned long long)index, view->ev->member, page_index);
	if (!cx)
		return;
	bt_about(cx, index);
	bt_evidence(cx, &chunk->set);
	bt_evidence(cx, &block->end);
}

static void event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	struct bt_data_walk walk;
	uint64_t first, nr, i;

	if (!bt_event_enabled(ev) || bt_data_class(view->model, ev) == BT_DATA_OTHER)
		return;
	if (bt_data_class(view->model, ev) == BT_DATA_UNKNOWN ||
	    !bt_data_walk(&walk, view->bitmap, ev)) {
		bt_blind(result, "a member write of which it cannot be told whose it is, or where");
		return;
	}
	while (bt_data_next(&walk, &first, &nr))
		for (i = first; i < first + nr; i++)
			judge(result, view, i);
}

static const char *const needs[] = { "md_bitmap_file_set_bit", "block_bio_queue", "bio_endio",
				     NULL };

const struct bt_invariant bt_flush_before_data = {
	.name = "flush-before-data",
	.statement = "the covering write was FUA or was followed by FLUSH before the data write",
	.needs = needs,
	.needs_page_writes = true,
	.strict = true,
	.idle = "no user write whose set_bit was seen reached a member",
	.on = BT_TYPE_BIT(BT_DATA_START),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS | BT_TYPES_FLUSH,
	.event = event,
};
