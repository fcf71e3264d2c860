// SPDX-License-Identifier: GPL-2.0-only
#include "cli/option_table.h"

#define SHORT(l, n)	      .letter = (l), .is_short = true, .name = (n)
#define LONG(l, n)	      .letter = (l), .name = (n)
#define HELP(text)	      .help = (text)
#define VALUE(metavar, text)  .value = (metavar), .help = (text)
#define OF_LOG(metavar, text) .log_value = (metavar), .log_help = (text)

const struct bt_option bt_option_table[BT_OPTIONS_MAX] = {
	{ SHORT('a', "array"),
	  VALUE("ARRAY", "only this array (md0, /dev/md0, 9:0; of the running kernel also "
			 "/dev/md/NAME); may be repeated") },
	{ SHORT('i', "input"),
	  VALUE("TRACE", "events from a recorded trace instead of the running kernel; - is "
			 "standard input"),
	  OF_LOG("WRITELOG", "the log of a disk's writes; - is standard input") },
	{ SHORT('o', "output"), VALUE("TRACE", "record the events to TRACE"),
	  OF_LOG("DISK", "with --at: the file to write") },
	{ SHORT('l', "layout"),
	  VALUE("LAYOUT", "where the array lies on the logged disk; see docs/crash.md") },
	{ LONG('k', "cache"),
	  HELP("a write counts as durable only after a later flush, or if FUA") },
	{ LONG('t', "at"),
	  VALUE("ENTRY", "write the disk as it is after that entry to DISK (-o); 0: before the "
			 "first") },
	{ LONG('s', "strict"), HELP("also record and judge what rules for disks with a volatile "
				    "write cache need") },
	{ LONG('r', "ring-size"),
	  VALUE("KIB", "size of the buffer for events that were not read yet, a power of 2; "
		       "default 32768") },
	{ LONG('P', "perturb"),
	  VALUE("SEED[:SLICE][,MAX][,PLACE]...",
		"hold up the kernel now and then, for at most MAX microseconds (2000), where "
		"the bitmap's protocol has its steps, by random numbers from SEED, or from SEED + "
		"1 "
		"after SLICE milliseconds and so on; PLACE: only there (docs/explore.md). For "
		"test machines") },
	{ LONG('R', "rule"), VALUE("RULE", "judge only this rule; may be repeated") },
	{ LONG('K', "known"),
	  VALUE("RULE", "a failure of this rule is known and fails nothing; may be repeated") },
	{ LONG('B', "baseline"),
	  VALUE("FILE",
		"the failures of an earlier run are known, too: FILE is a trace, or what "
		"check -f json printed; a rule that is broken in another way still fails") },
	{ LONG('q', "fail-fast"),
	  HELP("end the run at the first failure that is not known: COMMAND gets SIGTERM, and "
	       "SIGKILL after 5 s") },
	{ LONG('E', "events"), HELP("also print the events that show each broken rule") },
	{ LONG('A', "all"), HELP("also print a line for each time that a rule was broken") },
	{ LONG('x', "max"), VALUE("N", "with --all: at most N lines for a rule") },
	{ LONG('L', "list-rules"), HELP("print the rules; 'bitmap-trace explain' has more") },
	{ LONG('V', "event"),
	  VALUE("EVENT[,EVENT]...", "only these (set_bit, data_start, ...); may be repeated") },
	{ LONG('u', "chunk"),
	  VALUE("N", "only what is about chunk N, or the bitmap page it lies in") },
	{ LONG('F', "from"), VALUE("S", "not before S seconds, as dump prints them") },
	{ LONG('U', "to"), VALUE("S", "not after S seconds") },
	{ LONG('z', "relative"),
	  HELP("times, also those of --from and --to, from the first event on") },
	{ SHORT('n', "lines"), VALUE("N", "at most N events") },
	{ LONG('m', "save-counterexample"),
	  VALUE("FILE[:INVARIANT]",
		"write the events that show INVARIANT broken, and no others, to FILE, a trace of "
		"its own; default: of the first that is. The report marks them. Needs -i TRACE (a "
		"file) or -o TRACE, which is read again") },
	{ LONG('g', "stage"),
	  VALUE("STAGE[,STAGE]...",
		"only these stages (unplug, page_write, ...: docs/latency.md); may be repeated") },
	{ LONG('Q', "percentiles"),
	  VALUE("P[,P]...", "these in text, such as 50,99,99.99; one that the count does not "
			    "carry is -") },
	{ LONG('H', "histograms"), HELP("at each INTERVAL histograms instead of a table") },
	{ LONG('e', "heat"),
	  HELP("a heat map: a row an INTERVAL (default 1), a column a power of two; with one "
	       "--stage rows appear as time goes on") },
	{ LONG('p', "textfile"),
	  VALUE("FILE", "at each INTERVAL and at the end also replace FILE by the counts of the "
			"run so far, as -f openmetrics prints them: for node_exporter's textfile "
			"collector (NAME.prom)") },
	{ LONG('w', "no-wait"),
	  HELP("end at once; the probes are detached in the background, which takes about 3 s") },
	{ SHORT('v', "verbose"), HELP("print what is done, with libbpf's messages") },
	{ SHORT('f', "format"), VALUE("FORMAT", "default text") }, /* --help names the others */
	{ SHORT('h', "help"), HELP("this text") },
};
