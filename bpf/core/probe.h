/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all probes share: the maps, the known bitmaps, and how a record is
 * emitted. Each .bpf.c includes this; the maps and variables are weak and
 * become one of each when the objects are linked (bpftool gen object).
 */
#ifndef BITMAP_TRACE_PROBE_H
#define BITMAP_TRACE_PROBE_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "core/classic_geometry.h"
#include "core/each_page.h"
#include "core/rows.h"
#include "shared/event.h"

/* A bitmap the probes know, by the address of its struct bitmap. */
struct known_bitmap {
	__u64 address;
	__u32 place;	   /* its own */
	__u32 id;	   /* 0: not reported, or not yet */
	__u32 file;	   /* backed by a file */
	__u32 untraced;	   /* belongs to an array that is not traced */
	__u32 loading;	   /* inside bitmap_load: events take stacks */
	__u32 daemon_tid;  /* who runs a daemon pass that was reported, or 0 */
	__s32 clear_stack; /* stack of this pass's clear_bits: one per pass is enough */
	__u64 mddev;	   /* whose it is; never another one's */
	__u64 end_io;	   /* of the last write to a member, named */
	__u64 filemap;	   /* storage.filemap whose pages are in the map of pages */
	__u32 storage;	   /* its number: never the same again */
	__u32 unplaced;	   /* not all of its pages are known: their writes are not seen */
	__u32 page_writes; /* begun and ended: members.h */
	__u32 members_at;  /* page_writes when the members were looked at last */
	__u64 counters;	   /* counts.bp, .chunks, .chunkshift: they change with the storage */
	__u64 chunks;
	__u64 bytes; /* storage.bytes */
	__u32 chunk_shift;
	__u32 has_sb;  /* storage.sb_page: the bits come after it */
	__u64 lastrun; /* daemon_lastrun when the daemon was entered last */
	__u64 synced;  /* chunk + 1 of the last start_sync told, 0: tell the next */
	__s32 layout;  /* as described: of raid10, a reshape changes them without a resize */
	__s32 chunk_sectors;
	__s32 raid_disks;
	__u32 open_pages; /* pages, and whether some may be unseen: settled.h */
	__u32 suspect;
	__u32 sb_due;  /* a pass has found need_sync, page 0 has not gone since */
	__u64 members; /* that pages of an internal bitmap go to, as told last: members.h */
	__u32 members_beyond;
	__u64 run_first; /* while a load is looked at: the run of set bits at hand */
	__u64 run_nr;
};

struct known_page {
	__u64 address; /* of its struct page */
	__u32 place;   /* its own */
	struct bitmap *bitmap;
	__u32 storage; /* of the bitmap's: the page is not its any more when it has another one */
	__u32 index;
	__u32 sets_begun; /* set_bits, and what became of them: settled.h */
	__u32 sets_done;
	__u32 sets_carried;
	__u32 in_flight;
	__u32 parts_done;
	__u32 open;
	__u32 bios; /* that carry its present writeback */
};

struct comm {
	char name[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 32 << 20);
} events SEC(".maps") __weak;

/*
 * Several hooks a write ask for a bitmap, and for a page: a hash map would cost
 * too much. Each has a few places that it can be at, one after the other, by
 * its address. Where it has been found it is looked up once more by the place
 * that it says it has: so the verifier goes through what follows once, and not
 * once for each of the places.
 */
#define PLACE_NONE (~0U)

#define BITMAPS_BITS 13
#define BITMAP_TRIES 4

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, (1 << BITMAPS_BITS) + BITMAP_TRIES);
	__type(key, __u32);
	__type(value, struct known_bitmap);
} bitmaps SEC(".maps") __weak;

__u32 entering __weak = 0; /* a CPU enters a bitmap */

#define PAGES_BITS 16
#define PAGE_TRIES 4

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, (1 << PAGES_BITS) + PAGE_TRIES);
	__type(key, __u32);
	__type(value, struct known_page);
} pages SEC(".maps") __weak;

