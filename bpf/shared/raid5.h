/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where raid456 keeps what tells a stripe of user writes from one of resync, in bytes. User space
 * fills in raid5_at[] when the module is there, which may be after the probes were loaded.
 */
#ifndef BITMAP_TRACE_RAID5_H
#define BITMAP_TRACE_RAID5_H

enum bt_raid5_at {
	BT_RAID5_CONF = 0,	/* stripe_head.raid_conf */
	BT_RAID5_MDDEV = 1,	/* r5conf.mddev */
	BT_RAID5_DISKS = 2,	/* stripe_head.disks */
	BT_RAID5_DEV = 3,	/* stripe_head.dev, an array */
	BT_RAID5_WRITTEN = 4,	/* r5dev.written */
	BT_RAID5_DEV_BYTES = 5, /* size of one; 0: not known. Written last */
};
#define BT_RAID5_AT_NR 6

#endif /* BITMAP_TRACE_RAID5_H */
