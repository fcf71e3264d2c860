// SPDX-License-Identifier: GPL-2.0-only
#include "hist/live_latency.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "live/command_span.h"
#include "shared/kernel_latency.h"
#include "skel/latency.skel.h"

#define TICK_EVERY_MS 500

struct bt_live_latency {
	struct bt_session session;
	struct latency *skel;
	const struct bt_live_config *config; /* while it is being loaded */
	int nothing;			     /* an inner map to store into the fence map; 0: none */
	uint64_t no_room_told;		     /* losses that were already added to a set */
};

/* ---- load and attach -------------------------------------------------------------- */

static struct bpf_object *open_object(void *ctx, const struct bpf_object_open_opts *opts)
{
	struct bt_live_latency *live = ctx;

	live->skel = latency__open_opts(opts);
	return live->skel ? live->skel->obj : NULL;
}

/* An md that writes files by buffer heads does not write them through the page cache. */
static void leave_out(void *ctx, struct bt_hooks *hooks)
{
	const struct bt_hook *hook = bt_hooks_of(hooks, "end_bitmap_write");

	(void)ctx;
	if (hook && hook->variant)
		bt_hooks_leave_out(hooks, BT_SEES_PAGE_WRITES_PAGECACHE,
				   "md writes bitmap files by buffer heads");
}

static int set_up(void *ctx, const struct bt_kernel_btf *btf)
{
	const struct bt_live_latency *live = ctx;
	struct latency__rodata *rodata = live->skel->rodata;

	rodata->filter_arrays = live->config->arrays_nr > 0;
	rodata->bytes_type = bt_kernel_btf_bytes_type(btf);
	rodata->holds_cpu = bt_kernel_btf_can_hold_cpu(btf);
	return 0;
}

static int load(void *ctx)
{
	const struct bt_live_latency *live = ctx;

	return latency__load(live->skel);
}

static void close_object(void *ctx)
{
	struct bt_live_latency *live = ctx;

	latency__destroy(live->skel);
	live->skel = NULL;
	if (live->nothing > 0)
		close(live->nothing);
	live->nothing = 0;
}

static int prepare(void *ctx)
{
	struct bt_live_latency *live = ctx;

	live->nothing = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bt_nothing", sizeof(uint32_t),
				       sizeof(uint32_t), 1, NULL);
	if (live->nothing < 0)
		return live->nothing;
	return bt_loader_set_arrays(live->skel->maps.traced_arrays, live->config->arrays,
				    live->config->arrays_nr);
}

int bt_live_latency_open(const struct bt_live_config *config, struct bt_live_latency **live,
			 struct bt_trace_info *info)
{
	struct bt_live_latency *new = calloc(1, sizeof(*new));
	const struct bt_loader_object object = { .open = open_object,
						 .leave_out = leave_out,
						 .set_up = set_up,
						 .load = load,
						 .close = close_object,
						 .ctx = new };
	int err;

	if (!new)
		return -ENOMEM;
	new->config = config;
	err = bt_session_open(&new->session, &object, prepare, config->verbose);
	new->config = NULL;
	if (err) {
		bt_live_latency_close(new, false);
		return err;
	}
	*live = new;
	*info = (struct bt_trace_info){ 0 };
	bt_hooks_missing(&new->session.hooks, &info->missing);
	return 0;
}

/* ---- reading the counts ------------------------------------------------------------- */

static uint64_t no_room(const struct bt_live_latency *live)
{
	uint64_t lost = 0;
	unsigned int i;

	for (i = 0; i < BT_LATENCY_LOSSES; i++)
		lost += live->skel->bss->lost[i];
	return lost;
}

/* Switches the probes to the other set; on return no probe counts in the previous one any more. */
static int next_interval(const struct bt_live_latency *live)
{
	uint32_t *interval = &live->skel->bss->interval;
	const uint32_t zero = 0;

	__atomic_store_n(interval, (*interval + 1) % BT_KERNEL_INTERVALS, __ATOMIC_SEQ_CST);
	return bpf_map_update_elem(bpf_map__fd(live->skel->maps.fence), &zero, &live->nothing,
				   BPF_ANY);
}

static void take_histogram(struct bt_histogram *into, struct bt_kernel_histogram *from)
{
	struct bt_histogram histogram = {
		.count = from->count,
		.total_ns = from->total_ns,
		.min_ns = ~from->min_inverted,
		.max_ns = from->max_ns,
	};

	if (!from->count)
		return;
	static_assert(sizeof(histogram.buckets) == sizeof(from->buckets), "as the probes count");
	memcpy(histogram.buckets, from->buckets, sizeof(histogram.buckets));
	bt_histogram_merge(into, &histogram);
	memset(from, 0, sizeof(*from));
}

