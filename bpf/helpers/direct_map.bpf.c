// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds a page for which both the struct page and the address are known: the first page of our
 * own ring buffer. User space runs it through BPF_PROG_RUN before the probes are attached.
 *
 * page_offset_base and vmemmap_base would do, but reading their addresses needs CAP_SYSLOG.
 * Both are whole GiB (PUD_SIZE, kernel_randomize_memory() in arch/x86/mm/kaslr.c), so the
 * position of the struct gives the position of the page within its GiB. The GiB itself is
 * found by search, outwards from one that is in use: the right page holds the same pointers as
 * the ring buffer. If none does, no page is read, and the traces record that.
 */
#include "core/direct_map.h"
#include "core/emit.h"

#define GIB	  (1ULL << 30)
#define GIB_TRIES 8192 /* 4 TiB to either side */

struct search {
	__u64 near; /* the page's address within its GiB */
	__u64 rb;   /* the ring buffer's own address, to which its pages are mapped once more */
	struct page **pages;
	unsigned long mask;
};

static long try_gib(__u32 i, void *data)
{
	struct search *search = data;
	__u64 away = (((__u64)i + 1) >> 1) * GIB;
	__u64 at = i & 1 ? search->near + away : search->near - away;
	struct bpf_ringbuf *rb = (struct bpf_ringbuf *)at;

	if (at == search->rb || BPF_CORE_READ(rb, pages) != search->pages ||
	    BPF_CORE_READ(rb, mask) != search->mask)
		return 0;
	anchor_at = at;
	return 1;
}

SEC("syscall")
int find_direct_map(void *ctx)
{
	struct bpf_ringbuf *rb = ((struct bpf_ringbuf_map *)&events)->rb;
	__u64 size = bpf_core_type_size(struct page);
	struct search search = {
		.rb = (__u64)rb,
		.pages = BPF_CORE_READ(rb, pages),
		.mask = BPF_CORE_READ(rb, mask),
	};
	struct page *first = NULL;

	/* Else a GiB of structs would not be a whole number of GiB of pages. */
	if (!size || size & (size - 1) || size > 4096)
		return 0;
	bpf_probe_read_kernel(&first, sizeof(first), search.pages);
	anchor_page = (__u64)first;
	search.near = (bpf_get_current_task() & ~(GIB - 1)) |
		      (((__u64)first & (GIB - 1)) / size << 12 & (GIB - 1));
	if (first)
		bpf_loop(GIB_TRIES, try_gib, &search, 0);
	return 0;
}
