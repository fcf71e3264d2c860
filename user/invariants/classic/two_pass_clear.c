// SPDX-License-Identifier: GPL-2.0-only
/*
 * two-pass-clear: the counter goes 2 -> 1 in one pass of the daemon and 1 -> 0 in a later one.
 * So a chunk that is written again and again needs no set_bit for each write. Passes are
 * counted, not seconds: bitmap_flush runs three passes in a row.
 */
#include "invariants/invariant.h"

/* Seq since which the chunk has been idle; 0: not known. */
static uint64_t tpc_quiet_since(const struct bt_bitmap *bitmap, const struct bt_chunk *chunk)
{
	if (chunk && chunk->end_seq)
		return chunk->end_seq;
	return bitmap->state.from_load ? bitmap->state.init_exit.seq : 0;
}

static void tpc_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap = view->bitmap;
	const struct bt_event *ev = view->ev;
	const struct bt_chunk *chunk;
	struct bt_counterexample *cx;
	uint64_t since;

	chunk = bt_chunk_find(bitmap, ev->bit.chunk);
	since = tpc_quiet_since(bitmap, chunk);
	/* The exit of another task's pass may be emitted after this task has taken the mutex. */
	if (!since || bitmap->state.own.classic.pass_tid != ev->tid ||
	    bitmap->state.own.classic.passes_active > 1) {
		bt_unjudged(result, "the last write or the pass was not seen");
		return;
	}
	if (bitmap->state.own.classic.pass_exit.seq > since) {
		bt_held(result);
		return;
	}
	/*
	 * bitmap_flush makes a pass due while the array's thread may be between the entry of
	 * bitmap_daemon_work and its check of the time: no entry is emitted for that thread's
	 * pass, only its exit, and it may end after this clear.
	 */
	if (bitmap->state.own.classic.pass_taken_over) {
		bt_unjudged(result,
			    "the array's thread may have run a pass whose entry was not emitted");
		return;
	}
	cx = bt_broken(result, view,
		       "the bit of chunk %llu is cleared in the first pass of the daemon after its "
		       "last endwrite",
		       (unsigned long long)ev->bit.chunk);
	if (chunk)
		bt_evidence(cx, &chunk->set);
	bt_evidence(cx, &bitmap->state.own.classic.pass_exit);
	bt_evidence(cx, &bitmap->state.own.classic.pass_enter);
}

const struct bt_invariant bt_two_pass_clear = {
	.name = "two-pass-clear",
	.severity = BT_SEVERITY_PROTOCOL,
	.impls = BT_ABOUT_CLASSIC,
	.statement = "clear_bit(c) only after a complete daemon pass that began after the last "
		     "endwrite(c) and left the bit set",
	.consequence =
		"A chunk that is written again and again has its bit cleared and set each time: "
		"each costs two writes of the bitmap.",
	.functions = "bitmap_daemon_work",
	.example = "the daemon takes the counter from 2 to 0 at once",
	.correct = "lowers the counter to 1 in one pass of the daemon and drops the bit in a later "
		   "one",
	.follows_from = BT_RULES("balanced-counters"),
	.needs = BT_CAPABILITY_LIST(BT_SEES_CLEAR_BIT, BT_SEES_ENDWRITE, BT_SEES_DAEMON),
	.idle = "no bit was cleared",
	.on = BT_TYPE_BIT(BT_CLEAR_BIT),
	.rests_on = BT_TYPES_COUNTERS,
	.event = tpc_event,
};
