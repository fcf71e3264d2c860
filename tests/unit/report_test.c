// SPDX-License-Identifier: GPL-2.0-only
/* The report of a run in all formats, and the exit status. */
#include "report/report.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define COMMAND_FAILED (3 << 8) /* exit status 3, as a wait(2) status */

/* Everything needed for a report. */
struct run {
	struct stream stream;
	struct bt_names *names;
	struct bt_stacks *stacks;
	struct bt_trace_info info;
	struct bt_stream_stats stats;
	struct bt_report report;
	const char *incomplete;
};

static void learn_name(struct run *run)
{
	struct bt_event ev = { .type = BT_TASK, .tid = 7, .task.comm = "d\xff\x1b\"d" };

	assert_int_equal(bt_names_learn(run->names, &ev), 0);
}

static void run_init(struct run *run)
{
	static const char *const frames[] = { "inner\xff+0x1/0x2", "outer+0x3/0x4 [md_mod]" };

	memset(run, 0, sizeof(*run));
	stream_init(&run->stream, BT_BACKEND_INTERNAL);
	run->names = bt_names_new();
	run->stacks = bt_stacks_new();
	strcpy(run->info.release, "6.12.0-\xff");
	learn_name(run);
	assert_int_equal(bt_stacks_add(run->stacks, 5, frames, 2), 0);
	run->report = (struct bt_report){
		.checker = &run->stream.checker,
		.names = run->names,
		.stacks = run->stacks,
		.info = &run->info,
		.stats = &run->stats,
		.command_status = -1,
	};
}

static void run_free(struct run *run)
{
	stream_free(&run->stream);
	bt_names_free(run->names);
	bt_stacks_free(run->stacks);
}

static void judge(struct run *run)
{
	run->report.sight = bt_checker_sight(&run->stream.checker, &run->info, 0, run->incomplete);
	bt_report_judge(&run->report);
}

static void good_writes(struct run *run)
{
	uint64_t chunk;

	for (chunk = 0; chunk < 10; chunk++) {
		do_write(&run->stream, 7, chunk);
		do_clear(&run->stream, chunk);
	}
}

/* Data is submitted before its bit is on disk. */
static void bad_write(struct run *run)
{
	do_startwrite(&run->stream, 7, 5, true);
	do_data(&run->stream, 7, 5);
}

static void expect_exit(struct run *run, int command_status, enum bt_exit status)
{
	run->report.command_status = command_status;
	judge(run);
	assert_int_equal(bt_report_exit(&run->report), status);
}

static void exit_status(void **state)
{
	struct run run;

	(void)state;
	run_init(&run);
	expect_exit(&run, -1, BT_EXIT_UNKNOWN); /* no bit was set */
	expect_exit(&run, COMMAND_FAILED, BT_EXIT_UNKNOWN);
	good_writes(&run);
	expect_exit(&run, -1, BT_EXIT_PASS);
	expect_exit(&run, 0, BT_EXIT_PASS);
	expect_exit(&run, COMMAND_FAILED, BT_EXIT_COMMAND);
	expect_exit(&run, 9, BT_EXIT_COMMAND); /* killed */
	run.incomplete = "cut off";
	expect_exit(&run, COMMAND_FAILED, BT_EXIT_UNKNOWN);
	run.incomplete = NULL;
	bad_write(&run);
	expect_exit(&run, COMMAND_FAILED, BT_EXIT_FAIL);
	run_free(&run);
}

/* The caller frees it. */
static char *written(struct run *run, enum bt_format format)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	judge(run);
	bt_report_write(out, &run->report, format);
	fclose(out);
	return text;
}

static void expect_words(struct run *run, enum bt_format format, const char *const *words)
{
	char *text = written(run, format), *at = text;

	for (; *words; words++) {
		at = strstr(at, *words);
		if (!at)
			fail_msg("'%s' is not in, or not in its place in:\n%s", *words, text);
	}
	free(text);
}

