// SPDX-License-Identifier: GPL-2.0-only
/* How the personalities handled errors of members. */
#include <errno.h>

#include "model/core/internal.h"

bool bt_member_failed_since(const struct bt_bitmap *bitmap, uint64_t seq)
{
	uint32_t i;

	for (i = 0; i < bitmap->state.members_nr; i++)
		if (bitmap->state.members[i].error.seq > seq)
			return true;
	return false;
}

void bt_members_free(struct bt_bitmap *bitmap)
{
	bt_mem_free(bitmap, bitmap->state.members,
		    bitmap->state.members_cap * sizeof(*bitmap->state.members));
	bitmap->state.members = NULL;
	bitmap->state.members_nr = bitmap->state.members_cap = 0;
}

int bt_member_failed(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_member *grown;
	uint32_t i;

	for (i = 0; i < bitmap->state.members_nr; i++) {
		if (bitmap->state.members[i].dev != ev->member_error.dev)
			continue;
		bt_event_ref_set(&bitmap->state.members[i].error, model->seq, ev);
		return 0;
	}
	if (bitmap->state.members_nr == BT_MEMBERS_MAX) {
		bitmap->state.overflow = true;
		return 0;
	}
	grown = bt_mem_grow(bitmap, bitmap->state.members, bitmap->state.members_nr,
			    &bitmap->state.members_cap, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	bitmap->state.members = grown;
	bitmap->state.members[bitmap->state.members_nr].dev = ev->member_error.dev;
	bt_event_ref_set(&bitmap->state.members[bitmap->state.members_nr++].error, model->seq, ev);
	return 0;
}

const struct bt_member *bt_member_error(const struct bt_bitmap *bitmap, uint32_t dev, uint64_t seq)
{
	uint32_t i;

	for (i = 0; i < bitmap->state.members_nr; i++)
		if (bitmap->state.members[i].dev == dev && bitmap->state.members[i].error.seq > seq)
			return &bitmap->state.members[i];
	return NULL;
}