/* address_space of a bitmap file -> struct bitmap */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} mappings SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct comm);
} tasks SEC(".maps") __weak;

/* Whom this CPU has named last, by the low bits of their ids; most often nobody else is about. */
#define NAMED_SLOTS 16
struct named_task {
	__u64 name[2];
	__u32 tid;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NAMED_SLOTS);
	__type(key, __u32);
	__type(value, struct named_task);
} named SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, __u8);
} symbols SEC(".maps") __weak;

/*
 * Its place in the map follows from the stack, and another may have it already.
 * Then it goes to a map of its own, and has an id above those of the first.
 */
#define STACK_DEPTH 32
#define STACKS_MAX  4096
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, STACKS_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, STACK_DEPTH * sizeof(__u64));
} stacks SEC(".maps") __weak, stacks_spare SEC(".maps") __weak;

/* Arrays asked for with -a, by dev_t; read only when filter_arrays is set. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u8);
} traced_arrays SEC(".maps") __weak;

const volatile bool filter_arrays __weak = false;

/* Flushes are told, too (--strict). */
const volatile bool strict __weak = false;

/* Devices that bitmap pages were written to, by dev_t; kept only when strict. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} bitmap_devices SEC(".maps") __weak;

/*
 * User space sets it when the last probe is attached, and takes it back when
 * the run is over: a stream in which only some of the probes speak is no truth.
 */
__u32 recording __weak = 0;

__u32 bitmap_id_last __weak = 0;
__u32 storage_last __weak = 0;
__u64 pages_unplaced __weak = 0; /* for which there was no place, in all */
__u32 bitmaps_traced __weak = 0; /* lets the system-wide hooks leave at once */
__u32 file_bitmaps_traced __weak = 0;

/* Counts that user space reads; indexed by event type and by enum bt_loss. */
__u64 lost_by_type[BT_EVENT_TYPE_MAX] __weak = {};
__u64 lost_by_channel[BT_LOSS_MAX] __weak = {};
__u64 lost_reported[BT_LOSS_MAX] __weak = {};
__u32 lost_first_type[BT_LOSS_MAX] __weak = {};
__u64 lost_types[BT_LOSS_MAX][2] __weak = {}; /* since the last mark, a bit each */

/* The type before the count: a mark that tells of the loss finds its type, or one before has. */
static __always_inline void count_loss(__u32 channel, __u32 type)
{
	if (channel >= BT_LOSS_MAX)
		return;
	if (type < BT_EVENT_TYPE_MAX) {
		__sync_fetch_and_add(&lost_by_type[type], 1);
		__sync_fetch_and_or(&lost_types[channel][type >> 6 & 1], 1ULL << (type & 63));
	}
	lost_first_type[channel] = type;
	__sync_fetch_and_add(&lost_by_channel[channel], 1);
}

/*
 * A record that could not be written leaves a mark at its place: before the
 * next record that can be. False: there is no room for the mark either, and
 * nothing may be written before it. The count is taken before the reservation,
 * so a loss that happens meanwhile is reported by a later mark, never
 * forgotten. Of several that are about to report the same loss, on other CPUs
 * or in an interrupt, one does; its mark has its place by the time the others
 * go on.
 */
static __always_inline bool mark_loss(__u32 channel)
{
	__u64 total = lost_by_channel[channel];
	__u64 reported = lost_reported[channel];
	struct bt_event *e;

	if (total == reported)
		return true;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e)
		return false;
	if (__sync_val_compare_and_swap(&lost_reported[channel], reported, total) != reported) {
		bpf_ringbuf_discard(e, 0);
		return true;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->ts_ns = bpf_ktime_get_ns();
	e->type = BT_LOST;
	e->stack = -1;
	e->member = -1;
	e->cpu = bpf_get_smp_processor_id();
	e->lost.count = total - reported < ~0U ? total - reported : ~0U;
	e->lost.channel = channel;
	e->lost.first_type = lost_first_type[channel];
	e->lost.types[0] = __sync_lock_test_and_set(&lost_types[channel][0], 0);
	e->lost.types[1] = __sync_lock_test_and_set(&lost_types[channel][1], 0);
	bpf_ringbuf_submit(e, 0);
	return true;
}