int bt_live_latency_take(struct bt_live_latency *live, struct bt_stage_set *set)
{
	const struct bt_kernel_array *arrays = live->skel->bss->arrays;
	struct bt_kernel_histogram *full = live->skel->bss->histograms[live->skel->bss->interval];
	struct bt_stage_array *array;
	uint64_t lost = no_room(live);
	unsigned int i, stage;
	int err;

	err = next_interval(live);
	if (err)
		return err;
	for (i = 0; i < BT_KERNEL_ARRAYS_MAX && arrays[i].name[0]; i++) {
		array = bt_stage_set_array(set, arrays[i].name);
		if (!array)
			return -ENOMEM;
		for (stage = 0; stage < BT_STAGES; stage++)
			take_histogram(&array->stages[stage], &full[i * BT_STAGES + stage]);
	}
	set->lost += lost - live->no_room_told;
	live->no_room_told = lost;
	return 0;
}

static int add_missed(const struct bpf_program *program, uint64_t *missed)
{
	struct bpf_prog_info info;
	uint32_t len = sizeof(info);
	int fd = bpf_program__fd(program);

	if (fd < 0)
		return 0;
	memset(&info, 0, sizeof(info));
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	*missed += info.recursion_misses;
	return 0;
}

static const char *lost_most(const struct bt_live_latency *live)
{
	static const char *const names[BT_LATENCY_LOSSES] = {
		[BT_LATENCY_LOST_ARRAYS] = "so many arrays",
		[BT_LATENCY_LOST_PAGES] = "so many bitmap pages",
		[BT_LATENCY_LOST_BITS] = "so many bits that are set",
		[BT_LATENCY_LOST_IOS] = "so many page writes at the same time",
		[BT_LATENCY_LOST_CALLS] = "so many threads",
		[BT_LATENCY_LOST_WRITES] = "so many writes at the same time",
	};
	unsigned int i, most = 0;

	for (i = 0; i < BT_LATENCY_LOSSES; i++)
		if (live->skel->bss->lost[i] > live->skel->bss->lost[most])
			most = i;
	return names[most];
}

int bt_live_latency_lost(const struct bt_live_latency *live, struct bt_live_latency_lost *lost)
{
	struct bt_live_latency_lost new = { .no_room = no_room(live), .of = lost_most(live) };
	struct bpf_program *program;
	int err;

	bpf_object__for_each_program(program, live->skel->obj)
	{
		err = add_missed(program, &new.missed);
		if (err)
			return err;
	}
	*lost = new;
	return 0;
}

/* ---- the run ------------------------------------------------------------------------ */

struct run {
	struct bt_live_latency *live;
	struct bt_sink *sink;
	const uint64_t *due_ns;
	bool done; /* the sink returned BT_SINK_DONE */
	struct bt_command_span span;
	uint64_t ticked_ns;
};

static void count(const struct bt_live_latency *live, uint32_t on)
{
	__atomic_store_n(&live->skel->bss->recording, on, __ATOMIC_SEQ_CST);
}

static int tick(struct run *run)
{
	int err;

	if (run->done)
		return 0;
	run->ticked_ns = bt_now_ns();
	err = bt_sink_tick(run->sink);
	if (err != BT_SINK_DONE)
		return err;
	run->done = true;
	count(run->live, 0);
	return 0;
}

/* Everything that COMMAND does from its first instruction on is counted. */
static int begin(void *arg)
{
	struct run *run = arg;

	count(run->live, 1);
	return tick(run);
}

static uint64_t next_tick_ns(const struct run *run)
{
	uint64_t next = run->ticked_ns + TICK_EVERY_MS * 1000000ull;

	return *run->due_ns && *run->due_ns < next ? *run->due_ns : next;
}

static int run_until_end(struct run *run)
{
	bool ended = false;
	uint64_t now, next;
	int err = 0;

	while (!err && !ended) {
		now = bt_now_ns();
		next = next_tick_ns(run);
		if (now >= next) {
			err = tick(run);
			next = next_tick_ns(run);
		}
		if (bt_command_span_over(&run->span, run->done))
			return err;
		if (!err)
			err = bt_command_span_wait(
				&run->span, -1,
				next > now ? (int)((next - now + 999999) / 1000000) : 0, &ended);
	}
	return err;
}

int bt_live_latency_run(struct bt_live_latency *live, struct bt_sink *sink, const uint64_t *due_ns,
			char *const *argv, const volatile int *stop, int *command_status)
{
	struct run run = { .live = live, .sink = sink, .due_ns = due_ns };
	int err = bt_command_span_begin(&run.span, argv, stop, begin, &run);
	int status;

	if (err)
		return err;
	err = run_until_end(&run);
	count(live, 0);
	status = bt_command_span_end(&run.span, err);
	if (err) {
		fprintf(stderr, "bitmap-trace: measuring ended early: %s\n", strerror(-err));
		return err;
	}
	*command_status = status;
	return 0;
}

void bt_live_latency_close(struct bt_live_latency *live, bool behind)
{
	if (!live)
		return;
	bt_session_close(&live->session, behind);
	free(live);
}
