// SPDX-License-Identifier: GPL-2.0-only
#include "probes/kallsyms.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] = "ffffffff81000000 T vfs_read\n"
			   "ffffffff81000010 t vfs_read.part.0\n"
			   "0000000000000000 D bitmap_load\n"
			   "ffffffffc0000000 t bitmap_load\t[md_mod]\n"
			   "ffffffffc0000010 t bitmap_load.cold\t[md_mod]\n"
			   "ffffffffc0000018 t bitmap_load.part.0.cold.3\t[md_mod]\n"
			   "ffffffffc0000020 t bitmap_load.constprop.0.isra.1\t[md_mod]\n"
			   "ffffffffc0000028 t bitmap_load.coldest\t[md_mod]\n"
			   "ffffffffc0000030 t bitmap_loader\t[md_mod]\n"
			   "ffffffffc0000040 t my_bitmap_load\t[md_mod]\n"
			   "ffffffffc0000050 W bitmap_free\t[other]\n"
			   "ffffffffc0000060 b bitmap_free.0\t[other]\n"
			   "\n"
			   "nonsense\n"
			   "ffffffffc0000070 t\n";

static int read_text(struct bt_kallsyms *symbols, const char *content, const char *const *names)
{
	char path[] = "/tmp/kallsyms-test-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	err = bt_kallsyms_read(symbols, path, names, "irqsave_flags");
	unlink(path);
	return err;
}

static void is(const struct bt_ksym *symbol, const char *name, const char *module)
{
	assert_string_equal(symbol->name, name);
	assert_string_equal(symbol->module, module);
}

static void functions_and_their_copies(void **state)
{
	static const char *const names[] = { "bitmap_load", "bitmap_free", NULL };
	struct bt_kallsyms symbols;

	(void)state;
	assert_int_equal(read_text(&symbols, text, names), 0);
	assert_int_equal(symbols.nr, 4);
	is(&symbols.all[0], "bitmap_load", "md_mod");
	is(&symbols.all[1], "bitmap_load.constprop.0.isra.1", "md_mod");
	is(&symbols.all[2], "bitmap_load.coldest", "md_mod");
	is(&symbols.all[3], "bitmap_free", "other");
	assert_true(bt_ksym_is(&symbols.all[0], "bitmap_load"));
	assert_false(bt_ksym_is_copy(&symbols.all[0], "bitmap_load"));
	assert_false(bt_ksym_is(&symbols.all[1], "bitmap_load"));
	assert_true(bt_ksym_is_copy(&symbols.all[1], "bitmap_load"));
	assert_false(bt_ksym_is_copy(&symbols.all[1], "bitmap_loa"));
	assert_false(bt_ksym_is_copy(&symbols.all[1], "bitmap_loads"));
	bt_kallsyms_free(&symbols);
}

static void of_the_kernel_itself(void **state)
{
	static const char *const names[] = { "vfs_read", NULL };
	struct bt_kallsyms symbols;

	(void)state;
	assert_int_equal(read_text(&symbols, text, names), 0);
	assert_int_equal(symbols.nr, 2);
	is(&symbols.all[0], "vfs_read", "");
	is(&symbols.all[1], "vfs_read.part.0", "");
	bt_kallsyms_free(&symbols);
}

static void a_variable_of_vmlinux(void **state)
{
	static const char *const names[] = { "vfs_read", NULL };
	static const struct {
		const char *line;
		bool found;
	} cases[] = {
		{ "000000000002d7a0 d irqsave_flags\n", true },
		{ "000000000002d7a0 A irqsave_flags\n", true },
		{ "000000000002d7a0 t irqsave_flags\n", false },
		{ "000000000002d7a0 d irqsave_flags\t[other]\n", false },
		{ "000000000002d7a0 d irqsave_flags.0\n", false },
		{ "000000000002d7a0 d my_irqsave_flags\n", false },
		{ "000000000002d7a0 d\n", false },
	};
	struct bt_kallsyms symbols;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(read_text(&symbols, cases[i].line, names), 0);
		assert_int_equal(symbols.has_variable, cases[i].found);
		assert_int_equal(symbols.nr, 0);
		bt_kallsyms_free(&symbols);
	}
}

/* The kernel's names have up to 511 bytes, ours are shorter: no overflow. */
static void long_names(void **state)
{
	static const char *const names[] = { "bitmap_load", NULL };
	struct bt_kallsyms symbols;
	char line[1200];

	(void)state;
	snprintf(line, sizeof(line), "ffffffffc0000000 t bitmap_load.%0500d\t[%0500d]\n", 1, 2);
	assert_int_equal(read_text(&symbols, line, names), 0);
	assert_int_equal(symbols.nr, 1);
	assert_int_equal(strlen(symbols.all[0].name), sizeof(symbols.all[0].name) - 1);
	bt_kallsyms_free(&symbols);
}

static void nothing_to_read(void **state)
{
	static const char *const names[] = { "bitmap_load", NULL };
	struct bt_kallsyms symbols = { .nr = 7 };

	(void)state;
	assert_int_equal(bt_kallsyms_read(&symbols, "/nonexistent/kallsyms", names, NULL), -ENOENT);
	assert_int_equal(bt_kallsyms_read(&symbols, "/tmp", names, NULL), -EIO);
	assert_int_equal(symbols.nr, 7);
	assert_int_equal(read_text(&symbols, "", names), 0);
	assert_int_equal(symbols.nr, 0);
	bt_kallsyms_free(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_and_their_copies),
		cmocka_unit_test(of_the_kernel_itself),
		cmocka_unit_test(a_variable_of_vmlinux),
		cmocka_unit_test(long_names),
		cmocka_unit_test(nothing_to_read),
	};

	return cmocka_run_group_tests_name("kallsyms", tests, NULL, NULL);
}
