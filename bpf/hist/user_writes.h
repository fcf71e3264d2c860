/* SPDX-License-Identifier: GPL-2.0-only */
/* User writes from startwrite to endwrite, and for how long the bitmap delayed them. */
#ifndef BITMAP_TRACE_USER_WRITES_H
#define BITMAP_TRACE_USER_WRITES_H

#include "hist/calls.h"

#define ROWS_BITS 13
#define SLOTS	  4 /* 32768 writes in all, at most this many in one row */

struct user_write {
	__u64 key; /* array and sector */
	__u64 start_ns;
	__u64 wait_ns;
	__u32 sectors;
	__u32 sent; /* data was submitted to a member */
};

struct write_row {
	struct user_write slots[SLOTS];
};

static struct write_row writes[1 << ROWS_BITS];

static __always_inline __u64 write_key(const struct known_bitmap *known, __u64 sector)
{
	return (__u64)(known->array + 1) << 56 | (sector & ((1ULL << 56) - 1));
}

static __always_inline struct write_row *write_row(__u64 key)
{
	return &writes[key * GOLDEN >> (64 - ROWS_BITS)];
}

static __always_inline void write_begin(const struct known_bitmap *known, __u64 sector,
					__u64 sectors)
{
	__u64 key = write_key(known, sector);
	struct user_write *slot = SLOT_ALLOC(write_row(key));

	if (!slot) {
		lost_add(BT_LATENCY_LOST_WRITES, 1);
		return;
	}
	slot->sectors = sectors;
	slot->sent = 0;
	slot->wait_ns = 0;
	slot->start_ns = bpf_ktime_get_ns();
	slot_publish(&slot->key, key);
}

/* Ends the oldest write with this sector and length. */
static __always_inline void write_end(const struct known_bitmap *known, __u64 sector, __u64 sectors)
{
	__u64 key = write_key(known, sector), now = bpf_ktime_get_ns(), start, wait;
	struct write_row *row = write_row(key);
	struct user_write *slot, *oldest = NULL;
	__u32 sent;
	int i;

#pragma unroll
	for (i = 0; i < SLOTS; i++) {
		slot = &row->slots[i];
		if (slot->key == key && slot->sectors == (__u32)sectors &&
		    (!oldest || slot->start_ns < oldest->start_ns))
			oldest = slot;
	}
	if (!oldest)
		return; /* begun before the probes were attached */
	start = oldest->start_ns;
	wait = oldest->wait_ns;
	sent = oldest->sent;
	if (__sync_val_compare_and_swap(&oldest->key, key, SLOT_FREE) != key)
		return;
	add(known, BT_STAGE_USER_WRITE, start, now);
	if (sent)
		add_ns(known->array, BT_STAGE_BITMAP_WAIT, wait);
}

/*
 * The first data of a write is submitted to a member. It was delayed by the last unplug of the
 * submitting thread, from the start of the write at the earliest.
 */
static __always_inline void write_sent(const struct known_bitmap *known, __u64 sector)
{
	__u64 key = write_key(known, sector), from;
	struct write_row *row = write_row(key);
	struct user_write *slot, *oldest = NULL;
	struct call *call;
	int i;

#pragma unroll
	for (i = 0; i < SLOTS; i++) {
		slot = &row->slots[i];
		if (slot->key == key && !slot->sent &&
		    (!oldest || slot->start_ns < oldest->start_ns))
			oldest = slot;
	}
	if (!oldest)
		return;
	call = call_find(known);
	if (call && call->wait_to_ns > oldest->start_ns) {
		from = call->wait_from_ns > oldest->start_ns ? call->wait_from_ns
							     : oldest->start_ns;
		oldest->wait_ns = call->wait_to_ns - from;
	}
	oldest->sent = 1;
}

#endif /* BITMAP_TRACE_USER_WRITES_H */
