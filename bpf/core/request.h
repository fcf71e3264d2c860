/* SPDX-License-Identifier: GPL-2.0-only */
/* What bi_opf says (include/linux/blk_types.h). */
#ifndef BITMAP_TRACE_REQUEST_H
#define BITMAP_TRACE_REQUEST_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>

#define op_is_write(opf)  ((opf)&1) /* enum req_op: odd values write */
#define opf_has(opf, bit) ((opf) & (1U << bpf_core_enum_value(enum req_flag_bits, bit)))

#endif /* BITMAP_TRACE_REQUEST_H */
