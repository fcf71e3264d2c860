// SPDX-License-Identifier: GPL-2.0-only
#include "cli/signals.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void requests_are_counted(void **state)
{
	const volatile int *stop;

	(void)state;
	signal(SIGHUP, SIG_IGN);
	stop = bt_signals_catch();
	assert_int_equal(*stop, 0);
	raise(SIGHUP); /* as under nohup */
	assert_int_equal(*stop, 0);
	/* A closed pipe counts as one request, however often it is written to. */
	raise(SIGPIPE);
	raise(SIGPIPE);
	assert_int_equal(*stop, 1);
	raise(SIGINT);
	raise(SIGTERM);
	assert_int_equal(*stop, 3);
	signal(SIGHUP, SIG_DFL);
	bt_signals_catch();
	raise(SIGHUP);
	assert_int_equal(*stop, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(requests_are_counted) };

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
