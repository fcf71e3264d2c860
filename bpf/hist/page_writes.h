/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page writes in flight, and the bits that wait for them. One page write is several
 * submissions: one copy for each member of an internal bitmap, or one for each block of a file.
 * The bits are on disk when all submissions have ended.
 */
#ifndef BITMAP_TRACE_PAGE_WRITES_H
#define BITMAP_TRACE_PAGE_WRITES_H

#include "hist/calls.h"

#define BITS_PER_PAGE	(1 << BITMAP_BIT_PAGE_SHIFT)
#define SUBMISSIONS_MAX 4 /* submissions of one buffer head at the same time; a power of 2 */

/* One write of one page that bits wait for. The CPU that lowers pending to 0 uses it last. */
struct page_write {
	__u64 key;     /* its number; 0: free */
	__u64 waiting; /* chunk + 1 of the newest bit that waits */
	__u64 id;      /* id of the bitmap's storage */
	__u64 ended_ns;
	__u32 array;
	__u32 pending; /* submissions in flight, plus 1 until its thread adds no more */
	__u32 ok, failed;
	__u32 file; /* a file: one failed block makes it fail; internal: one good copy is enough */
	__u32 pad;
};

#define PAGE_WRITES_BITS  12
#define PAGE_WRITES_TRIES 4 /* slots tried for a new one; a slow write occupies its slot */

/* Indexed by the low bits of the number. */
static struct page_write page_writes[1 << PAGE_WRITES_BITS];

static __u64 page_write_last = 0;

/* A copy or block of a page write that is in flight. */
struct submission {
	__u64 start_ns;
	__u64 page_write;
	__u64 array;
};

/*
 * The submissions of one buffer head, oldest first. It keeps its slot when all have ended,
 * since a bitmap's blocks are written again and again.
 */
struct io {
	__u64 address;
	__u32 started, ended;
	struct submission submissions[SUBMISSIONS_MAX];
};

#define IO_ROWS_BITS 10
#define IO_SLOTS     8

struct io_row {
	struct io slots[IO_SLOTS];
};

static struct io_row io_rows[1 << IO_ROWS_BITS];

/* For a bio or a folio, which is not submitted again before it has ended. */
struct once {
	__u64 address;
	struct submission submission;
};

#define ONCE_ROWS_BITS 12
#define ONCE_SLOTS     4

struct once_row {
	struct once slots[ONCE_SLOTS];
};

static struct once_row once_rows[1 << ONCE_ROWS_BITS];

/* ---- bits that wait ---------------------------------------------------------------- */

struct waiting_bits {
	__u64 next;
	__u64 storage;
	__u64 ended_ns;
	__u32 array;
	__u32 pad;
};

static long bit_durable(__u32 i, void *data)
{
	struct waiting_bits *bits = data;
	struct bit *bit;

	if (!bits->next)
		return 1;
	bit = bit_find(bit_key(bits->storage, bits->next - 1));
	if (!bit) {
		/*
		 * Cleared before it was on disk; the bits set before it in the chain are lost
		 * with it.
		 */
		lost_add(BT_LATENCY_LOST_BITS, 1);
		return 1;
	}
	bits->next = bit->next;
	if (!bit->unclear)
		add_span(bits->array, BT_STAGE_SET_TO_DISK, bit->set_ns, bits->ended_ns);
	/* Set twice before it was written, so twice in the chain: count it once. */
	bit->next = 0;
	bit->unclear = 1;
	return 0;
}

static __always_inline struct page_write *page_write_slot(__u64 key)
{
	return &page_writes[key & ((1 << PAGE_WRITES_BITS) - 1)];
}

static __always_inline struct page_write *page_write_find(__u64 key)
{
	struct page_write *page_write = page_write_slot(key);

	if (!key || page_write->key != key)
		page_write = NULL;
	barrier_var(page_write); /* as in call_find */
	return page_write;
}

/* Global: the verifier checks it once, not once for each program. */
__weak __noinline int bits_durable(__u64 waiting, __u64 storage, __u64 ended_ns, __u32 array)
{
	struct waiting_bits bits = {
		.next = waiting,
		.storage = storage,
		.ended_ns = ended_ns,
		.array = array,
	};

	/* Usually there is only one. */
	if (!bit_durable(0, &bits) && bits.next)
		bpf_loop(BITS_PER_PAGE, bit_durable, &bits, 0);
	return 0;
}

