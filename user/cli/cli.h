/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: what every subcommand is given, and the table of them. */
#ifndef BT_CLI_H
#define BT_CLI_H

#include <stdbool.h>

#include "base/output.h"
#include "hist/stage_set.h"
#include "invariants/invariant.h"
#include "perturb/plan.h"
#include "stream/array_filter.h"

#define BT_INPUTS_MAX 1024

/* Options of all subcommands, parsed; strings point into argv. */
struct bt_options {
	const char *arrays[BT_ARRAYS_MAX]; /* -a: "md0", "/dev/md0", "/dev/md/name" or "9:0" */
	unsigned int arrays_nr;
	const char *inputs[BT_INPUTS_MAX]; /* -i TRACE, or TRACE alone; "-" is standard input */
	unsigned int inputs_nr;
	const char *input;		   /* the first of them, or NULL */
	const char *output;		   /* -o TRACE */
	const char *layout;		   /* crash: -l LAYOUT */
	enum bt_format format;		   /* -f */
	const char *save;		   /* --save-counterexample FILE */
	const char *save_of;		   /* ... FILE:INVARIANT; NULL: the first that is broken */
	bool strict;			   /* --strict */
	bool cache;			   /* crash: --cache */
	bool replay;			   /* crash: --at is given */
	unsigned long at;		   /* ... --at ENTRY */
	bool no_wait;			   /* --no-wait: leave the detaching to a child */
	bool verbose;			   /* -v */
	unsigned long ring_kib;		   /* --ring-size: KiB, 0 the default */
	unsigned long interval;		   /* hist, top, watch: seconds, 0 none */
	unsigned long count;		   /* hist: how many intervals, 0 endless */
	unsigned int stages;		   /* hist: --stage, a bit each (bt_stage_bit); 0 all */
	struct bt_percentiles percentiles; /* hist: --percentiles */
	bool histograms;		   /* hist: --histograms */
	bool heat;			   /* hist: --heat */
	const char *textfile;		   /* hist, watch: --textfile FILE */
	bool events;			   /* check: --events */
	bool all;			   /* check: --all */
	unsigned long max;		   /* check: --max N; 0: no bound */
	bool list_rules;		   /* check: --list-rules */
	bool fail_fast;			   /* check: --fail-fast */
	const struct bt_invariant *rules[BT_INVARIANTS_MAX]; /* --rule, explain RULE */
	unsigned int rules_nr;
	const struct bt_invariant *known[BT_INVARIANTS_MAX]; /* check: --known */
	unsigned int known_nr;
	const char *baseline;	     /* check: --baseline FILE */
	bt_type_set types;	     /* dump: --event; 0: all */
	bool by_chunk;		     /* dump: --chunk is given */
	unsigned long chunk;	     /* ... --chunk N */
	uint64_t from_ns, to_ns;     /* dump: --from, --to; 0: not given */
	bool relative;		     /* dump: --relative */
	unsigned long lines;	     /* dump: -n N; 0: no bound */
	bool perturbed;		     /* check: --perturb is given */
	struct bt_perturb_plan plan; /* ... what it says */
	char **words;		     /* of the command line, NULL-terminated */
	const char *version;	     /* of the tool, with its commit; NULL: that of version.h */
	char **command;		     /* what follows --, NULL-terminated; NULL if none */
};

/* One subcommand. takes: the short letters of the options it accepts. */
struct bt_command {
	const char *name;
	const char *group;    /* its heading in the list of subcommands */
	const char *summary;  /* there, and in the manual */
	const char *synopsis; /* without "bitmap-trace "; lines */
	const char *help;     /* paragraphs, ended by newlines; wrapped when printed */
	const char *takes;    /* of "a i o f s r v w n c m l k t g H e p T M": I = INTERVAL [COUNT],
				 c = -- COMMAND, T = TRACE without -i, M = several of them, s =
				 --strict, r = --ring-size, w = --no-wait, m =
				 --save-counterexample, k = --cache, t = --at, g = --stage, H =
				 --histograms, e = --heat, p = --textfile, E = --events, A = --all,
				 x = --max, R = --rule, L = --list-rules, K = --known,
				 B = --baseline, W = RULE, D = two of TRACE,
				 O = -o beside a TRACE, V = --event, u = --chunk, F = --from,
				 U = --to, z = --relative, n = -n,
				 q = --fail-fast, S = a second TRACE,
				 P = --perturb, Q = --percentiles */
	int (*run)(const struct bt_options *options);
};

bool bt_command_takes(const struct bt_command *command, int letter);

int bt_cmd_check(const struct bt_options *options);
int bt_cmd_record(const struct bt_options *options);
int bt_cmd_dump(const struct bt_options *options);
int bt_cmd_hist(const struct bt_options *options);
int bt_cmd_pairs(const struct bt_options *options);
int bt_cmd_top(const struct bt_options *options);
int bt_cmd_watch(const struct bt_options *options);
int bt_cmd_crash(const struct bt_options *options);
int bt_cmd_diff(const struct bt_options *options);
int bt_cmd_timeline(const struct bt_options *options);
int bt_cmd_explain(const struct bt_options *options);
int bt_cmd_list(const struct bt_options *options);
int bt_cmd_doctor(const struct bt_options *options);

#endif /* BT_CLI_H */
