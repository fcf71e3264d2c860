/* SPDX-License-Identifier: GPL-2.0-only */
/* All pages that a bitmap holds (storage.filemap), for the probes that know bitmaps by them. */
#ifndef BITMAP_TRACE_EACH_PAGE_H
#define BITMAP_TRACE_EACH_PAGE_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct scan_pages {
	struct bitmap *bitmap;
	struct page **filemap;
	__u64 owner; /* what the function shall know */
};

/* Address of the struct page of that index; 0: there is none. */
static __always_inline __u64 scanned_page(const struct scan_pages *scan, __u32 i)
{
	struct page *page = NULL;

	bpf_probe_read_kernel(&page, sizeof(page), scan->filemap + i);
	return (__u64)page;
}

/*
 * fn: of bpf_loop, with a struct scan_pages. An internal bitmap of a cluster
 * node starts at sb_index; filemap does not.
 */
static __always_inline void each_page(struct bitmap *bitmap, void *fn, __u64 owner)
{
	struct scan_pages scan = {
		.bitmap = bitmap,
		.filemap = BPF_CORE_READ(bitmap, storage.filemap),
		.owner = owner,
	};
	__u32 n = BPF_CORE_READ(bitmap, storage.file_pages);

	if (scan.filemap)
		bpf_loop(n, fn, &scan, 0);
}

#endif /* BITMAP_TRACE_EACH_PAGE_H */
