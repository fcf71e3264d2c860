/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF_PROG for probes that nothing interrupts but interrupts. A kernel with lazy
 * or full preemption may give the CPU to another task in the middle of a
 * program; while it is away, the same program does not run on this CPU, and what
 * that other task does there is a skipped run (recursion_misses): a loss. One
 * write plug was seen to lose its 16 bios that way on Linux 7.3.
 */
#ifndef BITMAP_TRACE_PROGRAM_H
#define BITMAP_TRACE_PROGRAM_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

/*
 * Set by user space before the load: the kernel has these, and lets a program
 * call its global functions between them (since 6.15). A constant to the
 * verifier: without them a program is as if they were not here.
 */
const volatile bool holds_cpu __weak = false;

#undef BPF_PROG
#define BPF_PROG(name, args...)                                                                    \
	name(unsigned long long *ctx);                                                             \
	static __always_inline int name##_body(unsigned long long *ctx, ##args);                   \
	int name(unsigned long long *ctx)                                                          \
	{                                                                                          \
		if (holds_cpu)                                                                     \
			bpf_preempt_disable();                                                     \
		_Pragma("GCC diagnostic push")                                                     \
			_Pragma("GCC diagnostic ignored \"-Wint-conversion\"")                     \
				name##_body(___bpf_ctx_cast(args));                                \
		_Pragma("GCC diagnostic pop") if (holds_cpu) bpf_preempt_enable();                 \
		return 0;                                                                          \
	}                                                                                          \
	static __always_inline int name##_body(unsigned long long *ctx, ##args)

#endif /* BITMAP_TRACE_PROGRAM_H */