static __always_inline struct bt_event *event_reserve(__u32 bitmap, __u32 type)
{
	struct bt_event *e;

	if (!recording)
		return NULL;
	e = NULL;
	if (mark_loss(BT_LOSS_RING_FULL) && mark_loss(BT_LOSS_MAP_FULL))
		e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		count_loss(BT_LOSS_RING_FULL, type);
		return NULL;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->ts_ns = bpf_ktime_get_ns();
	e->bitmap = bitmap;
	e->impl = bitmap ? BT_IMPL_CLASSIC : BT_IMPL_NONE;
	e->tid = (__u32)bpf_get_current_pid_tgid();
	e->stack = -1;
	e->type = type;
	e->cpu = bpf_get_smp_processor_id();
	e->member = -1;
	return e;
}

static __always_inline void event_submit(struct bt_event *e)
{
	bpf_ringbuf_submit(e, 0);
}

/* Names a thread that is another one than on this CPU before. */
static __noinline int name_task(__u32 tid)
{
	struct comm now = {}, *known;
	struct bt_event *e;

	bpf_get_current_comm(now.name, sizeof(now.name));
	known = bpf_map_lookup_elem(&tasks, &tid);
	if (known && *(__u64 *)known->name == *(__u64 *)now.name &&
	    *(__u64 *)(known->name + 8) == *(__u64 *)(now.name + 8))
		return 0;
	bpf_map_update_elem(&tasks, &tid, &now, BPF_ANY);
	e = event_reserve(0, BT_TASK);
	if (!e)
		return 0;
	__builtin_memcpy(e->task.comm, now.name, sizeof(now.name));
	event_submit(e);
	return 0;
}

/* Names the current thread once, and again when exec has renamed it. */
static __always_inline void note_task(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const __u64 *name = (const __u64 *)task->comm;
	__u32 tid = task->pid, slot = tid & (NAMED_SLOTS - 1);
	struct named_task *last;

	if (tid == 0)
		return;
	last = bpf_map_lookup_elem(&named, &slot);
	if (last && last->tid == tid && last->name[0] == name[0] && last->name[1] == name[1])
		return;
	if (last) {
		last->tid = tid;
		last->name[0] = name[0];
		last->name[1] = name[1];
	}
	name_task(tid);
}

/* Names a kernel address once. bpf_snprintf's %ps knows modules, too. False: no room now. */
static __always_inline bool note_symbol(__u64 addr)
{
	static const char format[] = "%ps";
	char name[sizeof(((struct bt_event *)0)->symbol.name) + 1] = {};
	struct bt_event *e;
	__u8 one = 1;

	if (bpf_map_lookup_elem(&symbols, &addr))
		return true;
	e = event_reserve(0, BT_SYMBOL);
	if (!e)
		return false;
	bpf_snprintf(name, sizeof(name), format, &addr, sizeof(addr));
	e->symbol.addr = addr;
	__builtin_memcpy(e->symbol.name, name, sizeof(e->symbol.name));
	event_submit(e);
	bpf_map_update_elem(&symbols, &addr, &one, BPF_ANY);
	return true;
}

/*
 * Each look at memory by BPF_CORE_READ is a call of some seventy instructions,
 * so what does not change but with the storage is kept (learn_bitmap).
 */
static __always_inline __u16 flags_told(unsigned long bitmap_flags,
					const struct known_bitmap *known)
{
	__u16 flags = (__u16)bitmap_flags & ~BT_BM_NO_FILEMAP;

	return known->filemap ? flags : flags | BT_BM_NO_FILEMAP;
}

static __always_inline __u16 sample_flags(struct bitmap *bitmap, const struct known_bitmap *known)
{
	return flags_told(BPF_CORE_READ(bitmap, flags), known);
}

