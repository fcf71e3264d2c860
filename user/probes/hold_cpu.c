// SPDX-License-Identifier: GPL-2.0-only
#include "probes/kernel_btf.h"

/*
 * bpf_preempt_disable() came with 6.10, but until 6.15 the verifier refused calls of global
 * functions behind it. bpf_res_spin_lock() is of 6.15, too, and stands for that change.
 */
bool bt_kernel_btf_can_hold_cpu(const struct bt_kernel_btf *btf)
{
	struct bt_btf_query queries[] = {
		{ .name = "bpf_preempt_disable", .kinds = 1 << BTF_KIND_FUNC },
		{ .name = "bpf_preempt_enable", .kinds = 1 << BTF_KIND_FUNC },
		{ .name = "bpf_res_spin_lock", .kinds = 1 << BTF_KIND_FUNC },
	};
	const unsigned int nr = sizeof(queries) / sizeof(queries[0]);
	unsigned int i;

	if (bt_kernel_btf_find(btf, queries, nr))
		return false;
	for (i = 0; i < nr; i++)
		if (!queries[i].id || queries[i].in_module)
			return false;
	return true;
}
