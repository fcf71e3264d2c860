// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes on md's lockless bitmap (drivers/md/md-llbitmap.c). mddev->bitmap is a struct llbitmap
 * there, and whoever is here knows it by the function that was called. A bitmap is met at its
 * load, or by a writer; what comes before its load, when it is made, is not looked at.
 */
#include "core/program.h"
#include "trace/ll_register.h"

static __always_inline struct llbitmap___ll *ll_of(struct mddev *mddev)
{
	return (struct llbitmap___ll *)KREAD(mddev, bitmap);
}

static __always_inline struct bt_event *ll_event(struct known_bitmap *known, __u32 type)
{
	return bitmap_event((struct bitmap *)known->address, known, type);
}

static __always_inline void ll_emit_simple(struct known_bitmap *known, __u32 type)
{
	struct bt_event *e = known ? ll_event(known, type) : NULL;

	if (e)
		event_submit(e);
}

static __always_inline void ll_emit_call(void *ctx, struct known_bitmap *known, __u32 type, int ret)
{
	struct bt_event *e = known ? ll_event(known, type) : NULL;

	if (!e)
		return;
	e->call.ret = ret;
	take_stack(ctx, e);
	event_submit(e);
}

/* ---- life of a bitmap ------------------------------------------------------------------- */

/*
 * Entry: the bytes are as they were read from a member, and nobody else has the bitmap yet.
 * A bitmap that is loaded again (grow) is described again.
 */
SEC("fentry/llbitmap_load")
int BPF_PROG(ll_load, struct mddev *mddev)
{
	struct llbitmap___ll *bitmap = ll_of(mddev);
	struct known_bitmap *known = ll_lookup_or_register(bitmap, BT_LL_BY_LOAD);

	if (known)
		known->loading = 1;
	ll_emit_call(ctx, known, BT_LOAD_ENTER, 0);
	return 0;
}

/* Exit: before the array takes any write. */
SEC("fexit/llbitmap_load")
int BPF_PROG(ll_load_exit, struct mddev *mddev, int ret)
{
	struct known_bitmap *known = ll_lookup(ll_of(mddev));

	ll_emit_call(ctx, known, BT_LOAD_EXIT, ret);
	if (known)
		known->loading = 0;
	return 0;
}

/* Entry: its pages are still its own. Its worker and its daemon may still run, and find no id. */
SEC("fentry/llbitmap_destroy")
int BPF_PROG(ll_destroy, struct mddev *mddev)
{
	struct known_bitmap *known = bitmap_find((__u64)ll_of(mddev));

	if (!known)
		return 0;
	if (known->id && recording)
		ll_emit_call(ctx, known, BT_GONE, 0);
	ll_forget(known);
	return 0;
}

/* Exit: the array is quiesced until after this, if its size has changed. */
SEC("fexit/llbitmap_resize")
int BPF_PROG(ll_resize, struct mddev *mddev)
{
	struct llbitmap___ll *bitmap = ll_of(mddev);
	struct known_bitmap *known = ll_lookup(bitmap);

	if (known && (known->chunks != KREAD(bitmap, chunks) ||
		      known->filemap != (__u64)KREAD(bitmap, pctl)))
		ll_register((__u64)known->address, BT_LL_BY_ATTACH);
	return 0;
}

/* ---- writes ------------------------------------------------------------------------------ */

/* A reference that was killed: the daemon waits for the page to be left, or has it for itself. */
#define PERCPU_REF_DEAD 2

static __always_inline void ll_emit_page(struct known_bitmap *known, __u32 type, __u32 page)
{
	struct bt_event *e = known ? ll_event(known, type) : NULL;

	if (!e)
		return;
	e->ll_page.page = page;
	event_submit(e);
}

/* Entry, only when it is going to wait, as far as that can be seen from here. */
SEC("fentry/llbitmap_raise_barrier")
int BPF_PROG(ll_raise_barrier, struct llbitmap___ll *bitmap, int page)
{
	struct known_bitmap *known = ll_lookup_or_register(bitmap, BT_LL_BY_ATTACH);
	struct llbitmap_page_ctl___ll *pctl = known ? ll_pctl(bitmap, page) : NULL;

	if (pctl && KREAD(pctl, active.percpu_count_ptr) & PERCPU_REF_DEAD)
		ll_emit_page(known, BT_LL_BARRIER_WAIT, page);
	return 0;
}

/* Exit: the reference is held. */
SEC("fexit/llbitmap_raise_barrier")
int BPF_PROG(ll_raise_barrier_exit, struct llbitmap___ll *bitmap, int page)
{
	ll_emit_page(ll_lookup(bitmap), BT_LL_BARRIER, page);
	return 0;
}

