/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BT_RAID5_AT_H
#define BT_RAID5_AT_H

#include "probes/kernel_btf.h"
#include "shared/raid5.h"

/*
 * Fills in the places from raid456's BTF below dir; all stay 0 when it is not there, or has
 * other structs than we know. 0 or -errno.
 */
int bt_raid5_at(const struct bt_kernel_btf *btf, const char *dir, uint32_t at[BT_RAID5_AT_NR]);

/* The same into memory that probes read meanwhile. */
void bt_raid5_at_publish(uint32_t *to, const uint32_t at[BT_RAID5_AT_NR]);

#endif /* BT_RAID5_AT_H */
