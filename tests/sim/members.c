// SPDX-License-Identifier: GPL-2.0-only
/*
 * The members and sectors of a write: raid1.c, raid10.c (__raid10_find_phys), raid5.c.
 * Forwards, as the kernel computes; the checker computes the inverse.
 */
#include "sim.h"

static uint64_t far_copies(const struct sim_array *md)
{
	return (md->layout >> 8) & 255;
}

static uint64_t near_copies(const struct sim_array *md)
{
	return md->layout & 255;
}

static bool far_offset(const struct sim_array *md)
{
	return md->layout >> 16 & 1;
}

/* calc_sectors(), raid10_size(): the array's size follows from the members' size. */
void sim_geometry(struct sim_array *md)
{
	uint64_t size, copies;

	if (md->level != 10) {
		md->sectors = md->dev_sectors = md->chunks << md->chunk_shift;
		return;
	}
	md->far_set = md->layout >> 17 == 0   ? md->raid_disks
		      : md->layout >> 17 == 1 ? md->raid_disks / far_copies(md)
					      : far_copies(md) * near_copies(md);
	copies = near_copies(md) * far_copies(md);
	size = (md->chunks << md->chunk_shift) / md->chunk_sectors + 1;
	size = size * copies / md->raid_disks + far_copies(md); /* of a member, in its chunks */
	size = size / far_copies(md) * md->raid_disks / near_copies(md);
	md->sectors = size * md->chunk_sectors;
	md->chunks = (md->sectors + (UINT64_C(1) << md->chunk_shift) - 1) >> md->chunk_shift;
	size = (size * copies + md->raid_disks - 1) / md->raid_disks;
	md->dev_sectors = size * md->chunk_sectors;
	md->stride = far_offset(md) ? md->chunk_sectors : size / far_copies(md) * md->chunk_sectors;
}

static void leg(struct sim_array *md, struct sim_write *write, uint64_t disk, uint64_t sector,
		uint64_t sectors)
{
	if (md->members[disk].faulty || write->legs_nr == SIM_LEGS_MAX)
		return;
	write->legs[write->legs_nr++] = (struct sim_leg){ .disk = (uint16_t)disk,
							  .sector = sector,
							  .sectors = (uint32_t)sectors };
}

static uint64_t next_far(const struct sim_array *md, uint64_t disk)
{
	uint64_t last_start = (md->raid_disks / md->far_set - 1) * md->far_set;
	uint64_t last_size = md->far_set + md->raid_disks % md->far_set;
	uint64_t set = disk / md->far_set;

	disk += near_copies(md);
	if (md->raid_disks % md->far_set && disk > last_start)
		return (disk - last_start) % last_size + last_start;
	return disk % md->far_set + md->far_set * set;
}

static void place_raid10(struct sim_array *md, struct sim_write *write)
{
	uint64_t chunk = write->sector / md->chunk_sectors * near_copies(md);
	uint64_t disk = chunk % md->raid_disks, stripe = chunk / md->raid_disks, n, i, at, sector;

	sector = (far_offset(md) ? stripe * far_copies(md) : stripe) * md->chunk_sectors +
		 write->sector % md->chunk_sectors;
	for (n = 0; n < near_copies(md); n++) {
		at = disk;
		for (i = 0; i < far_copies(md); i++) {
			leg(md, write, at, sector + i * md->stride, write->sectors);
			at = next_far(md, at);
		}
		if (++disk < md->raid_disks)
			continue;
		disk = 0;
		sector += md->chunk_sectors;
	}
}

/* Some stripes of the row, each on a member with data and on the one with its parity. */
static void place_raid5(struct sim_array *md, struct sim_write *write)
{
	uint64_t row = write->sector / md->chunk_sectors, parity = row % md->raid_disks, disk, i;

	disk = (parity + 1 + sim_below(md->sim, md->raid_disks - 1)) % md->raid_disks;
	for (i = 0; i < write->sectors; i += 8) {
		if (i && sim_one_in(md->sim, 2))
			continue;
		leg(md, write, disk, write->sector + i, 8);
		leg(md, write, parity, write->sector + i, 8);
	}
}

void sim_place(struct sim_array *md, struct sim_write *write)
{
	uint64_t i;

	write->legs_nr = 0;
	if (md->level == 10) {
		place_raid10(md, write);
	} else if (md->level == 5) {
		place_raid5(md, write);
	} else {
		for (i = 0; i < md->raid_disks; i++)
			leg(md, write, i, write->sector, write->sectors);
	}
}
