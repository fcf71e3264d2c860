/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by tests/bench/source and its program in the kernel. */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include "shared/event.h" /* integer types for BPF and user space */

#define SOURCE_BATCH_MAX 4096

/* Arguments and results of one call of the program. */
struct source_call {
	uint64_t nr;	     /* number of prepared records */
	uint64_t filled_max; /* maximum number of bytes in the buffer at the begin of a call */
};

#endif /* BENCH_SOURCE_H */
