// SPDX-License-Identifier: GPL-2.0-only
/* The only global state there is: a signal handler has nothing else to reach. */
#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile int stop_requests;

static void count(int signal)
{
	(void)signal;
	stop_requests = stop_requests + 1;
}

static void pipe_broken(int signal)
{
	(void)signal;
	if (!stop_requests)
		stop_requests = 1;
}

const volatile int *bt_signals_catch(void)
{
	struct sigaction action = { .sa_handler = count }, pipe = { .sa_handler = pipe_broken };
	struct sigaction hangup;

	/* No SA_RESTART: a waiting call returns, and the flag is looked at. */
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL);
	sigemptyset(&pipe.sa_mask);
	sigaction(SIGPIPE, &pipe, NULL);
	return &stop_requests;
}

void bt_signals_stop(void)
{
	count(SIGTERM);
}
