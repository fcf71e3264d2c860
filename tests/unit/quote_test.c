// SPDX-License-Identifier: GPL-2.0-only
#include "base/quote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void becomes(const char *expected, const char *a, const char *b)
{
	char *words[] = { (char *)a, (char *)b, NULL };
	char line[64];

	bt_quote_words(words, line, sizeof(line));
	assert_string_equal(line, expected);
}

static void words_are_quoted_as_a_shell_takes_them(void **state)
{
	(void)state;
	becomes("check -i", "check", "-i");
	becomes("'my trace' ''", "my trace", "");
	becomes("'it'\\''s' '$x'", "it's", "$x");
	becomes("$'a\\x0ab' $'\\xff\\\\\\''", "a\nb", "\xff\\'");
}

static void what_does_not_fit_is_cut_off(void **state)
{
	char *words[] = { (char *)"abc", (char *)"defghij", NULL };
	char line[16];
	size_t len;

	(void)state;
	bt_quote_words(words, line, sizeof(line));
	assert_string_equal(line, "abc defghij");
	for (len = 4; len < 12; len++) {
		memset(line, 'x', sizeof(line));
		bt_quote_words(words, line, len);
		assert_true(strlen(line) < len);
		assert_string_equal(line + strlen(line) - 3, "...");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_quoted_as_a_shell_takes_them),
		cmocka_unit_test(what_does_not_fit_is_cut_off),
	};

	return cmocka_run_group_tests_name("quote", tests, NULL, NULL);
}