/* One of its submissions has ended; with the last one its bits are on disk. */
static __always_inline void page_write_put(struct page_write *page_write)
{
	if (__sync_fetch_and_sub(&page_write->pending, 1) != 1)
		return;
	if (page_write->ok && !(page_write->file && page_write->failed))
		bits_durable(page_write->waiting, page_write->id, page_write->ended_ns,
			     page_write->array);
	__sync_lock_test_and_set(&page_write->key, 0);
}

/* The thread does something else: its last page write gets no more submissions. */
static __always_inline void page_write_close(struct call *call)
{
	struct page_write *page_write;

	if (!call->page)
		return; /* a folio's write is one submission and needs no slot */
	page_write = page_write_find(call->page_write);
	call->page = 0;
	call->page_write = 0;
	if (page_write)
		page_write_put(page_write);
}

/* Under the bits' lock: pushes for one bitmap are serialized, takes are not. */
static __always_inline void bit_wait(struct page_times *page, struct bit *bit, __u64 chunk)
{
	__u64 head;
	int i;

	for (i = 0; i < 4; i++) {
		head = *(volatile __u64 *)&page->waiting;
		bit->next = head;
		if (__sync_val_compare_and_swap(&page->waiting, head, chunk + 1) == head)
			return;
	}
	lost_add(BT_LATENCY_LOST_BITS, 1);
}

/* Allocates a free one and its number, or NULL. */
static __always_inline struct page_write *page_write_alloc(__u64 *key)
{
	struct page_write *page_write;
	int i;

	for (i = 0; i < PAGE_WRITES_TRIES; i++) {
		*key = __sync_fetch_and_add(&page_write_last, 1) + 1;
		page_write = page_write_slot(*key);
		if (!page_write->key && __sync_val_compare_and_swap(&page_write->key, 0, *key) == 0)
			return page_write;
	}
	return NULL;
}

/*
 * Allocates a page write for the bits that wait for this page, with its first submission
 * pending; 0: no bit waits.
 */
static __always_inline __u64 page_write_begin(const struct known_bitmap *known,
					      struct page_times *page, bool more_to_come)
{
	struct page_write *page_write;
	__u64 key, waiting;

	if (!*(volatile __u64 *)&page->waiting)
		return 0;
	waiting = __sync_lock_test_and_set(&page->waiting, 0);
	if (!waiting)
		return 0;
	page_write = page_write_alloc(&key);
	if (!page_write) {
		lost_add(BT_LATENCY_LOST_IOS, 1);
		return 0;
	}
	/* No other CPU has the number yet. */
	page_write->waiting = waiting;
	page_write->id = known->storage;
	page_write->ended_ns = 0;
	page_write->array = known->array;
	page_write->pending = more_to_come ? 2 : 1;
	page_write->ok = page_write->failed = 0;
	page_write->file = known->file;
	return key;
}

/* ---- page writes ------------------------------------------------------------------- */

static __always_inline struct io_row *io_row(__u64 address)
{
	return &io_rows[address_hash(address, IO_ROWS_BITS)];
}

static __always_inline void io_start(__u64 address, const struct submission *submission)
{
	struct io_row *row = io_row(address);
	struct io *io = SLOT_FIND(row, address);
	__u32 i;

	if (!io) {
		io = SLOT_ALLOC(row);
		if (!io) {
			lost_add(BT_LATENCY_LOST_IOS, 1);
			return;
		}
		io->started = io->ended = 0;
		slot_publish(&io->address, address);
	}
	i = io->started;
	if (i - io->ended >= SUBMISSIONS_MAX) {
		lost_add(BT_LATENCY_LOST_IOS, 1);
		return;
	}
	io->submissions[i & (SUBMISSIONS_MAX - 1)] = *submission;
	__sync_fetch_and_add(&io->started, 1);
}

/* False: a read, or begun before the probes were attached. */
static __always_inline bool io_end(__u64 address, struct submission *submission)
{
	struct io *io = SLOT_FIND(io_row(address), address);

	if (!io || io->ended == io->started)
		return false;
	*submission = io->submissions[__sync_fetch_and_add(&io->ended, 1) & (SUBMISSIONS_MAX - 1)];
	return true;
}

