// SPDX-License-Identifier: GPL-2.0-only
#include "cli/commands.h"

#include <string.h>

const struct bt_command bt_commands[] = {
	{
		.name = "check",
		.group = "Check",
		.summary = "judge a running kernel or recorded traces",
		.synopsis = "check [-a ARRAY]... [--strict] [-o TRACE] [-f FORMAT]\n"
			    "           [--perturb SEED[:SLICE][,MAX][,PLACE]...] [-- "
			    "COMMAND...]\n"
			    "       bitmap-trace check [-i] TRACE... [-a ARRAY]... [--strict] [-f "
			    "FORMAT]\n"
			    "       bitmap-trace check ... --save-counterexample FILE[:INVARIANT]\n"
			    "       bitmap-trace check --list-rules",
		.help = "Judges the write-intent bitmaps while COMMAND runs, or until interrupted, "
			"or from recorded traces: each has a report, and the worst is the verdict "
			"of all.\n"
			"Exit status: 0 PASS, 1 FAIL, 2 error, 3 UNKNOWN, 4 PASS but COMMAND "
			"failed. If TRACE (-o) cannot be written to its end, that is reported, the "
			"verdict stands, and 0 becomes 2.",
		.takes = "aiofsrvwcmTMEAxRLKBqP",
		.run = bt_cmd_check,
	},
	{
		.name = "diff",
		.group = "Check",
		.summary = "what is broken in one run and was not in another",
		.synopsis = "diff A B",
		.help = "Compares two runs, each a trace or what 'check -f json' printed: rules "
			"that are broken in B and not, or not in this way, in A; those that no "
			"longer are; of traces also latencies.\n"
			"Exit status: 0 nothing new is broken, 1 something is, 2 error, 3 a rule "
			"that was judged in A could not be in B.",
		.takes = "iTD",
		.run = bt_cmd_diff,
	},
	{
		.name = "timeline",
		.group = "Check",
		.summary = "pictures of the failures of a recorded run",
		.synopsis = "timeline [-i] TRACE [TRACE2] -o FILE.html|FILE.pftrace\n"
			    "           [-a ARRAY]... [--rule RULE]... [--strict]",
		.help = "Draws each failure of a recorded run on a page for a browser: threads, "
			"the bitmap page and the members over time, and where in the run it "
			"happened; below it the same chunk in TRACE2, of another run. FILE.pftrace "
			"gets all events instead, for Perfetto's viewer.\n"
			"Exit status: 0, 2 error.",
		.takes = "aioTsROS",
		.run = bt_cmd_timeline,
	},
	{
		.name = "explain",
		.group = "Check",
		.summary = "what a rule says, and what goes wrong when it is broken",
		.synopsis = "explain [RULE]...",
		.help = "Prints what a rule says, what goes wrong when it is broken, which "
			"functions of md keep it, and an example; without RULE a list of all "
			"rules.",
		.takes = "W",
		.run = bt_cmd_explain,
	},
	{
		.name = "hist",
		.group = "Check",
		.summary = "latency histograms of a running kernel or a recorded trace",
		.synopsis = "hist [[-i] TRACE] [-a ARRAY]... [-f FORMAT]\n"
			    "           [--stage STAGE]... [--heat] [--textfile FILE]\n"
			    "           [--percentiles P[,P]...]\n"
			    "           [INTERVAL [COUNT]] [-- COMMAND...]",
		.help = "Prints histograms of the latencies in a bitmap's life at the end, or a "
			"table every INTERVAL seconds; after COUNT intervals it ends, COMMAND goes "
			"on to its end.\n"
			"Exit status: 0, 2 error, 3 something was lost or the trace ends early, 4 "
			"COMMAND failed.",
		.takes = "aifvwIcgHepTQ",
		.run = bt_cmd_hist,
	},
	{
		.name = "top",
		.group = "Check",
		.summary = "what goes on at each array, now",
		.synopsis = "top [[-i] TRACE] [-a ARRAY]... [--strict] [INTERVAL [COUNT]]\n"
			    "           [-- COMMAND...]",
		.help = "Shows each array every INTERVAL seconds (default 1), in place on a "
			"terminal: writes, how many of them an unplug held back and for how much "
			"of their time, unplugs and their latency, bits that are set, writes of "
			"bitmap pages in flight; and the rules that were broken so far. Ends "
			"after COUNT intervals, with COMMAND, or when interrupted.\n"
			"Exit status: 0, 2 error, 3 something was lost or the trace ends early, 4 "
			"COMMAND failed.",
		.takes = "aiTsrvwIc",
		.run = bt_cmd_top,
	},
	{
		.name = "watch",
		.group = "Check",
		.summary = "check on and on, with metrics for monitoring",
		.synopsis = "watch --textfile FILE [[-i] TRACE] [-a ARRAY]... [--strict]\n"
			    "           [INTERVAL [COUNT]]",
		.help = "Judges a running kernel until it is interrupted, and replaces FILE every "
			"INTERVAL seconds (default 15): times that each rule was broken and held, "
			"whether it can be judged, latencies, losses. A rule that fails is also "
			"reported on standard error, at the end of its interval.\n"
			"Exit status: 0 PASS, 1 FAIL, 2 error, or FILE could not be written, 3 "
			"UNKNOWN.",
		.takes = "aiTsrvwIp",
		.run = bt_cmd_watch,
	},
	{
		.name = "record",
		.group = "Traces",
		.summary = "record the events of a running kernel",
		.synopsis = "record [-a ARRAY]... [--strict] -o TRACE [-- COMMAND...]",
		.help = "Records events while COMMAND runs, or until interrupted.\n"
			"Exit status: 0, 2 error or TRACE could not be written to its end, 4 "
			"COMMAND failed.",
		.takes = "aorsvwc",
		.run = bt_cmd_record,
	},
	{
		.name = "dump",
		.group = "Traces",
		.summary = "print the events of a recorded trace",
		.synopsis = "dump [-i] TRACE [-a ARRAY]... [--event EVENT]... [--chunk N]\n"
			    "           [--from S] [--to S] [--relative] [-n N] [-f FORMAT]",
		.help = "Prints the events of a recorded trace, one a line.\n"
			"Exit status: 0, 2 error, 3 the trace ends early or is damaged.",
		.takes = "aifTVuFUzn",
		.run = bt_cmd_dump,
	},
	{
		.name = "pairs",
		.group = "Traces",
		.summary = "interleavings that a recorded run has, and has not",
		.synopsis = "pairs [-i] TRACE",
		.help = "Prints which steps of the bitmap's protocol came one right after the "
			"other on the same chunk, or the same page of the bitmap, by different "
			"tasks; of the steps that came at all, also the pairs that did not; of a "
			"run with --perturb SEED:SLICE the slices that saw new ones.\n"
			"Exit status: 0, 2 error, 3 the trace ends early or is damaged.",
		.takes = "iT",
		.run = bt_cmd_pairs,
	},
	{
		.name = "crash",
		.group = "Crashes",
		.summary = "judge every crash point of a log of a disk's writes",
		.synopsis = "crash -i WRITELOG -l LAYOUT [--cache] [-f FORMAT]\n"
			    "       bitmap-trace crash -i WRITELOG --at ENTRY -o DISK",
		.help = "Judges every crash point of a write log (dm-log-writes, QEMU's "
			"blklogwrites): would md resync each chunk on which members differ? "
			"LAYOUT says where the array lies on the logged disk. With --at, DISK "
			"becomes what a crash after that entry leaves.\n"
			"Exit status: 0 PASS, 1 FAIL, 2 error, 3 UNKNOWN.",
		.takes = "ioflkt",
		.run = bt_cmd_crash,
	},
	{
		.name = "list",
		.group = "This machine",
		.summary = "md arrays and their bitmaps",
		.synopsis = "list [-f FORMAT]",
		.help = "Lists the md arrays of this machine and where their bitmaps are.",
		.takes = "f",
		.run = bt_cmd_list,
	},
	{
		.name = "doctor",
		.group = "This machine",
		.summary = "what can be traced here",
		.synopsis = "doctor [-f FORMAT]",
		.help = "Shows whether this machine and kernel can be traced, the state of each "
			"function that is hooked, and what cannot be judged here.\n"
			"Exit status: 0 all rules can be judged, 2 tracing is not possible, 3 some "
			"rules cannot be judged.",
		.takes = "fvw",
		.run = bt_cmd_doctor,
	},
	{ .name = NULL },
};

const struct bt_command *bt_command_find(const char *name)
{
	const struct bt_command *command;

	for (command = bt_commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

void bt_commands_usage(FILE *out)
{
	const struct bt_command *command;
	const char *group = "";

	fputs("usage: bitmap-trace SUBCOMMAND [OPTION]... [-- COMMAND...]\n\n"
	      "Traces the write-intent bitmaps of Linux md arrays and checks their protocol.\n",
	      out);
	for (command = bt_commands; command->name; command++) {
		if (strcmp(command->group, group))
			fprintf(out, "\n%s\n", command->group);
		group = command->group;
		fprintf(out, "  %-8s %s\n", command->name, command->summary);
	}
	fputs("\n  help [SUBCOMMAND], --help, --version\n", out);
}