static __always_inline void ll_emit_range(struct known_bitmap *known, __u32 type, __u16 flags,
					  __u64 sector, __u64 sectors)
{
	struct bt_event *e = known ? ll_event(known, type) : NULL;

	if (!e)
		return;
	e->bm_flags |= flags;
	e->range.sector = sector;
	e->range.sectors = sectors;
	event_submit(e);
}

/* Exit: the references are held, the chunks are in a state that a load resyncs. */
SEC("fexit/llbitmap_start_write")
int BPF_PROG(ll_start_write_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	struct known_bitmap *known = ll_lookup_or_register(ll_of(mddev), BT_LL_BY_ATTACH);
	struct bt_event *e = known ? ll_event(known, BT_STARTWRITE) : NULL;

	if (!e)
		return 0;
	e->range.sector = offset;
	e->range.sectors = sectors;
	/* The rules on it are broken by one that has changed something: that has marked a page. */
	if (stack_for_data(known))
		take_stack(ctx, e);
	event_submit(e);
	return 0;
}

/* Entry: the references still hold; only after this can the daemon have the page. */
SEC("fentry/llbitmap_end_write")
int BPF_PROG(ll_end_write, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	ll_emit_range(ll_lookup(ll_of(mddev)), BT_ENDWRITE,
		      mddev->degraded > 0 ? BT_BM_DEGRADED : 0, offset, sectors);
	return 0;
}

/* Exit: Unwritten in memory, and the discard has not gone to any member. */
SEC("fexit/llbitmap_start_discard")
int BPF_PROG(ll_start_discard_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	ll_emit_range(ll_lookup_or_register(ll_of(mddev), BT_LL_BY_ATTACH), BT_LL_DISCARD_START, 0,
		      offset, sectors);
	return 0;
}

SEC("fentry/llbitmap_end_discard")
int BPF_PROG(ll_end_discard, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	ll_emit_range(ll_lookup(ll_of(mddev)), BT_LL_DISCARD_END, 0, offset, sectors);
	return 0;
}

/* ---- states ------------------------------------------------------------------------------- */

static __always_inline void ll_emit_machine(struct known_bitmap *known, __u32 type, __u64 first,
					    __u64 last, __u32 action)
{
	struct bt_event *e = ll_event(known, type);

	if (!e)
		return;
	e->ll_call.first = first;
	e->ll_call.last = last;
	e->ll_call.action = action;
	event_submit(e);
}

/*
 * Entry and exit: the bytes change somewhere between the two, and so do marks of blocks. A
 * writer holds the page's reference until after the exit, the daemon lets writers in after it: what
 * was made Clean is reported before anybody can find it so, and what was made Dirty before
 * the one who did so goes on. Another writer may find a byte Dirty before this exit, and
 * reports it at its own.
 */
SEC("fentry/llbitmap_state_machine")
int BPF_PROG(ll_state_machine, struct llbitmap___ll *bitmap, unsigned long first,
	     unsigned long last, unsigned int action)
{
	struct known_bitmap *known = ll_lookup(bitmap);
	struct ll_own own;

	if (!known)
		return 0;
	if (action == LL_ACTION(BitmapActionStartwrite) &&
	    ll_own_of(known, bitmap, first, last, &own) && ll_own_protected(&own))
		return 0;
	ll_emit_machine(known, BT_LL_CALL_ENTER, first, last, action);
	return 0;
}

SEC("fexit/llbitmap_state_machine")
int BPF_PROG(ll_state_machine_exit, struct llbitmap___ll *bitmap, unsigned long first,
	     unsigned long last, unsigned int action)
{
	struct known_bitmap *known = ll_lookup(bitmap);
	struct ll_own own;

	if (!known)
		return 0;
	if (action == LL_ACTION(BitmapActionStartwrite) &&
	    ll_own_of(known, bitmap, first, last, &own) && ll_own_reported(&own))
		return 0;
	ll_compare(known, first, last, action);
	ll_emit_machine(known, BT_LL_CALL_EXIT, first, last, action);
	return 0;
}

/*
 * Exit: the block's mark is there, and the page's was. Stacks are taken while a mark has not
 * been followed by a whole write of its page (stack_policy.h).
 */
