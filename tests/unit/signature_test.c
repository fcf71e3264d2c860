// SPDX-License-Identifier: GPL-2.0-only
#include "probes/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel.h"

static bool fits(const char *has, const char *takes)
{
	struct btf *btf = btf__new_empty();
	bool does;

	kernel_add(btf, "function", has);
	does = bt_signature_fits(btf, btf__type_cnt(btf) - 1, takes);
	btf__free(btf);
	return does;
}

static void arguments(void **state)
{
	(void)state;
	assert_true(fits("buffer_head*, int", "buffer_head*, int"));
	assert_false(fits("bio*", "buffer_head*, int"));
	assert_false(fits("bio*, int", "buffer_head*, int"));
	assert_true(fits("bio*", "*"));
	assert_false(fits("u64", "*"));
	assert_false(fits("*", "bio*"));
	/* More arguments than the programs read are harmless, fewer are not. */
	assert_true(fits("mddev*, u64, bool", "mddev*, u64"));
	assert_false(fits("mddev*", "mddev*, u64"));
	assert_true(fits("mddev*", ""));
	/* Numbers by their size: the rest of a smaller one's register is garbage. */
	assert_true(fits("u32", "int"));
	assert_false(fits("u32", "u64"));
	assert_false(fits("bool", "int"));
	assert_true(fits("bool", "bool"));
	assert_false(fits("u64, mddev*", "mddev*, u64"));
}

/* A program finds the return value after the last argument. */
static void what_is_returned(void **state)
{
	(void)state;
	assert_true(fits("mddev* -> int", "mddev* -> int"));
	assert_true(fits("mddev* -> int", "mddev*"));
	assert_false(fits("mddev*, bool -> int", "mddev* -> int"));
	assert_false(fits("mddev*", "mddev* -> int"));
	assert_false(fits("mddev* -> bool", "mddev* -> int"));
}

static void tracepoints(void **state)
{
	struct btf *btf = btf__new_empty();
	char text[80];

	(void)state;
	kernel_add_bio_queue(btf);
	assert_true(bt_signature_fits(btf, btf__type_cnt(btf) - 1, "bio*"));
	assert_false(bt_signature_fits(btf, btf__type_cnt(btf) - 1, "request*"));
	bt_signature_print(btf, btf__type_cnt(btf) - 1, text, sizeof(text));
	assert_string_equal(text, "bio*");
	/* Not a function, or nothing at all. */
	assert_false(bt_signature_fits(btf, 1, ""));
	assert_false(bt_signature_fits(btf, 4711, "*"));
	bt_signature_print(btf, 4711, text, sizeof(text));
	assert_string_equal(text, "");
	btf__free(btf);
}

static void in_words(void **state)
{
	struct btf *btf = btf__new_empty();
	char text[80], small[8];

	(void)state;
	kernel_add(btf, "function", "mddev*, u64, *, bool -> int");
	bt_signature_print(btf, btf__type_cnt(btf) - 1, text, sizeof(text));
	assert_string_equal(text, "mddev*, u64, *, u8 -> u32");
	bt_signature_print(btf, btf__type_cnt(btf) - 1, small, sizeof(small));
	assert_string_equal(small, "mddev*,");
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments),
		cmocka_unit_test(what_is_returned),
		cmocka_unit_test(tracepoints),
		cmocka_unit_test(in_words),
	};

	return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
