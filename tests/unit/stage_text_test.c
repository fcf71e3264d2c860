// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_text.h"

#include <stdlib.h>
#include <string.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct bt_term plain = { .width = 80 };

static void expect_text(const struct bt_term *term, const struct bt_histogram *histogram,
			const char *expected)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	bt_histogram_text(out, term, "t", histogram, NULL);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

#define FULL "|****************************************|\n"
#define NONE "|                                        |\n"
static void tables_are_in_powers_of_two_of_their_unit(void **state)
{
	static struct bt_histogram histogram;

	(void)state;
	expect_text(&plain, &histogram, "t: 0\n");
	bt_histogram_add(&histogram, 300);
	bt_histogram_add(&histogram, 1023);
	expect_text(&plain, &histogram,
		    "t: 2, total 1.32 us, mean 661 ns, min 300 ns, max 1.02 us\n"
		    "  p50 303 ns, p90 -, p99 -, p99.9 -\n"
		    "           nsecs           : count     distribution\n"
		    "         256 -> 511        : 1        " FULL
		    "         512 -> 1023       : 1        " FULL);
	bt_histogram_add(&histogram, 8000);
	expect_text(&plain, &histogram,
		    "t: 3, total 9.32 us, mean 3.11 us, min 300 ns, max 8.00 us\n"
		    "  p50 1.02 us, p90 -, p99 -, p99.9 -\n"
		    "           usecs           : count     distribution\n"
		    "           0 -> 1          : 2        " FULL
		    "           2 -> 3          : 0        " NONE
		    "           4 -> 7          : 0        " NONE
		    "           8 -> 15         : 1        "
		    "|********************                    |\n");
}

static void one_duration_is_all_of_them(void **state)
{
	static struct bt_histogram histogram;

	(void)state;
	bt_histogram_add(&histogram, 0);
	expect_text(&plain, &histogram,
		    "t: 1, total 0 ns, mean 0 ns, min 0 ns, max 0 ns\n"
		    "  p50 0 ns, p90 -, p99 -, p99.9 -\n"
		    "           nsecs           : count     distribution\n"
		    "           0 -> 1          : 1        " FULL);
	memset(&histogram, 0, sizeof(histogram));
	bt_histogram_add(&histogram, 999700);
	expect_text(&plain, &histogram,
		    "t: 1, total 1.00 ms, mean 1.00 ms, min 1.00 ms, max 1.00 ms\n"
		    "  p50 1.00 ms, p90 -, p99 -, p99.9 -\n"
		    "           usecs           : count     distribution\n"
		    "         512 -> 1023       : 1        " FULL);
}

static void what_is_longer_than_buckets_tell(void **state)
{
	static struct bt_histogram histogram;

	(void)state;
	bt_histogram_add(&histogram, UINT64_C(7200000000000));
	expect_text(&plain, &histogram,
		    "t: 1, total 7200 s, mean 7200 s, min 7200 s, max 7200 s\n"
		    "  p50 7200 s, p90 -, p99 -, p99.9 -\n"
		    "           usecs           : count     distribution\n"
		    "  1073741824 -> longer     : 1        " FULL);
}

static void bars_follow_the_width_and_have_a_colour(void **state)
{
	static const struct bt_term terminal = { .width = 60, .colour = true };
	static const struct bt_term narrow = { .width = 40 };
	static struct bt_histogram histogram;

	(void)state;
	bt_histogram_add(&histogram, 5);
	expect_text(
		&terminal, &histogram,
		"\033[1mt\033[0m: 1, total 5 ns, mean 5 ns, min 5 ns, max 5 ns\n"
		"  p50 5 ns, p90 -, p99 -, p99.9 -\n"
		"           nsecs           : count     distribution\n"
		"           4 -> 7          : 1        |\033[36m********************\033[0m|\n");
	expect_text(&narrow, &histogram,
		    "t: 1, total 5 ns, mean 5 ns, min 5 ns, max 5 ns\n"
		    "  p50 5 ns, p90 -, p99 -, p99.9 -\n"
		    "           nsecs           : count     distribution\n"
		    "           4 -> 7          : 1        |**********|\n");
}

static void expect_table(const struct bt_stage_view *view, const char *expected)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	bt_stage_table(out, &plain, view);
	bt_stage_notes(out, view);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

#define HEAD "array   stage             count  count/s   mean us    p50 us    p99 us    max us\n"
static void a_row_for_each_stage_with_anything_in_it(void **state)
{
	struct bt_stage_set set;
	struct bt_stage_view view = {
		.set = &set,
		.stages = BT_STAGES_ALL,
		.from_ns = 1000000000,
		.until_ns = 3000000000,
	};

	(void)state;
	bt_stage_set_init(&set);
	expect_table(&view, "no array with a bitmap did anything\n");
	bt_stage_set_add(&set, "md0", BT_STAGE_LIFETIME, UINT64_C(12345678901));
	bt_stage_set_add(&set, "md0", BT_STAGE_UNPLUG, 1500);
	bt_stage_set_add(&set, "md0", BT_STAGE_UNPLUG, 500);
	assert_non_null(bt_stage_set_array(&set, "md127"));
	set.lost = 3;
	set.lost_records = 4;
	expect_table(
		&view, HEAD
		"md0     unplug                2      1.0       1.0       0.5         -       1.5\n"
		"md0     lifetime              1      0.5  12345679  12345679         -  12345679\n"
		"md127   nothing\n"
		"3 durations lost: their page was never written, or out of memory\n"
		"4 records lost, with their durations\n");
	set.lost = set.lost_records = 0;
	set.missing[BT_STAGE_LIFETIME] = "no hook";
	view.until_ns = view.from_ns;
	expect_table(
		&view, HEAD
		"md0     unplug                2        -       1.0       0.5         -       1.5\n"
		"md127   nothing\n"
		"bit lifetime: not measured: no hook\n");
	view.stages = bt_stage_bit(BT_STAGE_PAGE_WRITE);
	expect_table(&view, HEAD "md0     nothing\nmd127   nothing\n");
	bt_stage_set_free(&set);
}

static void the_share_is_that_of_the_time(void **state)
{
	static const char share[] = "md0: the bitmap's share of user writes: 30.0 %\n";
	struct bt_stage_set set;
	struct bt_stage_view view = { .set = &set, .stages = BT_STAGES_ALL };
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	bt_stage_set_init(&set);
	bt_stage_set_add(&set, "md0", BT_STAGE_USER_WRITE, 9000);
	bt_stage_set_add(&set, "md0", BT_STAGE_USER_WRITE, 1000);
	bt_stage_table(out, &plain, &view);
	fflush(out);
	assert_null(strstr(text, "share"));
	bt_stage_set_add(&set, "md0", BT_STAGE_BITMAP_WAIT, 3000);
	bt_stage_set_add(&set, "md0", BT_STAGE_BITMAP_WAIT, 0);
	bt_stage_table(out, &plain, &view);
	fclose(out);
	assert_string_equal(text + strlen(text) - strlen(share), share);
	free(text);
	bt_stage_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_in_powers_of_two_of_their_unit),
		cmocka_unit_test(one_duration_is_all_of_them),
		cmocka_unit_test(what_is_longer_than_buckets_tell),
		cmocka_unit_test(bars_follow_the_width_and_have_a_colour),
		cmocka_unit_test(a_row_for_each_stage_with_anything_in_it),
		cmocka_unit_test(the_share_is_that_of_the_time),
	};

	return cmocka_run_group_tests_name("stage_text", tests, NULL, NULL);
}