static void ktap(void **state)
{
	static const char *const good[] = { "KTAP version 1\n1..",
					    "\n# ",
					    " events, 10 set_bits, 0 lost, kernel ",
					    "\n# checked 20\nok 1 intent-before-data\n",
					    " # SKIP ",
					    "# verdict: PASS (",
					    NULL };
	static const char *const bad[] = { "\n# intent-before-data, md0: ",
					   "\n#   rule: ",
					   "\n#   >> ",
					   "data_start ",
					   "\n#              (no kernel stack was taken)\n",
					   "\nnot ok 1 intent-before-data\n",
					   "# verdict: FAIL (intent-before-data)\n",
					   NULL };
	static const char *const blind[] = {
		"\n# trace incomplete: cut off\n# ", " events, 10 set_bits, kernel ",
		"\nnot ok 1 intent-before-data # UNKNOWN: trace incomplete: cut off\n",
		"# verdict: UNKNOWN (trace incomplete: cut off)\n", NULL
	};
	struct run run;

	(void)state;
	run_init(&run);
	good_writes(&run);
	expect_words(&run, BT_FORMAT_KTAP, good);
	run.incomplete = "cut off";
	expect_words(&run, BT_FORMAT_KTAP, blind);
	run.incomplete = NULL;
	bad_write(&run);
	expect_words(&run, BT_FORMAT_KTAP, bad);
	run_free(&run);
}

/* Whatever name an array has in the trace: no terminal control, no line of its own. */
static void hostile_names(void **state)
{
	static const enum bt_format formats[] = { BT_FORMAT_TEXT, BT_FORMAT_JSON, BT_FORMAT_KTAP };
	struct run run;
	unsigned int i;
	char *text, *at;
	struct bt_event ev;

	(void)state;
	run_init(&run);
	ev = stream_event(&run.stream, BT_ARRAY, 1);
	strcpy(ev.array.name, "md\x1b[2J\nok 1\xc2\x9b"
			      "2J");
	stream_put(&run.stream, &ev);
	assert_int_equal(bt_names_learn(run.names, &ev), 0);
	bad_write(&run);
	run.info.release[0] = 0;
	bt_stacks_free(run.stacks);
	run.report.stacks = run.stacks = bt_stacks_new();
	for (i = 0; i < 3; i++) {
		text = written(&run, formats[i]);
		assert_non_null(strstr(text, "md?[2J?ok 1??2J"));
		for (at = text; *at; at++)
			assert_true(*at == '\n' || (*at >= ' ' && *at <= '~'));
		free(text);
	}
	run_free(&run);
}

static void text_of_a_good_run(void **state)
{
	static const char *const words[] = { " events, 10 set_bits, 0 lost, kernel 6.12.0",
					     "\nPASS    intent-before-data ",
					     "\ncommand: exit status 3\n", "\nverdict: PASS (",
					     NULL };
	struct run run;

	(void)state;
	run_init(&run);
	good_writes(&run);
	run.report.command_status = COMMAND_FAILED;
	expect_words(&run, BT_FORMAT_TEXT, words);
	run_free(&run);
}

static void text_of_losses_and_evidence(void **state)
{
	static const char *const words[] = { "trace incomplete: cut off\n",
					     "\nFAIL    intent-before-data ",
					     "\nUNKNOWN ",
					     " of 24 rules\n",
					     "\nlost: 4 (probe skipped by the kernel)\n",
					     "\nlost: 3 of type set_bit\n",
					     "\nintent-before-data, md0: ",
					     "\n  rule: ",
					     "/7 ",
					     "set_bit ",
					     "\n  >> ",
					     "data_start ",
					     "\nverdict: FAIL (intent-before-data)\n",
					     NULL };
	struct run run;

	(void)state;
	run_init(&run);
	run.report.events = true;
	bad_write(&run);
	run.stats.lost_by_channel[BT_LOSS_MISSED] = 4;
	run.stats.lost_by_type[BT_SET_BIT] = 3;
	run.incomplete = "cut off";
	expect_words(&run, BT_FORMAT_TEXT, words);
	run_free(&run);
}

