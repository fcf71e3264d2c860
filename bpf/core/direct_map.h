/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the kernel sees a page that it holds by its struct page alone
 * (page_address(), include/linux/mm.h). On x86-64 the structs of all pages are
 * one array, and their contents one stretch of addresses, the direct map: one
 * page that is known both ways gives all the others (__page_to_pfn() with
 * CONFIG_SPARSEMEM_VMEMMAP, __va()). direct_map.bpf.c finds one.
 */
#ifndef BITMAP_TRACE_DIRECT_MAP_H
#define BITMAP_TRACE_DIRECT_MAP_H

#include "core/bitmap_table.h"
#include "shared/event.h"

__u64 anchor_page __weak = 0; /* its struct page */
__u64 anchor_at __weak = 0;   /* and the page itself; 0: not found, no page can be read */

/* 0: not known */
static __always_inline __u64 page_address(__u64 page)
{
	__s64 distance = (__s64)(page - anchor_page);

	if (!page || !anchor_at)
		return 0;
	/* BPF divides without sign only before v4. */
	if (distance < 0)
		return anchor_at -
		       (((__u64)-distance / bpf_core_type_size(struct page)) << BITMAP_PAGE_SHIFT);
	return anchor_at +
	       (((__u64)distance / bpf_core_type_size(struct page)) << BITMAP_PAGE_SHIFT);
}

/*
 * Is this bit (storage_bit) set in the page of the storage that has it, as
 * md_bitmap_file_test_bit() would say? Little endian, whether by
 * BITMAP_HOSTENDIAN or not. enum bt_on_page
 */
static __always_inline __u8 sample_bit(const struct known_bitmap *known, __u64 bit)
{
	struct page **filemap = (struct page **)known->filemap;
	__u64 at;
	__u8 byte;

	if (!filemap || (bit >> 3) >= known->bytes)
		return BT_ON_PAGE_UNREAD;
	at = page_address(KREAD_AT(__u64, filemap + (bit >> BITMAP_BIT_PAGE_SHIFT)));
	if (!at)
		return BT_ON_PAGE_UNREAD;
	at += (bit & BITMAP_BIT_PAGE_MASK) >> 3;
	byte = KREAD_AT(__u8, at);
	/* 0 is what a read of no memory finds, too. */
	if (!byte && bpf_probe_read_kernel(&byte, sizeof(byte), (const void *)at))
		return BT_ON_PAGE_UNREAD;
	return byte & (1 << (bit & 7)) ? BT_ON_PAGE_SET : BT_ON_PAGE_CLEAR;
}

#endif /* BITMAP_TRACE_DIRECT_MAP_H */
