// SPDX-License-Identifier: GPL-2.0-only
#include "timeline/perfetto.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/phrase.h"
#include "timeline/page_states.h"
#include "timeline/proto.h"

/* Perfetto's field numbers (protos/perfetto/trace), as far as they are used here. */
enum {
	TRACE_PACKET = 1,
	PACKET_CLOCK_SNAPSHOT = 6,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_TIMESTAMP_CLOCK = 58,
	PACKET_TRACK_DESCRIPTOR = 60,
	SNAPSHOT_CLOCKS = 1,
	SNAPSHOT_PRIMARY = 2,
	CLOCK_ID = 1,
	CLOCK_TIMESTAMP = 2,
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PARENT = 5,
	EVENT_ANNOTATIONS = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_NAME = 23,
	EVENT_FLOWS = 47,
	ANNOTATION_STRING = 6,
	ANNOTATION_NAME = 10,
};
enum slice { SLICE_BEGIN = 1, SLICE_END = 2, INSTANT = 3 };
enum { SEQUENCE_BEGINS = 1, CLOCK_REALTIME_ID = 1, CLOCK_MONOTONIC_ID = 3 };

#define FLOWS_MAX 16 /* of an event */
#define OPEN_MAX  16 /* calls inside each other */
#define PAGES_MAX 64 /* of an event; a folio of 256 KiB */

/* What tells tracks apart: it is in the highest bits of their ids. */
enum kind {
	KIND_THREADS = 1,
	KIND_THREAD,
	KIND_ARRAY,
	KIND_PAGE,
	KIND_MEMBER,
	KIND_FAILURES,
	KIND_RULE
};

struct bt_perfetto_track {
	uint64_t uuid;
	UT_hash_handle hh;
	enum bt_page_state state;
	unsigned int outstanding;
	uint64_t flows[FLOWS_MAX]; /* a page: of bits that no write has taken along yet */
	unsigned int flows_nr;
	uint16_t open[OPEN_MAX]; /* a thread: calls that have not returned, by type of event */
	unsigned int open_nr;
	uint64_t lanes[BT_PERFETTO_LANES_MAX / 64]; /* a member: in use */
};

struct chunk_key {
	uint64_t chunk;
	uint64_t bitmap;
};

struct bt_perfetto_flow {
	struct chunk_key key;
	UT_hash_handle hh;
	uint64_t id;
	uint64_t members; /* that got its data, a bit each */
};

struct bt_perfetto_write {
	uint64_t bio;
	UT_hash_handle hh;
	struct bt_perfetto_track *member;
	unsigned int lane;
};

static uint64_t uuid_of(enum kind kind, uint32_t bitmap, uint32_t number)
{
	return (uint64_t)kind << 60 | (uint64_t)(bitmap & 0xfffffff) << 32 | number;
}

/* The lanes of a member are tracks of one name, which Perfetto draws as one. */
static uint64_t lane_uuid(const struct bt_perfetto_track *member, unsigned int lane)
{
	return member->uuid | (uint64_t)lane << 16;
}

/* ---- packets ---- */

static void put_packet(struct bt_perfetto *perfetto, const struct bt_proto *packet)
{
	struct bt_proto outer;

	bt_proto_begin(&outer);
	bt_proto_message(&outer, TRACE_PACKET, packet);
	fwrite(outer.data, 1, outer.len, perfetto->out);
}

static void begin_packet(struct bt_proto *packet)
{
	bt_proto_begin(packet);
	bt_proto_uint(packet, PACKET_SEQUENCE_ID, 1);
}

static void put_track(struct bt_perfetto *perfetto, uint64_t uuid, uint64_t parent,
		      const char *name)
{
	struct bt_proto packet, track;

	bt_proto_begin(&track);
	bt_proto_uint(&track, TRACK_UUID, uuid);
	if (parent)
		bt_proto_uint(&track, TRACK_PARENT, parent);
	bt_proto_string(&track, TRACK_NAME, name);
	begin_packet(&packet);
	bt_proto_message(&packet, PACKET_TRACK_DESCRIPTOR, &track);
	put_packet(perfetto, &packet);
}

