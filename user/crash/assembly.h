/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What md would assemble after a crash: analyze_sbs(), super_1_validate() and raid1_run() or
 * raid10_run() in drivers/md, and mdadm's limit of one event.
 */
#ifndef BT_CRASH_ASSEMBLY_H
#define BT_CRASH_ASSEMBLY_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/layout.h"
#include "crash/md_super.h"

#define BT_VERSIONS_MAX	  8  /* versions of one member's superblock at one time */
#define BT_ASSEMBLIES_MAX 32 /* different assemblies of one crash point */

/* One member's superblock, in all versions that may be on disk; the last is the newest. */
struct bt_member_super {
	struct bt_md_super versions[BT_VERSIONS_MAX];
	uint32_t nr;
	bool too_many; /* some were not stored */
	bool touched;  /* pending was written */
	bool loosely;
	unsigned char pending[BT_MD_SUPER_BYTES];
};

struct bt_assembly {
	uint32_t members; /* mask of the In_sync members */
	uint64_t events;
	uint64_t resync_offset; /* BT_MD_MAX_SECTOR: no resync at all */
	bool degraded;
	const char *unjudged; /* why it cannot be judged, or NULL */
};

struct bt_assemblies {
	struct bt_assembly list[BT_ASSEMBLIES_MAX];
	uint32_t nr;
	bool too_many;
};

void bt_member_super_init(struct bt_member_super *super, const struct bt_layout *layout);

/* Writes one sector of the superblock; bt_member_super_commit() ends the entry. */
void bt_member_super_write(struct bt_member_super *super, uint64_t sector,
			   const unsigned char *data, bool loosely);
/* Returns true if there is a new version. */
bool bt_member_super_commit(struct bt_member_super *super, const struct bt_layout *layout,
			    uint64_t entry);
/* Returns true if versions were removed. */
bool bt_member_super_flush(struct bt_member_super *super);

/* All different assemblies, over all choices of one version of each member's superblock. */
void bt_assemblies_build(struct bt_assemblies *assemblies, const struct bt_layout *layout,
			 const struct bt_member_super *supers);

#endif /* BT_CRASH_ASSEMBLY_H */
