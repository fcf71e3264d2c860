// SPDX-License-Identifier: GPL-2.0-only
#include "probes/raid5_at.h"

#include <string.h>

static const struct btf_type *struct_of(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
}

/* False: there is no such member. */
static bool member_at(const struct btf *btf, const struct btf_type *type, const char *name,
		      uint32_t *at)
{
	const struct btf_member *member = type ? btf_members(type) : NULL;
	unsigned int i, nr = type ? btf_vlen(type) : 0;

	for (i = 0; i < nr; i++)
		if (!strcmp(btf__name_by_offset(btf, member[i].name_off), name)) {
			*at = btf_member_bit_offset(type, i) / 8;
			return true;
		}
	return false;
}

static bool find(const struct btf *btf, uint32_t at[BT_RAID5_AT_NR])
{
	const struct btf_type *stripe = struct_of(btf, "stripe_head"),
			      *dev = struct_of(btf, "r5dev");

	if (!dev)
		return false;
	at[BT_RAID5_DEV_BYTES] = dev->size;
	return member_at(btf, stripe, "raid_conf", &at[BT_RAID5_CONF]) &&
	       member_at(btf, struct_of(btf, "r5conf"), "mddev", &at[BT_RAID5_MDDEV]) &&
	       member_at(btf, stripe, "disks", &at[BT_RAID5_DISKS]) &&
	       member_at(btf, stripe, "dev", &at[BT_RAID5_DEV]) &&
	       member_at(btf, dev, "written", &at[BT_RAID5_WRITTEN]);
}

int bt_raid5_at(const struct bt_kernel_btf *btf, const char *dir, uint32_t at[BT_RAID5_AT_NR])
{
	uint32_t new[BT_RAID5_AT_NR] = { 0 };
	struct btf *module;
	int err = bt_kernel_btf_module(btf, dir, "raid456", &module);

	memset(at, 0, sizeof(new));
	if (err)
		return err;
	/* Built in, it is in the kernel's own. */
	if (find(module ? module : btf->vmlinux, new))
		memcpy(at, new, sizeof(new));
	btf__free(module);
	return 0;
}

void bt_raid5_at_publish(uint32_t *to, const uint32_t at[BT_RAID5_AT_NR])
{
	unsigned int i;

	for (i = 0; i < BT_RAID5_DEV_BYTES; i++)
		to[i] = at[i];
	__atomic_store_n(&to[BT_RAID5_DEV_BYTES], at[BT_RAID5_DEV_BYTES], __ATOMIC_RELEASE);
}
