/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables that several hooks of each write look up; a hash map would cost too much. A table is
 * an array of rows in the object's own memory, a row has a few slots, and the hash of a key
 * selects the row. Lookups take no lock.
 *
 * A slot begins with its key, 64 bits that are neither SLOT_FREE nor SLOT_BUSY.
 * Insert races are resolved by cmpxchg on the key. An entry may be removed
 * while a reader uses it.
 */
#ifndef BITMAP_TRACE_SLOTS_H
#define BITMAP_TRACE_SLOTS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define GOLDEN 0x9e3779b97f4a7c15ULL /* 2^64 / phi: multiplied by it, the upper bits are a hash */

/* The verifier allows arithmetic on the lower half of an address only. */
static __always_inline __u32 address_hash(__u64 address, __u32 bits)
{
	__u32 low;

	asm("%[low] = %[address]" : [low] "=w"(low) : [address] "w"((__u32)address));
	return low * (__u32)(GOLDEN >> 32) >> (32 - bits);
}

#define SLOT_FREE 0ULL
#define SLOT_BUSY 1ULL /* allocated, the key is not published yet */

/*
 * Returns the slot with this key, or NULL; SLOT_FREE and SLOT_BUSY are never found. size: of a
 * slot, in bytes.
 */
static __always_inline void *slot_find(void *row, __u32 slots, __u32 size, __u64 key)
{
	__u64 *slot;
	__u32 i;

	if (key <= SLOT_BUSY)
		return NULL;
#pragma unroll
	for (i = 0; i < slots; i++) {
		slot = row + i * size;
		if (*slot == key)
			return slot;
	}
	return NULL;
}

/*
 * Returns a free slot, which the caller fills before it publishes the key; NULL: the row is
 * full.
 */
static __always_inline void *slot_alloc(void *row, __u32 slots, __u32 size, __u32 *in_row)
{
	__u64 *slot;
	__u32 i;

#pragma unroll
	for (i = 0; i < slots; i++) {
		slot = row + i * size;
		*in_row = i;
		if (*slot == SLOT_FREE &&
		    __sync_val_compare_and_swap(slot, SLOT_FREE, SLOT_BUSY) == SLOT_FREE)
			return slot;
	}
	return NULL;
}

/* With a full barrier: a reader that finds the key finds the other fields. */
static __always_inline void slot_publish(__u64 *key_of_slot, __u64 key)
{
	__sync_lock_test_and_set(key_of_slot, key);
}

static __always_inline void slot_free(__u64 *key_of_slot)
{
	slot_publish(key_of_slot, SLOT_FREE);
}

#define ROW_SLOTS(row)	    (sizeof((row)->slots) / sizeof((row)->slots[0]))
#define SLOT_FIND(row, key) slot_find(row, ROW_SLOTS(row), sizeof((row)->slots[0]), key)
#define SLOT_ALLOC(row)                                                                            \
	({                                                                                         \
		__u32 in_row_;                                                                     \
		slot_alloc(row, ROW_SLOTS(row), sizeof((row)->slots[0]), &in_row_);                \
	})

/*
 * Slots that store their own index in the row, after the key. The verifier checks the code
 * after a lookup once for each slot at which the search may stop. With an index that was read
 * from memory it checks that code once.
 */
struct slot {
	__u64 key;
	__u32 in_row;
};

static __always_inline void *indexed_slot_find(void *row, __u32 slots, __u32 size, __u64 key)
{
	struct slot *slot = slot_find(row, slots, size, key);

	return slot ? row + (slot->in_row & (slots - 1)) * size : NULL;
}

static __always_inline void *indexed_slot_alloc(void *row, __u32 slots, __u32 size)
{
	__u32 in_row;
	struct slot *slot = slot_alloc(row, slots, size, &in_row);

	if (!slot)
		return NULL;
	slot->in_row = in_row;
	return row + (*(volatile __u32 *)&slot->in_row & (slots - 1)) * size;
}

#define INDEXED_SLOT_FIND(row, key)                                                                \
	indexed_slot_find(row, ROW_SLOTS(row), sizeof((row)->slots[0]), key)
#define INDEXED_SLOT_ALLOC(row) indexed_slot_alloc(row, ROW_SLOTS(row), sizeof((row)->slots[0]))

#endif /* BITMAP_TRACE_SLOTS_H */
