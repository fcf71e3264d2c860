// SPDX-License-Identifier: GPL-2.0-only
#include "crash/md_super.h"

#include <string.h>

#include "crash/le.h"

/* Offsets in struct mdp_superblock_1 */
enum {
	AT_MAGIC = 0,
	AT_MAJOR = 4,
	AT_FEATURES = 8,
	AT_UUID = 16,
	AT_LEVEL = 72,
	AT_LAYOUT = 76,
	AT_SIZE = 80,
	AT_CHUNK = 88,
	AT_RAID_DISKS = 92,
	AT_DATA_SIZE = 136,
	AT_NUMBER = 160,
	AT_EVENTS = 200,
	AT_RESYNC = 208,
	AT_CSUM = 216,
	AT_MAX_DEV = 220,
	AT_ROLES = 256,
};

#define MD_MAGIC	0xa92b4efcu
#define MAX_DEV_MAX	((BT_MD_SUPER_BYTES - AT_ROLES) / 2)
#define ROLE_SPARE	0xffff
#define RECOVERY_OFFSET 2u
#define BAD_BLOCKS	8u
#define RECOVERY_BITMAP 128u
/*
 * Bitmap offset and the three above. Other features change the assembly in ways that are not
 * modelled here.
 */
#define FEATURES_JUDGED (1u | RECOVERY_OFFSET | BAD_BLOCKS | RECOVERY_BITMAP)

/* calc_sb_1_csum(): the sum of all words, with 0 for the checksum itself. */
static uint32_t checksum(const unsigned char *raw, uint32_t max_dev)
{
	uint32_t size = AT_ROLES + max_dev * 2, at;
	uint64_t sum = 0;

	for (at = 0; at + 4 <= size; at += 4)
		if (at != AT_CSUM)
			sum += bt_le32(raw + at);
	if (at < size)
		sum += bt_le16(raw + at);
	return (uint32_t)sum + (uint32_t)(sum >> 32);
}

static bool loads(const unsigned char *raw, const struct bt_layout *layout)
{
	uint32_t max_dev = bt_le32(raw + AT_MAX_DEV);

	return bt_le32(raw + AT_MAGIC) == MD_MAGIC && bt_le32(raw + AT_MAJOR) == 1 &&
	       max_dev <= MAX_DEV_MAX && checksum(raw, max_dev) == bt_le32(raw + AT_CSUM) &&
	       bt_le64(raw + AT_DATA_SIZE) >= 10 && !memcmp(raw + AT_UUID, layout->uuid, 16);
}

/* Why an array with this superblock cannot be judged with LAYOUT, or NULL */
static const char *mismatch(const unsigned char *raw, const struct bt_layout *layout)
{
	uint32_t features = bt_le32(raw + AT_FEATURES);

	if (features & ~FEATURES_JUDGED)
		return "the md superblock has a feature that is not judged (reshape, journal, "
		       "replacement, cluster, PPL)";
	if ((int)bt_le32(raw + AT_LEVEL) != layout->level)
		return "level in LAYOUT differs from the md superblock";
	if (bt_le32(raw + AT_RAID_DISKS) != layout->members_nr)
		return "raid-disks in LAYOUT differs from the md superblock";
	if (bt_le64(raw + AT_SIZE) != layout->size)
		return "size in LAYOUT differs from the md superblock";
	if (layout->level == 10 && bt_le32(raw + AT_LAYOUT) != (0x100 | layout->near))
		return "the md superblock has another layout than near-copies in LAYOUT; only near "
		       "is judged";
	if (layout->level == 10 && bt_le32(raw + AT_CHUNK) != layout->chunk_sectors)
		return "chunk in LAYOUT differs from the md superblock";
	return NULL;
}

void bt_md_super_parse(struct bt_md_super *super, const struct bt_layout *layout)
{
	const unsigned char *raw = super->raw;

	super->unjudged = NULL;
	super->valid = loads(raw, layout);
	if (!super->valid)
		return;
	super->unjudged = mismatch(raw, layout);
	super->events = bt_le64(raw + AT_EVENTS);
	super->resync_offset = bt_le64(raw + AT_RESYNC);
	super->number = bt_le32(raw + AT_NUMBER);
	super->recovering = bt_le32(raw + AT_FEATURES) & RECOVERY_OFFSET;
}

uint16_t bt_md_super_role(const struct bt_md_super *super, uint32_t number)
{
	if (number >= bt_le32(super->raw + AT_MAX_DEV))
		return ROLE_SPARE;
	return bt_le16(super->raw + AT_ROLES + 2 * (size_t)number);
}