/* The attribute nibble of page pnum; words: filemap_attr, 16 pages a word. */
static __always_inline __u8 sample_attr(unsigned long *words, __u64 pnum)
{
	unsigned long word = 0;

	if (!words || bpf_probe_read_kernel(&word, sizeof(word), words + (pnum >> 4)))
		return 0;
	return (word >> ((pnum & 15) << 2)) & 15;
}

/* A page that was some bitmap's when it was told, or NULL. */
static __always_inline struct known_page *find_page(__u64 address)
{
	__u32 first = address_row(address, PAGES_BITS), place, found = PLACE_NONE;
	struct known_page *page;
	int i;

	for (i = 0; address > PLACE_FILLING && i < PAGE_TRIES; i++) {
		place = first + i;
		page = bpf_map_lookup_elem(&pages, &place);
		if (!page || page->address != address)
			continue;
		found = page->place;
		break;
	}
	return bpf_map_lookup_elem(&pages, &found);
}

/* Its own place, or one that is free and now taken; NULL: there is none. */
static __always_inline struct known_page *take_page(__u64 address)
{
	__u32 first = address_row(address, PAGES_BITS), place;
	struct known_page *page = find_page(address);
	int i;

	for (i = 0; !page && i < PAGE_TRIES; i++) {
		place = first + i;
		page = bpf_map_lookup_elem(&pages, &place);
		if (page && place_claim(&page->address))
			page->place = place;
		else
			page = NULL;
	}
	return page;
}

static long remember_page(__u32 i, void *data)
{
	struct scan_pages *scan = data;
	__u64 address = scanned_page(scan, i);
	struct known_page *page = address ? take_page(address) : NULL;

	if (!address)
		return 0;
	if (!page) {
		__sync_fetch_and_add(&pages_unplaced, 1);
		return 0;
	}
	__builtin_memset(&page->bitmap, 0, sizeof(*page) - offsetof(struct known_page, bitmap));
	page->bitmap = scan->bitmap;
	page->storage = scan->owner;
	page->index = i;
	place_tell(&page->address, address);
	return 0;
}

/* bdev_write_cache(): before 6.11, QUEUE_FLAG_WC in the queue's flags. */
#define BLK_FEAT_WRITE_CACHE	      (1u << 0)
#define BLK_FLAG_WRITE_CACHE_DISABLED (1u << 0)
#define QUEUE_FLAG_WC		      17

static __always_inline bool has_write_cache(struct block_device *bdev)
{
	struct request_queue *queue = BPF_CORE_READ(bdev, bd_queue);
	struct request_queue___queue_flags *old = (void *)queue;
	struct request_queue___limits *new = (void *)queue;

	if (bpf_core_field_exists(struct queue_limits___features, features))
		return BPF_CORE_READ(new, limits.features) & BLK_FEAT_WRITE_CACHE &&
		       !(BPF_CORE_READ(new, limits.flags) & BLK_FLAG_WRITE_CACHE_DISABLED);
	return BPF_CORE_READ(old, queue_flags) & (1UL << QUEUE_FLAG_WC);
}

#define op_is_write(opf)  ((opf)&1) /* enum req_op: the odd ones write */
#define opf_has(opf, bit) ((opf) & (1U << bpf_core_enum_value(enum req_flag_bits, bit)))

/* How durable is a bitmap page's write to this device once it has ended? */
static __always_inline __u8 sample_cache(struct block_device *bdev, __u32 opf)
{
	__u32 dev = BPF_CORE_READ(bdev, bd_dev);
	__u8 one = 1;

	if (strict && bpf_map_update_elem(&bitmap_devices, &dev, &one, BPF_ANY))
		count_loss(BT_LOSS_MAP_FULL, BT_FLUSH_START);
	if (!has_write_cache(bdev))
		return BT_CACHE_NONE;
	return opf_has(opf, __REQ_FUA) ? BT_CACHE_FUA : BT_CACHE_VOLATILE;
}

static __always_inline void describe_array(struct mddev *mddev, __u32 id)
{
	struct bt_event *e = event_reserve(id, BT_ARRAY);

	if (!e)
		return;
	bpf_probe_read_kernel(e->array.name, sizeof(e->array.name),
			      BPF_CORE_READ(mddev, gendisk, disk_name));
	event_submit(e);
}

