// SPDX-License-Identifier: GPL-2.0-only
/* Sets up the session of the probes that emit events. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/version.h"
#include "live/live_internal.h"
#include "probes/raid5_at.h"
#include "skel/bitmap_trace.skel.h"

static struct bpf_object *open_object(void *ctx, const struct bpf_object_open_opts *opts)
{
	struct bt_live *live = ctx;

	live->skel = bitmap_trace__open_opts(opts);
	return live->skel ? live->skel->obj : NULL;
}

/*
 * The end of every bio of the system is needed by the strict rules only. The waits of tasks for
 * each other are needed by no rule: a trace has them for its readers.
 */
static void leave_out(void *ctx, struct bt_hooks *hooks)
{
	const struct bt_live *live = ctx;

	if (!live->config->strict)
		bt_hooks_leave_out(hooks, BT_SEES_FLUSHES, "recorded without --strict");
	if (live->config->whole)
		return;
	bt_hooks_leave_out(hooks, BT_SEES_UNPLUG_WORK, "no rule needs it");
	bt_hooks_leave_out(hooks, BT_SEES_WRITEBACK_WAITS, "no rule needs it");
}

/* Where md keeps the lockless bitmap's state machine; 0: it has none, or symbols have no addresses.
 */
static uint64_t ll_table_address(const struct bt_kernel_btf *btf)
{
	struct bt_btf_query query = { .name = "llbitmap", .kinds = 1 << BTF_KIND_STRUCT };

	if (bt_kernel_btf_find(btf, &query, 1) || !query.id)
		return 0;
	return bt_kallsyms_address(BT_KALLSYMS, BT_BTF_MODULE, "state_machine");
}

static int set_up(void *ctx, const struct bt_kernel_btf *btf)
{
	const struct bt_live *live = ctx;
	const struct bt_live_config *config = live->config;
	struct bitmap_trace *skel = live->skel;
	int err;

	skel->rodata->filter_arrays = config->arrays_nr > 0;
	skel->rodata->strict = config->strict;
	skel->rodata->bytes_type = bt_kernel_btf_bytes_type(btf);
	skel->rodata->ll_table_at = ll_table_address(btf);
	skel->rodata->holds_cpu = bt_kernel_btf_can_hold_cpu(btf);
	err = bt_raid5_at(btf, BT_BTF_DIR, skel->bss->raid5_at);
	if (!err && config->ring_bytes)
		err = bpf_map__set_max_entries(skel->maps.events, config->ring_bytes);
	return err;
}

static int load(void *ctx)
{
	const struct bt_live *live = ctx;

	return bitmap_trace__load(live->skel);
}

static void close_object(void *ctx)
{
	struct bt_live *live = ctx;

	bt_late_stop(&live->late);
	bt_ring_close(&live->ring);
	bitmap_trace__destroy(live->skel);
	live->skel = NULL;
}

/* Finding nothing is no error: the probes do not read bits then. */
static int find_direct_map(const struct bt_live *live)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(live->skel->progs.find_direct_map), &opts);
}

static int prepare(void *ctx)
{
	struct bt_live *live = ctx;
	int err = bt_loader_set_arrays(live->skel->maps.traced_arrays, live->config->arrays,
				       live->config->arrays_nr);

	if (!err)
		err = find_direct_map(live);
	if (!err)
		err = bt_ring_open(&live->ring, bpf_map__fd(live->skel->maps.events),
				   bpf_map__max_entries(live->skel->maps.events));
	return err;
}

/* What the probes leave out in every run (bpf/trace). */
#define PROBE_FEATURES                                                                             \
	(BT_FEATURE_DUE_PASSES_ONLY | BT_FEATURE_START_SYNC_ONCE | BT_FEATURE_IRQS_CHANGED_ONLY |  \
	 BT_FEATURE_ENDWRITE_EXIT_DEGRADED | BT_FEATURE_STACKS_OF_SUSPECTS |                       \
	 BT_FEATURE_LL_CHANGES_ONLY | BT_FEATURE_LL_MARK_ONCE)

static int64_t now_ns(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void fill_info(struct bt_trace_info *info)
{
	struct utsname uts;

	if (!uname(&uts)) {
		snprintf(info->release, sizeof(info->release), "%s", uts.release);
		snprintf(info->host, sizeof(info->host), "%s", uts.nodename);
	}
	info->clock_ns = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC);
	snprintf(info->version, sizeof(info->version), "%s", BT_VERSION);
	info->features = PROBE_FEATURES;
}

int bt_live_load(struct bt_live *live, const struct bt_live_config *config,
		 struct bt_trace_info *info)
{
	const struct bt_loader_object object = { .open = open_object,
						 .leave_out = leave_out,
						 .set_up = set_up,
						 .load = load,
						 .close = close_object,
						 .ctx = live };
	struct bt_trace_info new = { 0 };
	int err;

	live->config = config;
	err = bt_session_open(&live->session, &object, prepare, config->verbose);
	live->config = NULL;
	if (err)
		return err;
	fill_info(&new);
	bt_hooks_missing(&live->session.hooks, &new.missing);
	*info = new;
	live->skel->bss->recording = 1;
	return bt_late_start(&live->late, &live->session.hooks, live->skel, &live->ring);
}
