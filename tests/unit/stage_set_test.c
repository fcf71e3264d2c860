// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_set.h"

#include <stdio.h>
#include <string.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void arrays_are_met_by_name(void **state)
{
	struct bt_stage_set set;

	(void)state;
	bt_stage_set_init(&set);
	bt_stage_set_add(&set, "md1", BT_STAGE_UNPLUG, 10);
	bt_stage_set_add(&set, "md0", BT_STAGE_UNPLUG, 20);
	bt_stage_set_add(&set, "md1", BT_STAGE_LIFETIME, 30);
	bt_stage_set_add(&set, "", BT_STAGE_UNPLUG, 40);
	assert_int_equal(HASH_COUNT(set.arrays), 3);
	assert_string_equal(set.arrays->name, "md1");
	assert_int_equal(set.arrays->stages[BT_STAGE_LIFETIME].count, 1);
	assert_int_equal(bt_stage_set_array(&set, "?")->stages[BT_STAGE_UNPLUG].total_ns, 40);
	bt_stage_set_free(&set);
}

static void too_many_arrays_are_lost(void **state)
{
	struct bt_stage_set set, total;
	char name[16];
	unsigned int i;

	(void)state;
	bt_stage_set_init(&set);
	for (i = 0; i < BT_STAGE_ARRAYS_MAX + 7; i++) {
		snprintf(name, sizeof(name), "md%u", i);
		bt_stage_set_add(&set, name, BT_STAGE_UNPLUG, i);
	}
	assert_int_equal(HASH_COUNT(set.arrays), BT_STAGE_ARRAYS_MAX);
	assert_int_equal(set.lost, 7);
	bt_stage_set_add(&set, "md0", BT_STAGE_UNPLUG, 1);
	assert_int_equal(set.lost, 7);
	bt_stage_set_init(&total);
	bt_stage_set_add(&total, "other", BT_STAGE_UNPLUG, 1);
	bt_stage_set_merge(&total, &set);
	assert_int_equal(total.lost, 7 + 1);
	bt_stage_set_free(&total);
	bt_stage_set_free(&set);
}

static void intervals_add_up(void **state)
{
	struct bt_stage_set set, total;
	const struct bt_stage_array *array;
	unsigned int i;

	(void)state;
	bt_stage_set_init(&set);
	bt_stage_set_init(&total);
	for (i = 1; i <= 10; i++) {
		bt_stage_set_add(&set, "md0", BT_STAGE_UNPLUG, i * 1000);
		set.lost++;
		set.lost_records += 2;
		set.missing[BT_STAGE_LIFETIME] = "no hook";
		bt_stage_set_merge(&total, &set);
		bt_stage_set_reset(&set);
		assert_int_equal(set.arrays->stages[BT_STAGE_UNPLUG].count, 0);
	}
	assert_int_equal(set.lost + set.lost_records, 0);
	array = bt_stage_set_array(&total, "md0");
	assert_int_equal(array->stages[BT_STAGE_UNPLUG].count, 10);
	assert_int_equal(array->stages[BT_STAGE_UNPLUG].total_ns, 55000);
	assert_int_equal(array->stages[BT_STAGE_UNPLUG].min_ns, 1000);
	assert_int_equal(array->stages[BT_STAGE_UNPLUG].max_ns, 10000);
	assert_int_equal(total.lost, 10);
	assert_int_equal(total.lost_records, 20);
	assert_string_equal(total.missing[BT_STAGE_LIFETIME], "no hook");
	bt_stage_set_free(&total);
	bt_stage_set_free(&set);
}

/* Names are used as options and in metrics. */
static void every_stage_has_its_texts(void **state)
{
	unsigned int stage;

	(void)state;
	for (stage = 0; stage < BT_STAGES; stage++) {
		assert_int_equal(bt_stage_find(bt_stages[stage].name), stage);
		assert_int_equal(strspn(bt_stages[stage].name, "abcdefghijklmnopqrstuvwxyz_"),
				 strlen(bt_stages[stage].name));
		assert_non_null(bt_stages[stage].title);
		assert_null(strpbrk(bt_stages[stage].help, "\\\n\""));
	}
	assert_int_equal(bt_stage_find("no such stage"), BT_STAGES);
	assert_int_equal(bt_stage_find(""), BT_STAGES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_are_met_by_name),
		cmocka_unit_test(too_many_arrays_are_lost),
		cmocka_unit_test(intervals_add_up),
		cmocka_unit_test(every_stage_has_its_texts),
	};

	return cmocka_run_group_tests_name("stage_set", tests, NULL, NULL);
}
