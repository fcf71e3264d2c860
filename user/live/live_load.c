// SPDX-License-Identifier: GPL-2.0-only
/* The probes that tell of events: load and attach (loader.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/version.h"
#include "live/live_internal.h"
#include "probes/loader.h"
#include "skel/bitmap_trace.skel.h"

/* What loading needs besides, and nothing after it does. */
struct loading {
	struct bt_live *live;
	const struct bt_live_config *config;
	struct bt_loader loader;
};

/* The end of every bio of the system is of interest to the strict rules only. */
static void leave_out_flushes(struct loading *loading)
{
	struct bitmap_trace *skel = loading->live->skel;
	struct bt_hook *hook;
	unsigned int i;

	for (i = 0; i < loading->loader.hooks.nr; i++) {
		hook = &loading->loader.hooks.all[i];
		if (hook->program == skel->progs.flush_queue ||
		    hook->program == skel->progs.flush_end)
			hook->btf_id = 0;
	}
}

static int choose_programs(struct loading *loading, struct bt_trace_info *info)
{
	struct bpf_object *object = loading->live->skel->obj;
	int err = bt_loader_find_hooks(&loading->loader, object);

	if (err)
		return err;
	bt_hooks_missing(&loading->loader.hooks, info);
	info->not_strict = !loading->config->strict;
	if (info->not_strict)
		leave_out_flushes(loading);
	return bt_loader_choose(&loading->loader, object);
}

static int open_object(struct loading *loading, struct bt_trace_info *info)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = loading->loader.btf_path);
	const struct bt_live_config *config = loading->config;
	int err = bt_loader_begin(&loading->loader, config->verbose);
	struct bitmap_trace *skel;

	if (err)
		return err;
	skel = loading->live->skel = bitmap_trace__open_opts(&opts);
	if (!skel)
		return bt_loader_fail(-errno, "cannot open the probes");
	err = choose_programs(loading, info);
	if (err)
		return err;
	if (config->ring_bytes)
		err = bpf_map__set_max_entries(skel->maps.events, config->ring_bytes);
	if (err)
		return bt_loader_fail(err, "cannot open the probes");
	skel->rodata->filter_arrays = config->arrays_nr > 0;
	skel->rodata->strict = config->strict;
	return 0;
}

/* That it finds nothing is no error: bits are not read then. */
static int find_direct_map(const struct bt_live *live)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(live->skel->progs.find_direct_map), &opts);
}

static int load_object(struct loading *loading)
{
	struct bt_live *live = loading->live;
	int err = bt_loader_module_btfs(&loading->loader);

	if (err)
		return bt_loader_fail(err, "cannot find the BTF of md's modules");
	err = bitmap_trace__load(live->skel);
	if (!err)
		err = bt_loader_set_arrays(live->skel->maps.traced_arrays, loading->config->arrays,
					   loading->config->arrays_nr);
	if (!err)
		err = find_direct_map(live);
	if (!err)
		err = bt_ring_open(&live->ring, bpf_map__fd(live->skel->maps.events),
				   bpf_map__max_entries(live->skel->maps.events));
	return err ? bt_loader_fail(err, "cannot load the probes") : 0;
}

static int attach_object(struct loading *loading)
{
	int err = bt_loader_attach(&loading->loader, &loading->live->links);

	if (!err)
		loading->live->skel->bss->recording = 1;
	return err;
}

/* What the probes leave out in every run (bpf/trace). */
#define PROBE_FEATURES                                                                             \
	(BT_FEATURE_DUE_PASSES_ONLY | BT_FEATURE_START_SYNC_ONCE | BT_FEATURE_IRQS_CHANGED_ONLY |  \
	 BT_FEATURE_ENDWRITE_EXIT_DEGRADED | BT_FEATURE_STACKS_OF_SUSPECTS)

static void fill_info(struct bt_trace_info *info)
{
	struct utsname uts;

	if (!uname(&uts))
		snprintf(info->release, sizeof(info->release), "%s", uts.release);
	snprintf(info->version, sizeof(info->version), "%s", BT_VERSION);
	info->features = PROBE_FEATURES;
}

static int load_steps(struct loading *loading, struct bt_trace_info *info)
{
	struct bt_live_times *times = &loading->live->times;
	uint64_t start = bt_now_ns(), now;
	int err = open_object(loading, info);

	now = bt_now_ns();
	times->open_ns = now - start;
	start = now;
	if (!err)
		err = load_object(loading);
	now = bt_now_ns();
	times->load_ns = now - start;
	start = now;
	if (!err)
		err = attach_object(loading);
	times->attach_ns = bt_now_ns() - start;
	return err;
}

int bt_live_load(struct bt_live *live, const struct bt_live_config *config,
		 struct bt_trace_info *info)
{
	struct loading loading = { .live = live, .config = config };
	struct bt_trace_info new = { 0 };
	int err;

	fill_info(&new);
	err = load_steps(&loading, &new);
	bt_loader_end(&loading.loader);
	if (!err)
		*info = new;
	return err;
}