static void expect_ascii(const char *text)
{
	for (; *text; text++)
		assert_true((unsigned char)*text < 127);
}

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value))
		fail_msg("no '%s' in %s", key, json_object_to_json_string(object));
	return value;
}

static void has_text(struct json_object *object, const char *key, const char *text)
{
	assert_string_equal(json_object_get_string(get(object, key)), text);
}

/* The names in a trace may be any bytes; the report is valid JSON. */
static void json(void **state)
{
	struct json_object *root, *first, *events, *last;
	struct run run;
	char *text;

	(void)state;
	run_init(&run);
	bad_write(&run);
	run.stats.lost_by_type[BT_SET_BIT] = 3;
	text = written(&run, BT_FORMAT_JSON);
	expect_ascii(text);
	root = json_tokener_parse(text);
	assert_non_null(root);
	has_text(root, "verdict", "FAIL");
	has_text(root, "kernel", "6.12.0-?");
	assert_int_equal(json_object_get_int(get(get(root, "lost_by_type"), "set_bit")), 3);
	assert_null(get(root, "command_status"));
	assert_int_equal(json_object_array_length(get(root, "failed")), 1);
	assert_string_equal(
		json_object_get_string(json_object_array_get_idx(get(root, "failed"), 0)),
		"intent-before-data");
	first = json_object_array_get_idx(get(root, "invariants"), 0);
	has_text(first, "name", "intent-before-data");
	has_text(first, "verdict", "FAIL");
	first = get(first, "counterexample");
	has_text(first, "array", "md0");
	events = get(first, "events");
	assert_true(json_object_array_length(events) > 1);
	has_text(json_object_array_get_idx(events, 0), "task", "d??\"d");
	last = json_object_array_get_idx(events, json_object_array_length(events) - 1);
	has_text(last, "event", "data_start");
	assert_int_equal(json_object_get_int(get(last, "tid")), 7);
	assert_true(json_object_get_uint64(get(last, "seq")) > 0);
	assert_true(json_object_is_type(get(last, "sector"), json_type_int));
	assert_non_null(strstr(json_object_get_string(get(last, "text")), "sector="));
	assert_non_null(get(last, "text"));
	json_object_put(root);
	free(text);
	run_free(&run);
}

/* A bad write whose set_bit is part of the proof, as are one event before it and the violation. */
static void prove(struct run *run, struct bt_proof *proof, struct bt_event_ref events[2])
{
	const struct bt_counterexample *cx = &run->stream.checker.results[0].first;

	events[0] = (struct bt_event_ref){ .seq = 1, .ev = run->stream.put[0].ev };
	events[1] = cx->events[cx->nr - 1];
	assert_int_equal(events[1].seq, cx->offending);
	*proof = (struct bt_proof){
		.broken = &run->stream.checker.results[0],
		.events = events,
		.nr = 2,
	};
	run->report.proof = proof;
}

static void text_marks_the_proof(void **state)
{
	static const char *const words[] = { "\n   * ",	     "symbol ",	   "\n     ",
					     "set_bit ",     "\n  >> ",	   "data_start ",
					     "* and >> are", "\nverdict:", NULL };
	struct bt_event_ref events[2];
	struct bt_proof proof;
	struct run run;

	(void)state;
	run_init(&run);
	bad_write(&run);
	prove(&run, &proof, events);
	expect_words(&run, BT_FORMAT_TEXT, words);
	run_free(&run);
}

/* Violations of other rules may have been removed from the complete trace. */
static void a_slice_tells_of_its_rule_only(void **state)
{
	struct run run;
	char *text;

	(void)state;
	run_init(&run);
	run.report.events = true;
	bad_write(&run);
	strcpy(run.info.slice_of, "unplug-durable");
	text = written(&run, BT_FORMAT_TEXT);
	assert_null(strstr(text, "  >> "));
	assert_null(strstr(text, "\nfailure "));
	free(text);
	text = written(&run, BT_FORMAT_JSON);
	assert_null(strstr(text, "\"counterexample\""));
	free(text);
	strcpy(run.info.slice_of, "intent-before-data");
	text = written(&run, BT_FORMAT_TEXT);
	assert_non_null(strstr(text, "  >> "));
	free(text);
	run_free(&run);
}

