// SPDX-License-Identifier: GPL-2.0-only
#include "cli/hist_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NS_PER_S UINT64_C(1000000000)

struct fixture {
	char dir[64];
	char textfile[80];
	struct bt_options options;
	struct bt_hist_out out;
	struct bt_stage_set set;
	FILE *stream, *stderr_was;
	char *text, *told;
	size_t text_len, told_len;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/bt-hist-out-XXXXXX");
	if (!mkdtemp(f->dir)) {
		free(f);
		return -1;
	}
	snprintf(f->textfile, sizeof(f->textfile), "%s/x.prom", f->dir);
	f->options.textfile = f->textfile;
	f->stream = open_memstream(&f->text, &f->text_len);
	f->stderr_was = stderr;
	stderr = open_memstream(&f->told, &f->told_len);
	bt_stage_set_init(&f->set);
	bt_hist_out_init(&f->out, &f->options, f->stream);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fclose(stderr);
	stderr = f->stderr_was;
	fclose(f->stream);
	bt_hist_out_free(&f->out);
	bt_stage_set_free(&f->set);
	unlink(f->textfile);
	rmdir(f->dir);
	free(f->text);
	free(f->told);
	free(f);
	return 0;
}

/* The value of that sample in the textfile; -1: none. */
static double sample(const struct fixture *f, const char *name)
{
	FILE *file = fopen(f->textfile, "r");
	double value = -1;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ' ')
			value = strtod(line + strlen(name), NULL);
	fclose(file);
	return value;
}

static unsigned int times_told(const struct fixture *f, const char *words)
{
	unsigned int times = 0;
	const char *at;

	fflush(stderr);
	for (at = f->told; (at = strstr(at, words)); at++)
		times++;
	return times;
}

static void interval(struct fixture *f, uint64_t from_s)
{
	bt_stage_set_add(&f->set, "md0", BT_STAGE_UNPLUG, 1500000);
	bt_hist_out_interval(&f->out, &f->set, from_s * NS_PER_S, (from_s + 1) * NS_PER_S);
	bt_stage_set_reset(&f->set);
}

#define COUNT "bitmap_trace_unplug_seconds_count{array=\"md0\"}"
#define SUM   "bitmap_trace_unplug_seconds_sum{array=\"md0\"}"

static void the_textfile_counts_from_the_start(void **state)
{
	struct fixture *f = *state;

	f->options.interval = 1;
	assert_int_equal(bt_hist_out_start(&f->out), 0);
	assert_true(sample(f, "bitmap_trace_lost_records_total") == 0);
	assert_true(sample(f, "bitmap_trace_lost_records_created") >= (double)time(NULL) - 60);
	interval(f, 1);
	assert_true(sample(f, COUNT) == 1);
	interval(f, 2);
	assert_true(sample(f, COUNT) == 2);
	assert_true(sample(f, SUM) == 0.003);
	assert_int_equal(bt_hist_out_end(&f->out), 0);
	assert_non_null(strstr(f->text, "\n2.000 s\n"));
	assert_non_null(strstr(f->text, "\n3.000 s\n"));
	assert_int_equal(times_told(f, "bitmap-trace"), 0);
}

static void a_textfile_that_cannot_be_written_is_told_first(void **state)
{
	struct fixture *f = *state;

	f->options.textfile = "/tmp/no/such/dir/x.prom";
	assert_int_equal(bt_hist_out_start(&f->out), -ENOENT);
	assert_int_equal(times_told(f, "--textfile /tmp/no/such/dir/x.prom: No such file"), 1);
}

static void later_trouble_is_told_once(void **state)
{
	struct fixture *f = *state;
	char away[80];

	f->options.interval = 1;
	snprintf(away, sizeof(away), "%s-away", f->dir);
	assert_int_equal(bt_hist_out_start(&f->out), 0);
	interval(f, 1);
	assert_int_equal(rename(f->dir, away), 0);
	interval(f, 2);
	interval(f, 3);
	assert_int_equal(times_told(f, "No such file or directory; the file is as it was"), 1);
	assert_int_equal(rename(away, f->dir), 0);
	assert_true(sample(f, COUNT) == 1);
	interval(f, 4);
	assert_true(sample(f, COUNT) == 4);
	assert_int_equal(bt_hist_out_end(&f->out), 0);
	assert_int_equal(times_told(f, "bitmap-trace"), 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_textfile_counts_from_the_start),
		test(a_textfile_that_cannot_be_written_is_told_first),
		test(later_trouble_is_told_once),
	};

	return cmocka_run_group_tests_name("hist_out", tests, NULL, NULL);
}
