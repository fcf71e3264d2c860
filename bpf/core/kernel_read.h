/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a field of a kernel struct. bpf_probe_read_kernel(), and so BPF_CORE_READ(), costs some
 * seventy instructions, and an event needs several reads. A pointer with a type known to the
 * verifier is read by one load, which gives 0 where there is no memory. md's structs are in
 * md_mod's BTF, where bpf_rdonly_cast() (since 6.2) finds no types. So the address is cast to a
 * struct of vmlinux that begins with bytes (struct trace_seq), and the field is read at its
 * offset. Where that is not possible, the helper is used.
 */
#ifndef BITMAP_TRACE_KERNEL_READ_H
#define BITMAP_TRACE_KERNEL_READ_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym __weak;

/* BTF id of that struct, set by user space before the load; 0: use the helper. */
const volatile __u32 bytes_type __weak = 0;

static __always_inline void kernel_read(void *to, __u32 size, const void *from)
{
	/* A constant for the verifier: it follows only one of the two branches. */
	const __u32 type = bytes_type;
	const void *bytes;

	if (!type) {
		if (bpf_probe_read_kernel(to, size, from))
			__builtin_memset(to, 0, size);
		return;
	}
	bytes = bpf_rdonly_cast(from, type);
	if (size == 8)
		*(__u64 *)to = *(volatile const __u64 *)bytes;
	else if (size == 4)
		*(__u32 *)to = *(volatile const __u32 *)bytes;
	else if (size == 2)
		*(__u16 *)to = *(volatile const __u16 *)bytes;
	else
		*(__u8 *)to = *(volatile const __u8 *)bytes;
}

/* Reads at this address; 0 where there is no memory. */
#define KREAD_AT(type, address)                                                                    \
	({                                                                                         \
		type value_ = 0;                                                                   \
		kernel_read(&value_, sizeof(value_), (const void *)(address));                     \
		value_;                                                                            \
	})

/* (object)->field; field may lie in a struct within, not behind a pointer. */
#define KREAD(object, field)                                                                       \
	KREAD_AT(typeof((object)->field),                                                          \
		 (__u64)(object) + bpf_core_field_offset(typeof(*(object)), field))

static __always_inline __u64 kernel_read_up_to_8(const void *from, __u32 size)
{
	switch (size) {
	case 1:
		return KREAD_AT(__u8, from);
	case 2:
		return KREAD_AT(__u16, from);
	case 4:
		return KREAD_AT(__u32, from);
	default:
		return KREAD_AT(__u64, from);
	}
}

/* The same of an unsigned bit field. */
#define KREAD_BITS(object, field)                                                                  \
	(kernel_read_up_to_8((const void *)(object) + __CORE_RELO(object, field, BYTE_OFFSET),     \
			     __CORE_RELO(object, field, BYTE_SIZE))                                \
		 << __CORE_RELO(object, field, LSHIFT_U64) >>                                      \
	 __CORE_RELO(object, field, RSHIFT_U64))

#endif /* BITMAP_TRACE_KERNEL_READ_H */
