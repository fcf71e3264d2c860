/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bitmap pages on their way to the disk, and the bits that wait for them. One
 * write of a page is several parts: one a member for an internal bitmap, one a
 * block of a file. The bits are on disk when all parts have ended.
 */
#ifndef BITMAP_TRACE_LATENCY_PAGE_H
#define BITMAP_TRACE_LATENCY_PAGE_H

#include "latency_calls.h"

#define BITS_PER_PAGE (1 << PAGE_BIT_SHIFT)
#define PARTS_MAX     4 /* submissions of one buffer head at the same time; a power of 2 */

/* One write of one page that bits wait for. Who brings pending to 0 is the last to know it. */
struct round {
	__u64 waiting; /* chunk + 1 of the newest of them */
	__u64 id;      /* of their bitmap's bits */
	__u64 ended_ns;
	__u32 array;
	__u32 pending; /* parts under way; and 1 until its thread can add none any more */
	__u32 ok, failed;
	__u32 file; /* one failed part spoils it; of an internal bitmap one good part is enough */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct round);
} rounds SEC(".maps");

static __u64 round_last = 0;

/* What has been submitted under one address, oldest first: bio, buffer head or folio. */
struct io {
	__u32 started, ended;
	struct {
		__u64 start_ns;
		__u64 round;
	} parts[PARTS_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct io);
} ios SEC(".maps");

/* ---- bits that wait ---------------------------------------------------------------- */

struct settle {
	__u64 next;
	__u64 id;
	__u64 ended_ns;
	__u32 array;
};

static long settle_bit(__u32 i, void *data)
{
	struct settle *settle = data;
	struct bit_key key = { .chunk = settle->next - 1, .id = settle->id };
	struct bit *bit;

	if (!settle->next)
		return 1;
	bit = bpf_map_lookup_elem(&bits, &key);
	if (!bit) {
		/* Cleared before it was on disk; what was set before it cannot be told any more. */
		count_loss(BT_LATENCY_LOST_BITS);
		return 1;
	}
	settle->next = bit->next;
	if (!bit->unclear)
		add_ns(settle->array, BT_STAGE_SET_TO_DISK,
		       settle->ended_ns > bit->set_ns ? settle->ended_ns - bit->set_ns : 0);
	return 0;
}

/* Takes one off what the round waits for, and ends it with the last. */
static __always_inline void round_settle(__u64 key, struct round *round)
{
	struct settle settle = {};

	if (__sync_fetch_and_sub(&round->pending, 1) != 1)
		return;
	settle.next = round->waiting;
	settle.id = round->id;
	settle.ended_ns = round->ended_ns;
	settle.array = round->array;
	if (round->ok && !(round->file && round->failed))
		bpf_loop(BITS_PER_PAGE, settle_bit, &settle, 0);
	bpf_map_delete_elem(&rounds, &key);
}

/* The thread does something else: the write it was submitting has all its parts. */
static __always_inline void round_close(struct call *call)
{
	__u64 key = call->round;
	struct round *round;

	call->page = 0;
	call->round = 0;
	if (!key)
		return;
	round = bpf_map_lookup_elem(&rounds, &key);
	if (round)
		round_settle(key, round);
}

/* Under the bits' lock: pushes of one bitmap come one after the other, takes do not. */
static __always_inline void bit_wait(struct known_page *page, struct bit_key *key, struct bit *bit)
{
	__u64 head;
	int i;

	for (i = 0; i < 4; i++) {
		head = *(volatile __u64 *)&page->waiting;
		bit->next = head;
		if (bpf_map_update_elem(&bits, key, bit, BPF_ANY)) {
			count_loss(BT_LATENCY_LOST_BITS);
			return;
		}
		if (__sync_val_compare_and_swap(&page->waiting, head, key->chunk + 1) == head)
			return;
	}
	count_loss(BT_LATENCY_LOST_BITS);
}

/* A round for what waits for this page, with pending for its first part; 0: nothing does. */
static __always_inline __u64 round_begin(const struct known *of, struct known_page *page,
					 bool more_to_come)
{
	struct round round = {
		.id = of->id,
		.array = of->array,
		.pending = more_to_come ? 2 : 1,
		.file = of->file,
	};
	__u64 key;

	if (!*(volatile __u64 *)&page->waiting)
		return 0;
	round.waiting = __sync_lock_test_and_set(&page->waiting, 0);
	if (!round.waiting)
		return 0;
	key = __sync_fetch_and_add(&round_last, 1) + 1;
	if (!bpf_map_update_elem(&rounds, &key, &round, BPF_ANY))
		return key;
	count_loss(BT_LATENCY_LOST_IOS);
	return 0;
}

/* ---- page writes ------------------------------------------------------------------- */

static __always_inline void io_start(__u64 address, __u64 now, __u64 round)
{
	struct io new = { .started = 1 }, *io = bpf_map_lookup_elem(&ios, &address);
	__u32 i;

	if (!io) {
		new.parts[0].start_ns = now;
		new.parts[0].round = round;
		if (bpf_map_update_elem(&ios, &address, &new, BPF_NOEXIST))
			count_loss(BT_LATENCY_LOST_IOS);
		return;
	}
	i = io->started;
	if (i - io->ended >= PARTS_MAX) {
		count_loss(BT_LATENCY_LOST_IOS);
		return;
	}
	io->parts[i & (PARTS_MAX - 1)].start_ns = now;
	io->parts[i & (PARTS_MAX - 1)].round = round;
	__sync_fetch_and_add(&io->started, 1);
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
		round = call->round ? bpf_map_lookup_elem(&rounds, &call->round) : NULL;
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

/* part: what tells two submissions of one page write apart; the page itself if there is but one. */
static __always_inline void page_write_start(const struct known *of, struct known_page *page,
					     __u64 address, __u64 io, __u64 part)
{
	__u64 now = bpf_ktime_get_ns(), dirty = *(volatile __u64 *)&page->dirty_ns;

	if (dirty) {
		dirty = __sync_lock_test_and_set(&page->dirty_ns, 0);
		if (dirty)
			add(of, BT_STAGE_DIRTY_TO_WRITE, dirty, now);
	}
	io_start(io, now, part_round(of, page, address, part));
}

static __always_inline void page_write_end(const struct known *of, __u64 address, bool failed,
					   bool once)
{
	struct io *io = bpf_map_lookup_elem(&ios, &address);
	__u64 now = bpf_ktime_get_ns(), key, start;
	struct round *round;
	__u32 i;

	if (!io || io->ended == io->started)
		return; /* a read, or begun before we looked */
	i = __sync_fetch_and_add(&io->ended, 1);
	start = io->parts[i & (PARTS_MAX - 1)].start_ns;
	key = io->parts[i & (PARTS_MAX - 1)].round;
	if (once)
		bpf_map_delete_elem(&ios, &address);
	add(of, BT_STAGE_PAGE_WRITE, start, now);
	round = key ? bpf_map_lookup_elem(&rounds, &key) : NULL;
	if (!round)
		return;
	round->ended_ns = now;
	__sync_fetch_and_add(failed ? &round->failed : &round->ok, 1);
	round_settle(key, round);
}

/* Buffer heads keep their entries, a bitmap's blocks being written again and again. */
static long forget_idle_io(struct bpf_map *map, __u64 *address, struct io *io, void *data)
{
	if (io->started == io->ended)
		bpf_map_delete_elem(&ios, address);
	return 0;
}

#endif /* BITMAP_TRACE_LATENCY_PAGE_H */
