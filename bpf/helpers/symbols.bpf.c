// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names kernel addresses for user space, which runs it through BPF_PROG_RUN. The kernel does it
 * in microseconds, for modules too and with any kptr_restrict; reading /proc/kallsyms takes
 * half a second on a slow machine.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define SYMBOL_BATCH 64
#define SYMBOL_LEN   96

__u64 symbol_addrs[SYMBOL_BATCH] = {}; /* ends with 0, or is full */
char symbol_names[SYMBOL_BATCH][SYMBOL_LEN] = {};

static long name_symbol(__u32 i, void *data)
{
	/* %pB takes the address before: the addresses in a stack are return addresses. */
	static const char format[] = "%pB";

	if (i >= SYMBOL_BATCH || !symbol_addrs[i])
		return 1;
	bpf_snprintf(symbol_names[i], SYMBOL_LEN, format, &symbol_addrs[i], sizeof(__u64));
	return 0;
}

SEC("syscall")
int name_symbols(void *ctx)
{
	bpf_loop(SYMBOL_BATCH, name_symbol, NULL, 0);
	return 0;
}
