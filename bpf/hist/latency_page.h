/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bitmap pages on their way to the disk, and the bits that wait for them. One
 * write of a page is several parts: one a member for an internal bitmap, one a
 * block of a file. The bits are on disk when all parts have ended.
 */
#ifndef BITMAP_TRACE_LATENCY_PAGE_H
#define BITMAP_TRACE_LATENCY_PAGE_H

#include "hist/latency_calls.h"

#define BITS_PER_PAGE (1 << PAGE_BIT_SHIFT)
#define PARTS_MAX     4 /* submissions of one buffer head at the same time; a power of 2 */

/* One write of one page that bits wait for. Who brings pending to 0 is the last to know it. */
struct round {
	__u64 key;     /* its number, by which it is found; 0: free */
	__u64 waiting; /* chunk + 1 of the newest of them */
	__u64 id;      /* of their bitmap's bits */
	__u64 ended_ns;
	__u32 array;
	__u32 pending; /* parts under way; and 1 until its thread can add none any more */
	__u32 ok, failed;
	__u32 file; /* one failed part spoils it; of an internal bitmap one good part is enough */
	__u32 pad;
};

#define ROUNDS_BITS  12
#define ROUNDS_TRIES 4 /* places for a new one; others may be long under way in theirs */

/* By the low bits of the number. */
static struct round rounds[1 << ROUNDS_BITS];

static __u64 round_last = 0;

/* A part of a page write that is under way. */
struct part {
	__u64 start_ns;
	__u64 round;
	__u64 array;
};

/*
 * What has been submitted of one buffer head, oldest first. It keeps its place
 * when all has ended, a bitmap's blocks being written again and again.
 */
struct io {
	__u64 address;
	__u32 started, ended;
	struct part parts[PARTS_MAX];
};

#define IO_ROWS_BITS 10
#define IO_PLACES    8

struct io_row {
	struct io places[IO_PLACES];
};

static struct io_row io_rows[1 << IO_ROWS_BITS];

/* What is not submitted again before it has ended, a bio or a folio. */
struct once {
	__u64 address;
	struct part part;
};

#define ONCE_ROWS_BITS 12
#define ONCE_PLACES    4

struct once_row {
	struct once places[ONCE_PLACES];
};

static struct once_row once_rows[1 << ONCE_ROWS_BITS];

/* ---- bits that wait ---------------------------------------------------------------- */

struct settle {
	__u64 next;
	__u64 id;
	__u64 ended_ns;
	__u32 array;
	__u32 pad;
};

static long settle_bit(__u32 i, void *data)
{
	struct settle *settle = data;
	struct bit *bit;

	if (!settle->next)
		return 1;
	bit = bit_get(bit_key(settle->id, settle->next - 1));
	if (!bit) {
		/* Cleared before it was on disk; what was set before it cannot be told any more. */
		count_loss(BT_LATENCY_LOST_BITS);
		return 1;
	}
	settle->next = bit->next;
	if (!bit->unclear)
		add_span(settle->array, BT_STAGE_SET_TO_DISK, bit->set_ns, settle->ended_ns);
	/* Set twice before it was written, it is in the chain twice: once is enough. */
	bit->next = 0;
	bit->unclear = 1;
	return 0;
}

static __always_inline struct round *round_place(__u64 key)
{
	return &rounds[key & ((1 << ROUNDS_BITS) - 1)];
}

static __always_inline struct round *round_get(__u64 key)
{
	struct round *round = round_place(key);

	if (!key || round->key != key)
		round = NULL;
	barrier_var(round); /* as in call_get */
	return round;
}

/* Takes one off what the round waits for, and ends it with the last. */
static __always_inline void round_settle(struct round *round)
{
	struct settle settle = {};

	if (__sync_fetch_and_sub(&round->pending, 1) != 1)
		return;
	settle.next = round->waiting;
	settle.id = round->id;
	settle.ended_ns = round->ended_ns;
	settle.array = round->array;
	/* Most often there is but one. */
	if (round->ok && !(round->file && round->failed) && !settle_bit(0, &settle) && settle.next)
		bpf_loop(BITS_PER_PAGE, settle_bit, &settle, 0);
	__sync_lock_test_and_set(&round->key, 0);
}

/* The thread does something else: the write it was submitting has all its parts. */
static __always_inline void round_close(struct call *call)
{
	struct round *round;

	if (!call->page)
		return; /* a folio's write has but one part, and is not kept */
	round = round_get(call->round);
	call->page = 0;
	call->round = 0;
	if (round)
		round_settle(round);
}

/* Under the bits' lock: pushes of one bitmap come one after the other, takes do not. */
static __always_inline void bit_wait(struct known_page *page, struct bit *bit, __u64 chunk)
{
	__u64 head;
	int i;

	for (i = 0; i < 4; i++) {
		head = *(volatile __u64 *)&page->waiting;
		bit->next = head;
		if (__sync_val_compare_and_swap(&page->waiting, head, chunk + 1) == head)
			return;
	}
	count_loss(BT_LATENCY_LOST_BITS);
}

/* A free one, with its number, or NULL. */
static __always_inline struct round *round_take(__u64 *key)
{
	struct round *round;
	int i;

	for (i = 0; i < ROUNDS_TRIES; i++) {
		*key = __sync_fetch_and_add(&round_last, 1) + 1;
		round = round_place(*key);
		if (!round->key && __sync_val_compare_and_swap(&round->key, 0, *key) == 0)
			return round;
	}
	return NULL;
}

