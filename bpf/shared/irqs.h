/* SPDX-License-Identifier: GPL-2.0-only */
/* What user space needs to know of bpf/trace/irqs.bpf.c. */
#ifndef BITMAP_TRACE_IRQS_H
#define BITMAP_TRACE_IRQS_H

/*
 * Stands in a program for the address of the kernel's per-CPU variable
 * irqsave_flags, an instruction of two slots; user space puts the variable's BTF
 * id in its place (user/probes/hook_variable.c).
 */
#define BT_IRQSAVE_FLAGS_SLOT 0x6972717366

#endif /* BITMAP_TRACE_IRQS_H */
