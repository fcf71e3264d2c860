// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_json.h"

#include <string.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(const struct bt_stage_set *set, const char *expected)
{
	struct bt_stage_view view = {
		.set = set,
		.stages = bt_stage_bit(BT_STAGE_UNPLUG) | bt_stage_bit(BT_STAGE_LIFETIME),
		.from_ns = 5,
		.until_ns = UINT64_MAX,
	};
	struct json_object *object = bt_stage_json(&view);

	assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN),
			    expected);
	json_object_put(object);
}

#define REST                                                                                       \
	"\"lost_durations\":0,\"lost_records\":0,\"start_ns\":5,\"end_ns\":"                       \
	"18446744073709551615}"
#define NOTHING                                                                                    \
	"\"count\":0,\"total_ns\":0,\"min_ns\":null,\"max_ns\":null,\"p50_ns\":null,\"p90_"        \
	"ns\":null,\"p99_ns\":null,\"p99_9_ns\":null,\"buckets\":[]}"

static void what_does_not_exist_is_null(void **state)
{
	struct bt_stage_set set;

	(void)state;
	bt_stage_set_init(&set);
	expect(&set, "{\"arrays\":[],\"not_measured\":[]," REST);
	assert_non_null(bt_stage_set_array(&set, "md0"));
	set.missing[BT_STAGE_LIFETIME] = "no hook";
	set.missing[BT_STAGE_PAGE_WRITE] = "not asked for";
	expect(&set,
	       "{\"arrays\":[{\"array\":\"md0\",\"stages\":[{\"stage\":\"unplug\"," NOTHING "]}],"
	       "\"not_measured\":[{\"stage\":\"lifetime\",\"reason\":\"no hook\"}]," REST);
	bt_stage_set_free(&set);
}

static void one_duration_and_one_without_end(void **state)
{
	struct bt_stage_set set;

	(void)state;
	bt_stage_set_init(&set);
	bt_stage_set_add(&set, "md0", BT_STAGE_UNPLUG, 1000);
	bt_stage_set_add(&set, "md0", BT_STAGE_LIFETIME, UINT64_MAX);
	expect(&set,
	       "{\"arrays\":[{\"array\":\"md0\",\"stages\":[{\"stage\":\"unplug\","
	       "\"count\":1,\"total_ns\":1000,\"min_ns\":1000,\"max_ns\":1000,\"p50_ns\":1000,"
	       "\"p90_ns\":1000,\"p99_ns\":1000,\"p99_9_ns\":1000,"
	       "\"buckets\":[{\"low_ns\":1000,\"high_ns\":1007,\"count\":1}]},"
	       "{\"stage\":\"lifetime\",\"count\":1,\"total_ns\":18446744073709551615,"
	       "\"min_ns\":18446744073709551615,\"max_ns\":18446744073709551615,"
	       "\"p50_ns\":18446744073709551615,\"p90_ns\":18446744073709551615,"
	       "\"p99_ns\":18446744073709551615,\"p99_9_ns\":18446744073709551615,"
	       "\"buckets\":[{\"low_ns\":1090921693184,\"high_ns\":null,\"count\":1}]}]}],"
	       "\"not_measured\":[]," REST);
	bt_stage_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_exist_is_null),
		cmocka_unit_test(one_duration_and_one_without_end),
	};

	return cmocka_run_group_tests_name("stage_json", tests, NULL, NULL);
}
