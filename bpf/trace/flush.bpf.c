// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flushes of the devices that hold bitmap pages, for the rules about disks
 * with a volatile cache. Loaded with --strict only: bio_endio is the end of
 * every bio of the system.
 */
#include "core/probe.h"

static __always_inline void emit_flush(struct bio *bio, __u32 type, __s32 error)
{
	__u32 dev = BPF_CORE_READ(bio, bi_bdev, bd_dev);
	struct bt_event *e;

	if (!bitmaps_traced || !opf_has(BPF_CORE_READ(bio, bi_opf), __REQ_PREFLUSH) ||
	    !bpf_map_lookup_elem(&bitmap_devices, &dev))
		return;
	note_task();
	e = event_reserve(0, type);
	if (!e)
		return;
	e->flush.bio = (__u64)bio;
	e->flush.dev = dev;
	e->status = error;
	event_submit(e);
}

/* Before the driver: it flushes at least what has ended by now. */
SEC("tp_btf/block_bio_queue")
int BPF_PROG(flush_queue, struct bio *bio)
{
	emit_flush(bio, BT_FLUSH_START, 0);
	return 0;
}

/* Entry: the device has answered, nobody who waits for it has been told. */
SEC("fentry/bio_endio")
int BPF_PROG(flush_end, struct bio *bio)
{
	emit_flush(bio, BT_FLUSH_END, BPF_CORE_READ(bio, bi_status));
	return 0;
}
