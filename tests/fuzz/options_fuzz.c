// SPDX-License-Identifier: GPL-2.0-only
/*
 * A command line: a byte that chooses the subcommand, then arguments, each
 * ended by a NUL.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "fuzz.h"
#include "hist/stage_set.h"

#define ARGS_MAX 160

/* The arguments of commands.c's subcommands. */
static const struct bt_command commands[] = {
	{ .name = "check", .synopsis = "check", .help = "help", .takes = "aiofsvwc" },
	{ .name = "record", .synopsis = "record", .help = "help", .takes = "aovwc" },
	{ .name = "hist", .synopsis = "hist", .help = "help", .takes = "aifrvwncgHep" },
	{ .name = "dump", .synopsis = "dump", .help = "help", .takes = "if" },
	{ .name = "list", .synopsis = "list", .help = "help", .takes = "" },
};

struct args {
	char *text; /* owned, all arguments one after the other */
	char *argv[ARGS_MAX + 2];
	int argc;
};

static void args_init(struct args *args, const struct bt_command *command, const uint8_t *data,
		      size_t size)
{
	char *at, *end;

	memset(args, 0, sizeof(*args));
	args->text = calloc(size + 1, 1);
	fuzz_require(args->text);
	memcpy(args->text, data, size);
	args->argv[args->argc++] = (char *)command->name;
	end = args->text + size;
	for (at = args->text; at < end && args->argc <= ARGS_MAX; at += strlen(at) + 1)
		args->argv[args->argc++] = at;
}

/* Is one of the arguments this number, in digits only? */
static bool was_given(const struct args *args, unsigned long number)
{
	int i;

	for (i = 1; i < args->argc; i++) {
		const char *text = args->argv[i];

		if (*text && strspn(text, "0123456789") == strlen(text) &&
		    strtoul(text, NULL, 10) == number)
			return true;
	}
	return false;
}

static void require_options(const struct bt_command *command, const struct args *args,
			    const struct bt_options *options)
{
	unsigned int i;

	fuzz_require(options->arrays_nr <= BT_ARRAYS_MAX);
	for (i = 0; i < options->arrays_nr; i++)
		fuzz_require(options->arrays[i]);
	fuzz_require(!options->command || (options->command[0] && strchr(command->takes, 'c')));
	fuzz_require(!options->input || strchr(command->takes, 'i'));
	fuzz_require(!options->output || strchr(command->takes, 'o'));
	fuzz_require(!options->input || !options->output || strchr(command->takes, 'O'));
	fuzz_require(!options->input || !options->command);
	fuzz_require(options->format != BT_FORMAT_KTAP || !strcmp(command->name, "check"));
	fuzz_require(options->format < BT_FORMAT_OPENMETRICS || strchr(command->takes, 'p'));
	fuzz_require(!options->textfile || (options->textfile[0] && strchr(command->takes, 'p')));
	fuzz_require(!(options->heat && options->histograms));
	fuzz_require(!(options->stages & ~BT_STAGES_ALL));
	fuzz_require(!options->interval || options->heat || was_given(args, options->interval));
	fuzz_require(!options->count || (options->interval && was_given(args, options->count)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bt_command *command;
	struct bt_options options, before;
	struct fuzz_output output;
	struct args args;
	int ret;

	if (!size)
		return 0;
	command = &commands[data[0] % (sizeof(commands) / sizeof(commands[0]))];
	args_init(&args, command, data + 1, size - 1);
	memset(&options, 0xa5, sizeof(options));
	before = options;
	fuzz_output_begin(&output);
	ret = bt_options_parse(command, args.argc, args.argv, &options);
	fuzz_output_end(&output);
	fuzz_require(ret == 0 || ret == 1 || ret == -EINVAL);
	if (ret)
		fuzz_require(!memcmp(&options, &before, sizeof(options)));
	else
		require_options(command, &args, &options);
	fuzz_require((ret == 1) == !!output.out_len);
	fuzz_require((ret == -EINVAL) == !!output.err_len);
	fuzz_output_free(&output);
	free(args.text);
	return 0;
}
