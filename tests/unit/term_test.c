// SPDX-License-Identifier: GPL-2.0-only
#include "base/term.h"

#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct pty {
	int master;
	FILE *terminal;
};

static struct pty open_pty(unsigned short columns)
{
	struct winsize size = { .ws_row = 25, .ws_col = columns };
	struct pty pty;
	int slave;

	/* Some containers have no /dev/pts. */
	if (openpty(&pty.master, &slave, NULL, NULL, &size)) {
		print_message("# no pseudo-terminal to be had here\n");
		skip();
	}
	pty.terminal = fdopen(slave, "w");
	assert_non_null(pty.terminal);
	return pty;
}

static void close_pty(struct pty *pty)
{
	fclose(pty->terminal);
	close(pty->master);
}

static void environment(const char *columns, const char *no_color, const char *term)
{
	unsetenv("COLUMNS");
	unsetenv("NO_COLOR");
	unsetenv("TERM");
	if (columns)
		setenv("COLUMNS", columns, 1);
	if (no_color)
		setenv("NO_COLOR", no_color, 1);
	if (term)
		setenv("TERM", term, 1);
}

static void expect(FILE *stream, unsigned int width, bool colour)
{
	struct bt_term term = bt_term_of(stream);

	assert_int_equal(term.width, width);
	assert_int_equal(term.colour, colour);
}

static void a_terminal_is_followed(void **state)
{
	struct pty pty = open_pty(132);

	(void)state;
	environment(NULL, NULL, "xterm-256color");
	expect(pty.terminal, 132, true);
	environment("100", NULL, "xterm");
	expect(pty.terminal, 100, true);
	environment("wide", "", "xterm");
	expect(pty.terminal, 132, true);
	environment("1", NULL, "xterm");
	expect(pty.terminal, BT_TERM_WIDTH_MIN, true);
	environment("99999999999999999999", NULL, "xterm");
	expect(pty.terminal, BT_TERM_WIDTH_MAX, true);
	close_pty(&pty);
	pty = open_pty(0);
	environment(NULL, NULL, "xterm");
	expect(pty.terminal, 80, true);
	close_pty(&pty);
}

static void colours_can_be_refused(void **state)
{
	struct pty pty = open_pty(80);

	(void)state;
	environment(NULL, "1", "xterm");
	expect(pty.terminal, 80, false);
	environment(NULL, NULL, "dumb");
	expect(pty.terminal, 80, false);
	environment(NULL, NULL, NULL);
	expect(pty.terminal, 80, false);
	close_pty(&pty);
}

static void a_pipe_is_plain(void **state)
{
	FILE *pipe = popen("cat >/dev/null", "w"), *memory;
	char *text;
	size_t len;

	(void)state;
	environment("132", NULL, "xterm");
	assert_non_null(pipe);
	expect(pipe, 80, false);
	pclose(pipe);
	memory = open_memstream(&text, &len);
	expect(memory, 80, false);
	fclose(memory);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_is_followed),
		cmocka_unit_test(colours_can_be_refused),
		cmocka_unit_test(a_pipe_is_plain),
	};

	return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