static __always_inline void describe_bitmap(struct bitmap *bitmap, const struct known_bitmap *known,
					    __u32 id)
{
	struct mddev *mddev = BPF_CORE_READ(bitmap, mddev);
	struct bt_event *e = event_reserve(id, BT_BITMAP);

	if (!e)
		return;
	e->bm_flags = sample_flags(bitmap, known);
	e->geometry.chunks = known->chunks;
	e->geometry.chunk_shift = known->chunk_shift;
	e->geometry.file_pages = BPF_CORE_READ(bitmap, storage.file_pages);
	e->geometry.backend =
		BPF_CORE_READ(bitmap, storage.file) ? BT_BACKEND_FILE : BT_BACKEND_INTERNAL;
	e->geometry.has_sb = known->has_sb;
	e->geometry.dev = BPF_CORE_READ(mddev, unit);
	e->geometry.level = BPF_CORE_READ(mddev, level);
	e->geometry.layout = BPF_CORE_READ(mddev, layout);
	e->geometry.chunk_sectors = BPF_CORE_READ(mddev, chunk_sectors);
	e->geometry.raid_disks = BPF_CORE_READ(mddev, raid_disks);
	e->geometry.external = BPF_CORE_READ(mddev, external) != 0;
	event_submit(e);
}

static __always_inline void describe_layout(struct bitmap *bitmap, __u32 id)
{
	struct bt_event *e = event_reserve(id, BT_LAYOUT);

	if (!e)
		return;
	e->layout.dev_sectors = BPF_CORE_READ(bitmap, mddev, dev_sectors);
	e->layout.bytes = BPF_CORE_READ(bitmap, storage.bytes);
	e->layout.header_bytes = BPF_CORE_READ(bitmap, storage.sb_page) ? BITMAP_SUPER_BYTES : 0;
	e->layout.page_shift = BITMAP_PAGE_SHIFT;
	e->layout.block_shift = BITMAP_PAGE_SHIFT;
	if (BPF_CORE_READ(bitmap, storage.file))
		e->layout.fs_magic =
			BPF_CORE_READ(bitmap, storage.file, f_mapping, host, i_sb, s_magic);
	event_submit(e);
}

/* Needs what is above. */
#include "core/members.h"

static __always_inline bool array_traced(struct mddev *mddev)
{
	__u32 dev = BPF_CORE_READ(mddev, unit);

	return !filter_arrays || bpf_map_lookup_elem(&traced_arrays, &dev);
}

/* device-mapper's arrays have no gendisk of md's; their members are not held by md. */
static __always_inline bool array_is_mds(struct mddev *mddev)
{
	return BPF_CORE_READ(mddev, gendisk) != NULL;
}

/* Reported or not; NULL: never met. */
static __always_inline struct known_bitmap *find_bitmap(__u64 address)
{
	__u32 first = address_row(address, BITMAPS_BITS), place, found = PLACE_NONE;
	struct known_bitmap *known;
	int i;

	for (i = 0; address > PLACE_FILLING && i < BITMAP_TRIES; i++) {
		place = first + i;
		known = bpf_map_lookup_elem(&bitmaps, &place);
		if (!known || known->address != address)
			continue;
		found = known->place;
		break;
	}
	return bpf_map_lookup_elem(&bitmaps, &found);
}

static __always_inline struct known_bitmap *take_bitmap(__u64 address)
{
	__u32 first = address_row(address, BITMAPS_BITS), place;
	struct known_bitmap *known = NULL;
	int i;

	for (i = 0; !known && i < BITMAP_TRIES; i++) {
		place = first + i;
		known = bpf_map_lookup_elem(&bitmaps, &place);
		if (known && place_claim(&known->address))
			known->place = place;
		else
			known = NULL;
	}
	if (!known)
		return NULL;
	__builtin_memset(&known->id, 0, sizeof(*known) - offsetof(struct known_bitmap, id));
	known->clear_stack = -1;
	place_tell(&known->address, address);
	return known;
}

