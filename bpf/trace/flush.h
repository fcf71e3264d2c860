/* SPDX-License-Identifier: GPL-2.0-only */
/* Flushes of the devices that hold bitmap pages, for the rules about volatile caches (--strict). */
#ifndef BITMAP_TRACE_FLUSH_H
#define BITMAP_TRACE_FLUSH_H

#include "trace/page_write.h"

static __always_inline void emit_flush(struct bio *bio, __u32 type, __u8 status)
{
	__u32 dev = KREAD(KREAD(bio, bi_bdev), bd_dev);
	struct bt_event *e;

	if (!bitmaps_traced || !opf_has(KREAD(bio, bi_opf), __REQ_PREFLUSH) ||
	    !bpf_map_lookup_elem(&bitmap_devices, &dev))
		return;
	e = event_reserve_of(0, type, note_task());
	if (!e)
		return;
	e->flush.bio = (__u64)bio;
	e->flush.dev = dev;
	e->status = status;
	event_submit(e);
}

#endif /* BITMAP_TRACE_FLUSH_H */