static void put_clock(struct bt_proto *snapshot, uint64_t id, uint64_t ns)
{
	struct bt_proto clock;

	bt_proto_begin(&clock);
	bt_proto_uint(&clock, CLOCK_ID, id);
	bt_proto_uint(&clock, CLOCK_TIMESTAMP, ns);
	bt_proto_message(snapshot, SNAPSHOT_CLOCKS, &clock);
}

/* The first packet: times are CLOCK_MONOTONIC, and which time of day that was. */
static void put_snapshot(struct bt_perfetto *perfetto, uint64_t now_ns)
{
	const struct bt_trace_info *info = perfetto->report->info;
	struct bt_proto packet, snapshot;

	bt_proto_begin(&snapshot);
	put_clock(&snapshot, CLOCK_MONOTONIC_ID, now_ns);
	if (info && info->clock_ns)
		put_clock(&snapshot, CLOCK_REALTIME_ID, now_ns + (uint64_t)info->clock_ns);
	bt_proto_uint(&snapshot, SNAPSHOT_PRIMARY, CLOCK_MONOTONIC_ID);
	begin_packet(&packet);
	bt_proto_uint(&packet, PACKET_SEQUENCE_FLAGS, SEQUENCE_BEGINS);
	bt_proto_message(&packet, PACKET_CLOCK_SNAPSHOT, &snapshot);
	put_packet(perfetto, &packet);
}

static void begin_event(struct bt_proto *event, enum slice type, uint64_t track, const char *name)
{
	bt_proto_begin(event);
	bt_proto_uint(event, EVENT_TYPE, type);
	bt_proto_uint(event, EVENT_TRACK, track);
	if (name)
		bt_proto_string(event, EVENT_NAME, name);
}

static void annotate(struct bt_proto *event, const char *name, const char *text)
{
	struct bt_proto annotation;

	bt_proto_begin(&annotation);
	bt_proto_string(&annotation, ANNOTATION_NAME, name);
	bt_proto_string(&annotation, ANNOTATION_STRING, text);
	bt_proto_message(event, EVENT_ANNOTATIONS, &annotation);
}

static void put_event(struct bt_perfetto *perfetto, uint64_t ts_ns, const struct bt_proto *event)
{
	struct bt_proto packet;

	begin_packet(&packet);
	bt_proto_uint(&packet, PACKET_TIMESTAMP, ts_ns);
	bt_proto_uint(&packet, PACKET_TIMESTAMP_CLOCK, CLOCK_MONOTONIC_ID);
	bt_proto_message(&packet, PACKET_TRACK_EVENT, event);
	put_packet(perfetto, &packet);
}

/* ---- tracks ---- */

/* Described when it is first needed; NULL: there are too many. */
static struct bt_perfetto_track *track_of(struct bt_perfetto *perfetto, uint64_t uuid,
					  uint64_t parent, const char *name)
{
	struct bt_perfetto_track *track;

	HASH_FIND(hh, perfetto->tracks, &uuid, sizeof(uuid), track);
	if (track)
		return track;
	if (HASH_COUNT(perfetto->tracks) < BT_PERFETTO_TRACKS_MAX)
		track = calloc(1, sizeof(*track));
	if (!track) {
		perfetto->dropped++;
		return NULL;
	}
	track->uuid = uuid;
	HASH_ADD(hh, perfetto->tracks, uuid, sizeof(track->uuid), track);
	put_track(perfetto, uuid, parent, name);
	return track;
}

static struct bt_perfetto_track *thread_of(struct bt_perfetto *perfetto, const struct bt_event *ev)
{
	uint64_t all = uuid_of(KIND_THREADS, 0, 0);
	char task[32];

	bt_phrase_task(ev, perfetto->report->names, task, sizeof(task));
	track_of(perfetto, all, 0, "threads");
	return track_of(perfetto, uuid_of(KIND_THREAD, 0, ev->tid), all, task);
}