static void json_marks_the_proof(void **state)
{
	static const char *const words[] = { "\"event\":\"symbol\"",
					     "\"proof\":true",
					     "\"event\":\"set_bit\"",
					     "\"proof\":false",
					     "\"event\":\"data_start\"",
					     "\"proof\":true",
					     NULL };
	struct bt_event_ref events[2];
	struct bt_proof proof;
	struct run run;

	(void)state;
	run_init(&run);
	bad_write(&run);
	prove(&run, &proof, events);
	expect_words(&run, BT_FORMAT_JSON, words);
	run_free(&run);
}

static void offending_stack(struct run *run, int32_t id)
{
	struct bt_counterexample *cx = &run->stream.checker.results[0].first;
	unsigned int i;

	for (i = 0; i < cx->nr; i++)
		if (cx->events[i].seq == cx->offending)
			cx->events[i].ev.stack = id;
}

static void text_has_the_stack_or_why_not(void **state)
{
	static const char *const saved[] = { "\n  >> ", "             inner", "             outer",
					     NULL };
	static const char *const unsaved[] = { "\n  >> ",
					       "             (its kernel stack was not saved)\n",
					       NULL };
	static const char *const none[] = { "\n  >> ", "             (no kernel stack was taken)\n",
					    NULL };
	struct run run;

	(void)state;
	run_init(&run);
	run.report.events = true;
	bad_write(&run);
	offending_stack(&run, 5);
	expect_words(&run, BT_FORMAT_TEXT, saved);
	offending_stack(&run, 6);
	expect_words(&run, BT_FORMAT_TEXT, unsaved);
	offending_stack(&run, -17);
	expect_words(&run, BT_FORMAT_TEXT, none);
	run_free(&run);
}

/* unplug returns early, so data goes down early: one failure, the write comes late. */
static void unplug_fails(struct run *run)
{
	struct stream *s = &run->stream;
	uint64_t io[2];

	do_startwrite(s, 7, 5, true);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	io[0] = ev_page_start(s, 7, 0, 0);
	io[1] = ev_page_start(s, 7, 0, 1);
	ev_plain(s, BT_UNPLUG_EXIT, 7);
	do_data(s, 7, 5);
	ev_page_end(s, 0, io[0], 0);
	ev_page_end(s, 0, io[1], 0);
}

static void text_has_the_cause_first(void **state)
{
	static const char *const words[] = {
		"\nFAIL    unplug-durable ",
		"\n\nfailure 1 of 1, DATA: ",
		"\ncause       unplug-durable: unplug returns before ",
		"that write ended ",
		"\neffect      intent-before-data: data for chunk 5 goes to member ",
		"\nhow often   unplug-durable: 1 of 1 times; 1 bitmap page of array md0\n",
		"\n            intent-before-data: ",
		"; 1 chunk of array md0\n",
		"\nexposed     ",
		"\ncorrect     a correct kernel waits in __bitmap_unplug ",
		"\nat fault    __bitmap_unplug (d??\"d/7: unplug returns, marked !! below)\n",
		"\n            (no kernel stack was taken)\n",
		"   time in ms   d??\"d/7 ",
		"bitmap page 0 ",
		"sets the bit of chunk 5",
		"write 1 begins",
		"\n!! ",
		"unplug returns",
		"\n>> ",
		" # sends DATA",
		"write 2 ends: safe",
		"\nverdict: FAIL (intent-before-data, unplug-durable)\n",
		NULL
	};
	struct run run;
	char *text;

	(void)state;
	run_init(&run);
	unplug_fails(&run);
	expect_words(&run, BT_FORMAT_TEXT, words);
	text = written(&run, BT_FORMAT_TEXT);
	assert_null(strstr(text, "failure 2"));
	assert_null(strstr(text, "data_start ")); /* raw events only when asked for */
	assert_null(strchr(text, '\x1b'));
	free(text);
	run_free(&run);
}

