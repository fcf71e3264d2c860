// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events with any content in any order, into model, invariants and latencies: as live, and
 * again through a trace. Both must give the same verdict; memory stays within its bound; no
 * rule passes with lost records.
 */
#include <sanitizer/allocator_interface.h>
#include <stdlib.h>
#include <string.h>

#include "check/checker.h"
#include "event/event_desc.h"
#include "fuzz.h"
#include "hist/latency.h"
#include "hist/stage_openmetrics.h"
#include "hist/stage_text.h"
#include "report/report.h"
#include "stream/names_sink.h"
#include "trace/trace.h"

#define RECORD sizeof(struct bt_event)

/* Low enough that the bound is reached: eight blocks of chunks. */
#define MODEL_BYTES (1u << 18)
/* Names, the writer, and the overhead of the hash tables. */
#define OTHER_BYTES (16ul << 20)

/* The same sinks as in cmd_check.c. */
struct run {
	struct bt_tee tee;
	struct bt_names_sink names;
	struct bt_checker checker;
	struct bt_latency latency;
	struct bt_stacks *stacks;
	struct bt_trace_info info;
	struct bt_stream_stats stats;
};

static struct fuzz_file trace;

static struct run *run_new(void)
{
	static const struct bt_trace_info info = { .release = "6.12.0", .version = "9.9" };
	struct run *run = calloc(1, sizeof(*run));

	fuzz_require(run);
	run->info = info;
	run->stacks = bt_stacks_new();
	fuzz_require(run->stacks && !bt_names_sink_init(&run->names));
	bt_checker_init(&run->checker, true);
	bt_latency_init(&run->latency);
	run->checker.model.bytes_max = run->latency.model.bytes_max = MODEL_BYTES;
	bt_tee_init(&run->tee);
	bt_tee_add(&run->tee, &run->names.sink);
	bt_tee_add(&run->tee, &run->checker.sink);
	bt_tee_add(&run->tee, &run->latency.sink);
	return run;
}

static void run_free(struct run *run)
{
	bt_checker_free(&run->checker);
	bt_latency_free(&run->latency);
	bt_names_sink_free(&run->names);
	bt_stacks_free(run->stacks);
	free(run);
}

/* A counterexample is a slice of the stream that includes the event that broke the rule. */
static void require_evidence(const struct bt_checker *checker, const struct bt_result *result)
{
	const struct bt_counterexample *cx = &result->first;
	bool offending = false;
	unsigned int i;

	fuzz_require(cx->nr >= 1 && cx->nr <= BT_EVIDENCE_MAX && cx->message[0]);
	for (i = 0; i < cx->nr; i++) {
		fuzz_require(cx->events[i].seq >= 1 && cx->events[i].seq <= checker->events);
		fuzz_require(!i || cx->events[i - 1].seq < cx->events[i].seq);
		offending |= cx->events[i].seq == cx->offending;
	}
	fuzz_require(offending);
}

/* In all formats; hist_out.c combines them. */
static void print_latencies(const struct bt_stage_set *set)
{
	struct bt_term term = { .width = BT_TERM_WIDTH };
	struct bt_stage_view view = { .set = set, .stages = BT_STAGES_ALL };

	bt_stage_text(stdout, &term, &view);
	bt_stage_table(stdout, &term, &view);
	bt_stage_notes(stdout, &view);
	bt_stage_openmetrics(stdout, &view, 0);
}

/* The verdicts are consistent. */
static void judge(struct run *run, struct bt_report *report)
{
	const struct bt_checker *checker = &run->checker;
	unsigned int i;

	*report = (struct bt_report){
		.checker = checker,
		.names = run->names.names,
		.stacks = run->stacks,
		.info = &run->info,
		.stats = &run->stats,
		.sight = bt_checker_sight(checker, &run->info, 0, NULL),
		.command_status = -1,
	};
	bt_report_judge(report);
	for (i = 0; i < checker->results_nr; i++) {
		if (checker->results[i].broken)
			require_evidence(checker, &checker->results[i]);
		if (bt_rests_on(checker->results[i].invariant, report->sight.lost_types))
			fuzz_require(!checker->lost || report->verdicts[i] != BT_VERDICT_PASS);
	}
	fuzz_require(!checker->lost || report->verdict != BT_VERDICT_PASS);
}