static uint64_t array_of(struct bt_perfetto *perfetto, uint32_t bitmap)
{
	const char *name = bt_names_array(perfetto->report->names, bitmap);
	uint64_t uuid = uuid_of(KIND_ARRAY, bitmap, 0);

	track_of(perfetto, uuid, 0, name ? name : "?");
	return uuid;
}

static struct bt_perfetto_track *page_of(struct bt_perfetto *perfetto, uint32_t bitmap,
					 uint32_t page)
{
	char name[32];

	snprintf(name, sizeof(name), "bitmap page %u", page);
	return track_of(perfetto, uuid_of(KIND_PAGE, bitmap, page), array_of(perfetto, bitmap),
			name);
}

static struct bt_perfetto_track *member_of(struct bt_perfetto *perfetto, const struct bt_event *ev)
{
	char name[32];

	snprintf(name, sizeof(name), "member %d", ev->member);
	return track_of(perfetto, uuid_of(KIND_MEMBER, ev->bitmap, (uint16_t)ev->member),
			array_of(perfetto, ev->bitmap), name);
}

/* ---- threads ---- */

/* Calls that are shown with their duration. */
static const struct call {
	uint16_t enter, exit;
} calls[] = {
	{ BT_LOAD_ENTER, BT_LOAD_EXIT },	   { BT_INIT_ENTER, BT_INIT_EXIT },
	{ BT_UNPLUG_ENTER, BT_UNPLUG_EXIT },	   { BT_UNPLUG_WORK_ENTER, BT_UNPLUG_WORK_EXIT },
	{ BT_DAEMON_ENTER, BT_DAEMON_EXIT },	   { BT_UPDATE_SB_ENTER, BT_UPDATE_SB_EXIT },
	{ BT_WRITEBACK_ENTER, BT_WRITEBACK_EXIT }, { BT_WAIT_ENTER, BT_WAIT_EXIT },
};

static const struct call *call_of(uint32_t type)
{
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].enter == type || calls[i].exit == type)
			return &calls[i];
	return NULL;
}

/*
 * Slices of a thread are nested, and an end closes the innermost one: those inside, whose own ends
 * were lost, are closed with it, and an end whose beginning was not seen is only a mark.
 */
static enum slice slice_of(struct bt_perfetto *perfetto, struct bt_perfetto_track *thread,
			   const struct bt_event *ev)
{
	const struct call *call = call_of(ev->type);
	struct bt_proto event;
	unsigned int at = thread->open_nr;

	if (call && call->enter == ev->type && at < OPEN_MAX) {
		thread->open[thread->open_nr++] = call->enter;
		return SLICE_BEGIN;
	}
	while (call && at && thread->open[at - 1] != call->enter)
		at--;
	if (!call || call->enter == ev->type || !at)
		return INSTANT;
	for (; thread->open_nr > at; thread->open_nr--) {
		begin_event(&event, SLICE_END, thread->uuid, NULL);
		put_event(perfetto, ev->ts_ns, &event);
	}
	thread->open_nr--;
	return SLICE_END;
}

static void annotate_stack(struct bt_perfetto *perfetto, const struct bt_event *ev,
			   struct bt_proto *event)
{
	const struct bt_stack *stack = bt_stacks_find(perfetto->report->stacks, ev->stack);
	char text[2048] = "";
	size_t used = 0;
	unsigned int i;
	int n;

	for (i = 0; stack && i < stack->nr && used < sizeof(text); i++) {
		n = snprintf(text + used, sizeof(text) - used, "%s%s", i ? "\n" : "",
			     stack->frames[i]);
		used += n > 0 ? (size_t)n : 0;
	}
	if (text[0])
		annotate(event, "stack", text);
}

static void put_thread_event(struct bt_perfetto *perfetto, const struct bt_view *view)
{
	const struct bt_names *names = perfetto->report->names;
	struct bt_perfetto_track *thread = thread_of(perfetto, view->ev);
	const char *function = bt_phrase_function(view->ev);
	enum slice slice;
	char words[160], fields[384];
	struct bt_proto event;

	if (!thread)
		return;
	slice = slice_of(perfetto, thread, view->ev);
	bt_phrase(view->ev, names, words, sizeof(words));
	bt_event_format_fields(view->ev, names, fields, sizeof(fields));
	begin_event(&event, slice, thread->uuid,
		    slice == SLICE_END		       ? NULL
		    : slice == SLICE_BEGIN && function ? function
						       : words);
	if (fields[0])
		annotate(&event, "fields", fields);
	annotate_stack(perfetto, view->ev, &event);
	if (view->ev->type == BT_SET_BIT)
		bt_proto_fixed64(&event, EVENT_FLOWS, view->seq);
	put_event(perfetto, view->ev->ts_ns, &event);
}

