// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options.h"
#include "hist/stage.h"

static const struct bt_command check = {
	.name = "check",
	.synopsis = "check ...",
	.help = "Judges.",
	.takes = "aiofsrvcmTM",
};

static const struct bt_command hist = { .name = "hist", .takes = "aifvwIcgHepT" };
static const struct bt_command record = { .name = "record", .takes = "aovc" };
static const struct bt_command dump = { .name = "dump", .takes = "ifT" };

#define ARGC_MAX 80

struct parsed {
	struct bt_options options;
	char *argv[ARGC_MAX + 1];
	char words[1024];
	char output[2048]; /* stdout and stderr */
	int ret;
};

/* Runs the parser and captures its output. */
static void catch_parse(const struct bt_command *command, int argc, struct parsed *parsed)
{
	int caught = memfd_create("output", 0), out = dup(1), err = dup(2);

	fflush(stdout);
	dup2(caught, 1);
	dup2(caught, 2);
	parsed->ret = bt_options_parse(command, argc, parsed->argv, &parsed->options);
	fflush(stdout);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	assert_true(pread(caught, parsed->output, sizeof(parsed->output) - 1, 0) >= 0);
	close(caught);
}

/* line: words separated by single blanks, the subcommand first. */
static struct parsed *parse(struct parsed *parsed, const struct bt_command *command,
			    const char *line)
{
	char *rest = parsed->words;
	int argc = 0;

	memset(parsed, 0, sizeof(*parsed));
	snprintf(parsed->words, sizeof(parsed->words), "%s", line);
	while (rest && argc < ARGC_MAX)
		parsed->argv[argc++] = strsep(&rest, " ");
	catch_parse(command, argc, parsed);
	return parsed;
}

static void assert_fails(const struct bt_command *command, const char *line, const char *because)
{
	struct parsed parsed = {};
	struct bt_options untouched = {};

	parse(&parsed, command, line);
	assert_int_equal(parsed.ret, -EINVAL);
	assert_memory_equal(&parsed.options, &untouched, sizeof(untouched));
	if (!strstr(parsed.output, because))
		assert_string_equal(parsed.output, because);
}

static void test_everything(void **state)
{
	struct parsed parsed = {};
	const struct bt_options *options = &parsed.options;

	(void)state;
	parse(&parsed, &check, "check -a md0 --array=md1 --strict -v -o file -f ktap -- cmd -a --");
	assert_int_equal(parsed.ret, 0);
	assert_string_equal(parsed.output, "");
	assert_int_equal(options->arrays_nr, 2);
	assert_string_equal(options->arrays[0], "md0");
	assert_string_equal(options->arrays[1], "md1");
	assert_string_equal(options->output, "file");
	assert_null(options->input);
	assert_int_equal(options->format, BT_FORMAT_KTAP);
	assert_true(options->strict);
	assert_true(options->verbose);
	assert_string_equal(options->command[0], "cmd");
	assert_string_equal(options->command[1], "-a");
	assert_string_equal(options->command[2], "--");
	assert_null(options->command[3]);
}

static void test_defaults(void **state)
{
	struct bt_options untouched = {};
	struct parsed parsed = {};

	(void)state;
	assert_int_equal(parse(&parsed, &check, "check")->ret, 0);
	assert_memory_equal(&parsed.options, &untouched, sizeof(untouched));
	assert_int_equal(parse(&parsed, &check, "check -i trace -f json")->ret, 0);
	assert_string_equal(parsed.options.input, "trace");
	assert_int_equal(parsed.options.format, BT_FORMAT_JSON);
}

static void test_interval_and_count(void **state)
{
	struct parsed parsed = {};

	(void)state;
	assert_int_equal(parse(&parsed, &hist, "hist 5 -a md0 3 -- sleep 1")->ret, 0);
	assert_int_equal(parsed.options.interval, 5);
	assert_int_equal(parsed.options.count, 3);
	assert_string_equal(parsed.options.command[1], "1");
	assert_int_equal(parse(&parsed, &hist, "hist 2")->ret, 0);
	assert_int_equal(parsed.options.interval, 2);
	assert_int_equal(parsed.options.count, 0);
	assert_fails(&hist, "hist 0", "INTERVAL '0'");
	assert_fails(&hist, "hist 1s", "'1s' is neither a trace (No such file or directory) nor");
	assert_fails(&hist, "hist +1", "'+1' is neither");
	assert_fails(&hist, "hist 1 \t-1", "'\t-1' is neither");
	assert_fails(&hist, "hist 31536001", "INTERVAL '31536001' is too large, at most 31536000");
	assert_int_equal(parse(&parsed, &hist, "hist 31536000 18446744073709551615")->ret, 0);
	assert_int_equal(parsed.options.interval, 31536000);
	assert_true(parsed.options.count == UINT64_MAX);
}

