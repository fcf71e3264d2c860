// SPDX-License-Identifier: GPL-2.0-only
#include "crash/assembly.h"

#include <string.h>

#define CHOICES_MAX 1024 /* combinations of versions over all members */

void bt_member_super_init(struct bt_member_super *super, const struct bt_layout *layout)
{
	memset(super, 0, sizeof(*super));
	super->nr = 1;
	bt_md_super_parse(&super->versions[0], layout);
}

void bt_member_super_write(struct bt_member_super *super, uint64_t sector,
			   const unsigned char *data, bool loosely)
{
	memcpy(super->pending + sector * BT_SECTOR, data, BT_SECTOR);
	super->touched = true;
	super->loosely = loosely;
}

bool bt_member_super_commit(struct bt_member_super *super, const struct bt_layout *layout,
			    uint64_t entry)
{
	struct bt_md_super *version;

	if (!super->touched)
		return false;
	super->touched = false;
	if (!super->loosely) {
		super->nr = 0;
		super->too_many = false;
	}
	if (super->nr == BT_VERSIONS_MAX) {
		memmove(&super->versions[0], &super->versions[1],
			(BT_VERSIONS_MAX - 1) * sizeof(*version));
		super->nr--;
		super->too_many = true;
	}
	version = &super->versions[super->nr++];
	memcpy(version->raw, super->pending, sizeof(version->raw));
	version->entry = entry;
	bt_md_super_parse(version, layout);
	return true;
}

bool bt_member_super_flush(struct bt_member_super *super)
{
	if (super->nr == 1)
		return false;
	super->versions[0] = super->versions[super->nr - 1];
	super->nr = 1;
	super->too_many = false;
	return true;
}

/* The most events of a device in the array; the later fields are from the same device. */
static const struct bt_md_super *freshest(const struct bt_md_super *const *supers, uint32_t nr,
					  struct bt_assembly *assembly)
{
	const struct bt_md_super *found = NULL, *super;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		super = supers[i];
		if (!super->valid || bt_md_super_role(super, super->number) >= BT_MD_ROLE_MAX)
			continue;
		if (found && super->events < found->events)
			continue;
		/*
		 * It is not known which of two equal ones md takes: use the one that resyncs
		 * less.
		 */
		if (found && super->events == found->events &&
		    super->resync_offset <= found->resync_offset)
			continue;
		found = super;
	}
	if (found) {
		assembly->events = found->events;
		assembly->resync_offset = found->resync_offset;
	}
	return found;
}

/* Is this device assembled as In_sync? Records in *assembly what cannot be judged. */
static bool in_sync(const struct bt_md_super *super, const struct bt_md_super *fresh, uint32_t slot,
		    struct bt_assembly *assembly)
{
	uint16_t role;

	if (!super->valid || super->events + 1 < fresh->events)
		return false;
	role = bt_md_super_role(super->events < fresh->events ? fresh : super, super->number);
	if (role >= BT_MD_ROLE_MAX)
		return false;
	if (super->unjudged)
		assembly->unjudged = super->unjudged;
	else if (role != slot)
		assembly->unjudged = "a member is in another slot than its number in LAYOUT";
	return !super->recovering;
}

static void assemble(const struct bt_md_super *const *supers, const struct bt_layout *layout,
		     struct bt_assembly *assembly)
{
	const struct bt_md_super *fresh;
	uint32_t i;

	*assembly = (struct bt_assembly){ 0 };
	fresh = freshest(supers, layout->members_nr, assembly);
	for (i = 0; fresh && i < layout->members_nr; i++)
		if (in_sync(supers[i], fresh, i, assembly))
			assembly->members |= 1u << i;
	assembly->degraded = assembly->members != (1u << layout->members_nr) - 1;
}

static void add(struct bt_assemblies *assemblies, const struct bt_assembly *assembly)
{
	const struct bt_assembly *other;
	uint32_t i;

	for (i = 0; i < assemblies->nr; i++) {
		other = &assemblies->list[i];
		if (other->members == assembly->members && other->events == assembly->events &&
		    other->resync_offset == assembly->resync_offset &&
		    other->unjudged == assembly->unjudged)
			return;
	}
	if (assemblies->nr == BT_ASSEMBLIES_MAX)
		assemblies->too_many = true;
	else
		assemblies->list[assemblies->nr++] = *assembly;
}

void bt_assemblies_build(struct bt_assemblies *assemblies, const struct bt_layout *layout,
			 const struct bt_member_super *supers)
{
	const struct bt_md_super *chosen[BT_DISKS_MAX];
	uint32_t choices = 1, choice, rest, i;
	struct bt_assembly assembly;

	assemblies->nr = 0;
	assemblies->too_many = false;
	for (i = 0; i < layout->members_nr; i++) {
		assemblies->too_many |= supers[i].too_many;
		choices *= supers[i].nr;
		if (choices > CHOICES_MAX) {
			assemblies->too_many = true;
			return;
		}
	}
	for (choice = 0; choice < choices; choice++) {
		for (rest = choice, i = 0; i < layout->members_nr; i++) {
			chosen[i] = &supers[i].versions[rest % supers[i].nr];
			rest /= supers[i].nr;
		}
		assemble(chosen, layout, &assembly);
		add(assemblies, &assembly);
	}
}