/* An end is where an interrupt came. */
static bool is_of_thread(const struct bt_event *ev)
{
	return ev->tid && ev->type != BT_PAGE_WRITE_END && ev->type != BT_DATA_END &&
	       ev->type != BT_SB_WRITE_END && ev->type != BT_TASK && ev->type != BT_ARRAY &&
	       ev->type != BT_SYMBOL && ev->type != BT_LOST;
}

/* ---- bitmap pages ---- */

static void put_state(struct bt_perfetto *perfetto, const struct bt_view *view, uint32_t page)
{
	static const char *const names[] = {
		[BT_PAGE_QUIET] = NULL,
		[BT_PAGE_WAITS] = "bits not written",
		[BT_PAGE_FLIGHT] = "in flight",
		[BT_PAGE_DURABLE] = "on disk",
	};
	struct bt_perfetto_track *track = page_of(perfetto, view->ev->bitmap, page);
	enum bt_page_state before;
	struct bt_proto event;
	unsigned int i;

	if (!track)
		return;
	if (view->ev->type == BT_SET_BIT && track->flows_nr < FLOWS_MAX)
		track->flows[track->flows_nr++] = view->seq;
	before = track->state;
	track->state = bt_page_state_after(before, &track->outstanding, view->ev);
	if (track->state == before)
		return;
	if (before != BT_PAGE_QUIET) {
		begin_event(&event, SLICE_END, track->uuid, NULL);
		put_event(perfetto, view->ev->ts_ns, &event);
	}
	begin_event(&event, SLICE_BEGIN, track->uuid, names[track->state]);
	for (i = 0; track->state == BT_PAGE_FLIGHT && i < track->flows_nr; i++)
		bt_proto_fixed64(&event, EVENT_FLOWS, track->flows[i]);
	if (track->state == BT_PAGE_FLIGHT)
		track->flows_nr = 0;
	put_event(perfetto, view->ev->ts_ns, &event);
}

static void put_states(struct bt_perfetto *perfetto, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	uint32_t i, nr;

	if (ev->type == BT_SET_BIT) {
		put_state(perfetto, view, ev->bit.page);
		return;
	}
	nr = ev->page.nr_pages ? ev->page.nr_pages : 1;
	for (i = 0; i < nr && i < PAGES_MAX; i++)
		put_state(perfetto, view, ev->page.page + i);
}

/* ---- from a bit to its data ---- */

static struct bt_perfetto_flow *flow_find(struct bt_perfetto *perfetto, uint32_t bitmap,
					  uint64_t chunk)
{
	const struct chunk_key key = { .chunk = chunk, .bitmap = bitmap };
	struct bt_perfetto_flow *flow;

	HASH_FIND(hh, perfetto->flows, &key, sizeof(key), flow);
	return flow;
}

static void flow_delete(struct bt_perfetto *perfetto, struct bt_perfetto_flow *flow)
{
	HASH_DEL(perfetto->flows, flow);
	free(flow);
}

static void flow_begin(struct bt_perfetto *perfetto, const struct bt_view *view)
{
	struct bt_perfetto_flow *flow = flow_find(perfetto, view->ev->bitmap, view->ev->bit.chunk);

	if (!flow && HASH_COUNT(perfetto->flows) < BT_PERFETTO_FLOWS_MAX) {
		flow = calloc(1, sizeof(*flow));
		if (!flow)
			return;
		flow->key = (struct chunk_key){ .chunk = view->ev->bit.chunk,
						.bitmap = view->ev->bitmap };
		HASH_ADD(hh, perfetto->flows, key, sizeof(flow->key), flow);
	}
	if (!flow)
		return;
	flow->id = view->seq;
	flow->members = 0;
}