/*
 * A place for one never met, told and empty. NULL: there is none, which matters
 * when it is to be traced, or another CPU is at it.
 */
static __always_inline struct known_bitmap *meet_bitmap(__u64 address, bool untraced)
{
	struct known_bitmap *known = NULL;

	if (__sync_val_compare_and_swap(&entering, 0, 1))
		return NULL;
	if (!find_bitmap(address)) {
		known = take_bitmap(address);
		if (!known && !untraced)
			count_loss(BT_LOSS_MAP_FULL, BT_BITMAP);
	}
	__sync_lock_test_and_set(&entering, 0);
	return known;
}

/*
 * Enters a bitmap into the tables, not to be reported yet. NULL: another CPU is
 * about to do it, or there is no room.
 */
static __always_inline struct known_bitmap *enter_bitmap(struct bitmap *bitmap)
{
	struct file *file = BPF_CORE_READ(bitmap, storage.file);
	struct mddev *mddev = BPF_CORE_READ(bitmap, mddev);
	bool untraced = !array_is_mds(mddev) || !array_traced(mddev);
	struct known_bitmap *known = meet_bitmap((__u64)bitmap, untraced);
	__u64 key = (__u64)bitmap, mapping;

	if (!known)
		return NULL;
	known->file = file != NULL;
	known->untraced = untraced;
	if (untraced)
		return NULL;
	__sync_fetch_and_add(&bitmaps_traced, 1);
	if (file) {
		__sync_fetch_and_add(&file_bitmaps_traced, 1);
		mapping = (__u64)BPF_CORE_READ(file, f_mapping);
		if (bpf_map_update_elem(&mappings, &mapping, &key, BPF_ANY))
			count_loss(BT_LOSS_MAP_FULL, BT_WRITEBACK_ENTER);
	}
	return known;
}

/* False: there is nothing new, or no more. */
static __always_inline bool take_new_storage(struct known_bitmap *known, __u64 filemap)
{
	__u64 old = *(volatile __u64 *)&known->filemap;

	return old != filemap && __sync_val_compare_and_swap(&known->filemap, old, filemap) == old;
}

/*
 * known: NULL for one never met, else one whose storage has changed. The id
 * comes last, or back: until then no CPU reports anything of this bitmap, and
 * what follows finds it described and its pages known. raid5 lets in the
 * startwrite of a new write while a resize has it quiesced.
 */
static __noinline struct known_bitmap *learn_bitmap(struct bitmap *bitmap,
						    struct known_bitmap *known)
{
	__u64 unplaced;
	__u32 id;

	if (known && !take_new_storage(known, (__u64)BPF_CORE_READ(bitmap, storage.filemap)))
		return known; /* another CPU does */
	if (!known)
		known = enter_bitmap(bitmap);
	if (!known)
		return NULL;
	known->open_pages = 0;
	id = known->id ?: __sync_fetch_and_add(&bitmap_id_last, 1) + 1;
	known->id = 0;
	describe_array(BPF_CORE_READ(bitmap, mddev), id);
	describe_layout(bitmap, id);
	known->mddev = (__u64)BPF_CORE_READ(bitmap, mddev);
	known->filemap = (__u64)BPF_CORE_READ(bitmap, storage.filemap);
	known->counters = (__u64)BPF_CORE_READ(bitmap, counts.bp);
	known->bytes = BPF_CORE_READ(bitmap, storage.bytes);
	known->has_sb = BPF_CORE_READ(bitmap, storage.sb_page) != NULL;
	known->chunks = BPF_CORE_READ(bitmap, counts.chunks);
	known->chunk_shift = BPF_CORE_READ(bitmap, counts.chunkshift);
	describe_bitmap(bitmap, known, id);
	if (!known->file)
		tell_members(bitmap, known, id, true);
	known->storage = __sync_fetch_and_add(&storage_last, 1) + 1;
	unplaced = pages_unplaced;
	each_page(bitmap, remember_page, known->storage);
	known->unplaced = pages_unplaced != unplaced;
	known->layout = BPF_CORE_READ(bitmap, mddev, layout);
	known->chunk_sectors = BPF_CORE_READ(bitmap, mddev, chunk_sectors);
	known->raid_disks = BPF_CORE_READ(bitmap, mddev, raid_disks);
	known->id = id;
	return known;
}

