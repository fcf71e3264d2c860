// SPDX-License-Identifier: GPL-2.0-only
#include "live/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "live/command_span.h"
#include "live/live_internal.h"
#include "skel/bitmap_trace.skel.h"

/*
 * While events come in, the buffer is emptied at this interval, without a wake-up for each
 * event; after an interval without events the next event wakes the tool.
 */
#define DRAIN_EVERY_MS 20
#define TICK_EVERY_MS  500

/* A record may be reserved but not committed yet when the run ends. */
#define LAST_RECORD_TRIES   100
#define LAST_RECORD_WAIT_NS 1000000

struct run {
	struct bt_live *live;
	struct bt_sink counting; /* counts the events from the ring, then passes them to sink */
	struct bt_sink *sink;
	struct bt_stacks *stacks;
	bool done; /* the sink returned BT_SINK_DONE, the probes are off */
	struct bt_command_span span;
	struct bt_late_message late; /* not in the stream yet; no capabilities: none */
	uint64_t ticked_ns;
	uint64_t missed_read_ns; /* when the skipped programs were last counted; 0: not yet */
};

int bt_live_open(const struct bt_live_config *config, struct bt_live **live,
		 struct bt_trace_info *info)
{
	struct bt_live *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return -ENOMEM;
	err = bt_live_load(new, config, info);
	if (err) {
		bt_live_close(new, false);
		return err;
	}
	*live = new;
	return 0;
}

static int count_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct run *run = bt_container_of(sink, struct run, counting);

	if (ev->type < BT_EVENT_TYPE_MAX)
		run->live->emitted[ev->type]++;
	return bt_sink_event(run->sink, ev);
}

/* A mark's count has 32 bits; a larger loss is reported as that maximum. */
static uint32_t lost_count(uint64_t records)
{
	return records < UINT32_MAX ? (uint32_t)records : UINT32_MAX;
}

/* Fills in the fields that all marks share. */
static int put_lost(struct bt_sink *sink, struct bt_event lost)
{
	lost.type = BT_LOST;
	lost.ts_ns = bt_now_ns();
	lost.stack = -1;
	lost.member = -1;
	return lost.lost.count ? bt_sink_event(sink, &lost) : 0;
}

/* Records that are no event are a loss on a channel of their own. */
static int report_bad(struct run *run, uint64_t bad)
{
	run->live->bad_records += bad;
	return put_lost(run->sink, (struct bt_event){ .lost = { .count = lost_count(bad),
								.channel = BT_LOSS_DECODER } });
}

/*
 * The kernel reports skipped programs only by a count. They were skipped some time between this
 * reading and the one before.
 */
static int report_missed(struct run *run)
{
	struct bt_missed *before = &run->live->missed, now;
	struct bt_event lost = { .lost = { .channel = BT_LOSS_MISSED } };
	uint64_t read_ns = bt_now_ns();
	uint32_t type = 0;
	int err;

	err = bt_live_missed(run->live, &now);
	if (err)
		return err;
	lost.lost.since_ns = run->missed_read_ns;
	run->missed_read_ns = read_ns;
	if (now.total <= before->total)
		return 0;
	while (type < BT_EVENT_TYPE_MAX - 1 && now.by_type[type] == before->by_type[type])
		type++;
	lost.lost.count = lost_count(now.total - before->total);
	lost.lost.first_type = (uint16_t)type;
	bt_type_set_store(bt_missed_types(before, &now), lost.lost.types);
	*before = now;
	return put_lost(run->sink, lost);
}

static int drain(struct run *run, uint64_t *taken)
{
	struct bt_ring *ring = &run->live->ring;
	uint64_t bad = 0;
	int err;

	*taken = 0;
	err = bt_ring_drain(ring, &run->counting, bt_ring_head(ring), taken, &bad);
	return err ? err : report_bad(run, bad);
}

/* A personality's hooks are there: what was emitted before them goes first. */
static int note_late(struct run *run)
{
	struct bt_ring *ring = &run->live->ring;
	struct bt_event ev = { .type = BT_PROBES, .stack = -1, .member = -1 };
	uint64_t taken = 0, bad = 0;
	int err;

	if (!run->late.capabilities && !bt_late_take(&run->live->late, &run->late))
		return 0;
	err = bt_ring_drain(ring, &run->counting, (unsigned long)run->late.head, &taken, &bad);
	if (!err)
		err = report_bad(run, bad);
	/* A record may still be being written. */
	if (err || (long)((unsigned long)run->late.head - *ring->consumer) > 0)
		return err;
	ev.ts_ns = bt_now_ns();
	ev.probes.capabilities = run->late.capabilities;
	run->late.capabilities = 0;
	return bt_sink_event(run->sink, &ev);
}

static int tick(struct run *run)
{
	uint64_t now = bt_now_ns();
	int err;

	if (now - run->ticked_ns < TICK_EVERY_MS * 1000000ull)
		return 0;
	run->ticked_ns = now;
	err = report_missed(run);
	if (!err)
		err = bt_live_stacks(run->live, run->stacks);
	return err ? err : bt_sink_tick(run->sink);
}

static void silence(struct run *run)
{
	__atomic_store_n(&run->live->skel->bss->recording, 0, __ATOMIC_SEQ_CST);
}