/* Whatever is in the events, the output is plain text. */
static void print(const struct run *run, const struct bt_report *report, struct fuzz_output *output)
{
	fuzz_output_begin(output);
	bt_report_text(stdout, report);
	bt_report_json(stdout, report);
	print_latencies(&run->latency.set);
	fuzz_output_end(output);
	fuzz_require(fuzz_printable(output->out, output->out_len));
}

/* As from the ring buffer. */
static void feed(struct run *run, const uint8_t *data, size_t nr)
{
	size_t allocated = __sanitizer_get_current_allocated_bytes(), i, now;
	struct bt_event ev;

	for (i = 0; i < nr; i++) {
		memcpy(&ev, data + i * RECORD, RECORD);
		fuzz_require(!bt_sink_event(&run->tee.sink, &ev));
		now = __sanitizer_get_current_allocated_bytes();
		fuzz_require(now < allocated + 2 * MODEL_BYTES + OTHER_BYTES);
		fuzz_require(run->checker.model.bytes <= MODEL_BYTES);
	}
}

/* With a recorder at the same time. */
static void feed_recorded(struct run *run, const uint8_t *data, size_t nr)
{
	struct bt_trace_writer *writer;

	fuzz_require(!bt_trace_create(trace.path, &run->info, &writer));
	bt_tee_add(&run->tee, bt_trace_writer_sink(writer));
	feed(run, data, nr);
	fuzz_require(!bt_trace_finish(writer, run->stacks, &run->stats, -1));
}

static void recorded(struct run *run, size_t nr)
{
	struct bt_trace_end end;

	fuzz_require(!bt_trace_read(trace.path, &run->tee.sink, run->stacks, &run->info, &end));
	fuzz_require(end.complete && end.events == nr && end.command_status == -1);
}

static void judge_live(const uint8_t *data, size_t nr)
{
	struct run *run = run_new();
	struct bt_report report;

	feed(run, data, nr);
	judge(run, &report);
	run_free(run);
}

/* Live and from the recorded trace: the same output in all formats. */
static void judge_twice(const uint8_t *data, size_t nr)
{
	struct fuzz_output said_live, said_later;
	struct run *run = run_new();
	struct bt_report report;

	feed_recorded(run, data, nr);
	judge(run, &report);
	print(run, &report, &said_live);
	run_free(run);

	run = run_new();
	recorded(run, nr);
	judge(run, &report);
	print(run, &report, &said_later);
	run_free(run);
	fuzz_require(!strcmp(said_live.out, said_later.out));
	fuzz_output_free(&said_later);
	fuzz_output_free(&said_live);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t nr = size / RECORD;

	if (!trace.path[0])
		fuzz_file_open(&trace);
	/* Printing and recording take ten times as long, and what they find does not hang on one
	 * byte. */
	if (size && (data[0] ^ data[size - 1]) % 16 == 0)
		judge_twice(data, nr);
	else
		judge_live(data, nr);
	return 0;
}

/* ---- mutating events -------------------------------------------------------- */

/* Records to be mutated. */
struct records {
	uint8_t *data;
	size_t nr, max;
	uint64_t *state; /* of the random numbers */
};

static struct bt_event get(const struct records *records, size_t i)
{
	struct bt_event ev;

	memcpy(&ev, records->data + i * RECORD, RECORD);
	return ev;
}

static void put(const struct records *records, size_t i, const struct bt_event *ev)
{
	memcpy(records->data + i * RECORD, ev, RECORD);
}

static size_t below(const struct records *records, size_t max)
{
	return fuzz_random(records->state) % max;
}

