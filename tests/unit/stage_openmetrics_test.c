// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_openmetrics.h"

#include <stdlib.h>
#include <string.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char *exposition(const struct bt_stage_set *set, uint32_t stages, double created)
{
	struct bt_stage_view view = { .set = set, .stages = stages };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	bt_stage_openmetrics(out, &view, created);
	fclose(out);
	return text;
}

/* A bound is in seconds; strtod is exact enough for nanoseconds below 18 minutes. */
static uint64_t bound_ns(const char *seconds)
{
	return (uint64_t)(strtod(seconds, NULL) * 1e9 + 0.5);
}

/* Compares the count of every bound with the durations themselves. */
static void expect_counts(const char *text, const uint64_t *samples, unsigned int nr)
{
	static const char label[] = "le=\"";
	unsigned int i, expected, bounds = 0;
	const char *at = text;
	uint64_t bound;

	for (; (at = strstr(at, label)); bounds++) {
		at += strlen(label);
		expected = 0;
		bound = strncmp(at, "+Inf", 4) ? bound_ns(at) : UINT64_MAX;
		for (i = 0; i < nr; i++)
			expected += samples[i] <= bound;
		assert_int_equal(strtoul(strchr(at, '}') + 1, NULL, 10), expected);
	}
	assert_int_equal(bounds, 25);
}

static void bounds_count_exactly(void **state)
{
	struct bt_stage_set set;
	uint64_t samples[3 * 31 + 1];
	unsigned int nr = 0, power, i;
	char *text;

	(void)state;
	for (power = 0; power < 31; power++)
		for (i = 0; i < 3; i++)
			samples[nr++] = (UINT64_C(1000) << power) + i - 1;
	samples[nr++] = UINT64_C(1) << 50;
	bt_stage_set_init(&set);
	for (i = 0; i < nr; i++)
		bt_stage_set_add(&set, "md0", BT_STAGE_UNPLUG, samples[i]);
	text = exposition(&set, bt_stage_bit(BT_STAGE_UNPLUG), 0);
	expect_counts(text, samples, nr);
	assert_null(strstr(text, "_created"));
	free(text);
	bt_stage_set_free(&set);
}

static void nothing_is_an_exposition_too(void **state)
{
	struct bt_stage_set set;
	char *text;

	(void)state;
	bt_stage_set_init(&set);
	text = exposition(&set, bt_stage_bit(BT_STAGE_UNPLUG), 1700000000.25);
	assert_string_equal(
		text,
		"# TYPE bitmap_trace_unplug_seconds histogram\n"
		"# UNIT bitmap_trace_unplug_seconds seconds\n"
		"# HELP bitmap_trace_unplug_seconds "
		"Calls of unplug that wrote bitmap pages.\n"
		"# TYPE bitmap_trace_lost_durations counter\n"
		"# HELP bitmap_trace_lost_durations Durations that could not be kept.\n"
		"bitmap_trace_lost_durations_total 0\n"
		"bitmap_trace_lost_durations_created 1700000000.250\n"
		"# TYPE bitmap_trace_lost_records counter\n"
		"# HELP bitmap_trace_lost_records "
		"Events that were lost between kernel and bitmap-trace, durations with them.\n"
		"bitmap_trace_lost_records_total 0\n"
		"bitmap_trace_lost_records_created 1700000000.250\n"
		"# EOF\n");
	free(text);
	set.missing[BT_STAGE_UNPLUG] = "no hook";
	text = exposition(&set, BT_STAGES_ALL, 0);
	assert_null(strstr(text, "bitmap_trace_unplug_seconds"));
	assert_non_null(strstr(text, "bitmap_trace_unplug_idle_seconds"));
	free(text);
}

static void labels_are_escaped(void **state)
{
	struct bt_stage_set set;
	char *text;

	(void)state;
	bt_stage_set_init(&set);
	bt_stage_set_add(&set, "a\"b\\c\nd", BT_STAGE_LIFETIME, UINT64_C(1234567890123456789));
	text = exposition(&set, bt_stage_bit(BT_STAGE_LIFETIME), 5);
	assert_non_null(strstr(text, "seconds_count{array=\"a\\\"b\\\\c\\nd\"} 1\n"));
	assert_non_null(
		strstr(text, "seconds_sum{array=\"a\\\"b\\\\c\\nd\"} 1234567890.123456789\n"));
	assert_non_null(strstr(text, "seconds_created{array=\"a\\\"b\\\\c\\nd\"} 5.000\n"));
	free(text);
	bt_stage_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_count_exactly),
		cmocka_unit_test(nothing_is_an_exposition_too),
		cmocka_unit_test(labels_are_escaped),
	};

	return cmocka_run_group_tests_name("stage_openmetrics", tests, NULL, NULL);
}
