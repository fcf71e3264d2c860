// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/privileges.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/complete.h"
#include "cli/options.h"
#include "commit.h"

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
	return !strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c);
}

static int unknown(const char *name)
{
	fprintf(stderr, "bitmap-trace: unknown subcommand '%s'; try 'bitmap-trace --help'\n", name);
	return BT_EXIT_ERROR;
}

/* "help", or "help SUBCOMMAND" */
static int help(char *name)
{
	char *argv[] = { name, (char *)"--help", NULL };
	const struct bt_command *command;
	struct bt_options options;

	if (!name) {
		bt_commands_usage(stdout);
		return BT_EXIT_PASS;
	}
	command = bt_command_find(name);
	if (!command)
		return unknown(name);
	bt_options_parse(command, 2, argv, &options);
	return BT_EXIT_PASS;
}

static int run(int argc, char **argv)
{
	const struct bt_command *command;
	struct bt_options options;
	int ret;

	ret = bt_privileges_settle();
	if (ret) {
		fprintf(stderr, "bitmap-trace: cannot become the user who called: %s\n",
			strerror(-ret));
		return BT_EXIT_ERROR;
	}
	if (argc < 2) {
		bt_commands_usage(stderr);
		return BT_EXIT_ERROR;
	}
	if (is_one_of(argv[1], "--help", "-h", "help"))
		return help(argv[2]);
	if (is_one_of(argv[1], "--version", "-V", "version")) {
		puts("bitmap-trace " BT_VERSION " (" BT_COMMIT ")");
		return BT_EXIT_PASS;
	}
	if (!strcmp(argv[1], "complete"))
		return bt_complete(argc - 2, argv + 2);
	command = bt_command_find(argv[1]);
	if (!command)
		return unknown(argv[1]);
	ret = bt_options_parse(command, argc - 1, argv + 1, &options);
	if (ret)
		return ret > 0 ? BT_EXIT_PASS : BT_EXIT_ERROR;
	options.words = argv;
	options.version = BT_VERSION " (" BT_COMMIT ")";
	return command->run(&options);
}

/* What did not reach standard output was not done. Subcommands leave it to this. */
int main(int argc, char **argv)
{
	int status = run(argc, argv);
	int err = fflush(stdout) ? errno : 0;

	if (!err && !ferror(stdout))
		return status;
	/* Why an earlier write failed nobody knows any more. */
	fprintf(stderr, "bitmap-trace: cannot write to standard output%s%s\n", err ? ": " : "",
		err ? strerror(err) : "");
	return BT_EXIT_ERROR;
}
