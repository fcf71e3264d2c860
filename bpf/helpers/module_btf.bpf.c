// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens the BTF of a module. User space runs it through BPF_PROG_RUN, in an object of its own,
 * before the probes are loaded: they need the file descriptor to select the module they attach
 * to. BPF_BTF_GET_FD_BY_ID opens one, too, but only with CAP_SYS_ADMIN; this helper needs only
 * the capabilities that loading it needed (bpf_btf_find_by_name_kind() in kernel/bpf/btf.c).
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define BTF_KIND_FUNC	  12 /* include/uapi/linux/btf.h */
#define FUNCTION_NAME_LEN 128

char function_name[FUNCTION_NAME_LEN] = {}; /* NUL-terminated */
__s64 found = 0; /* id of the function's type | descriptor << 32; negative: -errno */

SEC("syscall")
int find_function(void *ctx)
{
	found = bpf_btf_find_by_name_kind(function_name, FUNCTION_NAME_LEN, BTF_KIND_FUNC, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
