// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds up whoever passes a step of the bitmap's protocol, now and then: programs on the hooks of
 * the tracer, by the same names (user/probes/hook_table.c), that do nothing but spin. They are an
 * object of their own, loaded only by --perturb, so that a run without it has none of this.
 *
 * Nothing is changed but time: an interrupt, or a slower CPU, could have made each of these
 * delays. A correct kernel keeps every rule under them.
 *
 * These programs may be preempted, unlike the tracer's (core/program.h): then the kernel skips
 * the same program for other tasks on that CPU, and a skipped delay is no loss.
 */
#include "core/kernel_read.h"

#include <bpf/bpf_tracing.h>

#include "shared/perturb.h"

char LICENSE[] SEC("license") = "GPL";

/* Set by user space before the load (user/perturb/). */
const volatile __u64 seed = 0;
const volatile __u64 slice_ns = 0;
const volatile __u32 places = 0;
const volatile __u32 ns_max[BT_PLACES] = {};

/* Set when the traced command is about to run; spins are made while perturbing is set. */
__u64 begun_ns = 0;
__u32 perturbing = 0;
__u32 tasks_met = 0;

struct bt_perturb_count counts[BT_PLACES] = {};

/*
 * A sequence of numbers for each task, in the order in which tasks come. Tasks that share a slot
 * share a sequence; an interrupt takes numbers of the task that it interrupts.
 */
#define STREAMS 256
static __u64 streams[STREAMS];

/* The seed of this moment: with slices it is the next one in each. */
static __always_inline __u64 seed_now(void)
{
	return slice_ns ? seed + (bpf_ktime_get_ns() - begun_ns) / slice_ns : seed;
}

static __always_inline __u64 next_number(__u64 now, __u32 place)
{
	__u64 *stream = &streams[(__u32)bpf_get_current_pid_tgid() & (STREAMS - 1)];

	if (!*stream)
		*stream = bt_perturb_mix(BT_PERTURB_STEP *
					 (1 + __sync_fetch_and_add(&tasks_met, 1))) |
			  1;
	*stream += BT_PERTURB_STEP;
	return bt_perturb_mix(*stream ^ bt_perturb_mix(now) ^ (__u64)(place + 1) << 32);
}

static long turn(__u32 nth, void *until)
{
	return bpf_ktime_get_ns() >= *(__u64 *)until;
}

/* The number of turns is a second bound: more than a CPU makes in BT_PERTURB_US_MAX. */
#define TURNS_MAX (1 << 23)

static __always_inline void spin(struct bt_perturb_count *count, __u64 ns)
{
	__u64 begun = bpf_ktime_get_ns(), until = begun + ns;

	bpf_loop(TURNS_MAX, turn, &until, 0);
	__sync_fetch_and_add(&count->spins, 1);
	__sync_fetch_and_add(&count->ns, bpf_ktime_get_ns() - begun);
}

static __noinline int pass(__u32 place)
{
	__u64 now, number;

	if (!perturbing || place >= BT_PLACES)
		return 0;
	__sync_fetch_and_add(&counts[place].passed, 1);
	now = seed_now();
	number = next_number(now, place);
	if ((__u32)number < bt_perturb_chance(now, places, place))
		spin(&counts[place], 1 + ((number >> 32) * ns_max[place] >> 32));
	return 0;
}

