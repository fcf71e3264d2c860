/* SPDX-License-Identifier: GPL-2.0-only */
/* Code shared by the records of page writes of all backends. */
#ifndef BITMAP_TRACE_PAGE_WRITE_H
#define BITMAP_TRACE_PAGE_WRITE_H

#include "core/bitmap_event.h"
#include "core/request.h"
#include "core/stack_policy.h"

/* Devices that bitmap pages were written to, by dev_t; kept only when strict. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u8);
} bitmap_devices SEC(".maps") __weak;

/* bdev_write_cache(): before 6.11, QUEUE_FLAG_WC in the queue's flags. */
#define BLK_FEAT_WRITE_CACHE	      (1u << 0)
#define BLK_FLAG_WRITE_CACHE_DISABLED (1u << 0)
#define QUEUE_FLAG_WC		      17

static __always_inline bool has_write_cache(struct block_device *bdev)
{
	struct request_queue *queue = KREAD(bdev, bd_queue);
	struct request_queue___queue_flags *old = (void *)queue;
	struct request_queue___limits *new = (void *)queue;

	if (bpf_core_field_exists(struct queue_limits___features, features))
		return KREAD(new, limits.features) & BLK_FEAT_WRITE_CACHE &&
		       !(KREAD(new, limits.flags) & BLK_FLAG_WRITE_CACHE_DISABLED);
	return KREAD(old, queue_flags) & (1UL << QUEUE_FLAG_WC);
}

/* How durable is a bitmap page write to this device once it has ended? */
static __always_inline __u8 sample_cache(struct block_device *bdev, __u32 opf)
{
	__u32 dev;
	__u8 one = 1;

	if (strict) {
		dev = KREAD(bdev, bd_dev);
		if (bpf_map_update_elem(&bitmap_devices, &dev, &one, BPF_ANY))
			count_loss(BT_LOSS_MAP_FULL, BT_FLUSH_START);
	}
	if (!has_write_cache(bdev))
		return BT_CACHE_NONE;
	return opf_has(opf, __REQ_FUA) ? BT_CACHE_FUA : BT_CACHE_VOLATILE;
}

#endif /* BITMAP_TRACE_PAGE_WRITE_H */
