// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap_trace.skel.h"
#include "ksyms.h"
#include "live_internal.h"

/* As many as the probes' map takes (STACK_DEPTH in bpf/probe.h); checked against the map. */
#define DEPTH_MAX 127

struct raw_stack {
	uint32_t id;
	unsigned int nr;
	uint64_t addrs[DEPTH_MAX];
};

struct raw_stacks {
	struct raw_stack *all;
	unsigned int nr;
};

static int read_stack(int fd, unsigned int depth, struct raw_stack *stack)
{
	int err = bpf_map_lookup_elem(fd, &stack->id, stack->addrs);

	if (err)
		return err;
	while (stack->nr < depth && stack->addrs[stack->nr])
		stack->nr++;
	return 0;
}

static int read_stacks(const struct bpf_map *map, struct raw_stacks *stacks)
{
	unsigned int depth = bpf_map__value_size(map) / (unsigned int)sizeof(uint64_t);
	unsigned int max = bpf_map__max_entries(map);
	uint32_t id, *previous = NULL;
	int fd = bpf_map__fd(map);

	if (depth > DEPTH_MAX)
		return -E2BIG;
	stacks->all = calloc(max, sizeof(*stacks->all));
	if (!stacks->all)
		return -ENOMEM;
	while (stacks->nr < max && !bpf_map_get_next_key(fd, previous, &id)) {
		stacks->all[stacks->nr].id = id;
		/* One may vanish, to make room for another with its id. */
		if (!read_stack(fd, depth, &stacks->all[stacks->nr]))
			stacks->nr++;
		previous = &id;
	}
	return 0;
}

static int collect_addrs(const struct raw_stacks *stacks, uint64_t **addrs, unsigned int *nr)
{
	unsigned int i, j, total = 0;
	uint64_t *all;

	for (i = 0; i < stacks->nr; i++)
		total += stacks->all[i].nr;
	all = calloc(total + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	total = 0;
	for (i = 0; i < stacks->nr; i++)
		for (j = 0; j < stacks->all[i].nr; j++)
			all[total++] = stacks->all[i].addrs[j];
	*nr = bt_ksyms_sort(all, total);
	*addrs = all;
	return 0;
}

/* The way from the hook to the probe is ours, and the same in every stack. */
static bool frame_is_ours(const char *frame)
{
	return !strncmp(frame, "bpf_prog_", 9) || !strncmp(frame, "bpf_trampoline_", 15) ||
	       !strncmp(frame, "bpf_trace_run", 13) || !strncmp(frame, "__bpf_trace_", 12) ||
	       !strncmp(frame, "bpf_get_stackid", 15) || !strncmp(frame, "__traceiter_", 12);
}

static int add_stack(struct bt_stacks *stacks, const struct raw_stack *raw,
		     const struct bt_ksym *syms, unsigned int syms_nr)
{
	char text[DEPTH_MAX][192];
	const char *frames[DEPTH_MAX];
	unsigned int i, nr = 0;

	for (i = 0; i < raw->nr; i++) {
		bt_ksym_format(bt_ksyms_find(syms, syms_nr, raw->addrs[i]), raw->addrs[i], text[nr],
			       sizeof(text[nr]));
		if (nr == 0 && frame_is_ours(text[nr]))
			continue;
		frames[nr] = text[nr];
		nr++;
	}
	return bt_stacks_add(stacks, (int32_t)raw->id, frames, nr);
}

static int symbolise(const struct raw_stacks *raw, struct bt_stacks *stacks)
{
	struct bt_ksym *syms = NULL;
	unsigned int i, nr = 0;
	uint64_t *addrs = NULL;
	int err;

	err = collect_addrs(raw, &addrs, &nr);
	if (err)
		return err;
	/* Without names the addresses must do. */
	if (nr && bt_ksyms_resolve(BT_KSYMS_PATH, addrs, nr, &syms))
		nr = 0;
	for (i = 0; i < raw->nr && !err; i++)
		err = add_stack(stacks, &raw->all[i], syms, nr);
	bt_ksyms_free(syms, nr);
	free(addrs);
	return err;
}

int bt_live_stacks(struct bt_live *live, struct bt_stacks *stacks)
{
	struct raw_stacks raw = {0};
	int err = read_stacks(live->skel->maps.stacks, &raw);

	if (!err)
		err = symbolise(&raw, stacks);
	free(raw.all);
	return err;
}