static void test_forms(void **state)
{
	struct parsed parsed = {};

	(void)state;
	assert_int_equal(parse(&parsed, &hist, "hist --heat --stage unplug")->ret, 0);
	assert_true(parsed.options.heat);
	assert_int_equal(parsed.options.interval, 1);
	assert_int_equal(parsed.options.stages, 1 << BT_STAGE_UNPLUG);
	parse(&parsed, &hist, "hist --stage lifetime --stage=unplug --stage unplug 1 --histograms");
	assert_int_equal(parsed.ret, 0);
	assert_int_equal(parsed.options.stages, 1 << BT_STAGE_UNPLUG | 1 << BT_STAGE_LIFETIME);
	assert_true(parsed.options.histograms);
	parse(&parsed, &hist, "hist -f openmetrics --textfile x.prom 5 -- ls");
	assert_int_equal(parsed.ret, 0);
	assert_int_equal(parsed.options.format, BT_FORMAT_OPENMETRICS);
	assert_string_equal(parsed.options.textfile, "x.prom");
	assert_fails(&hist, "hist --stage", "option '--stage' needs an argument");
	assert_fails(&hist, "hist --stage Unplug",
		     "--stage: there is no stage 'Unplug', expected one of unplug, unplug_idle,");
	assert_fails(&hist, "hist --heat -f json", "--heat is text");
	assert_fails(&hist, "hist --heat --histograms 1", "exclude each other");
	assert_fails(&hist, "hist --histograms", "--histograms needs INTERVAL");
	assert_fails(&hist, "hist --histograms 1 -f json", "--histograms is text");
	assert_fails(&hist, "hist -f openmetrics 1", "-f openmetrics prints once, at the end");
	assert_fails(&hist, "hist -f ktap", "'ktap', expected text, json, openmetrics or hdr");
	assert_fails(&check, "check -f openmetrics", "expected text, json or ktap");
	assert_fails(&check, "check --heat", "option '--heat' is not for this subcommand");
}

static void test_ring_size(void **state)
{
	struct parsed parsed = {};

	(void)state;
	assert_int_equal(parse(&parsed, &check, "check --ring-size 4")->ret, 0);
	assert_int_equal(parsed.options.ring_kib, 4);
	assert_int_equal(parse(&parsed, &check, "check --ring-size=1048576")->ret, 0);
	assert_int_equal(parsed.options.ring_kib, 1048576);
	assert_fails(&check, "check --ring-size 2", "'2': expected a power of 2 from 4 to 1048576");
	assert_fails(&check, "check --ring-size 48", "'48': expected a power of 2");
	assert_fails(&check, "check --ring-size 2097152", "is too large, at most 1048576");
	assert_fails(&check, "check --ring-size 64K", "expected a whole number");
	assert_fails(&check, "check --ring-size -4", "expected a whole number");
	assert_fails(&check, "check --ring-size 0", "expected a whole number above 0");
	assert_fails(&check, "check -i x --ring-size 64", "not for -i");
	assert_fails(&record, "record -o x --ring-size 64",
		     "option '--ring-size' is not for this subcommand");
}

static void test_wrong(void **state)
{
	(void)state;
	assert_fails(&check, "check -x", "unknown option '-x'");
	assert_fails(&check, "check --frob", "unknown option '--frob'");
	assert_fails(&check, "check -o", "option '-o' needs an argument");
	assert_fails(&check, "check --output", "option '--output' needs an argument");
	assert_fails(&check, "check -f xml", "unknown format 'xml', expected text, json or ktap");
	assert_fails(&dump, "dump -i x -f ktap", "unknown format 'ktap', expected text or json");
	assert_fails(&check, "check ls", "put '--' before a COMMAND");
	assert_fails(&dump, "dump -i x y", "'y' is no trace: No such file");
	assert_fails(&dump, "dump -i x -i y", "it reads one file, 'x' and 'y' are two");
	assert_fails(&dump, "dump -i ", "the name of the file is empty");
	assert_fails(&check, "check --", "COMMAND is missing");
	assert_fails(&dump, "dump -i x -- ls", "no COMMAND");
	assert_fails(&hist, "hist -9", "unknown option '-9'");
	assert_fails(&hist, "hist 1 2 3", "'3' is not expected here");
	assert_fails(&hist, "hist 99999999999999999999", "is too large, at most 31536000");
}

static void expect_save(const char *line, const char *file, const char *of)
{
	struct parsed parsed = {};

	parse(&parsed, &check, line);
	assert_int_equal(parsed.ret, 0);
	assert_string_equal(parsed.options.save, file);
	if (of)
		assert_string_equal(parsed.options.save_of, of);
	else
		assert_null(parsed.options.save_of);
}

