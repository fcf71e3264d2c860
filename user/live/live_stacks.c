// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live/live_internal.h"
#include "skel/bitmap_trace.skel.h"

#define SYMBOL_BATCH (sizeof(((struct bitmap_trace__bss *)0)->symbol_addrs) / sizeof(uint64_t))

/* Maximum number of frames; the probes' map has fewer (STACK_DEPTH in bpf/core/bitmap_event.h). */
#define DEPTH_MAX 127

struct raw_stack {
	int32_t id;
	unsigned int nr;
	uint64_t addrs[DEPTH_MAX];
};

/* Looks up the names of the addresses in the kernel. */
static int name_batch(struct bt_live *live, const uint64_t *addrs, unsigned int nr, char **names)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct bitmap_trace__bss *bss = live->skel->bss;
	unsigned int i;
	int err;

	memset(bss->symbol_addrs, 0, sizeof(bss->symbol_addrs));
	for (i = 0; i < nr; i++)
		bss->symbol_addrs[i] = addrs[i];
	err = bpf_prog_test_run_opts(bpf_program__fd(live->skel->progs.name_symbols), &opts);
	for (i = 0; i < nr && !err; i++) {
		names[i] = strndup(bss->symbol_names[i], sizeof(bss->symbol_names[i]));
		if (!names[i])
			err = -ENOMEM;
	}
	return err;
}

static int name_all(struct bt_live *live, const struct raw_stack *raw, char **names)
{
	unsigned int i, nr;
	int err = 0;

	for (i = 0; i < raw->nr && !err; i += nr) {
		nr = raw->nr - i < SYMBOL_BATCH ? raw->nr - i : SYMBOL_BATCH;
		err = name_batch(live, raw->addrs + i, nr, names + i);
	}
	return err;
}

/* The frames between the hook and the probe are ours, and nearly the same in every stack. */
static bool frame_is_ours(const char *frame)
{
	static const char *const beginnings[] = {
		"bpf_prog_",	"bpf_trampoline_", "bpf_trace_run",
		"__bpf_trace_", "bpf_get_stackid", "__traceiter_",
	};
	unsigned int i;

	for (i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (!strncmp(frame, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

static int add_stack(struct bt_live *live, const struct raw_stack *raw, struct bt_stacks *stacks)
{
	char *names[DEPTH_MAX] = { NULL };
	unsigned int i, kept = 0;
	const char *frames[DEPTH_MAX];
	int err = name_all(live, raw, names);

	for (i = 0; i < raw->nr && !err; i++)
		if (!frame_is_ours(names[i]))
			frames[kept++] = names[i];
	if (!err)
		err = bt_stacks_add(stacks, raw->id, frames, kept);
	for (i = 0; i < raw->nr; i++)
		free(names[i]);
	return err;
}

/* base: added to the keys of this map to get the ids of its stacks */
static int take_map(struct bt_live *live, const struct bpf_map *map, uint32_t base,
		    struct bt_stacks *stacks)
{
	unsigned int depth = bpf_map__value_size(map) / (unsigned int)sizeof(uint64_t);
	uint32_t id, *previous = NULL;
	int fd = bpf_map__fd(map), err = 0;
	struct raw_stack raw;

	if (depth > DEPTH_MAX)
		return -E2BIG;
	while (!err && !bpf_map_get_next_key(fd, previous, &id)) {
		raw = (struct raw_stack){ .id = (int32_t)(base + id) };
		previous = &id;
		if (bt_stacks_find(stacks, raw.id) || bpf_map_lookup_elem(fd, &id, raw.addrs))
			continue;
		while (raw.nr < depth && raw.addrs[raw.nr])
			raw.nr++;
		err = add_stack(live, &raw, stacks);
	}
	return err;
}

int bt_live_stacks(struct bt_live *live, struct bt_stacks *stacks)
{
	const struct bpf_map *map = live->skel->maps.stacks;
	int err = take_map(live, map, 0, stacks);

	if (err)
		return err;
	return take_map(live, live->skel->maps.stacks_spare, bpf_map__max_entries(map), stacks);
}
