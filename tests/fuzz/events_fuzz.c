// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events, whatever they say and in whatever order, into model, invariants and
 * latencies: as live, and once more through a trace. Both must be judged
 * alike; memory stays within its bound; nothing passes where records are lost.
 */
#include <sanitizer/allocator_interface.h>
#include <stdlib.h>
#include <string.h>

#include "checker.h"
#include "event_desc.h"
#include "fuzz.h"
#include "latency.h"
#include "names_sink.h"
#include "report.h"
#include "trace.h"

#define RECORD sizeof(struct bt_event)

/* As little as makes the bound be met. */
#define MODEL_BYTES (1u << 20)
/* Names, the writer, and what the hash tables take besides. */
#define OTHER_BYTES (16ul << 20)

/* What cmd_check.c puts behind a source of events. */
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
	bt_checker_init(&run->checker);
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

/* A counterexample is a slice of the stream with the event that broke the rule in it. */
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

static enum bt_verdict judge(struct run *run, struct fuzz_output *output)
{
	struct bt_report report = {
		.checker = &run->checker,
		.names = run->names.names,
		.stacks = run->stacks,
		.info = &run->info,
		.stats = &run->stats,
		.sight = bt_checker_sight(&run->checker, &run->info, 0, false),
		.command_status = -1,
	};
	unsigned int i;

	bt_report_judge(&report);
	for (i = 0; i < run->checker.results_nr; i++) {
		if (run->checker.results[i].broken)
			require_evidence(&run->checker, &run->checker.results[i]);
		fuzz_require(!run->checker.lost || report.verdicts[i] != BT_VERDICT_PASS);
	}
	fuzz_output_begin(output);
	fuzz_require(!bt_report_text(stdout, &report));
	fuzz_require(!bt_report_json(stdout, &report));
	bt_latency_print(stdout, &run->latency);
	fuzz_output_end(output);
	fuzz_require(fuzz_printable(output->out, output->out_len));
	return report.verdict;
}

/* As from the ring buffer, with a recorder beside it. */
static void live(struct run *run, const uint8_t *data, size_t nr)
{
	size_t allocated = __sanitizer_get_current_allocated_bytes(), i, now;
	struct bt_trace_writer *writer;
	struct bt_event ev;

	fuzz_require(!bt_trace_create(trace.path, &run->info, &writer));
	bt_tee_add(&run->tee, bt_trace_writer_sink(writer));
	for (i = 0; i < nr; i++) {
		memcpy(&ev, data + i * RECORD, RECORD);
		fuzz_require(!bt_sink_event(&run->tee.sink, &ev));
		now = __sanitizer_get_current_allocated_bytes();
		fuzz_require(now < allocated + 2 * MODEL_BYTES + OTHER_BYTES);
		fuzz_require(run->checker.model.bytes <= MODEL_BYTES);
	}
	fuzz_require(!bt_trace_finish(writer, run->stacks, &run->stats, -1));
}

static void recorded(struct run *run, size_t nr)
{
	struct bt_trace_end end;

	fuzz_require(!bt_trace_read(trace.path, &run->tee.sink, run->stacks, &run->info, &end));
	fuzz_require(end.complete && end.events == nr && end.command_status == -1);
}

static enum bt_verdict judge_live(const uint8_t *data, size_t nr, struct fuzz_output *said)
{
	struct run *run = run_new();
	enum bt_verdict verdict;

	live(run, data, nr);
	verdict = judge(run, said);
	run_free(run);
	return verdict;
}

static enum bt_verdict judge_recorded(size_t nr, struct fuzz_output *said)
{
	struct run *run = run_new();
	enum bt_verdict verdict;

	recorded(run, nr);
	verdict = judge(run, said);
	run_free(run);
	return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_output said_live, said_later;
	size_t nr = size / RECORD;
	enum bt_verdict verdict;

	if (!trace.path[0])
		fuzz_file_open(&trace);
	verdict = judge_live(data, nr, &said_live);
	/* It takes as long again, and finds what does not depend on one byte. */
	if (size && (data[0] ^ data[size - 1]) % 4 == 0) {
		fuzz_require(judge_recorded(nr, &said_later) == verdict);
		fuzz_require(!strcmp(said_live.out, said_later.out));
		fuzz_output_free(&said_later);
	}
	fuzz_output_free(&said_live);
	return 0;
}

/* ---- making events -------------------------------------------------------- */

static struct bt_event get(const uint8_t *data, size_t i)
{
	struct bt_event ev;

	memcpy(&ev, data + i * RECORD, RECORD);
	return ev;
}

static void put(uint8_t *data, size_t i, const struct bt_event *ev)
{
	memcpy(data + i * RECORD, ev, RECORD);
}

/* Mostly small, so that events speak of the same things; at times at an edge. */
static uint64_t number(uint64_t *state)
{
	uint64_t edge = UINT64_C(1) << fuzz_random(state) % 64;

	switch (fuzz_random(state) % 16) {
	case 0:
		return edge;
	case 1:
		return edge - 1;
	case 2:
		return -edge;
	case 3:
		return fuzz_random(state);
	default:
		return fuzz_random(state) % 6;
	}
}