/* The first data of each member; what is sent later had its bit long before. */
static void put_flows_of_data(struct bt_perfetto *perfetto, const struct bt_view *view,
			      struct bt_proto *event)
{
	uint64_t bit = UINT64_C(1) << (view->ev->member & 63), first, nr, i;
	struct bt_perfetto_flow *flow;
	struct bt_data_walk walk;

	if (!bt_data_walk(&walk, view->bitmap, view->ev))
		return;
	while (bt_data_next(&walk, &first, &nr)) {
		for (i = 0; i < nr && i < FLOWS_MAX; i++) {
			flow = flow_find(perfetto, view->ev->bitmap, first + i);
			if (!flow)
				continue;
			if (flow->members & bit) {
				flow_delete(perfetto, flow);
				continue;
			}
			flow->members |= bit;
			bt_proto_fixed64(event, EVENT_FLOWS, flow->id);
		}
	}
}

/* ---- members ---- */

static bool take_lane(struct bt_perfetto_track *member, unsigned int *lane)
{
	for (*lane = 0; *lane < BT_PERFETTO_LANES_MAX; (*lane)++) {
		uint64_t bit = UINT64_C(1) << *lane % 64;

		if (member->lanes[*lane / 64] & bit)
			continue;
		member->lanes[*lane / 64] |= bit;
		return true;
	}
	return false;
}

static void end_data(struct bt_perfetto *perfetto, struct bt_perfetto_write *write, uint64_t ts_ns)
{
	struct bt_proto event;

	begin_event(&event, SLICE_END, lane_uuid(write->member, write->lane), NULL);
	put_event(perfetto, ts_ns, &event);
	write->member->lanes[write->lane / 64] &= ~(UINT64_C(1) << write->lane % 64);
	HASH_DEL(perfetto->writes, write);
	free(write);
}

static struct bt_perfetto_write *write_find(struct bt_perfetto *perfetto, const struct bt_event *ev)
{
	struct bt_perfetto_write *write;

	HASH_FIND(hh, perfetto->writes, &ev->data.bio, sizeof(ev->data.bio), write);
	return write;
}

static struct bt_perfetto_write *begin_data(struct bt_perfetto *perfetto, const struct bt_event *ev)
{
	struct bt_perfetto_write *write = write_find(perfetto, ev);
	struct bt_perfetto_track *member = member_of(perfetto, ev);
	unsigned int lane;

	if (write) /* its end was not seen */
		end_data(perfetto, write, ev->ts_ns);
	write = member && take_lane(member, &lane) ? calloc(1, sizeof(*write)) : NULL;
	if (!write) {
		perfetto->dropped++;
		return NULL;
	}
	write->bio = ev->data.bio;
	write->member = member;
	write->lane = lane;
	HASH_ADD(hh, perfetto->writes, bio, sizeof(write->bio), write);
	return write;
}

static void put_data(struct bt_perfetto *perfetto, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	struct bt_perfetto_write *write;
	char name[32], fields[384];
	struct bt_proto event;
	uint64_t uuid;

	if (ev->type == BT_DATA_END) {
		write = write_find(perfetto, ev);
		if (write)
			end_data(perfetto, write, ev->ts_ns);
		return;
	}
	write = begin_data(perfetto, ev);
	if (!write)
		return;
	uuid = lane_uuid(write->member, write->lane);
	snprintf(name, sizeof(name), "member %d", ev->member);
	track_of(perfetto, uuid, array_of(perfetto, ev->bitmap), name);
	begin_event(&event, SLICE_BEGIN, uuid,
		    bt_data_class(view->model, ev) == BT_DATA_OTHER ? "resync" : "data");
	bt_event_format_fields(ev, perfetto->report->names, fields, sizeof(fields));
	annotate(&event, "fields", fields);
	put_flows_of_data(perfetto, view, &event);
	put_event(perfetto, ev->ts_ns, &event);
}

/* ---- the stream ---- */