/* One iteration of the loop; *busy: events came in. */
static int take_in(struct run *run, bool *busy)
{
	uint64_t taken = 0;
	int err = 0;

	if (!run->done)
		err = note_late(run);
	if (!run->done && !err)
		err = drain(run, &taken);
	if (!run->done && !err)
		err = tick(run);
	*busy = taken > 0;
	if (err != BT_SINK_DONE)
		return err;
	run->done = true;
	silence(run);
	return 0;
}

/* Sleeps until there is work; *ended: the child has ended. */
static int wait_for_work(struct run *run, bool busy, bool *ended)
{
	/* When the run is done, records left in the buffer would wake us again and again. */
	int fd = busy || run->done ? -1 : bpf_map__fd(run->live->skel->maps.events);

	return bt_command_span_wait(&run->span, fd, busy ? DRAIN_EVERY_MS : TICK_EVERY_MS, ended);
}

static int run_until_end(struct run *run)
{
	bool ended = false, busy;
	int err;

	while (!ended) {
		err = take_in(run, &busy);
		if (!err && bt_command_span_over(&run->span, run->done))
			return 0;
		if (!err)
			err = wait_for_work(run, busy, &ended);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Switches the probes off and drains the buffer. A record that is never committed hides those
 * after it: they are lost.
 */
static int drain_rest(struct run *run)
{
	const struct timespec pause = { .tv_nsec = LAST_RECORD_WAIT_NS };
	struct bt_ring *ring = &run->live->ring;
	uint64_t taken = 0, bad = 0;
	unsigned long head;
	int err = 0, tries;
	long left = 0;

	silence(run);
	head = bt_ring_head(ring);
	for (tries = 0; tries < LAST_RECORD_TRIES; tries++) {
		err = bt_ring_drain(ring, &run->counting, head, &taken, &bad);
		left = (long)(head - *ring->consumer);
		if (err || left <= 0)
			break;
		nanosleep(&pause, NULL);
	}
	if (!err)
		err = report_bad(run, bad + bt_ring_records(left));
	return err ? err : report_missed(run);
}

/* The sink's first tick: a command starts only if the sink is ready. */
static int begin(void *arg)
{
	struct run *run = arg;
	int err = bt_sink_tick(run->sink);

	return err == BT_SINK_DONE ? 0 : err;
}

int bt_live_run(struct bt_live *live, struct bt_sink *sink, struct bt_stacks *stacks,
		char *const *argv, const volatile int *stop, int *command_status)
{
	struct run run = {
		.live = live, .counting.event = count_event, .sink = sink, .stacks = stacks
	};
	int err = bt_command_span_begin(&run.span, argv, stop, begin, &run);
	int status;

	if (err)
		return err;
	err = run_until_end(&run);
	status = bt_command_span_end(&run.span, err);
	if (!err && !run.done)
		err = drain_rest(&run);
	if (err) {
		fprintf(stderr, "bitmap-trace: tracing ended early: %s\n", strerror(-err));
		return err;
	}
	*command_status = status;
	return 0;
}

/* A loss without a later record has no mark in the stream yet. */
static int mark_unreported(const struct bt_live *live, struct bt_sink *sink,
			   const struct bt_stream_stats *stats)
{
	static const enum bt_loss channels[] = { BT_LOSS_RING_FULL, BT_LOSS_MAP_FULL };
	const struct bitmap_trace__bss *bss = live->skel->bss;
	uint64_t total, reported;
	unsigned int i;
	int err = 0;

	for (i = 0; i < sizeof(channels) / sizeof(channels[0]) && !err; i++) {
		total = stats->lost_by_channel[channels[i]];
		reported = bss->lost_reported[channels[i]];
		if (total > reported)
			err = put_lost(
				sink,
				(struct bt_event){
					.lost = {
						.count = lost_count(total - reported),
						.channel = (uint16_t)channels[i],
						.first_type =
							(uint16_t)bss->lost_first_type[channels[i]],
						.types = { bss->lost_types[channels[i]][0],
							   bss->lost_types[channels[i]][1] } } });
	}
	return err;
}

int bt_live_stats(struct bt_live *live, struct bt_sink *sink, struct bt_stream_stats *stats)
{
	const struct bitmap_trace__bss *bss = live->skel->bss;
	struct bt_stream_stats new = { .emitted = { 0 } };
	unsigned int i;
	int err;

	static_assert(sizeof(new.lost_by_channel) == sizeof(bss->lost_by_channel), "likewise");
	memcpy(new.emitted, live->emitted, sizeof(new.emitted));
	memcpy(new.lost_by_type, bss->lost_by_type, sizeof(new.lost_by_type));
	memcpy(new.lost_by_channel, bss->lost_by_channel, sizeof(new.lost_by_channel));
	for (i = 0; i < BT_EVENT_TYPE_MAX; i++)
		new.lost_by_type[i] += live->missed.by_type[i];
	new.lost_by_channel[BT_LOSS_MISSED] = live->missed.total;
	new.lost_by_channel[BT_LOSS_DECODER] = live->bad_records;
	err = mark_unreported(live, sink, &new);
	if (!err)
		*stats = new;
	return err;
}

const struct bt_hooks *bt_live_hooks(const struct bt_live *live)
{
	return &live->session.hooks;
}

void bt_live_close(struct bt_live *live, bool behind)
{
	if (!live)
		return;
	bt_session_close(&live->session, behind);
	free(live);
}