static void put_text(char *text, size_t size, uint64_t *state)
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
	const char *from = texts[fuzz_random(state) % (sizeof(texts) / sizeof(texts[0]))];

	memset(text, fuzz_random(state) % 8 ? 0 : 'x', size);
	memcpy(text, from, strlen(from) < size ? strlen(from) : size);
}

static void put_field(struct bt_event *ev, const struct bt_event_field *field, uint64_t *state)
{
	char *at = (char *)ev + field->offset;
	uint64_t value = number(state);

	if (field->format == BT_FIELD_TEXT)
		put_text(at, field->size, state);
	else
		memcpy(at, &value, field->size); /* the low bytes: little endian */
}

static const struct bt_event_field *random_field(const struct bt_event *ev, uint64_t *state)
{
	const struct bt_event_desc *desc = bt_event_describe(ev->type);
	size_t nr = 0;

	while (desc && desc->fields && desc->fields[nr].name)
		nr++;
	return nr ? &desc->fields[fuzz_random(state) % nr] : NULL;
}

static uint16_t random_type(uint64_t *state)
{
	uint16_t type;

	do
		type = (uint16_t)(fuzz_random(state) % BT_EVENT_TYPE_MAX);
	while (!bt_event_describe(type));
	return type;
}

static struct bt_event random_event(uint64_t *state)
{
	struct bt_event ev = {
		.ts_ns = fuzz_random(state) % 4 ? 0 : number(state),
		.type = random_type(state),
		.tid = (uint32_t)(fuzz_random(state) % 4),
		.stack = -1,
		.leg = (int16_t)(fuzz_random(state) % 3) - 1,
	};
	const struct bt_event_desc *desc = bt_event_describe(ev.type);
	const struct bt_event_field *field;

	if (ev.type != BT_LOST && ev.type != BT_TASK && ev.type != BT_SYMBOL)
		ev.bitmap = fuzz_random(state) % 8 ? 1 : 2;
	for (field = desc->fields; field && field->name; field++)
		put_field(&ev, field, state);
	return ev;
}

/* One thing about one event. */
static void change(struct bt_event *ev, uint64_t *state)
{
	const struct bt_event_field *field = random_field(ev, state);

	switch (fuzz_random(state) % 8) {
	case 0:
		ev->type = random_type(state);
		break;
	case 1:
		ev->tid = (uint32_t)number(state);
		break;
	case 2:
		ev->bitmap = (uint32_t)number(state);
		break;
	case 3:
		ev->bm_flags = (uint16_t)(fuzz_random(state) % 2 ? number(state) : 0);
		break;
	case 4:
		ev->ts_ns = number(state);
		break;
	default:
		if (field)
			put_field(ev, field, state);
		break;
	}
}

/* Any bytes of it; what no event can look like, too. */
static void scramble(struct bt_event *ev)
{
	LLVMFuzzerMutate((uint8_t *)ev, RECORD, RECORD);
}

/* Opens a gap of count records at i; the records there move up. */
static size_t insert(uint8_t *data, size_t nr, size_t i, size_t count)
{
	memmove(data + (i + count) * RECORD, data + i * RECORD, (nr - i) * RECORD);
	return nr + count;
}

static size_t delete (uint8_t *data, size_t nr, size_t i, size_t count)
{
	memmove(data + i * RECORD, data + (i + count) * RECORD, (nr - i - count) * RECORD);
	return nr - count;
}

/* A run of records once more, elsewhere. */
static size_t repeat(uint8_t *data, size_t nr, size_t max, uint64_t *state)
{
	size_t from = fuzz_random(state) % nr, count = 1 + fuzz_random(state) % 8;
	size_t at = fuzz_random(state) % (nr + 1);
	uint8_t run[8 * RECORD];

	if (count > nr - from)
		count = nr - from;
	if (nr + count > max)
		return nr;
	memcpy(run, data + from * RECORD, count * RECORD);
	nr = insert(data, nr, at, count);
	memcpy(data + at * RECORD, run, count * RECORD);
	return nr;
}

static size_t mutate(uint8_t *data, size_t nr, size_t max, uint64_t *state)
{
	size_t i = nr ? fuzz_random(state) % nr : 0, j = nr ? fuzz_random(state) % nr : 0;
	struct bt_event ev, other;

	switch (nr ? fuzz_random(state) % 10 : 0) {
	case 0:
	case 1:
	case 2:
		if (nr == max)
			return nr;
		ev = random_event(state);
		nr = insert(data, nr, i, 1);
		put(data, i, &ev);
		return nr;
	case 3:
		return delete (data, nr, i, 1 + fuzz_random(state) % (nr - i));
	case 4:
		return repeat(data, nr, max, state);
	case 5:
		ev = get(data, i);
		other = get(data, j);
		put(data, i, &other);
		put(data, j, &ev);
		return nr;
	case 6:
		ev = get(data, i);
		scramble(&ev);
		put(data, i, &ev);
		return nr;
	default:
		ev = get(data, i);
		change(&ev, state);
		put(data, i, &ev);
		return nr;
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size_t nr = size / RECORD, max = max_size / RECORD, times;
	uint64_t state = seed;

	for (times = 1 + fuzz_random(&state) % 4; times && max; times--)
		nr = mutate(data, nr, max, &state);
	return nr * RECORD;
}

/* Runs of records of both, in turn. */
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