SEC("fexit/llbitmap_set_page_dirty")
int BPF_PROG(ll_set_page_dirty, struct llbitmap___ll *bitmap, int page, int offset, bool infect)
{
	struct known_bitmap *known = ll_lookup(bitmap);
	__u32 io_size = KREAD(bitmap, io_size), block, number;
	struct known_page *slot;
	struct llbitmap_page_ctl___ll *pctl;
	struct bt_event *e;

	if (!known || !io_size)
		return 0;
	block = (__u32)offset / io_size;
	number = ((__u32)page << LL_PAGE_SHIFT) / io_size + block + 1;
	if (known->ll_marked == number)
		return 0;
	known->ll_marked = number;
	pctl = ll_pctl(bitmap, page);
	slot = ll_page(known, pctl);
	if (slot) {
		__sync_fetch_and_add(&slot->sets_begun, 1);
		__sync_fetch_and_add(&slot->sets_done, 1);
		slot->blocks_done = 0;
		page_set_unwritten(known, slot);
	}
	e = ll_event(known, BT_LL_MARK);
	if (!e)
		return 0;
	e->ll_mark.page = page;
	e->ll_mark.block = block;
	e->ll_mark.flags = pctl ? ll_sample_marks(pctl, block) : 0;
	e->ll_mark.infect = infect;
	event_submit(e);
	return 0;
}

/* ---- functions that write blocks ------------------------------------------------------------- */

struct ll_dirty_scan {
	struct known_bitmap *known;
};

static long ll_emit_dirty_page(__u32 i, void *data)
{
	struct known_bitmap *known = ((struct ll_dirty_scan *)data)->known;
	struct llbitmap_page_ctl___ll *pctl = ll_pctl((struct llbitmap___ll *)known->address, i);
	__u32 page_dirty = bpf_core_enum_value(enum llbitmap_page_state___ll, LLPageDirty);
	struct bt_event *e;

	if (!pctl || !(KREAD(pctl, flags) >> page_dirty & 1))
		return 0;
	e = ll_describe(known->id, BT_UNPLUG_PAGE);
	if (!e)
		return 0;
	e->attr.page = i;
	e->attr.attr = BT_ATTR_DIRTY;
	event_submit(e);
	return 0;
}

/*
 * Entry: pages that are dirty now are what this call promises to have written. The worker that
 * it waits for may find more, or less, when another one has begun with them.
 */
SEC("fentry/llbitmap_unplug")
int BPF_PROG(ll_unplug, struct mddev *mddev)
{
	struct known_bitmap *known = ll_lookup_or_register(ll_of(mddev), BT_LL_BY_ATTACH);
	struct ll_dirty_scan scan = { .known = known };

	if (!known)
		return 0;
	ll_emit_simple(known, BT_UNPLUG_ENTER);
	bpf_loop(known->file_pages, ll_emit_dirty_page, &scan, 0);
	return 0;
}

/* Exit, before the caller can submit any data. */
SEC("fexit/llbitmap_unplug")
int BPF_PROG(ll_unplug_exit, struct mddev *mddev)
{
	struct known_bitmap *known = ll_lookup(ll_of(mddev));
	struct bt_event *e;
	bool stack;

	if (!known)
		return 0;
	emit_members_written((struct bitmap *)known->address, known);
	stack = stack_for_data(known);
	e = ll_event(known, BT_UNPLUG_EXIT);
	if (!e)
		return 0;
	if (stack || stack_for_data(known))
		take_stack(ctx, e);
	event_submit(e);
	return 0;
}

/* The worker's thread by its id, for its exit: by then the work is no longer there. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} ll_workers SEC(".maps");

/* Entry: from now on it takes marks away. */
SEC("fentry/llbitmap_unplug_fn")
int BPF_PROG(ll_unplug_fn, struct work_struct *work)
{
	struct llbitmap___ll *bitmap = KREAD((struct llbitmap_unplug_work___ll *)work, llbitmap);
	struct known_bitmap *known = ll_lookup(bitmap);
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 address = (__u64)bitmap;

	if (!known)
		return 0;
	known->ll_marked = 0;
	bpf_map_update_elem(&ll_workers, &tid, &address, BPF_ANY);
	ll_emit_simple(known, BT_LL_WORK_ENTER);
	return 0;
}

/* Exit: whoever waited for it may have gone on before. */
SEC("fexit/llbitmap_unplug_fn")
int BPF_PROG(ll_unplug_fn_exit, struct work_struct *work)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 *address = bpf_map_lookup_elem(&ll_workers, &tid);

	if (!address)
		return 0;
	ll_emit_simple(ll_lookup((struct llbitmap___ll *)*address), BT_LL_WORK_EXIT);
	bpf_map_delete_elem(&ll_workers, &tid);
	return 0;
}

SEC("fentry/__llbitmap_flush")
int BPF_PROG(ll_flush, struct mddev *mddev)
{
	struct known_bitmap *known = ll_lookup(ll_of(mddev));

	if (known)
		known->ll_marked = 0;
	ll_emit_simple(known, BT_LL_FLUSH_ENTER);
	return 0;
}

