// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_heat.h"

#include <stdlib.h>
#include <string.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
	struct bt_heat heat;
	struct bt_stage_set set;
	FILE *out;
	char *text;
	size_t len;
};

static void begin(struct fixture *fixture, unsigned int width, bool colour)
{
	fixture->out = open_memstream(&fixture->text, &fixture->len);
	bt_heat_init(&fixture->heat, fixture->out,
		     (struct bt_term){ .width = width, .colour = colour });
	bt_stage_set_init(&fixture->set);
}

static void add_row(struct fixture *fixture, uint32_t stages, uint64_t until_s)
{
	struct bt_stage_view view = {
		.set = &fixture->set,
		.stages = stages,
		.until_ns = until_s * UINT64_C(1000000000),
	};

	assert_int_equal(bt_heat_add(&fixture->heat, &view), 0);
	bt_stage_set_reset(&fixture->set);
	fflush(fixture->out);
}

static void end(struct fixture *fixture)
{
	fclose(fixture->out);
	free(fixture->text);
	bt_heat_free(&fixture->heat);
	bt_stage_set_free(&fixture->set);
}

#define AXIS "    time s array    1us  32us 1ms  33ms 1s   34s  18m count\n"

static void rows_of_one_stage_come_at_once(void **state)
{
	const uint32_t unplug = bt_stage_bit(BT_STAGE_UNPLUG);
	struct fixture fixture;
	unsigned int i;

	(void)state;
	begin(&fixture, 80, false);
	bt_stage_set_add(&fixture.set, "md0", BT_STAGE_UNPLUG, 0);
	bt_stage_set_add(&fixture.set, "md0", BT_STAGE_UNPLUG, 1999);
	bt_stage_set_add(&fixture.set, "md0", BT_STAGE_UNPLUG, 2000);
	bt_stage_set_add(&fixture.set, "md0", BT_STAGE_UNPLUG, UINT64_MAX);
	bt_stage_set_add(&fixture.set, "md0", BT_STAGE_LIFETIME, 5);
	add_row(&fixture, unplug, 1);
	assert_string_equal(fixture.text,
			    "unplug\n" AXIS
			    "     1.000 md0     |21............................1| 4\n");
	for (i = 0; i < 512; i++)
		bt_stage_set_add(&fixture.set, "md0", BT_STAGE_UNPLUG, 1000000);
	add_row(&fixture, unplug, 2);
	add_row(&fixture, unplug, 3);
	assert_string_equal(fixture.text,
			    "unplug\n" AXIS
			    "     1.000 md0     |21............................1| 4\n"
			    "     2.000 md0     |.........a.....................| 512\n"
			    "     3.000 md0     |...............................| 0\n");
	end(&fixture);
}

static void maps_of_several_stages_are_apart(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, 80, false);
	bt_stage_set_add(&fixture.set, "md1", BT_STAGE_LIFETIME, 5000);
	add_row(&fixture, BT_STAGES_ALL, 1);
	bt_stage_set_add(&fixture.set, "md0", BT_STAGE_LIFETIME, 5000);
	bt_stage_set_add(&fixture.set, "md0", BT_STAGE_UNPLUG, 1);
	add_row(&fixture, BT_STAGES_ALL, 2);
	assert_int_equal(fixture.len, 0);
	bt_heat_end(&fixture.heat);
	fflush(fixture.out);
	assert_string_equal(fixture.text, "unplug\n" AXIS
					  "     2.000 md0     |1..............................| 1\n"
					  "\nbit lifetime\n" AXIS
					  "     1.000 md1     |..1............................| 1\n"
					  "     2.000 md1     |...............................| 0\n"
					  "     2.000 md0     |..1............................| 1\n"
					  "\ncounts: 1 1+ 2 2+ 3 4+ 4 8+ 5 16+ 6 32+ 7 64+ 8 128+ "
					  "9 256+ a 512+ b 1024+ ...\n");
	end(&fixture);
}

static void nothing_is_told(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, 80, false);
	add_row(&fixture, BT_STAGES_ALL, 1);
	bt_heat_end(&fixture.heat);
	fflush(fixture.out);
	assert_string_equal(fixture.text, "no array with a bitmap did anything\n");
	end(&fixture);
}

static void a_terminal_gets_shades(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture, 100, true);
	bt_stage_set_add(&fixture.set, "md0", BT_STAGE_UNPLUG, 3000);
	add_row(&fixture, bt_stage_bit(BT_STAGE_UNPLUG), 1);
	assert_non_null(strstr(fixture.text, "32us      1ms"));
	assert_non_null(strstr(fixture.text, "md0     |  \033[48;5;19m  \033[0m  "));
	end(&fixture);
}

/* A run may be long: rows are printed and freed before there are too many. */
static void rows_are_bounded(void **state)
{
	const unsigned int rows = BT_HEAT_ROWS_MAX / BT_STAGES + 10;
	struct fixture fixture;
	unsigned int i, lines = 0;
	const char *at;

	(void)state;
	begin(&fixture, 80, false);
	for (i = 0; i < rows; i++) {
		bt_stage_set_add(&fixture.set, "md0", BT_STAGE_UNPLUG, 3000);
		add_row(&fixture, BT_STAGES_ALL, i);
		assert_true(fixture.heat.rows_nr <= BT_HEAT_ROWS_MAX);
	}
	assert_true(fixture.len > 0);
	bt_heat_end(&fixture.heat);
	fflush(fixture.out);
	for (at = fixture.text; (at = strstr(at, "| 1\n")); at++)
		lines++;
	assert_int_equal(lines, rows);
	end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_one_stage_come_at_once),
		cmocka_unit_test(maps_of_several_stages_are_apart),
		cmocka_unit_test(nothing_is_told),
		cmocka_unit_test(a_terminal_gets_shades),
		cmocka_unit_test(rows_are_bounded),
	};

	return cmocka_run_group_tests_name("stage_heat", tests, NULL, NULL);
}
