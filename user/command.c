// SPDX-License-Identifier: GPL-2.0-only
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: tells the parent through the pipe why it is not the command. */
static void run(char *const *argv, int report)
{
	int err;

	execvp(argv[0], argv);
	err = errno;
	if (write(report, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The pipe closes on a successful exec; anything read from it is an errno. */
static int exec_result(int report)
{
	int err = 0;
	ssize_t n;

	do
		n = read(report, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? -err : 0;
}

int bt_child_start(struct bt_child *child, char *const *argv)
{
	struct bt_child new;
	int report[2], err;

	if (pipe2(report, O_CLOEXEC))
		return -errno;
	new.pid = fork();
	if (new.pid < 0) {
		err = -errno;
		close(report[0]);
		close(report[1]);
		fprintf(stderr, "bitmap-trace: cannot start '%s': %s\n", argv[0], strerror(-err));
		return err;
	}
	if (new.pid == 0)
		run(argv, report[1]);
	close(report[1]);
	err = exec_result(report[0]);
	close(report[0]);
	if (err) {
		reap(new.pid);
		fprintf(stderr, "bitmap-trace: cannot run '%s': %s\n", argv[0], strerror(-err));
		return err;
	}
	new.pidfd = (int)syscall(SYS_pidfd_open, new.pid, 0);
	if (new.pidfd < 0) {
		err = -errno;
		kill(new.pid, SIGTERM);
		reap(new.pid);
		fprintf(stderr, "bitmap-trace: pidfd_open: %s\n", strerror(-err));
		return err;
	}
	*child = new;
	return 0;
}

void bt_child_stop(const struct bt_child *child, int force)
{
	kill(child->pid, force ? SIGKILL : SIGTERM);
}

int bt_child_wait(struct bt_child *child)
{
	int status, err = 0;

	while (waitpid(child->pid, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		err = -errno;
		break;
	}
	close(child->pidfd);
	return err ? err : status;
}
