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
#include "probes/raid5_at.h"
#include "skel/bitmap_trace.skel.h"

/* What loading needs besides live, and nothing after it. */
struct loading {
	struct bt_live *live;
	const struct bt_live_config *config;
};

static struct bpf_object *open_object(void *ctx, const struct bpf_object_open_opts *opts)
{
	struct loading *loading = ctx;
	struct bitmap_trace *skel = bitmap_trace__open_opts(opts);

	loading->live->skel = skel;
	return skel ? skel->obj : NULL;
}

/*
 * The end of every bio of the system is of interest to the strict rules only, and who waits
 * for whom to none: it is in a trace for whoever reads it.
 */
static void leave_out(void *ctx, struct bt_hooks *hooks)
{
	const struct loading *loading = ctx;

	if (!loading->config->strict)
		bt_hooks_leave_out(hooks, BT_SEES_FLUSHES, "recorded without --strict");
	if (loading->config->whole)
		return;
	bt_hooks_leave_out(hooks, BT_SEES_UNPLUG_WORK, "no rule needs it");
	bt_hooks_leave_out(hooks, BT_SEES_WRITEBACK_WAITS, "no rule needs it");
}

static int set_up(void *ctx, const struct bt_kernel_btf *btf)
{
	const struct loading *loading = ctx;
	const struct bt_live_config *config = loading->config;
	struct bitmap_trace *skel = loading->live->skel;
	int err;

	skel->rodata->filter_arrays = config->arrays_nr > 0;
	skel->rodata->strict = config->strict;
	skel->rodata->bytes_type = bt_kernel_btf_bytes_type(btf);
	err = bt_raid5_at(btf, BT_BTF_DIR, skel->bss->raid5_at);
	if (!err && config->ring_bytes)
		err = bpf_map__set_max_entries(skel->maps.events, config->ring_bytes);
	return err;
}

static int load(void *ctx)
{
	const struct loading *loading = ctx;

	return bitmap_trace__load(loading->live->skel);
}

static void close_object(void *ctx)
{
	struct loading *loading = ctx;

	bitmap_trace__destroy(loading->live->skel);
	loading->live->skel = NULL;
}

/* That it finds nothing is no error: bits are not read then. */
static int find_direct_map(const struct bt_live *live)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(live->skel->progs.find_direct_map), &opts);
}

/* What is done between load and attach. */
static int prepare(struct bt_live *live, const struct bt_live_config *config)
{
	int err = bt_loader_set_arrays(live->skel->maps.traced_arrays, config->arrays,
				       config->arrays_nr);

	if (!err)
		err = find_direct_map(live);
	if (!err)
		err = bt_ring_open(&live->ring, bpf_map__fd(live->skel->maps.events),
				   bpf_map__max_entries(live->skel->maps.events));
	return err ? bt_loader_fail(err, "cannot load the probes") : 0;
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

static int load_steps(struct loading *loading, struct bt_loader *loader)
{
	const struct bt_loader_object object = { .open = open_object,
						 .leave_out = leave_out,
						 .set_up = set_up,
						 .load = load,
						 .close = close_object,
						 .ctx = loading };
	struct bt_live *live = loading->live;
	int err = bt_loader_begin(loader, loading->config->verbose);

	if (!err)
		err = bt_loader_load(loader, &object, &live->times.loader);
	if (!err)
		err = prepare(live, loading->config);
	if (!err)
		err = bt_loader_attach(loader, &live->links, &live->times.loader);
	return err;
}

int bt_live_load(struct bt_live *live, const struct bt_live_config *config,
		 struct bt_trace_info *info)
{
	struct loading loading = { .live = live, .config = config };
	struct bt_trace_info new = { 0 };
	struct bt_loader loader;
	int err = load_steps(&loading, &loader);

	if (!err) {
		fill_info(&new);
		bt_loader_take_hooks(&loader, &live->hooks);
		bt_hooks_missing(&live->hooks, &new.missing);
		*info = new;
		live->skel->bss->recording = 1;
	}
	bt_loader_end(&loader);
	if (!err)
		err = bt_late_start(&live->late, &live->hooks, live->skel, &live->ring);
	return err;
}
