// SPDX-License-Identifier: GPL-2.0-only
/* The tables of names against the real probes: a row for none would never be of use. */
#include "probes/hook_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "skel/bitmap_trace.skel.h"

static void names(void **state)
{
	(void)state;
	assert_string_equal(bt_hook_other_name("bitmap_load", 0), "md_bitmap_load");
	assert_null(bt_hook_other_name("bitmap_load", 1));
	assert_null(bt_hook_other_name("md_bitmap_load", 0));
	assert_string_equal(bt_hook_of_function("bitmap_load"), "bitmap_load");
	assert_string_equal(bt_hook_of_function("md_bitmap_endwrite"), "bitmap_endwrite");
}

/* Goes through all probes; counts the rows it meets. */
static void every_row_has_a_probe(void **state)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	unsigned int n, others = 0, stand_ins = 0;
	struct bpf_program *program;
	const char *slash, *seen = "";

	(void)state;
	assert_non_null(skel);
	bpf_object__for_each_program(program, skel->obj)
	{
		slash = strchr(bpf_program__section_name(program), '/');
		if (!slash || !strcmp(slash + 1, seen)) /* entry and exit are neighbours */
			continue;
		seen = slash + 1;
		for (n = 0; bt_hook_other_name(seen, n); n++)
			others++;
		assert_true(n <= BT_HOOK_OTHER_NAMES_MAX);
		stand_ins += strcmp(bt_hook_of_function(seen), seen) != 0;
	}
	assert_int_equal(others, bt_hook_other_names_nr);
	assert_int_equal(stand_ins, bt_hook_stand_ins_nr);
	bitmap_trace__destroy(skel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(every_row_has_a_probe),
	};

	return cmocka_run_group_tests_name("hook_names", tests, NULL, NULL);
}
