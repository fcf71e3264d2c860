// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are interrupts on? Programs on fentry and fexit are not told: their trampoline
 * saves the arguments and no flags, and preempt_count knows locks, not whether
 * they were taken with interrupts off. A kprobe's saved registers have the flag
 * as it was (ftrace_regs_caller, arch_rethook_trampoline).
 */
#include "probe.h"

#define X86_EFLAGS_IF (1 << 9)

struct set_bit_entry {
	struct bitmap *bitmap;
	__u64 irqs;
};

/* By thread: set_bit does not sleep, but may be preempted when it is called without lock. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct set_bit_entry);
} set_bit_entries SEC(".maps");

/* Before the program on fentry. Idle threads have no business here. */
SEC("kprobe/md_bitmap_file_set_bit")
int set_bit_irqs(struct pt_regs *regs)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct set_bit_entry entry = {
		.bitmap = (struct bitmap *)regs->di,
		.irqs = regs->flags & X86_EFLAGS_IF,
	};

	if (recording)
		bpf_map_update_elem(&set_bit_entries, &tid, &entry, BPF_ANY);
	return 0;
}

/* After the program on fexit, before the caller. Nothing is told as long as all is well. */
SEC("kretprobe/md_bitmap_file_set_bit")
int set_bit_irqs_exit(struct pt_regs *regs)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct set_bit_entry *entry = bpf_map_lookup_elem(&set_bit_entries, &tid), was;
	struct known_bitmap *known;
	struct bt_event *e;

	if (!entry)
		return 0;
	was = *entry;
	bpf_map_delete_elem(&set_bit_entries, &tid);
	if (was.irqs == (regs->flags & X86_EFLAGS_IF))
		return 0;
	known = bitmap_get(was.bitmap);
	e = known ? bitmap_event(was.bitmap, known, BT_SET_BIT_LEFT) : NULL;
	if (!e)
		return 0;
	e->irqs.on_entering = was.irqs != 0;
	e->irqs.on_leaving = !e->irqs.on_entering;
	take_stack(regs, e);
	event_submit(e);
	return 0;
}