static void put_lost(struct bt_perfetto *perfetto, const struct bt_event *ev)
{
	uint64_t all = uuid_of(KIND_FAILURES, 0, 0), uuid = uuid_of(KIND_RULE, 0, UINT32_MAX);
	struct bt_proto event;
	char words[64];

	track_of(perfetto, all, 0, "failures");
	track_of(perfetto, uuid, all, "lost");
	snprintf(words, sizeof(words), "%u events lost", ev->lost.count);
	begin_event(&event, INSTANT, uuid, words);
	put_event(perfetto, ev->ts_ns, &event);
}

/* Before the model applies the event: a write that ends is still known. */
static void before(struct bt_observer *observer, const struct bt_view *view)
{
	struct bt_perfetto *perfetto = bt_container_of(observer, struct bt_perfetto, observer);
	const struct bt_event *ev = view->ev;

	if (!perfetto->begun)
		put_snapshot(perfetto, ev->ts_ns);
	perfetto->begun = true;
	if (ev->type == BT_LOST)
		put_lost(perfetto, ev);
	if (!view->bitmap || !view->bitmap->ops)
		return;
	if (is_of_thread(ev))
		put_thread_event(perfetto, view);
	if (ev->type == BT_SET_BIT)
		flow_begin(perfetto, view);
	if (ev->type == BT_SET_BIT || ev->type == BT_PAGE_WRITE_START ||
	    ev->type == BT_PAGE_WRITE_END)
		put_states(perfetto, view);
	if (ev->type == BT_DATA_START || ev->type == BT_DATA_END)
		put_data(perfetto, view);
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	return bt_model_event(&bt_container_of(sink, struct bt_perfetto, sink)->model, ev);
}

void bt_perfetto_init(struct bt_perfetto *perfetto, FILE *out, const struct bt_report *report)
{
	*perfetto = (struct bt_perfetto){
		.sink.event = sink_event, .observer.before = before, .out = out, .report = report
	};
	bt_model_init(&perfetto->model);
	bt_model_observe(&perfetto->model, &perfetto->observer);
}

/* "exposed 101.5 ms" */
static void put_violation(struct bt_perfetto *perfetto, uint64_t uuid,
			  const struct bt_violation *violation)
{
	struct bt_proto event;
	char kind[256], took[24];

	bt_kind_format(violation->kind, kind, sizeof(kind));
	begin_event(&event, INSTANT, uuid, kind);
	if (violation->until_ns > violation->ts_ns) {
		bt_phrase_duration(violation->until_ns - violation->ts_ns, took, sizeof(took));
		annotate(&event, "exposed", took);
	}
	put_event(perfetto, violation->ts_ns, &event);
}

void bt_perfetto_end(struct bt_perfetto *perfetto)
{
	const struct bt_checker *checker = perfetto->report->checker;
	uint64_t all = uuid_of(KIND_FAILURES, 0, 0), uuid;
	unsigned int i, n;

	for (i = 0; i < checker->results_nr; i++) {
		const struct bt_violations *violations = &checker->results[i].violations;

		if (perfetto->report->verdicts[i] != BT_VERDICT_FAIL)
			continue;
		uuid = uuid_of(KIND_RULE, 0, i);
		track_of(perfetto, all, 0, "failures");
		track_of(perfetto, uuid, all, checker->results[i].invariant->name);
		for (n = 0; n < violations->nr; n++)
			put_violation(perfetto, uuid, &violations->list[n]);
	}
}

void bt_perfetto_free(struct bt_perfetto *perfetto)
{
	struct bt_perfetto_track *track, *next_track;
	struct bt_perfetto_write *write, *next_write;
	struct bt_perfetto_flow *flow, *next_flow;

	HASH_ITER (hh, perfetto->writes, write, next_write) {
		HASH_DEL(perfetto->writes, write);
		free(write);
	}
	HASH_ITER (hh, perfetto->flows, flow, next_flow)
		flow_delete(perfetto, flow);
	HASH_ITER (hh, perfetto->tracks, track, next_track) {
		HASH_DEL(perfetto->tracks, track);
		free(track);
	}
	bt_model_free(&perfetto->model);
}