/* A round for what waits for this page, with pending for its first part; 0: nothing does. */
static __always_inline __u64 round_begin(const struct known *of, struct known_page *page,
					 bool more_to_come)
{
	struct round *round;
	__u64 key, waiting;

	if (!*(volatile __u64 *)&page->waiting)
		return 0;
	waiting = __sync_lock_test_and_set(&page->waiting, 0);
	if (!waiting)
		return 0;
	round = round_take(&key);
	if (!round) {
		count_loss(BT_LATENCY_LOST_IOS);
		return 0;
	}
	/* None but us has the number yet. */
	round->waiting = waiting;
	round->id = of->id;
	round->ended_ns = 0;
	round->array = of->array;
	round->pending = more_to_come ? 2 : 1;
	round->ok = round->failed = 0;
	round->file = of->file;
	return key;
}

/* ---- page writes ------------------------------------------------------------------- */

static __always_inline struct io_row *io_row(__u64 address)
{
	return &io_rows[address_row(address, IO_ROWS_BITS)];
}

static __always_inline void io_start(__u64 address, const struct part *part)
{
	struct io_row *row = io_row(address);
	struct io *io = ROW_GET(row, address);
	__u32 i;

	if (!io) {
		io = ROW_TAKE(row);
		if (!io) {
			count_loss(BT_LATENCY_LOST_IOS);
			return;
		}
		io->started = io->ended = 0;
		place_tell(&io->address, address);
	}
	i = io->started;
	if (i - io->ended >= PARTS_MAX) {
		count_loss(BT_LATENCY_LOST_IOS);
		return;
	}
	io->parts[i & (PARTS_MAX - 1)] = *part;
	__sync_fetch_and_add(&io->started, 1);
}

/* False: a read, or begun before we looked. */
static __always_inline bool io_end(__u64 address, struct part *part)
{
	struct io *io = ROW_GET(io_row(address), address);

	if (!io || io->ended == io->started)
		return false;
	*part = io->parts[__sync_fetch_and_add(&io->ended, 1) & (PARTS_MAX - 1)];
	return true;
}

static __always_inline struct once_row *once_row(__u64 address)
{
	return &once_rows[address_row(address, ONCE_ROWS_BITS)];
}

static __always_inline void once_start(__u64 address, const struct part *part)
{
	struct once_row *row = once_row(address);
	struct once *once;

	/* One at this address has ended unseen: the probes were not all there yet. */
	once = ROW_GET(row, address);
	if (!once)
		once = ROW_TAKE(row);
	if (!once) {
		count_loss(BT_LATENCY_LOST_IOS);
		return;
	}
	once->part = *part;
	place_tell(&once->address, address);
}

/* False: begun before we looked, or no page write. */
static __always_inline bool once_end(__u64 address, struct part *part)
{
	struct once *once = ROW_GET(once_row(address), address);

	if (!once)
		return false;
	*part = once->part;
	place_tell(&once->address, PLACE_FREE);
	return true;
}

/*
 * Is it the next part of the write its thread is at? Parts come in the same
 * order each time: with the first one again, another write begins.
 */
static __always_inline __u64 part_round(const struct known *of, struct known_page *page,
					__u64 address, __u64 part)
{
	struct call *call = call_begin(of);
	struct round *round;

	if (!call)
		return round_begin(of, page, false);
	call->wrote = 1;
	if (call->page == address && call->first_part != part) {
		round = round_get(call->round);
		if (round)
			__sync_fetch_and_add(&round->pending, 1);
		return call->round;
	}
	round_close(call);
	if (part == address)
		return round_begin(of, page, false); /* a folio is written in one part */
	call->page = address;
	call->first_part = part;
	call->round = round_begin(of, page, true);
	return call->round;
}

/*
 * part: what tells two submissions of one page write apart; the page itself if there is but one.
 * again: io may be submitted again before it has ended.
 */
static __always_inline void page_write_start(const struct known *of, struct known_page *page,
					     __u64 address, __u64 io, __u64 part, bool again)
{
	__u64 dirty = *(volatile __u64 *)&page->dirty_ns;
	struct part new = { .start_ns = bpf_ktime_get_ns(), .array = of->array };

	if (dirty) {
		dirty = __sync_lock_test_and_set(&page->dirty_ns, 0);
		if (dirty)
			add(of, BT_STAGE_DIRTY_TO_WRITE, dirty, new.start_ns);
	}
	new.round = part_round(of, page, address, part);
	if (again)
		io_start(io, &new);
	else
		once_start(io, &new);
}

/* What is no page's write has not been started here. */
static __always_inline void page_write_end(__u64 io, bool failed, bool again)
{
	struct round *round;
	struct part part;
	__u64 now;

	if (!counting || (again ? !io_end(io, &part) : !once_end(io, &part)))
		return;
	now = bpf_ktime_get_ns();
	add_span(part.array, BT_STAGE_PAGE_WRITE, part.start_ns, now);
	round = round_get(part.round);
	if (!round)
		return;
	round->ended_ns = now;
	__sync_fetch_and_add(failed ? &round->failed : &round->ok, 1);
	round_settle(round);
}

static long forget_idle_io_row(__u32 nr, void *data)
{
	struct io_row *row = &io_rows[nr & ((1 << IO_ROWS_BITS) - 1)];
	struct io *io;
	int i;

	for (i = 0; i < IO_PLACES; i++) {
		io = &row->places[i];
		if (io->address > PLACE_FILLING && io->started == io->ended)
			place_tell(&io->address, PLACE_FREE);
	}
	return 0;
}

/* A bitmap is gone; whose blocks are whose is not known. */
static __always_inline void forget_idle_ios(void)
{
	bpf_loop(1 << IO_ROWS_BITS, forget_idle_io_row, NULL, 0);
}

#endif /* BITMAP_TRACE_LATENCY_PAGE_H */
