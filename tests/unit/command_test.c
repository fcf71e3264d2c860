// SPDX-License-Identifier: GPL-2.0-only
#include "live/command.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/signals.h"

static int status_of(char *const *argv)
{
	struct bt_child child;

	assert_int_equal(bt_child_start(&child, argv, NULL, NULL), 0);
	return bt_child_wait(&child);
}

static void test_status(void **state)
{
	char *good[] = { "true", NULL };
	char *bad[] = { "sh", "-c", "exit 3", NULL };
	char *killed[] = { "sh", "-c", "kill -9 $$", NULL };
	int status;

	(void)state;
	assert_int_equal(status_of(good), 0);
	assert_int_equal(WEXITSTATUS(status_of(bad)), 3);
	status = status_of(killed);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), 9);
}

static void test_cannot_run(void **state)
{
	char *missing[] = { "/no/such/program", NULL };
	char *directory[] = { "/tmp", NULL };
	struct bt_child child = { .pid = 77, .pidfd = -1 };

	(void)state;
	assert_int_equal(bt_child_start(&child, missing, NULL, NULL), -ENOENT);
	assert_int_equal(bt_child_start(&child, directory, NULL, NULL), -EACCES);
	assert_int_equal(child.pid, 77);
	/* No process is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static int give_up(void *arg)
{
	(void)arg;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int refuse(void *arg)
{
	(void)arg;
	return -EPERM;
}

/* Does the command still have what this process has dropped? */
static int command_keeps(void)
{
	char *argv[] = { "grep", "-q", "^NoNewPrivs:.*0", "/proc/self/status", NULL };
	struct bt_child child;

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return 0; /* as in some containers: there is nothing to keep */
	if (bt_child_start(&child, argv, give_up, NULL))
		return 1;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 2;
	return bt_child_wait(&child) ? 3 : 0;
}

/* It is called before the command runs, and only in this process. */
static void test_before(void **state)
{
	char *marker[] = { "sh", "-c", "exit 3", NULL };
	struct bt_child child = { .pid = 77, .pidfd = -1 };
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(command_keeps());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(bt_child_start(&child, marker, refuse, NULL), -EPERM);
	assert_int_equal(child.pid, 77);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_pidfd_and_stop(void **state)
{
	char *sleeper[] = { "sleep", "100", NULL };
	struct bt_child child;
	struct pollfd fd;
	int status;

	(void)state;
	assert_int_equal(bt_child_start(&child, sleeper, NULL, NULL), 0);
	fd = (struct pollfd){ .fd = child.pidfd, .events = POLLIN };
	assert_int_equal(poll(&fd, 1, 0), 0);
	bt_child_stop(&child, 0);
	assert_int_equal(poll(&fd, 1, 10000), 1);
	status = bt_child_wait(&child);
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* A command that ignores SIGTERM is killed. */
static void test_stop_by_force(void **state)
{
	char *deaf[] = { "sh", "-c", "trap '' TERM; read x <&-; while :; do :; done", NULL };
	struct bt_child child;
	int status;

	(void)state;
	assert_int_equal(bt_child_start(&child, deaf, NULL, NULL), 0);
	bt_child_stop(&child, 1);
	status = bt_child_wait(&child);
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void test_signals_are_counted(void **state)
{
	const volatile int *stop = bt_signals_catch();

	(void)state;
	assert_int_equal(*stop, 0);
	raise(SIGINT);
	raise(SIGTERM);
	assert_int_equal(*stop, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),	      cmocka_unit_test(test_cannot_run),
		cmocka_unit_test(test_before),	      cmocka_unit_test(test_pidfd_and_stop),
		cmocka_unit_test(test_stop_by_force), cmocka_unit_test(test_signals_are_counted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