/* The traced bitmap at this address, or NULL. */
static __always_inline struct known_bitmap *bitmap_get(struct bitmap *bitmap)
{
	struct known_bitmap *known;

	if (!bitmap || !recording)
		return NULL;
	known = find_bitmap((__u64)bitmap);
	return known && known->id ? known : NULL;
}

/*
 * The same, and introduces it when it is new. For the functions that begin
 * something: whichever of them meets a bitmap first, so that arrays from
 * before the attach need no path of their own. Storage that was replaced
 * (__bitmap_resize) is described and its pages are learned afresh.
 * bitmap: not NULL.
 */
static __always_inline struct known_bitmap *bitmap_meet_with(struct bitmap *bitmap,
							     struct page **filemap)
{
	struct known_bitmap *known;

	if (!recording)
		return NULL;
	known = find_bitmap((__u64)bitmap);
	if (!known || (known->id && known->filemap != (__u64)filemap))
		known = learn_bitmap(bitmap, known);
	return known && known->id ? known : NULL;
}

static __always_inline struct known_bitmap *bitmap_meet(struct bitmap *bitmap)
{
	return bitmap ? bitmap_meet_with(bitmap, BPF_CORE_READ(bitmap, storage.filemap)) : NULL;
}

/*
 * Is this a page of a traced bitmap? The map may know a page that a resize has
 * replaced since. The bitmap and the page's entry in the map, or NULL.
 */
static __always_inline struct known_bitmap *page_get(__u64 page, struct known_page **of)
{
	struct known_page *entry = find_page(page);
	struct known_bitmap *known = entry ? bitmap_get(entry->bitmap) : NULL;

	if (!known || known->storage != entry->storage)
		return NULL;
	*of = entry;
	return known;
}

/* A record about a bitmap, with its flags and the current thread named. */
static __always_inline struct bt_event *flagged_event(struct known_bitmap *known, __u32 type,
						      __u16 flags)
{
	struct bt_event *e;

	/* What is told may follow from a page write that was not: a mark before each. */
	if (known->unplaced)
		count_loss(BT_LOSS_MAP_FULL, BT_PAGE_WRITE_START);
	note_task();
	e = event_reserve(known->id, type);
	if (e)
		e->bm_flags = flags;
	return e;
}

static __always_inline struct bt_event *bitmap_event(struct bitmap *bitmap,
						     struct known_bitmap *known, __u32 type)
{
	return flagged_event(known, type, sample_flags(bitmap, known));
}

static __always_inline __s32 stack_id(void *ctx)
{
	__s32 id = bpf_get_stackid(ctx, &stacks, 0);

	if (id >= 0)
		return id;
	id = bpf_get_stackid(ctx, &stacks_spare, 0);
	return id < 0 ? id : id + STACKS_MAX;
}

static __always_inline void take_stack(void *ctx, struct bt_event *e)
{
	e->stack = stack_id(ctx);
}

static __always_inline void emit_simple(void *ctx, struct bitmap *bitmap, __u32 type, bool stack)
{
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e;

	if (!known)
		return;
	e = bitmap_event(bitmap, known, type);
	if (!e)
		return;
	if (stack)
		take_stack(ctx, e);
	event_submit(e);
}

static __always_inline void emit_call(void *ctx, struct bitmap *bitmap, __u32 type, __s32 ret)
{
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e;

	if (!known)
		return;
	e = bitmap_event(bitmap, known, type);
	if (!e)
		return;
	e->call.ret = ret;
	take_stack(ctx, e);
	event_submit(e);
}

#endif /* BITMAP_TRACE_PROBE_H */
