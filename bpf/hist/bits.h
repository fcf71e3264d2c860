/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The set bits, by bitmap and chunk. md sets and clears the bits of a bitmap under its
 * counts.lock, so at most one task changes the bit of a chunk at a time.
 */
#ifndef BITMAP_TRACE_BITS_H
#define BITMAP_TRACE_BITS_H

#include "core/slots.h"

#define BIT_ROWS_BITS  15
#define BIT_SLOTS      8 /* 262144 bits in all, at most this many in one row */
#define BIT_CHUNK_BITS 40

/*
 * A set bit: from set_bit until clear_bit, and for the first part of that on its way to the
 * disk.
 */
struct bit {
	__u64 key; /* from bit_key() */
	__u64 set_ns;
	__u64 next; /* chunk + 1 of the next bit that waits for the same page write; 0: the last */
	__u64 unclear; /* it is not known which page write carries it first */
};

struct bit_row {
	struct bit slots[BIT_SLOTS];
};

static struct bit_row bits[1 << BIT_ROWS_BITS];

/* storage: known_bitmap.storage, of 24 bits. */
static __always_inline __u64 bit_key(__u64 storage, __u64 chunk)
{
	return storage << BIT_CHUNK_BITS | (chunk & ((1ULL << BIT_CHUNK_BITS) - 1));
}

/* By the chunk's lower bits: consecutive chunks fill the table evenly. */
static __always_inline struct bit_row *bit_row(__u64 key)
{
	return &bits[(key + (key >> BIT_CHUNK_BITS) * 4099) & ((1 << BIT_ROWS_BITS) - 1)];
}

static __always_inline struct bit *bit_find(__u64 key)
{
	return SLOT_FIND(bit_row(key), key);
}

/* Its own slot, if its end was missed, or a free one. */
static __always_inline struct bit *bit_find_or_alloc(__u64 key)
{
	struct bit_row *row = bit_row(key);
	struct bit *bit = SLOT_FIND(row, key);

	return bit ? bit : SLOT_ALLOC(row);
}

static long forget_bit_row(__u32 nr, void *data)
{
	struct bit_row *row = &bits[nr & ((1 << BIT_ROWS_BITS) - 1)];
	__u64 *storage = data;
	int i;

	for (i = 0; i < BIT_SLOTS; i++)
		if (row->slots[i].key >> BIT_CHUNK_BITS == *storage)
			slot_free(&row->slots[i].key);
	return 0;
}

/* Forgets all bits of a storage that is gone. */
static __always_inline void bits_forget(__u64 storage)
{
	bpf_loop(1 << BIT_ROWS_BITS, forget_bit_row, &storage, 0);
}

#endif /* BITMAP_TRACE_BITS_H */
