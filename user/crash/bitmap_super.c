// SPDX-License-Identifier: GPL-2.0-only
#include "crash/bitmap_super.h"

#include <string.h>

#include "crash/assembly.h"
#include "crash/bitmap_format.h"
#include "crash/le.h"

bool bt_bitmap_super_is(const unsigned char *raw, const struct bt_layout *layout)
{
	return bt_le32(raw + BT_AT_MAGIC) == BT_BITMAP_MAGIC &&
	       !memcmp(raw + BT_AT_UUID, layout->uuid, 16);
}

void bt_plan_without(const struct bt_assembly *assembly, uint64_t chunk_shift, struct bt_plan *plan)
{
	uint64_t start = assembly->resync_offset;

	*plan = (struct bt_plan){ .load = BT_LOAD_ALL, .clean = start == BT_MD_MAX_SECTOR };
	/* The chunk must not begin before it. */
	if (start && !plan->clean)
		plan->limit = ((start - 1) >> chunk_shift) + 1;
}
