// SPDX-License-Identifier: GPL-2.0-only
#include "live/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: waits for the byte, and reports to the parent why exec failed. */
static void run(char *const *argv, int go, int report)
{
	char word;
	ssize_t n;
	int err;

	do
		n = read(go, &word, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(126);
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

/* The pipe closes on a successful exec; a byte read from it belongs to an errno. */
static int exec_result(int report)
{
	int err = 0;
	ssize_t n;

	do
		n = read(report, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? -err : 0;
}

struct pipes {
	int go[2];     /* a byte: run the command; closed: exit */
	int report[2]; /* from the child */
};

static int open_pipes(struct pipes *pipes)
{
	if (pipe2(pipes->go, O_CLOEXEC))
		return -errno;
	if (pipe2(pipes->report, O_CLOEXEC)) {
		int err = -errno;

		close(pipes->go[0]);
		close(pipes->go[1]);
		return err;
	}
	return 0;
}

/* Forks; each process keeps its own ends of the pipes. */
static int fork_child(pid_t *pid, struct pipes *pipes, char *const *argv)
{
	int err = open_pipes(pipes);
	pid_t new;

	if (err)
		return err;
	new = fork();
	err = new < 0 ? -errno : 0;
	if (new == 0) {
		close(pipes->go[1]);
		run(argv, pipes->go[0], pipes->report[1]);
	}
	close(pipes->go[0]);
	close(pipes->report[1]);
	if (err) {
		close(pipes->go[1]);
		close(pipes->report[0]);
		return err;
	}
	*pid = new;
	return 0;
}

/* Lets the child exec the command if before() returns 0; on failure the child has ended. */
static int let_go(pid_t pid, const struct pipes *pipes, char *const *argv, int (*before)(void *arg),
		  void *arg)
{
	int err = before ? before(arg) : 0, exec_err = 0;

	if (!err && write(pipes->go[1], "g", 1) != 1)
		exec_err = -errno;
	close(pipes->go[1]);
	if (!err && !exec_err)
		exec_err = exec_result(pipes->report[0]);
	close(pipes->report[0]);
	if (exec_err)
		fprintf(stderr, "bitmap-trace: cannot run '%s': %s\n", argv[0],
			strerror(-exec_err));
	if (!err)
		err = exec_err;
	if (err)
		reap(pid);
	return err;
}

int bt_child_start(struct bt_child *child, char *const *argv, int (*before)(void *arg), void *arg)
{
	struct bt_child new;
	struct pipes pipes;
	int err = fork_child(&new.pid, &pipes, argv);

	if (err) {
		fprintf(stderr, "bitmap-trace: cannot start '%s': %s\n", argv[0], strerror(-err));
		return err;
	}
	err = let_go(new.pid, &pipes, argv, before, arg);
	if (err)
		return err;
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
	if (kill(child->pid, force ? SIGKILL : SIGTERM) && errno == EPERM)
		fprintf(stderr,
			"bitmap-trace: the command (pid %d) has changed its user, so it cannot be "
			"ended from here; end it as that user\n",
			(int)child->pid);
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
