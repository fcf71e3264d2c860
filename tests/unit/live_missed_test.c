// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "live/live_internal.h"
#include "skel/bitmap_trace.skel.h"

/* A program that is added must be added to the table, or its losses have no type. */
static void every_probe_has_a_type(void **state)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bpf_program *program;
	unsigned int probes = 0, unknown = 0;

	(void)state;
	assert_non_null(skel);
	bpf_object__for_each_program(program, skel->obj)
	{
		if (!strchr(bpf_program__section_name(program), '/'))
			continue;
		probes++;
		if (bt_program_event_type(bpf_program__name(program)))
			continue;
		unknown++;
		print_message("# no type for '%s'\n", bpf_program__name(program));
	}
	bitmap_trace__destroy(skel);
	assert_true(probes > 30);
	assert_int_equal(unknown, 0);
}

static void others_have_none(void **state)
{
	(void)state;
	assert_int_equal(bt_program_event_type("set_bit"), BT_SET_BIT_ENTER);
	assert_int_equal(bt_program_event_type("set_bit_exit"), BT_SET_BIT);
	assert_int_equal(bt_program_event_type("name_symbols"), 0);
	assert_int_equal(bt_program_event_type(""), 0);
}

static void a_skipped_program_loses_all_it_tells(void **state)
{
	struct bt_missed before = { 0 }, now = { 0 };

	(void)state;
	before.by_type[BT_SET_BIT] = 3;
	now = before;
	assert_int_equal(bt_missed_types(&before, &now), 0);
	now.by_type[BT_DATA_END]++;
	assert_int_equal(bt_missed_types(&before, &now), BT_TYPE_BIT(BT_DATA_END));
	now.by_type[BT_SB_WRITE_END]++; /* super_written */
	assert_int_equal(bt_missed_types(&before, &now), BT_TYPE_BIT(BT_DATA_END) |
								 BT_TYPE_BIT(BT_SB_WRITE_END) |
								 BT_TYPE_BIT(BT_PAGE_WRITE_END));
	now.by_type[0]++; /* a program that is not in the table */
	assert_int_equal(bt_missed_types(&before, &now), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_probe_has_a_type),
		cmocka_unit_test(others_have_none),
		cmocka_unit_test(a_skipped_program_loses_all_it_tells),
	};

	return cmocka_run_group_tests_name("live_missed", tests, NULL, NULL);
}
