// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays with md's lockless bitmap (drivers/md/md-llbitmap.c): their mddev->bitmap is a struct
 * llbitmap, which no probe here reads. One event per array names it, so that no report takes
 * the array as judged.
 */
#include "core/bitmap_event.h"

/* Indexed by dev_t. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u8);
} untraced_named SEC(".maps");

/* Emitted at the first write of an array. Entry or exit does not matter. */
SEC("fentry/llbitmap_start_write")
int BPF_PROG(llbitmap_start_write, struct mddev *mddev)
{
	__u32 dev = mddev->unit;
	struct bt_event *e;
	__u8 one = 1;

	if (!recording || !array_traced(mddev) || bpf_map_lookup_elem(&untraced_named, &dev))
		return 0;
	e = event_reserve(__sync_fetch_and_add(&bitmap_id_last, 1) + 1, BT_ARRAY);
	if (!e)
		return 0;
	e->impl = BT_IMPL_LLBITMAP;
	bpf_probe_read_kernel(e->array.name, sizeof(e->array.name),
			      KREAD(mddev, gendisk)->disk_name);
	event_submit(e);
	bpf_map_update_elem(&untraced_named, &dev, &one, BPF_ANY);
	return 0;
}