/* Usually small, so that events refer to the same objects; sometimes at a limit. */
static uint64_t number(const struct records *records)
{
	uint64_t edge = UINT64_C(1) << below(records, 64);

	switch (below(records, 16)) {
	case 0:
		return edge;
	case 1:
		return edge - 1;
	case 2:
		return -edge;
	case 3:
		return fuzz_random(records->state);
	default:
		return below(records, 6);
	}
}

static void put_text(char *text, size_t size, const struct records *records)
{
	static const char *const texts[] = {
		"raid1_end_write_request",
		"raid10_end_write_request",
		"raid5_end_write_request",
		"end_sync_write [raid1]",
		"md0",
		"md_home",
		"\x1b[2J\nok 1 x\xff",
		"",
	};
	const char *from = texts[below(records, sizeof(texts) / sizeof(texts[0]))];

	memset(text, below(records, 8) ? 0 : 'x', size);
	memcpy(text, from, strlen(from) < size ? strlen(from) : size);
}

/* May one have the value of the other, so that two events refer to the same object? */
static bool alike(const struct bt_event_field *a, const struct bt_event_field *b)
{
	bool both_addresses = (a->format == BT_FIELD_HEX || a->format == BT_FIELD_SYMBOL) &&
			      (b->format == BT_FIELD_HEX || b->format == BT_FIELD_SYMBOL);

	return both_addresses || (a->format == b->format && !strcmp(a->name, b->name));
}

/* A number that another event has in such a field, or any number. */
static uint64_t borrowed(const struct records *records, const struct bt_event_field *field)
{
	const struct bt_event_desc *desc;
	const struct bt_event_field *other;
	struct bt_event ev;
	int tries;

	for (tries = 0; records->nr && tries < 4; tries++) {
		ev = get(records, below(records, records->nr));
		desc = bt_event_describe(ev.type);
		for (other = desc ? desc->fields : NULL; other && other->name; other++)
			if (other->format != BT_FIELD_TEXT && other->format != BT_FIELD_TYPES &&
			    alike(field, other))
				return bt_event_field_value(&ev, other);
	}
	return number(records);
}

static void put_field(struct bt_event *ev, const struct bt_event_field *field,
		      const struct records *records)
{
	char *at = (char *)ev + field->offset;
	uint64_t value;

	if (field->format == BT_FIELD_TEXT) {
		put_text(at, field->size, records);
		return;
	}
	if (field->format == BT_FIELD_TYPES) { /* more than a number has room for: one byte of it */
		at[below(records, field->size)] = (char)number(records);
		return;
	}
	value = below(records, 2) ? borrowed(records, field) : number(records);
	memcpy(at, &value, field->size); /* the low bytes: little endian */
}

static const struct bt_event_field *random_field(const struct bt_event *ev,
						 const struct records *records)
{
	const struct bt_event_desc *desc = bt_event_describe(ev->type);
	size_t nr = 0;

	while (desc && desc->fields && desc->fields[nr].name)
		nr++;
	return nr ? &desc->fields[below(records, nr)] : NULL;
}

static uint16_t random_type(const struct records *records)
{
	uint16_t type;

	do
		type = (uint16_t)below(records, BT_EVENT_TYPE_MAX);
	while (!bt_event_describe(type));
	return type;
}

static struct bt_event random_event(const struct records *records)
{
	struct bt_event ev = {
		.ts_ns = below(records, 4) ? 0 : number(records),
		.type = random_type(records),
		.tid = (uint32_t)below(records, 4),
		.stack = -1,
		.member = (int16_t)((int)below(records, 3) - 1),
		.impl = below(records, 16) ? BT_IMPL_CLASSIC : (uint8_t)below(records, 256),
	};
	const struct bt_event_desc *desc = bt_event_describe(ev.type);
	const struct bt_event_field *field;

	if (ev.type != BT_LOST && ev.type != BT_TASK && ev.type != BT_SYMBOL)
		ev.bitmap = below(records, 8) ? 1 : 2;
	if (records->nr && below(records, 2))
		ev.tid = get(records, below(records, records->nr)).tid;
	for (field = desc->fields; field && field->name; field++)
		put_field(&ev, field, records);
	return ev;
}

