// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/privileges.h"
#include "base/version.h"
#include "cli/cli.h"
#include "cli/options.h"

static const struct bt_command commands[] = {
	{
		.name = "check",
		.synopsis =
			"check [-a ARRAY]... [--strict] [-o TRACE] [-f FORMAT] [-- COMMAND...]\n"
			"       bitmap-trace check [-i] TRACE... [-a ARRAY]... [--strict] [-f "
			"FORMAT]\n"
			"       bitmap-trace check ... --save-counterexample FILE[:INVARIANT]\n"
			"       bitmap-trace check --list-rules",
		.help = "Judges the write-intent bitmaps while COMMAND runs, or until interrupted, "
			"or "
			"from\n"
			"recorded traces: each has a report, and the worst is the verdict of all.\n"
			"Exit status: 0 PASS, 1 FAIL, 2 error, 3 UNKNOWN, 4 PASS but COMMAND "
			"failed.\n"
			"If TRACE (-o) cannot be written to its end, that is reported, the "
			"verdict\n"
			"stands, and 0 becomes 2.",
		.takes = "aiofsrvwcmTMEAxRLKB",
		.run = bt_cmd_check,
	},
	{
		.name = "record",
		.synopsis = "record [-a ARRAY]... [--strict] -o TRACE [-- COMMAND...]",
		.help = "Records events while COMMAND runs, or until interrupted.\n"
			"Exit status: 0, 2 error or TRACE could not be written to its end,\n"
			"4 COMMAND failed.",
		.takes = "aorsvwc",
		.run = bt_cmd_record,
	},
	{
		.name = "hist",
		.synopsis =
			"hist [[-i] TRACE] [-a ARRAY]... [-f FORMAT] [--stage STAGE]... [--heat]\n"
			"                         [--textfile FILE] [INTERVAL [COUNT]] [-- "
			"COMMAND...]",
		.help = "Prints histograms of the latencies in a bitmap's life at the end, or a "
			"table every\n"
			"INTERVAL seconds; after COUNT intervals it ends, COMMAND goes on to its "
			"end.\n"
			"Exit status: 0, 2 error, 3 something was lost or the trace ends early,\n"
			"4 COMMAND failed.",
		.takes = "aifvwIcgHepT",
		.run = bt_cmd_hist,
	},
	{
		.name = "dump",
		.synopsis =
			"dump [-i] TRACE [-a ARRAY]... [--event EVENT]... [--chunk N] [--from S] "
			"[--to S]\n"
			"                         [--relative] [-n N] [-f FORMAT]",
		.help = "Prints the events of a recorded trace, one a line.\n"
			"Exit status: 0, 2 error, 3 the trace ends early or is damaged.",
		.takes = "aifTVuFUzn",
		.run = bt_cmd_dump,
	},
	{
		.name = "diff",
		.synopsis = "diff A B",
		.help = "Compares two runs, each a trace or what 'check -f json' printed: rules "
			"that are "
			"broken in\nB and not, or not in this way, in A; those that no longer are; "
			"of "
			"traces also latencies.\nExit status: 0 nothing new is broken, 1 something "
			"is, 2 "
			"error, 3 a rule that was judged\nin A could not be in B.",
		.takes = "iTD",
		.run = bt_cmd_diff,
	},
	{
		.name = "timeline",
		.synopsis = "timeline [-i] TRACE -o FILE.html [-a ARRAY]... [--rule RULE]... "
			    "[--strict]",
		.help = "Draws each failure of a recorded run on a page for a browser: threads, "
			"the bitmap "
			"page\nand the members over time, and where in the run it happened.\nExit "
			"status: 0, 2 error.",
		.takes = "aioTsRO",
		.run = bt_cmd_timeline,
	},
	{
		.name = "explain",
		.synopsis = "explain [RULE]...",
		.help = "Prints what a rule says, what goes wrong when it is broken, which "
			"functions "
			"of md\nkeep it, and an example; without RULE a list of all rules.",
		.takes = "W",
		.run = bt_cmd_explain,
	},
	{
		.name = "crash",
		.synopsis = "crash -i WRITELOG -l LAYOUT [--cache] [-f FORMAT]\n"
			    "       bitmap-trace crash -i WRITELOG --at ENTRY -o DISK",
		.help = "Judges every crash point of a write log (dm-log-writes, QEMU's "
			"blklogwrites): would\nmd resync each chunk on which members differ? "
			"LAYOUT "
			"says where the array lies on\nthe logged disk. With --at, DISK becomes "
			"what a crash after that entry leaves.\n"
			"Exit status: 0 PASS, 1 FAIL, 2 error, 3 UNKNOWN.",
		.takes = "ioflkt",
		.run = bt_cmd_crash,
	},
	{
		.name = "list",
		.synopsis = "list [-f FORMAT]",
		.help = "Lists the md arrays of this machine and where their bitmaps are.",
		.takes = "f",
		.run = bt_cmd_list,
	},
	{
		.name = "doctor",
		.synopsis = "doctor [-f FORMAT]",
		.help = "Tells whether this machine and kernel can be traced, what became of each "
			"function\nthat is hooked, and what cannot be judged here.\n"
			"Exit status: 0 all rules can be judged, 2 tracing is not possible, 3 some "
			"rules cannot\nbe judged.",
		.takes = "fvw",
		.run = bt_cmd_doctor,
	},
};

static const char usage_text[] =
	"usage: bitmap-trace SUBCOMMAND [OPTION]... [-- COMMAND...]\n"
	"\n"
	"Traces the write-intent bitmaps of Linux md arrays and checks their protocol.\n"
	"\n"
	"Check\n"
	"  check    judge a running kernel or a recorded trace\n"
	"  diff     what is broken in one run and was not in another\n"
	"  timeline pictures of the failures of a recorded run\n"
	"  explain  what a rule says, and what goes wrong when it is broken\n"
	"  hist     latency histograms of a running kernel or a recorded trace\n"
	"\n"
	"Traces\n"
	"  record   record the events of a running kernel\n"
	"  dump     print the events of a recorded trace\n"
	"\n"
	"Crashes\n"
	"  crash    judge every crash point of a log of a disk's writes\n"
	"\n"
	"This machine\n"
	"  list     md arrays and their bitmaps\n"
	"  doctor   what can be traced here\n"
	"\n"
	"  help [SUBCOMMAND], --help, --version\n";

static const struct bt_command *find_command(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

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
		fputs(usage_text, stdout);
		return BT_EXIT_PASS;
	}
	command = find_command(name);
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
		fputs(usage_text, stderr);
		return BT_EXIT_ERROR;
	}
	if (is_one_of(argv[1], "--help", "-h", "help"))
		return help(argv[2]);
	if (is_one_of(argv[1], "--version", "-V", "version")) {
		puts("bitmap-trace " BT_VERSION);
		return BT_EXIT_PASS;
	}
	command = find_command(argv[1]);
	if (!command)
		return unknown(argv[1]);
	ret = bt_options_parse(command, argc - 1, argv + 1, &options);
	if (ret)
		return ret > 0 ? BT_EXIT_PASS : BT_EXIT_ERROR;
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