#define AT(section, program, place)                                                                \
	SEC(section)                                                                               \
	int program(void *ctx)                                                                     \
	{                                                                                          \
		return pass(BT_PLACE_##place);                                                     \
	}

/* ---- the classic bitmap ------------------------------------------------------------------- */

AT("fexit/bitmap_startwrite", startwrite_exit, STARTWRITE_EXIT)
AT("fexit/md_bitmap_startwrite", md_startwrite_exit, STARTWRITE_EXIT)
AT("fentry/bitmap_endwrite", endwrite, ENDWRITE_ENTER)
AT("fentry/md_bitmap_endwrite", md_endwrite, ENDWRITE_ENTER)
AT("fentry/md_bitmap_file_set_bit", set_bit, SET_BIT_ENTER)
AT("fexit/md_bitmap_file_set_bit", set_bit_exit, SET_BIT_EXIT)
AT("fentry/md_bitmap_file_clear_bit", clear_bit, CLEAR_BIT_ENTER)
AT("fentry/__bitmap_unplug", unplug, UNPLUG_ENTER)
AT("fexit/__bitmap_unplug", unplug_exit, UNPLUG_EXIT)
AT("fentry/bitmap_unplug", ops_unplug, UNPLUG_ENTER)
AT("fexit/bitmap_unplug", ops_unplug_exit, UNPLUG_EXIT)
AT("fentry/bitmap_unplug", unplug_work, WORK_ENTER)
AT("fexit/bitmap_unplug", unplug_work_exit, WORK_EXIT)
AT("fentry/md_bitmap_unplug_async", md_unplug_work, WORK_ENTER)
AT("fexit/md_bitmap_unplug_async", md_unplug_work_exit, WORK_EXIT)
AT("fentry/bitmap_daemon_work", daemon_work, DAEMON_ENTER)
AT("fexit/bitmap_daemon_work", daemon_work_exit, DAEMON_EXIT)
AT("fentry/bitmap_update_sb", update_sb, UPDATE_SB_ENTER)
AT("fexit/bitmap_update_sb", update_sb_exit, UPDATE_SB_EXIT)
AT("fexit/bitmap_start_sync", start_sync_exit, START_SYNC_EXIT)
AT("fexit/md_bitmap_start_sync", md_start_sync_exit, START_SYNC_EXIT)
AT("fentry/bitmap_end_sync", end_sync, END_SYNC_ENTER)
AT("fentry/md_bitmap_end_sync", md_end_sync, END_SYNC_ENTER)

/* ---- the lockless bitmap ------------------------------------------------------------------ */

AT("fexit/llbitmap_start_write", ll_start_write_exit, STARTWRITE_EXIT)
AT("fentry/llbitmap_end_write", ll_end_write, ENDWRITE_ENTER)
AT("fentry/llbitmap_raise_barrier", ll_raise_barrier, BARRIER_ENTER)
AT("fexit/llbitmap_raise_barrier", ll_raise_barrier_exit, BARRIER_EXIT)
AT("fentry/llbitmap_state_machine", ll_state_machine, STATE_ENTER)
AT("fexit/llbitmap_state_machine", ll_state_machine_exit, STATE_EXIT)
AT("fentry/llbitmap_set_page_dirty", ll_set_page_dirty_enter, MARK_ENTER)
AT("fexit/llbitmap_set_page_dirty", ll_set_page_dirty, MARK_EXIT)
AT("fentry/llbitmap_infect_dirty_bits", ll_infect_enter, INFECT_ENTER)
AT("fentry/llbitmap_unplug", ll_unplug, UNPLUG_ENTER)
AT("fexit/llbitmap_unplug", ll_unplug_exit, UNPLUG_EXIT)
AT("fentry/llbitmap_unplug_fn", ll_unplug_fn, WORK_ENTER)
AT("fexit/llbitmap_unplug_fn", ll_unplug_fn_exit, WORK_EXIT)
AT("fentry/md_llbitmap_daemon_fn", ll_daemon, DAEMON_ENTER)
AT("fexit/md_llbitmap_daemon_fn", ll_daemon_exit, DAEMON_EXIT)
AT("fentry/llbitmap_update_sb", ll_update_sb, UPDATE_SB_ENTER)
AT("fexit/llbitmap_update_sb", ll_update_sb_exit, UPDATE_SB_EXIT)
AT("fexit/llbitmap_start_sync", ll_start_sync, START_SYNC_EXIT)
AT("fentry/llbitmap_end_sync", ll_end_sync, END_SYNC_ENTER)

/* ---- writes -------------------------------------------------------------------------------- */

/*
 * A write to a member of an array with a bitmap. md claims a member with the md_rdev as holder;
 * its own writes, of bitmap and superblock, have it as bi_private, too.
 */
SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_queue, struct bio *bio)
{
	struct block_device *bdev = bio->bi_bdev;
	struct md_rdev *rdev;

	if (!perturbing || !bdev || !(bio->bi_opf & 1))
		return 0;
	rdev = (struct md_rdev *)bdev->bd_holder;
	if (!rdev || KREAD(rdev, bdev) != bdev || !KREAD(KREAD(rdev, mddev), bitmap))
		return 0;
	return pass(bio->bi_private == (void *)rdev ? BT_PLACE_PAGE_WRITE_START
						    : BT_PLACE_DATA_START);
}

AT("fentry/super_written", super_written, PAGE_WRITE_END)
AT("fentry/end_bitmap_write", end_bitmap_write, PAGE_WRITE_END)
AT("fentry/end_bitmap_write", end_bitmap_bio, PAGE_WRITE_END)
AT("fentry/raid1_end_write_request", raid1_end_write, DATA_END)
AT("fentry/raid10_end_write_request", raid10_end_write, DATA_END)
AT("fentry/raid5_end_write_request", raid5_end_write, DATA_END)