/* Changes one field of one event. */
static void change(struct bt_event *ev, const struct records *records)
{
	const struct bt_event_field *field = random_field(ev, records);

	switch (below(records, 8)) {
	case 0:
		ev->type = random_type(records);
		break;
	case 1:
		ev->tid = (uint32_t)number(records);
		break;
	case 2:
		ev->bitmap = (uint32_t)number(records);
		break;
	case 3:
		ev->bm_flags = (uint16_t)(below(records, 2) ? number(records) : 0);
		break;
	case 4:
		ev->ts_ns = number(records);
		break;
	default:
		if (field)
			put_field(ev, field, records);
		break;
	}
}

/* Opens a gap of count records at i; the records there move up. */
static void insert(struct records *records, size_t i, size_t count)
{
	memmove(records->data + (i + count) * RECORD, records->data + i * RECORD,
		(records->nr - i) * RECORD);
	records->nr += count;
}

static void cut(struct records *records, size_t i, size_t count)
{
	memmove(records->data + i * RECORD, records->data + (i + count) * RECORD,
		(records->nr - i - count) * RECORD);
	records->nr -= count;
}

/* Copies a run of records to another place. */
static void repeat(struct records *records)
{
	size_t from = below(records, records->nr), count = 1 + below(records, 8);
	size_t at = below(records, records->nr + 1);
	uint8_t run[8 * RECORD];

	if (count > records->nr - from)
		count = records->nr - from;
	if (records->nr + count > records->max)
		return;
	memcpy(run, records->data + from * RECORD, count * RECORD);
	insert(records, at, count);
	memcpy(records->data + at * RECORD, run, count * RECORD);
}

static void add(struct records *records)
{
	size_t i = below(records, records->nr + 1);
	struct bt_event ev;

	if (records->nr == records->max)
		return;
	ev = random_event(records);
	insert(records, i, 1);
	put(records, i, &ev);
}

static void swap(struct records *records, size_t i, size_t j)
{
	struct bt_event a = get(records, i), b = get(records, j);

	put(records, i, &b);
	put(records, j, &a);
}

static void mutate(struct records *records)
{
	size_t i = records->nr ? below(records, records->nr) : 0;
	struct bt_event ev;

	switch (records->nr ? below(records, 10) : 0) {
	case 0:
	case 1:
	case 2:
		add(records);
		break;
	case 3:
		cut(records, i, 1 + below(records, records->nr - i));
		break;
	case 4:
		repeat(records);
		break;
	case 5:
		swap(records, i, below(records, records->nr));
		break;
	case 6: /* any bytes, including invalid events */
		LLVMFuzzerMutate(records->data + i * RECORD, RECORD, RECORD);
		break;
	default:
		ev = get(records, i);
		change(&ev, records);
		put(records, i, &ev);
		break;
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	uint64_t state = seed;
	struct records records = {
		.data = data,
		.nr = size / RECORD,
		.max = max_size / RECORD,
		.state = &state,
	};
	size_t times;

	for (times = 1 + below(&records, 4); times && records.max; times--)
		mutate(&records);
	return records.nr * RECORD;
}

/* Takes runs of records of both inputs in turn. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t out_max, unsigned int seed)
{
	const uint8_t *from[2] = { a, b };
	size_t left[2] = { a_size / RECORD, b_size / RECORD }, max = out_max / RECORD, nr = 0, n;
	uint64_t state = seed;
	unsigned int side = seed & 1;

	while (nr < max && (left[0] || left[1])) {
		side = left[!side] ? !side : side;
		n = 1 + fuzz_random(&state) % left[side];
		n = n < max - nr ? n : max - nr;
		memcpy(out + nr * RECORD, from[side], n * RECORD);
		from[side] += n * RECORD;
		left[side] -= n;
		nr += n;
	}
	return nr * RECORD;
}