/* Exit: all that it has submitted has ended. */
SEC("fexit/__llbitmap_flush")
int BPF_PROG(ll_flush_exit, struct mddev *mddev)
{
	struct known_bitmap *known = ll_lookup(ll_of(mddev));

	if (!known)
		return 0;
	emit_members_written((struct bitmap *)known->address, known);
	ll_emit_simple(known, BT_LL_FLUSH_EXIT);
	return 0;
}

SEC("fentry/llbitmap_update_sb")
int BPF_PROG(ll_update_sb, void *data)
{
	struct known_bitmap *known = ll_lookup(data);
	struct bt_event *e = known ? ll_event(known, BT_UPDATE_SB_ENTER) : NULL;

	if (!e)
		return 0;
	known->ll_marked = 0;
	e->super.events = KREAD((struct mddev *)known->mddev, events);
	e->super.state = (__u32)KREAD((struct llbitmap___ll *)data, flags);
	take_stack(ctx, e);
	event_submit(e);
	return 0;
}

SEC("fexit/llbitmap_update_sb")
int BPF_PROG(ll_update_sb_exit, void *data)
{
	struct known_bitmap *known = ll_lookup(data);

	if (!known)
		return 0;
	emit_members_changed(data, known);
	ll_emit_simple(known, BT_UPDATE_SB_EXIT);
	return 0;
}

/* ---- daemon ------------------------------------------------------------------------------------
 */

static __always_inline void ll_emit_daemon(struct work_struct *work, __u32 type)
{
	__u64 address = 0;

	/* As a number, to count back from. */
	bpf_probe_read_kernel(&address, sizeof(address), &work);
	address -= bpf_core_field_offset(struct llbitmap___ll, daemon_work);
	ll_emit_simple(ll_lookup((struct llbitmap___ll *)address), type);
}

/* The pages it has for itself are those of the calls of the state machine between the two. */
SEC("fentry/md_llbitmap_daemon_fn")
int BPF_PROG(ll_daemon, struct work_struct *work)
{
	ll_emit_daemon(work, BT_DAEMON_ENTER);
	return 0;
}

SEC("fexit/md_llbitmap_daemon_fn")
int BPF_PROG(ll_daemon_exit, struct work_struct *work)
{
	ll_emit_daemon(work, BT_DAEMON_EXIT);
	return 0;
}

/* ---- resync and recovery ------------------------------------------------------------------------
 */

static __always_inline void ll_emit_sync(void *ctx, struct mddev *mddev, __u32 type, __u64 sector,
					 __u64 sectors, bool aborted)
{
	struct known_bitmap *known = ll_lookup(ll_of(mddev));
	struct bt_event *e = known ? ll_event(known, type) : NULL;

	if (!e)
		return;
	e->sync.sector = sector;
	e->sync.sectors = sectors;
	e->sync.aborted = aborted;
	if (type == BT_LL_SYNC_SKIP) /* sync-covers */
		take_stack(ctx, e);
	event_submit(e);
}

/* Exit: the chunk is Syncing. Where it returns false, resync leaves the stretch out. */
SEC("fexit/llbitmap_start_sync")
int BPF_PROG(ll_start_sync, struct mddev *mddev, sector_t offset, sector_t *blocks, bool degraded,
	     bool ret)
{
	if (ret)
		ll_emit_sync(ctx, mddev, BT_START_SYNC, offset, KREAD_AT(__u64, blocks), false);
	return 0;
}

/* Entry, as all ends. What they make of the chunks, the state machine's calls inside report. */
SEC("fentry/llbitmap_end_sync")
int BPF_PROG(ll_end_sync, struct mddev *mddev, sector_t offset)
{
	ll_emit_sync(ctx, mddev, BT_END_SYNC, offset, mddev->resync_max_sectors - offset, true);
	return 0;
}

SEC("fentry/llbitmap_close_sync")
int BPF_PROG(ll_close_sync, struct mddev *mddev)
{
	ll_emit_sync(ctx, mddev, BT_END_SYNC, 0, mddev->resync_max_sectors, false);
	return 0;
}

/* Exit: it has looked at the byte, and md_do_sync goes on to the next one. */
SEC("fexit/llbitmap_skip_sync_blocks")
int BPF_PROG(ll_skip_sync, struct mddev *mddev, sector_t offset, sector_t ret)
{
	if (ret)
		ll_emit_sync(ctx, mddev, BT_LL_SYNC_SKIP, offset, ret, false);
	return 0;
}
