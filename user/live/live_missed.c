// SPDX-License-Identifier: GPL-2.0-only
/* Runs of the probes that the kernel skipped, and the types of the events that are missing. */
#include <errno.h>
#include <string.h>

#include "live/live_internal.h"
#include "skel/bitmap_trace.skel.h"

/* Programs are counted under their first type: the one whose loss affects most rules. */
static uint16_t type_of(const char *program)
{
	const struct bt_probe *probe = bt_probe_of(program);

	return probe ? probe->types[0] : 0;
}

static bt_type_set types_of(const struct bt_probe *probe)
{
	bt_type_set types = 0;
	unsigned int i;

	for (i = 0; i < BT_PROBE_TYPES && probe->types[i]; i++)
		types |= BT_TYPE_BIT(probe->types[i]);
	return types;
}

/*
 * All types that the programs counted under this type may emit. Names of threads and callbacks
 * are emitted by the next program that runs.
 */
static bt_type_set counted_under(uint16_t type)
{
	const struct bt_hook_variant *variant;
	unsigned int row, v, i;
	bt_type_set types = 0;

	for (row = 0; row < bt_hook_table_nr; row++)
		for (v = 0; v < BT_HOOK_VARIANTS; v++) {
			variant = &bt_hook_table[row].variants[v];
			for (i = 0; i < BT_VARIANT_PROBES; i++)
				if (variant->probes[i].types[0] == type)
					types |= types_of(&variant->probes[i]);
		}
	return types;
}

bt_type_set bt_missed_types(const struct bt_missed *before, const struct bt_missed *now)
{
	bt_type_set types = 0;
	uint16_t type;

	if (now->by_type[0] != before->by_type[0])
		return 0;
	for (type = 1; type < BT_EVENT_TYPE_MAX; type++)
		if (now->by_type[type] != before->by_type[type])
			types |= counted_under(type);
	return types;
}

int bt_live_missed(const struct bt_live *live, struct bt_missed *missed)
{
	struct bt_missed new = { 0 };
	struct bpf_program *program;
	struct bpf_prog_info info;
	uint32_t len;
	int fd;

	bpf_object__for_each_program(program, live->skel->obj)
	{
		fd = bpf_program__fd(program);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		len = sizeof(info);
		if (bpf_obj_get_info_by_fd(fd, &info, &len))
			return -errno;
		new.total += info.recursion_misses;
		new.by_type[type_of(bpf_program__name(program))] += info.recursion_misses;
	}
	*missed = new;
	return 0;
}
