// SPDX-License-Identifier: GPL-2.0-only
/*
 * failure-recorded: a bit that not all copies of the bitmap have is worth
 * nothing while the superblocks say that all copies count. When a page could
 * not be written md gives up the bitmap file, or the member; in memory. Judged
 * when a user write enters the queue of a member while no superblock on a disk
 * tells of it yet.
 */
#include "invariants/invariant.h"

static void judge(struct bt_result *result, const struct bt_view *view, uint64_t index)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, index);
	uint32_t page = bt_block_of_chunk(view->bitmap, index);
	const struct bt_block *known;
	struct bt_counterexample *cx;
	struct bt_window need;

	switch (bt_chunk_bit_of(view->bitmap, chunk, index)) {
	case BT_BIT_LOADED:
	case BT_BIT_CLEAR: /* intent-before-data */
		return;
	case BT_BIT_UNKNOWN:
		bt_unjudged(result, "the bit may have been set before tracing began");
		return;
	case BT_BIT_SET:
		break;
	}
	need = (struct bt_window){ .from_seq = chunk->set_from_seq, .seq = chunk->set.seq };
	known = bt_block_find(view->bitmap, page);
	/* A bit of a bitmap in use that is on no disk at all: intent-before-data */
	if (bt_event_enabled(view->ev) && bt_block_covers(view->bitmap, known, need) == BT_NO)
		return;
	if (bt_answered(result, bt_block_whole(view->bitmap, known, need), BT_WRITTEN_WHILE_SET))
		return;
	cx = bt_broken(
		result, view,
		"data for chunk %llu goes to member %d; a write of bitmap page %u has failed, "
		"and no md superblock from after that is on a disk",
		(unsigned long long)index, view->ev->member, page);
	if (!cx)
		return;
	bt_about(cx, index);
	bt_evidence(cx, &chunk->set);
	bt_evidence(cx, &view->bitmap->failure);
	bt_evidence_task(cx, view, chunk->set.seq);
}

static void event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	enum bt_data_class class;
	struct bt_data_walk walk;
	uint64_t first, nr, i;

	/* Also when the bitmap is STALE: after the kick is when it matters. */
	if (!view->bitmap->failure.seq)
		return;
	class = bt_data_class(view->model, ev);
	if (class == BT_DATA_OTHER)
		return;
	if (class == BT_DATA_UNKNOWN || !bt_data_walk(&walk, view->bitmap, ev)) {
		bt_unjudged(result, "a member write of which it cannot be told whose, or to where");
		return;
	}
	while (bt_data_next(&walk, &first, &nr))
		for (i = first; i < first + nr; i++)
			judge(result, view, i);
}

static const char *const needs[] = { "md_bitmap_file_set_bit", "block_bio_queue", NULL };

const struct bt_invariant bt_failure_recorded = {
	.name = "failure-recorded",
	.statement =
		"after a bitmap page could not be written, no data goes to a member whose bit not "
		"all copies have, before an md superblock from after that is on a disk",
	.needs = needs,
	.needs_page_writes = true,
	.may_be_idle = "no page write failed before data",
	.on = BT_TYPE_BIT(BT_DATA_START),
	.rests_on = BT_TYPES_DATA | BT_TYPES_COUNTERS | BT_TYPES_SUPER,
	.event = event,
};