/* No line is longer than the terminal is wide; a narrow one has a list instead of lanes. */
static void text_fits(void **state)
{
	static const unsigned int widths[] = { 0, 100, 72, 40 };
	struct run run;
	unsigned int i;
	char *text, *rest, *line;

	(void)state;
	run_init(&run);
	unplug_fails(&run);
	for (i = 0; i < 4; i++) {
		run.report.term.width = widths[i];
		text = written(&run, BT_FORMAT_TEXT);
		rest = strstr(text, "\nfailure ") + 1;
		while ((line = strsep(&rest, "\n")) && strncmp(line, "verdict", 7))
			if (strlen(line) > (widths[i] ? widths[i] : 100))
				fail_msg("%zu columns: %s", strlen(line), line);
		free(text);
	}
	run_free(&run);
}

static void text_of_all(void **state)
{
	static const char *const all[] = { "intent-before-data, each time", "  5 ", "exposed ",
					   "\nverdict:", NULL };
	struct run run;
	char *text;

	(void)state;
	run_init(&run);
	unplug_fails(&run);
	do_data(&run.stream, 7, 5);
	bad_write(&run);
	run.report.all = true;
	expect_words(&run, BT_FORMAT_TEXT, all);
	run.report.max = 1;
	text = written(&run, BT_FORMAT_TEXT);
	assert_non_null(strstr(text, "  ... and "));
	free(text);
	run_free(&run);
}

static void text_in_colours(void **state)
{
	struct run run;
	char *text;

	(void)state;
	run_init(&run);
	unplug_fails(&run);
	run.report.term.colour = true;
	text = written(&run, BT_FORMAT_TEXT);
	assert_non_null(strstr(text, "\x1b[1;31mFAIL"));
	free(text);
	run_free(&run);
}

static void json_has_the_groups(void **state)
{
	static const char *const words[] = { "\"kinds\":[",
					     "\"kind\":\"data for chunk N goes to member N before ",
					     "\"count\":",
					     "\"exposure\":{",
					     "\"min_ns\":",
					     "\"groups\":[",
					     "\"severity\":\"data\"",
					     "\"rules\":[",
					     "\"unplug-durable\"",
					     "\"intent-before-data\"",
					     NULL };
	struct run run;

	(void)state;
	run_init(&run);
	unplug_fails(&run);
	expect_words(&run, BT_FORMAT_JSON, words);
	run_free(&run);
}

static void json_has_the_stack(void **state)
{
	struct json_object *root, *stack;
	struct run run;
	char *text;

	(void)state;
	run_init(&run);
	bad_write(&run);
	offending_stack(&run, 5);
	text = written(&run, BT_FORMAT_JSON);
	root = json_tokener_parse(text);
	assert_non_null(root);
	stack = json_object_array_get_idx(get(root, "invariants"), 0);
	stack = get(get(stack, "counterexample"), "stack");
	assert_int_equal(json_object_array_length(stack), 2);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(stack, 0)),
			    "inner?+0x1/0x2");
	json_object_put(root);
	free(text);
	run_free(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_status),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(ktap),
		cmocka_unit_test(text_of_a_good_run),
		cmocka_unit_test(text_of_losses_and_evidence),
		cmocka_unit_test(text_has_the_stack_or_why_not),
		cmocka_unit_test(json),
		cmocka_unit_test(json_has_the_stack),
		cmocka_unit_test(text_marks_the_proof),
		cmocka_unit_test(json_marks_the_proof),
		cmocka_unit_test(a_slice_tells_of_its_rule_only),
		cmocka_unit_test(text_has_the_cause_first),
		cmocka_unit_test(text_fits),
		cmocka_unit_test(text_of_all),
		cmocka_unit_test(text_in_colours),
		cmocka_unit_test(json_has_the_groups),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
