// SPDX-License-Identifier: GPL-2.0-only
/* With the privileges of a test process: as root all checks run, else those that can. */
#include "base/privileges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs in a child, since the changes cannot be undone. */
static int status_in_child(int (*body)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(body());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int any_left(cap_flag_t flag)
{
	cap_t now = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;
	cap_value_t cap;

	for (cap = 0; !cap_get_flag(now, cap, flag, &value) && value == CAP_CLEAR; cap++)
		;
	cap_free(now);
	return value == CAP_SET;
}

static int drop(void)
{
	int could_bound = prctl(PR_CAPBSET_READ, CAP_SETPCAP, 0, 0, 0) == 1 &&
			  bt_privileges_suffice() && !geteuid();

	if (bt_privileges_drop())
		return 1;
	if (any_left(CAP_PERMITTED) || any_left(CAP_EFFECTIVE) || any_left(CAP_INHERITABLE))
		return 2;
	if (bt_privileges_suffice())
		return 3;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 4;
	if (could_bound && prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0))
		return 5;
	/* Again: there is nothing left to drop, and no error. */
	return bt_privileges_drop() ? 6 : 0;
}

static void test_drop(void **state)
{
	(void)state;
	assert_int_equal(status_in_child(drop), 0);
}

/* After it not even exec restores a capability. */
static int drop_and_exec(void)
{
	char *const argv[] = { "sh", "-c", "grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status",
			       NULL };

	if (bt_privileges_drop())
		return 1;
	execvp(argv[0], argv);
	return 2;
}

static void test_drop_is_for_good(void **state)
{
	(void)state;
	assert_int_equal(status_in_child(drop_and_exec), 0);
}

/* A process that got nothing from exec keeps its capabilities. */
static int settle(void)
{
	cap_t before = cap_get_proc(), after;
	int differ;

	if (bt_privileges_settle())
		return 1;
	after = cap_get_proc();
	differ = cap_compare(before, after);
	cap_free(before);
	cap_free(after);
	return differ ? 2 : 0;
}

static void test_settle_of_an_ordinary_process(void **state)
{
	(void)state;
	assert_int_equal(status_in_child(settle), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_drop_is_for_good),
		cmocka_unit_test(test_settle_of_an_ordinary_process),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
