/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of threads and of kernel addresses: a record each, before the first event with them. */
#ifndef BITMAP_TRACE_TASK_H
#define BITMAP_TRACE_TASK_H

#include "core/emit.h"

struct comm {
	char name[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct comm);
} tasks SEC(".maps") __weak;

/* The threads that this CPU has named last, indexed by the low bits of their ids. */
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

/* Emits the thread's name if another thread was named last in its slot on this CPU. */
__weak __noinline int name_task(__u32 tid)
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

/* Names the current thread once, and again when exec has renamed it. Returns its id. */
static __always_inline __u32 note_task(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const __u64 *name = (const __u64 *)task->comm;
	__u32 tid = task->pid, slot = tid & (NAMED_SLOTS - 1);
	struct named_task *last;

	if (tid == 0)
		return 0;
	last = bpf_map_lookup_elem(&named, &slot);
	if (last && last->tid == tid && last->name[0] == name[0] && last->name[1] == name[1])
		return tid;
	if (last) {
		last->tid = tid;
		last->name[0] = name[0];
		last->name[1] = name[1];
	}
	name_task(tid);
	return tid;
}

/*
 * Names a kernel address once. bpf_snprintf's %ps knows modules, too. False: no room in the
 * ring buffer.
 */
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

#endif /* BITMAP_TRACE_TASK_H */
