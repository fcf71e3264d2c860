/* SPDX-License-Identifier: GPL-2.0-only */
/* Which arrays are traced, and when: what user space sets. */
#ifndef BITMAP_TRACE_ARRAYS_H
#define BITMAP_TRACE_ARRAYS_H

#include "core/kernel_read.h"

/* Arrays selected with -a, by dev_t; read only when filter_arrays is set. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u8);
} traced_arrays SEC(".maps") __weak;

const volatile bool filter_arrays __weak = false;

/*
 * User space sets it when all probes are attached, and clears it when the run is over: events
 * of a subset of the probes would mislead the rules.
 */
__u32 recording __weak = 0;

/* An array of device-mapper has no gendisk of md, and md does not claim its members. */
static __always_inline bool array_traced(struct mddev *mddev)
{
	__u32 dev = KREAD(mddev, unit);

	if (!KREAD(mddev, gendisk))
		return false;
	return !filter_arrays || bpf_map_lookup_elem(&traced_arrays, &dev);
}

#endif /* BITMAP_TRACE_ARRAYS_H */
