/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of rows with a few places each, without locks: what several hooks a
 * write ask for would cost too much in a hash map. A place begins with its key,
 * 64 bits that are neither PLACE_FREE nor PLACE_FILLING. Which row a key has is
 * up to the table. All that two CPUs can do to a place at once is to want it
 * when it is free; who has a key may be asked for by others, and they must bear
 * that it goes while they look.
 */
#ifndef BITMAP_TRACE_ROWS_H
#define BITMAP_TRACE_ROWS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define GOLDEN 0x9e3779b97f4a7c15ULL /* 2^64 / phi: multiplied by it, the upper bits are a hash */

/* Of an address its lower half alone is a number to the verifier, and may be multiplied. */
static __always_inline __u32 address_row(__u64 address, __u32 bits)
{
	__u32 low;

	asm("%[low] = %[address]" : [low] "=w"(low) : [address] "w"((__u32)address));
	return low * (__u32)(GOLDEN >> 32) >> (32 - bits);
}

#define PLACE_FREE    0ULL
#define PLACE_FILLING 1ULL

/* The place with this key, or NULL, also for what is no key. size: of a place, bytes. */
static __always_inline void *place_get(void *row, __u32 places, __u32 size, __u64 key)
{
	__u64 *place;
	__u32 i;

	if (key <= PLACE_FILLING)
		return NULL;
#pragma unroll
	for (i = 0; i < places; i++) {
		place = row + i * size;
		if (*place == key)
			return place;
	}
	return NULL;
}

/* Is it free, and now the caller's to fill, before it tells the key? */
static __always_inline bool place_claim(__u64 *key_of_place)
{
	return *key_of_place == PLACE_FREE &&
	       __sync_val_compare_and_swap(key_of_place, PLACE_FREE, PLACE_FILLING) == PLACE_FREE;
}

/* A free place, which is the caller's to fill before it tells the key; or NULL. */
static __always_inline void *place_take(void *row, __u32 places, __u32 size)
{
	__u64 *place;
	__u32 i;

#pragma unroll
	for (i = 0; i < places; i++) {
		place = row + i * size;
		if (place_claim(place))
			return place;
	}
	return NULL;
}

/* With a full barrier: who finds the key finds the rest. */
static __always_inline void place_tell(__u64 *key_of_place, __u64 key)
{
	__sync_lock_test_and_set(key_of_place, key);
}

#define ROW_GET(row, key)                                                                          \
	place_get(row, sizeof((row)->places) / sizeof((row)->places[0]), sizeof((row)->places[0]), \
		  key)
#define ROW_TAKE(row)                                                                              \
	place_take(row, sizeof((row)->places) / sizeof((row)->places[0]), sizeof((row)->places[0]))

#endif /* BITMAP_TRACE_ROWS_H */
