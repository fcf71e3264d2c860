// SPDX-License-Identifier: GPL-2.0-only
/*
 * A source of events for tests/bench/source: puts records prepared by user space into the ring
 * buffer of the running tool, with the functions of its probes. Linked with all of them, and
 * loaded with the tool's own maps instead of theirs, so that buffer, counts and loss marks are
 * the tool's.
 */
#include "core/task.h"

#include "source.h"

#define BPF_RB_AVAIL_DATA 0 /* include/uapi/linux/bpf.h */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SOURCE_BATCH_MAX);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct bt_event);
} batch SEC(".maps");

/* Time, CPU and position in the stream are the current ones. */
static long emit_one(__u32 i, void *unused)
{
	const struct bt_event *from = bpf_map_lookup_elem(&batch, &i);
	struct bt_event *e;

	if (!from)
		return 1;
	note_task();
	e = event_reserve(from->bitmap, from->type);
	if (!e)
		return 0; /* counted as lost */
	e->tid = from->tid;
	e->bm_flags = from->bm_flags;
	e->member = from->member;
	e->opf = from->opf;
	__builtin_memcpy(e->raw, from->raw, sizeof(e->raw));
	event_submit(e);
	return 0;
}

SEC("syscall")
int emit_batch(struct source_call *call)
{
	__u64 filled = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	if (filled > call->filled_max)
		call->filled_max = filled;
	bpf_loop(call->nr, emit_one, NULL, 0);
	return 0;
}
