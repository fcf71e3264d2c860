// SPDX-License-Identifier: GPL-2.0-only
#include "probes/hook_needs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probes/hook_names.h"
#include "probes/hooks.h"
#include "skel/bitmap_trace.skel.h"

static const char *const always[] = { "bitmap_load", NULL };
static const struct bt_invariant pages = { .needs = always, .needs_page_writes = true };
static const struct bt_invariant ends = { .needs_data_ends = true };

static void what_is_needed_and_where(void **state)
{
	(void)state;
	assert_true(bt_hook_always_needed(&pages, "bitmap_load"));
	assert_false(bt_hook_always_needed(&pages, "super_written"));
	assert_false(bt_hook_always_needed(&ends, "bitmap_load"));
	assert_string_equal(bt_hook_needed_where(&pages, "super_written")->where,
			    "internal bitmaps");
	assert_null(bt_hook_needed_where(&ends, "super_written"));
	assert_null(bt_hook_needed_where(&pages, "raid10_end_write_request"));
	assert_int_equal(bt_hook_needed_where(&ends, "raid10_end_write_request")->levels, 1 << 10);
	assert_null(bt_hook_needed_where(&ends, "no_such_function"));
}

static bool has_probe(const struct bitmap_trace *skel, const char *hook)
{
	struct bpf_program *program;
	const char *slash;

	if (!strcmp(hook, BT_HOOK_IRQS))
		return bt_program_reads_variable(skel->progs.set_bit_irqs) &&
		       bt_program_reads_variable(skel->progs.set_bit_irqs_exit);
	bpf_object__for_each_program(program, skel->obj)
	{
		slash = strchr(bpf_program__section_name(program), '/');
		if (slash && !strcmp(slash + 1, hook))
			return true;
	}
	return false;
}

/* A name nobody hooks would never be missing. */
static void every_need_has_a_probe(void **state)
{
	const struct bt_invariant *const *invariant;
	struct bitmap_trace *skel = bitmap_trace__open();
	const struct bt_hook_need *need;
	const char *const *hook;

	(void)state;
	assert_non_null(skel);
	for (need = bt_hook_needs; need->hook; need++)
		assert_true(has_probe(skel, need->hook));
	for (invariant = bt_invariants; *invariant; invariant++)
		for (hook = (*invariant)->needs; hook && *hook; hook++)
			assert_true(has_probe(skel, *hook));
	for (invariant = bt_invariants; *invariant; invariant++)
		for (hook = (*invariant)->needs_to_pass; hook && *hook; hook++)
			assert_true(has_probe(skel, *hook));
	bitmap_trace__destroy(skel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_needed_and_where),
		cmocka_unit_test(every_need_has_a_probe),
	};

	return cmocka_run_group_tests_name("hook_needs", tests, NULL, NULL);
}
