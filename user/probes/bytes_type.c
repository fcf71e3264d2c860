// SPDX-License-Identifier: GPL-2.0-only
/* Can probes read memory by a load, without a helper? (bpf/core/kernel_read.h) */
#include "probes/kernel_btf.h"

/* Does the struct begin with an array of bytes that is as large as md's largest struct? */
static bool begins_with_bytes(const struct bt_kernel_btf *btf, uint32_t id)
{
	const struct btf_type *type = bt_kernel_btf_type(btf, id);
	const struct btf_type *array;

	if (!btf_vlen(type) || btf_member_bit_offset(type, 0))
		return false;
	array = bt_kernel_btf_type(btf, btf_members(type)[0].type);
	return btf_is_array(array) && btf_array(array)->nelems >= 4096;
}

uint32_t bt_kernel_btf_bytes_type(const struct bt_kernel_btf *btf)
{
	struct bt_btf_query queries[] = {
		{ .name = "bpf_rdonly_cast", .kinds = 1 << BTF_KIND_FUNC },
		{ .name = "trace_seq", .kinds = 1 << BTF_KIND_STRUCT },
	};

	if (bt_kernel_btf_find(btf, queries, 2) || !queries[0].id || !queries[1].id)
		return 0;
	if (queries[0].in_module || queries[1].in_module || !begins_with_bytes(btf, queries[1].id))
		return 0;
	return queries[1].id;
}
