// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens the BTF of a module, run by user space through BPF_PROG_RUN in an
 * object of its own before the probes are loaded: such a file
 * descriptor selects the module they attach to. BPF_BTF_GET_FD_BY_ID opens one, too, but
 * only for CAP_SYS_ADMIN; this helper asks for no more than loading it took
 * (bpf_btf_find_by_name_kind() in kernel/bpf/btf.c).
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define BTF_KIND_FUNC	  12 /* include/uapi/linux/btf.h */
#define FUNCTION_NAME_LEN 128

char function_name[FUNCTION_NAME_LEN] = {}; /* NUL-terminated */
__s64 found = 0; /* id of the function's type, and << 32 the descriptor; negative: -errno */

SEC("syscall")
int find_function(void *ctx)
{
	found = bpf_btf_find_by_name_kind(function_name, FUNCTION_NAME_LEN, BTF_KIND_FUNC, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
