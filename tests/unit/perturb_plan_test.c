// SPDX-License-Identifier: GPL-2.0-only
/* --perturb: fields, names of places, bounds, and chances that come from the seed alone. */
#include "perturb/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/place.h"

static struct bt_perturb_plan parsed(const char *text)
{
	struct bt_perturb_plan plan;
	char why[640] = "";

	assert_int_equal(bt_perturb_parse(text, &plan, why, sizeof(why)), 0);
	assert_string_equal(why, "");
	return plan;
}

/* words: of the message */
static void refused(const char *text, const char *words)
{
	struct bt_perturb_plan plan = { .seed = 77 };
	char why[640] = "";

	assert_true(bt_perturb_parse(text, &plan, why, sizeof(why)) < 0);
	if (!strstr(why, words))
		print_message("# '%s': %s\n", text, why);
	assert_non_null(strstr(why, words));
	assert_int_equal(plan.seed, 77);
}

static void fields(void **state)
{
	struct bt_perturb_plan plan = parsed("7");

	(void)state;
	assert_int_equal(plan.seed, 7);
	assert_int_equal(plan.us_max, BT_PERTURB_US_DEFAULT);
	assert_int_equal(plan.places, 0);
	plan = parsed("18446744073709551615,100000");
	assert_true(plan.seed == UINT64_MAX);
	assert_int_equal(plan.us_max, 100000);
	plan = parsed("1:3600000,5");
	assert_int_equal(plan.slice_ms, 3600000);
	plan = parsed("1,unplug,set_bit_exit");
	assert_int_equal(plan.us_max, BT_PERTURB_US_DEFAULT);
	assert_int_equal(plan.places, 1u << BT_PLACE_UNPLUG_ENTER | 1u << BT_PLACE_UNPLUG_EXIT |
					      1u << BT_PLACE_SET_BIT_EXIT);
	plan = parsed("1,9,page_write,data");
	assert_int_equal(plan.us_max, 9);
	assert_int_equal(plan.places, 1u << BT_PLACE_PAGE_WRITE_START |
					      1u << BT_PLACE_PAGE_WRITE_END |
					      1u << BT_PLACE_DATA_START | 1u << BT_PLACE_DATA_END);
}

static void bad_fields(void **state)
{
	(void)state;
	refused("", "SEED ''");
	refused("x", "SEED 'x'");
	refused("-1", "SEED '-1'");
	refused(" 1", "SEED ' 1'");
	refused("0x10", "SEED '0x10'");
	refused("18446744073709551616", "SEED '18446744073709551616'");
	refused(",5", "SEED ''");
	refused("1:", "SLICE ''");
	refused("1:0", "SLICE '0'");
	refused("1:3600001", "SLICE '3600001'");
	refused("1:2:3", "SLICE '2:3'");
	refused(":2", "SEED ''");
	refused("1,0", "MAX '0'");
	refused("1,100001", "MAX '100001': expected microseconds, from 1 to 100000");
	refused("1,5us", "MAX '5us'");
	refused("1,99999999999999999999999", "MAX");
	refused("1,", "there is no PLACE ''");
	refused("1,5,", "there is no PLACE ''");
	refused("1,5,unplug,,data", "there is no PLACE ''");
	refused("1,5,unplugged", "there is no PLACE 'unplugged', expected some of startwrite_exit");
	refused("1,5,un", "end_sync_enter");
	refused("1,5,6", "there is no PLACE '6'");
	refused("1,5,unplug_", "there is no PLACE 'unplug_'");
}

/* Too long for the message is cut off, not written behind its end. */
static void long_names(void **state)
{
	struct bt_perturb_plan plan;
	char text[4096], why[64];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "1,", 2);
	text[sizeof(text) - 1] = 0;
	assert_true(bt_perturb_parse(text, &plan, why, sizeof(why)) < 0);
	assert_int_equal(strlen(why), sizeof(why) - 1);
}

static void every_place_has_a_name(void **state)
{
	unsigned int i, n;
	char text[64];

	(void)state;
	for (i = 0; i < BT_PLACES; i++) {
		snprintf(text, sizeof(text), "1,1,%s", bt_place_name((enum bt_place)i));
		assert_int_equal(parsed(text).places, 1u << i);
		for (n = 0; n < i; n++)
			assert_string_not_equal(bt_place_name((enum bt_place)i),
						bt_place_name((enum bt_place)n));
	}
}

static void bounds(void **state)
{
	struct bt_perturb_plan plan = parsed("1,100000");

	(void)state;
	assert_int_equal(plan.ns_max[BT_PLACE_UNPLUG_EXIT], 100000000);
	assert_int_equal(plan.ns_max[BT_PLACE_SET_BIT_EXIT], BT_PERTURB_US_IRQS_OFF * 1000);
	assert_int_equal(plan.ns_max[BT_PLACE_DATA_END], BT_PERTURB_US_IRQS_OFF * 1000);
	plan = parsed("1,3");
	assert_int_equal(plan.ns_max[BT_PLACE_SET_BIT_EXIT], 3000);
}

/* A place that is left when others are not named any more is as it was. */
static void chances(void **state)
{
	unsigned int seed, place, off = 0, differ = 0;
	uint32_t all, one;

	(void)state;
	for (seed = 0; seed < 200; seed++)
		for (place = 0; place < BT_PLACES; place++) {
			all = bt_perturb_chance(seed, 0, place);
			one = bt_perturb_chance(seed, 1u << place, place);
			off += !all;
			assert_true(one > 0);
			if (all)
				assert_true(one == all);
			assert_int_equal(bt_perturb_chance(seed, ~(1u << place), place), 0);
			differ += all != bt_perturb_chance(seed + 1, 0, place);
		}
	/* A quarter, three quarters */
	assert_in_range(off, 200 * BT_PLACES / 5, 200 * BT_PLACES * 3 / 10);
	assert_in_range(differ, 200 * BT_PLACES * 7 / 10, 200 * BT_PLACES * 8 / 10);
}

static void printed_and_read_again(void **state)
{
	static const char *const texts[] = { "0,2000", "7:250,4000",
					     "18446744073709551615,1,unplug_enter",
					     "5,100000,set_bit_exit,unplug_exit,data_start" };
	struct bt_perturb_plan plan;
	char text[640];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		plan = parsed(texts[i]);
		bt_perturb_print(&plan, text, sizeof(text));
		assert_string_equal(text, texts[i]);
	}
	plan.places = (1u << BT_PLACES) - 1;
	bt_perturb_print(&plan, text, sizeof(text));
	assert_int_equal(parsed(text).places, plan.places); /* all of them fit */
	bt_perturb_print(&plan, text, 10);
	assert_string_equal(text, "5,100000,");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(bad_fields),
		cmocka_unit_test(long_names),
		cmocka_unit_test(every_place_has_a_name),
		cmocka_unit_test(bounds),
		cmocka_unit_test(chances),
		cmocka_unit_test(printed_and_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