static void test_save_counterexample(void **state)
{
	(void)state;
	expect_save("check -i t --save-counterexample f", "f", NULL);
	expect_save("check -o t --save-counterexample=/a:b/f", "/a:b/f", NULL);
	expect_save("check -i t --save-counterexample f:page-identity", "f", "page-identity");
	expect_save("check -i t --save-counterexample a:b:page-identity", "a:b", "page-identity");
	expect_save("check --save-counterexample f:page-identity --save-counterexample g -i t", "g",
		    NULL);
	assert_fails(&check, "check -i t --save-counterexample f:none", "no invariant 'none'");
	assert_fails(&check, "check -i t --save-counterexample f:", "no invariant ''");
	assert_fails(&check, "check -i t --save-counterexample=", "FILE is missing");
	assert_fails(&check, "check -i t --save-counterexample :page-identity", "FILE is missing");
	assert_fails(&check, "check --save-counterexample f -- ls", "needs -o TRACE");
	assert_fails(&check, "check -i - --save-counterexample f", "cannot read standard input");
	assert_fails(&check, "check -i f --save-counterexample f", "would overwrite the input");
	assert_fails(&check, "check -o f --save-counterexample f", "are one file, 'f'");
	assert_fails(&check, "check -i a -i b --save-counterexample f", "of one trace, not of 2");
	assert_fails(&record, "record -o x --save-counterexample f", "is not for this");
}

static void test_not_together(void **state)
{
	(void)state;
	assert_fails(&check, "check -i x -- ls", "'x' is a recorded trace, no COMMAND");
	assert_fails(&check, "check -i x -o y", "-i and -o exclude each other");
	assert_fails(&dump, "dump", "-i TRACE is missing");
	assert_fails(&record, "record -- ls", "-o TRACE is missing");
	assert_fails(&record, "record -o x --strict", "option '--strict' is not for this");
	assert_fails(&record, "record -i x", "option '-i' is not for this");
	assert_fails(&record, "record --input=x", "option '--input=x' is not for this");
}

static void test_too_many_arrays(void **state)
{
	struct parsed parsed = {};
	int i;

	(void)state;
	memset(&parsed, 0, sizeof(parsed));
	for (i = 0; i <= BT_ARRAYS_MAX + 1; i++)
		parsed.argv[i] = i ? "-amd0" : "check";
	catch_parse(&check, BT_ARRAYS_MAX + 1, &parsed);
	assert_int_equal(parsed.ret, 0);
	assert_int_equal(parsed.options.arrays_nr, BT_ARRAYS_MAX);
	catch_parse(&check, BT_ARRAYS_MAX + 2, &parsed);
	assert_int_equal(parsed.ret, -EINVAL);
}

static void test_traces(void **state)
{
	struct parsed parsed = {};

	(void)state;
	assert_int_equal(parse(&parsed, &check, "check /dev/null -i b -a md0 /dev")->ret, 0);
	assert_int_equal(parsed.options.inputs_nr, 3);
	assert_string_equal(parsed.options.inputs[0], "b");
	assert_string_equal(parsed.options.inputs[1], "/dev/null");
	assert_string_equal(parsed.options.inputs[2], "/dev");
	assert_string_equal(parsed.options.input, "b");
	assert_int_equal(parse(&parsed, &dump, "dump /dev/null")->ret, 0);
	assert_string_equal(parsed.options.input, "/dev/null");
	assert_int_equal(parse(&parsed, &hist, "hist 5 /dev/null 3")->ret, 0);
	assert_string_equal(parsed.options.input, "/dev/null");
	assert_int_equal(parsed.options.interval, 5);
	assert_int_equal(parsed.options.count, 3);
	assert_fails(&hist, "hist /dev/null /dev/zero", "it reads one file");
	assert_fails(&record, "record /dev/null", "is not expected here");
}

static void test_too_many_traces(void **state)
{
	char *argv[BT_INPUTS_MAX + 3] = { "check" };
	struct bt_options options;
	int i;

	(void)state;
	for (i = 1; i <= BT_INPUTS_MAX + 1; i++)
		argv[i] = "-ix";
	assert_int_equal(bt_options_parse(&check, BT_INPUTS_MAX + 1, argv, &options), 0);
	assert_int_equal(options.inputs_nr, BT_INPUTS_MAX);
	assert_int_equal(bt_options_parse(&check, BT_INPUTS_MAX + 2, argv, &options), -EINVAL);
}

static void test_stages(void **state)
{
	struct parsed parsed = {};

	(void)state;
	assert_int_equal(parse(&parsed, &hist, "hist --stage unplug,lifetime")->ret, 0);
	assert_int_equal(parsed.options.stages, 1 << BT_STAGE_UNPLUG | 1 << BT_STAGE_LIFETIME);
	assert_fails(&hist, "hist --stage unplug,", "there is no stage ''");
}

static void test_help(void **state)
{
	struct parsed parsed = {};

	(void)state;
	assert_int_equal(parse(&parsed, &check, "check --help")->ret, 1);
	assert_non_null(strstr(parsed.output, "Judges."));
	assert_non_null(strstr(parsed.output, "--strict"));
	assert_non_null(strstr(parsed.output, "ktap"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_interval_and_count),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_ring_size),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_save_counterexample),
		cmocka_unit_test(test_not_together),
		cmocka_unit_test(test_too_many_arrays),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_traces),
		cmocka_unit_test(test_too_many_traces),
		cmocka_unit_test(test_stages),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
