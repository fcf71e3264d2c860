// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chunks that wait for the daemon: their bit is set, and their last write has ended. The
 * daemon lowers a counter from 2 to 1 in one pass and from 1 to 0 in the next, and clears the
 * bit. Passes are counted, not seconds, since the stream does not contain the length of a
 * period.
 *
 * A pass counts if it certainly looked at the chunks: it ran (it was due), no other pass
 * overlapped it, and need_sync did not keep it from clearing bits. md sets need_sync in
 * bitmap_endwrite and resets it at the beginning of a pass. So it was not set in a pass if the
 * next pass found it reset, or if no write has ended since the pass before. A pass that finds
 * allclean set returns at once: md takes all bits as cleared, so it counts, too.
 *
 * An endwrite is emitted before it counts, and may be interrupted. It has certainly counted
 * when a pass that began after it has ended: hence one more pass is allowed.
 */
#include <errno.h>

#include "model/classic/handlers.h"

static bool ran_alone(const struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	return ev->pass.ran == BT_RAN_YES && bitmap->state.own.classic.pass_tid == ev->tid &&
	       bitmap->state.own.classic.passes_active == 1;
}

bool bt_pass_counts(const struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	if (ev->type == BT_DAEMON_ENTER)
		return bitmap->state.own.classic.pass_in_doubt && !ev->pass.need_sync;
	return ran_alone(bitmap, ev) &&
	       (bitmap->state.own.classic.pass_enter.ev.pass.allclean ||
		bitmap->state.own.classic.endwrite_seq < bitmap->state.own.classic.pass_ran_seq);
}

uint32_t bt_passes_begun(const struct bt_bitmap *bitmap)
{
	return bitmap->state.own.classic.passes_counted + bitmap->state.own.classic.passes_active +
	       bitmap->state.own.classic.pass_in_doubt;
}

uint32_t bt_passes_since(const struct bt_bitmap *bitmap, uint32_t since, const struct bt_event *ev)
{
	uint32_t now =
		bitmap->state.own.classic.passes_counted + (ev && bt_pass_counts(bitmap, ev));

	return now > since ? now - since : 0;
}

/* Only writers hold its counter: no resync is due, and set_bit came from bitmap_startwrite. */
static bool idle(const struct bt_chunk *chunk)
{
	return chunk->state == BT_BIT_SET && chunk->own.classic.kept == BT_KEPT_NOT &&
	       !chunk->writers;
}

int bt_idle_begins(struct bt_bitmap *bitmap, uint64_t index, struct bt_chunk *chunk)
{
	uint64_t *grown;

	chunk->own.classic.idle_pass = bt_passes_begun(bitmap);
	if (!idle(chunk) || chunk->own.classic.idle_listed)
		return 0;
	grown = bt_mem_grow(bitmap, bitmap->state.own.classic.idle,
			    bitmap->state.own.classic.idle_nr, &bitmap->state.own.classic.idle_cap,
			    sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	bitmap->state.own.classic.idle = grown;
	bitmap->state.own.classic.idle[bitmap->state.own.classic.idle_nr++] = index;
	chunk->own.classic.idle_listed = true;
	return 0;
}

const struct bt_chunk *bt_idle_chunk(const struct bt_bitmap *bitmap, uint32_t i)
{
	const struct bt_chunk *chunk = bt_chunk_find(bitmap, bitmap->state.own.classic.idle[i]);

	return chunk && idle(chunk) ? chunk : NULL;
}

/* Chunks that are cleared, or were reported, leave the list. */
static void idle_sweep(struct bt_bitmap *bitmap)
{
	struct bt_chunk *chunk;
	uint32_t i, kept = 0;

	for (i = 0; i < bitmap->state.own.classic.idle_nr; i++) {
		chunk = (struct bt_chunk *)bt_chunk_find(bitmap, bitmap->state.own.classic.idle[i]);
		if (!chunk)
			continue;
		chunk->own.classic.idle_listed =
			idle(chunk) && bt_passes_since(bitmap, chunk->own.classic.idle_pass, NULL) <
					       BT_IDLE_PASSES;
		if (chunk->own.classic.idle_listed)
			bitmap->state.own.classic.idle[kept++] = bitmap->state.own.classic.idle[i];
	}
	bitmap->state.own.classic.idle_nr = kept;
}

/* The next pass decides whether it counts. */
static void pass_over(struct bt_bitmap *bitmap, const struct bt_event *ev, bool counts)
{
	if (ev->pass.ran != BT_RAN_UNKNOWN)
		bitmap->state.own.classic.passes_reported = true;
	if (!ran_alone(bitmap, ev))
		return;
	bitmap->state.own.classic.pass_in_doubt = !counts;
	bitmap->state.own.classic.pass_ran_seq = bitmap->state.own.classic.pass_enter.seq;
}

/* Called before the event changes which task is in which pass. */
void bt_idle_pass(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	bool counts = bt_pass_counts(bitmap, ev);

	bitmap->state.own.classic.pass_in_doubt = false;
	if (ev->type == BT_DAEMON_EXIT)
		pass_over(bitmap, ev, counts);
	if (!counts)
		return;
	bitmap->state.own.classic.passes_counted++;
	idle_sweep(bitmap);
	bt_excess_pass(bitmap);
}

void bt_idle_free(struct bt_bitmap *bitmap)
{
	bt_mem_free(bitmap, bitmap->state.own.classic.idle,
		    bitmap->state.own.classic.idle_cap * sizeof(*bitmap->state.own.classic.idle));
	bitmap->state.own.classic.idle = NULL;
	bitmap->state.own.classic.idle_nr = bitmap->state.own.classic.idle_cap = 0;
}
