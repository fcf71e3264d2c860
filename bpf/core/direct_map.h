/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Computes the address of a page from its struct page (page_address(), include/linux/mm.h). On
 * x86-64 the structs of all pages are one array, and their contents one range of addresses, the
 * direct map: one page whose struct and address are known gives all the others (__page_to_pfn()
 * with CONFIG_SPARSEMEM_VMEMMAP, __va()). direct_map.bpf.c finds one.
 */
#ifndef BITMAP_TRACE_DIRECT_MAP_H
#define BITMAP_TRACE_DIRECT_MAP_H

#include "core/bitmap_table.h"
#include "shared/event.h"

__u64 anchor_page __weak = 0; /* its struct page */
__u64 anchor_at __weak = 0;   /* address of the page; 0: not found, no page can be read */

/* Returns 0 if not known. */
static __always_inline __u64 page_address(__u64 page)
{
	__s64 distance = (__s64)(page - anchor_page);

	if (!page || !anchor_at)
		return 0;
	/* BPF has only unsigned division before v4. */
	if (distance < 0)
		return anchor_at -
		       (((__u64)-distance / bpf_core_type_size(struct page)) << BITMAP_PAGE_SHIFT);
	return anchor_at +
	       (((__u64)distance / bpf_core_type_size(struct page)) << BITMAP_PAGE_SHIFT);
}

/*
 * Is this bit (storage_bit) set in its page of the storage, as md_bitmap_file_test_bit() would
 * return? Little endian, with or without BITMAP_HOSTENDIAN. enum bt_on_page
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
	/* A failed read returns 0, too. */
	if (!byte && bpf_probe_read_kernel(&byte, sizeof(byte), (const void *)at))
		return BT_ON_PAGE_UNREAD;
	return byte & (1 << (bit & 7)) ? BT_ON_PAGE_SET : BT_ON_PAGE_CLEAR;
}

#endif /* BITMAP_TRACE_DIRECT_MAP_H */