static __always_inline struct once_row *once_row(__u64 address)
{
	return &once_rows[address_hash(address, ONCE_ROWS_BITS)];
}

static __always_inline void once_start(__u64 address, const struct submission *submission)
{
	struct once_row *row = once_row(address);
	struct once *once;

	/* An I/O at this address has ended unseen, before all probes were attached. */
	once = SLOT_FIND(row, address);
	if (!once)
		once = SLOT_ALLOC(row);
	if (!once) {
		lost_add(BT_LATENCY_LOST_IOS, 1);
		return;
	}
	once->submission = *submission;
	slot_publish(&once->address, address);
}

/* False: begun before the probes were attached, or not a page write. */
static __always_inline bool once_end(__u64 address, struct submission *submission)
{
	struct once *once = SLOT_FIND(once_row(address), address);

	if (!once)
		return false;
	*submission = once->submission;
	slot_free(&once->address);
	return true;
}

/*
 * Does this copy or block continue the page write of the thread? They come in the same order
 * each time: when the first one comes again, another page write begins.
 */
static __always_inline __u64 page_write_of(const struct known_bitmap *known,
					   struct page_times *page, __u64 address, __u64 copy)
{
	struct call *call = call_begin(known);
	struct page_write *page_write;

	if (!call)
		return page_write_begin(known, page, false);
	call->wrote = 1;
	if (call->page == address && call->first_copy != copy) {
		page_write = page_write_find(call->page_write);
		if (page_write)
			__sync_fetch_and_add(&page_write->pending, 1);
		return call->page_write;
	}
	page_write_close(call);
	if (copy == address)
		return page_write_begin(known, page, false); /* a folio is one submission */
	call->page = address;
	call->first_copy = copy;
	call->page_write = page_write_begin(known, page, true);
	return call->page_write;
}

/*
 * copy: differs between the submissions of one page write; the page itself if there is but one.
 * again: io may be submitted again before it has ended.
 */
static __always_inline void submission_start(const struct known_bitmap *known,
					     struct page_times *page, __u64 address, __u64 io,
					     __u64 copy, bool again)
{
	__u64 dirty = *(volatile __u64 *)&page->dirty_ns;
	struct submission new = { .start_ns = bpf_ktime_get_ns(), .array = known->array };

	if (dirty) {
		dirty = __sync_lock_test_and_set(&page->dirty_ns, 0);
		if (dirty)
			add(known, BT_STAGE_DIRTY_TO_WRITE, dirty, new.start_ns);
	}
	new.page_write = page_write_of(known, page, address, copy);
	if (again)
		io_start(io, &new);
	else
		once_start(io, &new);
}

/* An I/O that is no page write was not started here. */
static __always_inline void submission_end(__u64 io, bool failed, bool again)
{
	struct page_write *page_write;
	struct submission submission;
	__u64 now;

	if (!recording || (again ? !io_end(io, &submission) : !once_end(io, &submission)))
		return;
	now = bpf_ktime_get_ns();
	add_span(submission.array, BT_STAGE_PAGE_WRITE, submission.start_ns, now);
	page_write = page_write_find(submission.page_write);
	if (!page_write)
		return;
	page_write->ended_ns = now;
	__sync_fetch_and_add(failed ? &page_write->failed : &page_write->ok, 1);
	page_write_put(page_write);
}

static long forget_idle_io_row(__u32 nr, void *data)
{
	struct io_row *row = &io_rows[nr & ((1 << IO_ROWS_BITS) - 1)];
	struct io *io;
	int i;

	for (i = 0; i < IO_SLOTS; i++) {
		io = &row->slots[i];
		if (io->address > SLOT_BUSY && io->started == io->ended)
			slot_free(&io->address);
	}
	return 0;
}

/* A bitmap is gone; it is not known which blocks were its own. */
static __always_inline void forget_idle_ios(void)
{
	bpf_loop(1 << IO_ROWS_BITS, forget_idle_io_row, NULL, 0);
}

#endif /* BITMAP_TRACE_PAGE_WRITES_H */
