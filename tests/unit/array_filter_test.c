// SPDX-License-Identifier: GPL-2.0-only
/* -a on a trace: which events pass, in every order of the events that describe a bitmap. */
#include "stream/array_filter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct counter {
	struct bt_sink sink;
	unsigned int of[8]; /* events by bitmap */
};

static int count(struct bt_sink *sink, const struct bt_event *ev)
{
	((struct counter *)sink)->of[ev->bitmap]++;
	return 0;
}

static void put(struct bt_array_filter *filter, enum bt_event_type type, uint32_t bitmap,
		const char *name, uint32_t dev)
{
	struct bt_event ev = { .type = type, .bitmap = bitmap };

	if (name)
		memcpy(ev.array.name, name, strlen(name));
	else if (dev)
		ev.geometry.dev = dev;
	assert_int_equal(bt_sink_event(&filter->sink, &ev), 0);
}

/* Bitmaps 1: md0, 2: md127 without its name, 3: md_home, 4: md_home's number first. */
static struct counter feed(struct bt_array_filter *filter, const char *const *names,
			   unsigned int nr)
{
	struct counter counter = { .sink.event = count };
	uint32_t bitmap;

	bt_array_filter_init(filter, names, nr, &counter.sink);
	put(filter, BT_TASK, 0, NULL, 0);
	put(filter, BT_ARRAY, 1, "md0", 0);
	put(filter, BT_BITMAP, 1, NULL, 9 << 20);
	put(filter, BT_BITMAP, 2, NULL, 9 << 20 | 127);
	put(filter, BT_ARRAY, 3, "md_home", 0);
	put(filter, BT_BITMAP, 3, NULL, 9 << 20 | 511);
	put(filter, BT_BITMAP, 4, NULL, 9 << 20 | 511);
	put(filter, BT_ARRAY, 4, "md_home", 0);
	for (bitmap = 1; bitmap <= 5; bitmap++)
		put(filter, BT_SET_BIT, bitmap, NULL, 0);
	return counter;
}

static void expect_passed(const char *name, const unsigned int *passed)
{
	struct bt_array_filter filter;
	struct counter counter = feed(&filter, &name, 1);
	unsigned int i;

	assert_int_equal(counter.of[0], 1);
	for (i = 1; i <= 5; i++)
		assert_int_equal(counter.of[i], passed[i - 1]);
	bt_array_filter_free(&filter);
}

static void each_form_of_a_name(void **state)
{
	static const unsigned int md0[] = { 3, 0, 0, 0, 0 }, md127[] = { 0, 2, 0, 0, 0 },
				  by_name[] = { 0, 0, 3, 2, 0 }, by_dev[] = { 0, 0, 2, 3, 0 };

	(void)state;
	expect_passed("md0", md0);
	expect_passed("/dev/md0", md0);
	expect_passed("9:0", md0);
	expect_passed("md127", md127);
	expect_passed("9:127", md127);
	expect_passed("md_home", by_name);
	expect_passed("/dev/md_home", by_name);
	expect_passed("9:511", by_dev);
}

static void without_names_all_pass(void **state)
{
	struct bt_array_filter filter;
	struct counter counter = feed(&filter, NULL, 0);

	(void)state;
	assert_int_equal(counter.of[1], 3);
	assert_int_equal(counter.of[5], 1);
	assert_false(bt_array_filter_missed(&filter, "t.bt", stderr));
	bt_array_filter_free(&filter);
}

static void what_a_trace_cannot_know(void **state)
{
	static const char *const names[] = { "/dev/md/home", "home",  "sda", "md", "",	       "9:",
					     "9:0x",	     "/dev/", "0:0", ":",  "9:1048576" };
	static const unsigned int none[] = { 0, 0, 0, 0, 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		expect_passed(names[i], none);
}

static void expect_missed(const char *const *names, unsigned int nr, bool missed, const char *words)
{
	struct bt_array_filter filter;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	feed(&filter, names, nr);
	assert_int_equal(bt_array_filter_missed(&filter, "t.bt", out), missed);
	fclose(out);
	assert_string_equal(text, words);
	free(text);
	bt_array_filter_free(&filter);
}

static void what_was_not_met_is_told(void **state)
{
	static const char *const names[] = { "md5", "md0", "9:7" }, *const link = "/dev/md/home";

	(void)state;
	expect_missed(names, 1, true,
		      "bitmap-trace: t.bt: array 'md5' is not in the trace\n"
		      "bitmap-trace: t.bt: arrays in the trace: md0 md_home\n");
	/* A name that was found does not make up for those that were not. */
	expect_missed(names, 3, true,
		      "bitmap-trace: t.bt: array 'md5' is not in the trace\n"
		      "bitmap-trace: t.bt: array '9:7' is not in the trace\n"
		      "bitmap-trace: t.bt: arrays in the trace: md0 md_home\n");
	expect_missed(&link, 1, true,
		      "bitmap-trace: t.bt: array '/dev/md/home' is not in the trace, which has "
		      "kernel names (md0, md_home) and numbers (9:0), but no links in "
		      "/dev/md\n"
		      "bitmap-trace: t.bt: arrays in the trace: md0 md_home\n");
	expect_missed(names + 1, 1, false, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_of_a_name),
		cmocka_unit_test(without_names_all_pass),
		cmocka_unit_test(what_a_trace_cannot_know),
		cmocka_unit_test(what_was_not_met_is_told),
	};

	return cmocka_run_group_tests_name("array_filter", tests, NULL, NULL);
}
