// SPDX-License-Identifier: GPL-2.0-only
/* Device numbers: digits only, within bounds. */
#include "base/dev_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void numbers(void **state)
{
	uint32_t dev = 0;

	(void)state;
	assert_true(bt_dev_parse("9:0", &dev));
	assert_int_equal(dev, 9 << 20);
	assert_true(bt_dev_parse("4095:1048575", &dev));
	assert_int_equal(dev, UINT32_MAX);
	assert_true(bt_dev_parse("0:7", &dev));
	assert_int_equal(dev, 7);
	assert_true(bt_dev_parse_md("md1048575", &dev));
	assert_int_equal(dev, 9 << 20 | 1048575);
	assert_true(bt_dev_parse_md("md0", &dev));
	assert_int_equal(dev, 9 << 20);
}

static void no_numbers(void **state)
{
	static const char *const numbers[] = {
		"",
		":",
		"9",
		"9:",
		":0",
		"9:x",
		"9:0x",
		"9:0 ",
		" 9:0",
		"+9:0",
		"9:-1",
		"9: 1",
		"9:1048576",
		"4096:0",
		/* modulo 2^32 they would be 9:0 again */
		"4294967305:0",
		"9:4294967296",
	};
	static const char *const names[] = {
		"md",	     "md_home",	     "md0x",	      "md 0", "md+0", "md-0",
		"md1048576", "md4294967296", "md-4294967295", "xmd0", "",     "m"
	};
	uint32_t dev = 5;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_false(bt_dev_parse(numbers[i], &dev));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(bt_dev_parse_md(names[i], &dev));
	assert_int_equal(dev, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(no_numbers),
	};

	return cmocka_run_group_tests_name("dev_number", tests, NULL, NULL);
}
