// SPDX-License-Identifier: GPL-2.0-only
/* --fail-fast: which violation ends a run, and that it asks once. */
#include "cli/early.h"

#include <string.h>

#include "cli/signals.h"
#include "stream.h"

struct fixture {
	struct stream stream;
	struct bt_run run;
	struct bt_options options;
	struct bt_outcome baseline;
	struct bt_fail_fast fast;
	const volatile int *stop;
	int before;
};

static void begin(struct fixture *fixture, bool with_baseline)
{
	const struct bt_early early = {
		.run = &fixture->run,
		.checker = &fixture->stream.checker,
		.options = &fixture->options,
		.baseline = with_baseline ? &fixture->baseline : NULL,
	};

	stream_init(&fixture->stream, BT_BACKEND_INTERNAL);
	bt_fail_fast_init(&fixture->fast, &early);
	fixture->stop = bt_signals_catch();
	fixture->before = *fixture->stop;
}

/* How often the run was asked to end so far. */
static int stops(struct fixture *fixture)
{
	const struct bt_event ev = { .type = BT_TASK };

	bt_sink_event(&fixture->fast.sink, &ev);
	return *fixture->stop - fixture->before;
}

/* Data is submitted before its bit is on disk. */
static void break_rule(struct fixture *fixture, uint64_t chunk)
{
	do_startwrite(&fixture->stream, 7, chunk, true);
	do_data(&fixture->stream, 7, chunk);
}

static void the_first_failure_ends_the_run_once(void **state)
{
	struct fixture fixture = { .before = 0 };

	(void)state;
	begin(&fixture, false);
	do_write(&fixture.stream, 7, 1);
	assert_int_equal(stops(&fixture), 0);
	break_rule(&fixture, 5);
	assert_int_equal(stops(&fixture), 1);
	assert_true(fixture.fast.stopped);
	break_rule(&fixture, 6);
	assert_int_equal(stops(&fixture), 1);
	stream_free(&fixture.stream);
}

static void a_known_failure_does_not(void **state)
{
	struct fixture fixture = {
		.options = { .known = { bt_invariant_find("intent-before-data") }, .known_nr = 1 }
	};

	(void)state;
	begin(&fixture, false);
	break_rule(&fixture, 5);
	assert_int_equal(stops(&fixture), 0);
	stream_free(&fixture.stream);
}

/* The baseline knows the rule as broken, but in other ways. */
static void a_new_way_to_break_a_known_rule_does(void **state)
{
	struct fixture fixture = { .before = 0 };

	(void)state;
	strcpy(fixture.baseline.rules[0].name, "intent-before-data");
	fixture.baseline.rules[0].verdict = BT_VERDICT_FAIL;
	strcpy(fixture.baseline.rules[0].kinds[0].text, "another way");
	fixture.baseline.rules[0].kinds_nr = 1;
	fixture.baseline.rules_nr = 1;
	begin(&fixture, true);
	break_rule(&fixture, 5);
	assert_int_equal(stops(&fixture), 1);
	stream_free(&fixture.stream);
}

/* What cannot be FAIL, as a hook is missing, is no reason to stop. */
static void what_is_unknown_does_not(void **state)
{
	struct fixture fixture = { .before = 0 };

	(void)state;
	bt_missing_add(&fixture.run.info.missing, BT_SEES_SET_BIT, "no hook");
	begin(&fixture, false);
	break_rule(&fixture, 5);
	assert_int_equal(stops(&fixture), 0);
	stream_free(&fixture.stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_failure_ends_the_run_once),
		cmocka_unit_test(a_known_failure_does_not),
		cmocka_unit_test(a_new_way_to_break_a_known_rule_does),
		cmocka_unit_test(what_is_unknown_does_not),
	};

	return cmocka_run_group_tests_name("early", tests, NULL, NULL);
}
