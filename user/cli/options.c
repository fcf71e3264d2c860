// SPDX-License-Identifier: GPL-2.0-only
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/same_file.h"
#include "event/event_desc.h"
#include "hist/stage_set.h"
#include "invariants/invariant.h"

static const struct option long_options[] = {
	{ "array", required_argument, NULL, 'a' },
	{ "input", required_argument, NULL, 'i' },
	{ "output", required_argument, NULL, 'o' },
	{ "format", required_argument, NULL, 'f' },
	{ "layout", required_argument, NULL, 'l' },
	{ "cache", no_argument, NULL, 'k' },
	{ "at", required_argument, NULL, 't' },
	{ "strict", no_argument, NULL, 's' },
	{ "ring-size", required_argument, NULL, 'r' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "no-wait", no_argument, NULL, 'w' },
	{ "save-counterexample", required_argument, NULL, 'm' },
	{ "stage", required_argument, NULL, 'g' },
	{ "histograms", no_argument, NULL, 'H' },
	{ "heat", no_argument, NULL, 'e' },
	{ "textfile", required_argument, NULL, 'p' },
	{ "events", no_argument, NULL, 'E' },
	{ "all", no_argument, NULL, 'A' },
	{ "max", required_argument, NULL, 'x' },
	{ "rule", required_argument, NULL, 'R' },
	{ "list-rules", no_argument, NULL, 'L' },
	{ "event", required_argument, NULL, 'V' },
	{ "chunk", required_argument, NULL, 'u' },
	{ "from", required_argument, NULL, 'F' },
	{ "to", required_argument, NULL, 'U' },
	{ "relative", no_argument, NULL, 'z' },
	{ "lines", required_argument, NULL, 'n' },
	{ "known", required_argument, NULL, 'K' },
	{ "baseline", required_argument, NULL, 'B' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* hist's, seconds: a year. In nanoseconds it leaves room to add to any time stamp. */
#define INTERVAL_MAX 31536000ul

/* --heat's, if it is not given. */
#define HEAT_INTERVAL 1ul

/* --ring-size, KiB: a page, and 1 GiB. */
#define RING_KIB_MIN 4ul
#define RING_KIB_MAX (1ul << 20)

/* The others have no short form. */
#define SHORT_OPTIONS ":a:i:o:f:l:n:vh"

static const struct {
	char letter;
	const char *help;
	const char *log_help; /* of a subcommand that reads a write log, if other */
} option_help[] = {
	{ .letter = 'a',
	  .help = "  -a, --array ARRAY    only this array (md0, /dev/md0, 9:0; without -i also "
		  "/dev/md/NAME);\n"
		  "                       may be repeated" },
	{ .letter = 'i',
	  .help = "  -i, --input TRACE    events from a recorded trace instead of the running "
		  "kernel;\n"
		  "                       - is standard input",
	  .log_help = "  -i, --input WRITELOG the log of a disk's writes; - is standard input" },
	{ .letter = 'o',
	  .help = "  -o, --output TRACE   record the events to TRACE",
	  .log_help = "  -o, --output DISK    with --at: the file to write" },
	{ .letter = 'l',
	  .help = "  -l, --layout LAYOUT  where the array lies on the logged disk; see "
		  "docs/crash.md" },
	{ .letter = 'k',
	  .help = "      --cache          a write counts as durable only after a later flush, or "
		  "if FUA" },
	{ .letter = 't',
	  .help = "      --at ENTRY       write the disk as it is after that entry to DISK (-o);\n"
		  "                       0: before the first" },
	{ .letter = 's',
	  .help = "      --strict         also record and judge what rules for disks with a\n"
		  "                       volatile write cache need" },
	{ .letter = 'r',
	  .help = "      --ring-size KIB  size of the buffer for events that were not read yet, a "
		  "power of 2;\n"
		  "                       default 32768" },
	{ .letter = 'R', .help = "      --rule RULE      judge only this rule; may be repeated" },
	{ .letter = 'K',
	  .help = "      --known RULE     a failure of this rule is known and fails nothing; may "
		  "be "
		  "repeated" },
	{ .letter = 'B',
	  .help = "      --baseline FILE  so are those of an earlier run: a trace, or what check "
		  "-f "
		  "json\n"
		  "                       printed; a rule that is broken in another way is not" },
	{ .letter = 'E',
	  .help = "      --events         also print the events that show each broken rule" },
	{ .letter = 'A',
	  .help = "      --all            also print a line for each time that a rule was broken" },
	{ .letter = 'x', .help = "      --max N          with --all: at most N lines for a rule" },
	{ .letter = 'L',
	  .help = "      --list-rules     print the rules; 'bitmap-trace explain' has more" },
	{ .letter = 'V',
	  .help = "      --event EVENT[,EVENT]...\n"
		  "                       only these (set_bit, data_start, ...); may be repeated" },
	{ .letter = 'u',
	  .help = "      --chunk N        only what is about chunk N, or the bitmap page it lies "
		  "in" },
	{ .letter = 'F',
	  .help = "      --from S         not before S seconds, as dump prints them" },
	{ .letter = 'U', .help = "      --to S           not after S seconds" },
	{ .letter = 'z',
	  .help = "      --relative       times, also those of --from and --to, from the first "
		  "event "
		  "on" },
	{ .letter = 'n', .help = "  -n, --lines N        at most N events" },
	{ .letter = 'm',
	  .help = "      --save-counterexample FILE[:INVARIANT]\n"
		  "                       write the events that show INVARIANT broken, and no "
		  "others,\n"
		  "                       to FILE, a trace of its own; default: of the first that "
		  "is.\n"
		  "                       The report marks them. Needs -i TRACE (a file) or -o "
		  "TRACE,\n"
		  "                       which is read again" },
	{ .letter = 'g',
	  .help = "      --stage STAGE[,STAGE]...\n"
		  "                       only these stages (unplug, page_write, ...: "
		  "docs/latency.md);\n"
		  "                       may be repeated" },
	{ .letter = 'H',
	  .help = "      --histograms     at each INTERVAL histograms instead of a table" },
	{ .letter = 'e',
	  .help = "      --heat           a heat map: a row an INTERVAL (default 1), a column a "
		  "power\n"
		  "                       of two; with one --stage rows appear as time goes on" },
	{ .letter = 'p',
	  .help = "      --textfile FILE  at each INTERVAL and at the end also replace FILE by "
		  "the\n"
		  "                       counts of the run so far, as -f openmetrics prints "
		  "them:\n"
		  "                       for node_exporter's textfile collector (NAME.prom)" },
	{ .letter = 'w',
	  .help = "      --no-wait        end at once; the probes are detached behind it, about 3 "
		  "s" },
	{ .letter = 'v',
	  .help = "  -v, --verbose        tell what is done, with libbpf's messages" },
};

__attribute__((format(printf, 2, 3))) static int usage(const struct bt_command *command,
						       const char *format, ...)
{
	va_list args;

	fprintf(stderr, "bitmap-trace %s: ", command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; try 'bitmap-trace %s --help'\n", command->name);
	return -EINVAL;
}

static bool takes(const struct bt_command *command, int letter)
{
	return letter == 'h' || strchr(command->takes, letter);
}

/* check alone reports in KTAP, hist alone in OpenMetrics. */
static bool format_allowed(const struct bt_command *command, enum bt_format format)
{
	if (format == BT_FORMAT_OPENMETRICS)
		return takes(command, 'p');
	return format != BT_FORMAT_KTAP || !strcmp(command->name, "check");
}

static const char *format_list(const struct bt_command *command)
{
	if (format_allowed(command, BT_FORMAT_OPENMETRICS))
		return "text, json or openmetrics";
	return format_allowed(command, BT_FORMAT_KTAP) ? "text, json or ktap" : "text or json";
}

static void print_help(const struct bt_command *command)
{
	unsigned int i;

	printf("usage: bitmap-trace %s\n\n%s\n\n", command->synopsis, command->help);
	for (i = 0; i < sizeof(option_help) / sizeof(option_help[0]); i++)
		if (takes(command, option_help[i].letter))
			puts(option_help[i].log_help && takes(command, 'l')
				     ? option_help[i].log_help
				     : option_help[i].help);
	if (takes(command, 'f'))
		printf("  -f, --format FORMAT  %s; default text\n", format_list(command));
	puts("  -h, --help           this text");
}

static int parse_format(const struct bt_command *command, const char *text, enum bt_format *format)
{
	static const char *const names[] = {
		[BT_FORMAT_TEXT] = "text",
		[BT_FORMAT_JSON] = "json",
		[BT_FORMAT_KTAP] = "ktap",
		[BT_FORMAT_OPENMETRICS] = "openmetrics",
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) || !format_allowed(command, (enum bt_format)i))
			continue;
		*format = (enum bt_format)i;
		return 0;
	}
	return usage(command, "unknown format '%s', expected %s", text, format_list(command));
}

static bool is_digits(const char *text)
{
	return text[0] && text[strspn(text, "0123456789")] == 0;
}

static int parse_number(const struct bt_command *command, const char *what, const char *text,
			unsigned long min, unsigned long max, unsigned long *value)
{
	unsigned long number = 0;

	/* strtoul would also take blanks and a sign. */
	if (!is_digits(text))
		return usage(command, "%s '%s': expected a whole number", what, text);
	errno = 0;
	number = strtoul(text, NULL, 10);
	if (errno || number > max)
		return usage(command, "%s '%s' is too large, at most %lu", what, text, max);
	if (number < min)
		return usage(command, "%s '%s': expected a whole number above 0", what, text);
	*value = number;
	return 0;
}

static int parse_ring_size(const struct bt_command *command, unsigned long *kib)
{
	unsigned long new = 0;
	int err = parse_number(command, "--ring-size", optarg, 1, RING_KIB_MAX, &new);

	if (err)
		return err;
	if (new < RING_KIB_MIN || new &(new - 1))
		return usage(command, "--ring-size '%s': expected a power of 2 from %lu to %lu",
			     optarg, RING_KIB_MIN, RING_KIB_MAX);
	*kib = new;
	return 0;
}

/* FILE, or FILE:INVARIANT; a ':' before a '/' is part of FILE. */
static int parse_save(const struct bt_command *command, char *text, struct bt_options *options)
{
	char *name = strrchr(text, ':');

	options->save = text;
	options->save_of = NULL;
	if (name && !strchr(name, '/')) {
		*name++ = 0;
		options->save_of = name;
	}
	if (!text[0])
		return usage(command, "--save-counterexample: FILE is missing");
	if (options->save_of && !bt_invariant_find(options->save_of))
		return usage(command, "--save-counterexample: there is no invariant '%s'",
			     options->save_of);
	return 0;
}

static int unknown_stage(const struct bt_command *command, const char *name)
{
	char list[512] = "";
	unsigned int i;

	for (i = 0; i < BT_STAGES; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 bt_stages[i].name);
	return usage(command, "--stage: there is no stage '%s', expected one of %s", name, list);
}

/* STAGE[,STAGE]... */
static int parse_stages(const struct bt_command *command, char *names, unsigned int *stages)
{
	char *name;

	while ((name = strsep(&names, ","))) {
		enum bt_stage stage = bt_stage_find(name);

		if (stage == BT_STAGES)
			return unknown_stage(command, name);
		*stages |= bt_stage_bit(stage);
	}
	return 0;
}

/* EVENT[,EVENT]... */
static int parse_events(const struct bt_command *command, char *names, bt_type_set *types)
{
	unsigned int type;
	char *name;

	while ((name = strsep(&names, ","))) {
		for (type = 1; type < BT_EVENT_TYPE_MAX; type++)
			if (bt_event_describe(type) && !strcmp(bt_event_type_name(type), name))
				break;
		if (type == BT_EVENT_TYPE_MAX)
			return usage(command,
				     "--event: there is no event '%s'; docs/events.md has "
				     "them",
				     name);
		*types |= BT_TYPE_BIT(type);
	}
	return 0;
}

/* "12", "12.5" */
static int parse_seconds(const struct bt_command *command, const char *what, const char *text,
			 uint64_t *ns)
{
	size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole + (text[whole] == '.');
	size_t digits = strspn(rest, "0123456789"), i;
	uint64_t value = 0;

	if (!whole || whole > 9 || digits > 9 || rest[digits])
		return usage(command, "%s '%s': expected seconds", what, text);
	for (i = 0; i < whole; i++)
		value = value * 10 + (uint64_t)(text[i] - '0');
	for (i = 0; i < 9; i++)
		value = value * 10 + (i < digits ? (uint64_t)(rest[i] - '0') : 0);
	*ns = value;
	return 0;
}

static int add_rule(const struct bt_command *command, const char *name,
		    const struct bt_invariant **rules, unsigned int *nr)
{
	const struct bt_invariant *invariant = bt_invariant_find(name);

	if (!invariant)
		return usage(command, "there is no rule '%s'; 'bitmap-trace explain' lists them",
			     name);
	if (*nr == BT_INVARIANTS_MAX)
		return usage(command, "more than %d rules", BT_INVARIANTS_MAX);
	rules[(*nr)++] = invariant;
	return 0;
}

static int add_input(const struct bt_command *command, const char *path, struct bt_options *options)
{
	if (!path[0])
		return usage(command, "-i: the name of the file is empty");
	if (options->inputs_nr && !takes(command, 'M') && !takes(command, 'D'))
		return usage(command, "it reads one file, '%s' and '%s' are two", options->input,
			     path);
	if (options->inputs_nr == BT_INPUTS_MAX)
		return usage(command, "more than %d traces", BT_INPUTS_MAX);
	options->inputs[options->inputs_nr++] = path;
	options->input = options->inputs[0];
	return 0;
}

/* What an option without a value switches on; NULL: it has a value. */
static bool *flag_of(struct bt_options *options, int letter)
{
	switch (letter) {
	case 'k':
		return &options->cache;
	case 's':
		return &options->strict;
	case 'w':
		return &options->no_wait;
	case 'H':
		return &options->histograms;
	case 'e':
		return &options->heat;
	case 'E':
		return &options->events;
	case 'A':
		return &options->all;
	case 'z':
		return &options->relative;
	case 'L':
		return &options->list_rules;
	case 'v':
		return &options->verbose;
	default:
		return NULL;
	}
}

static int parse_option(const struct bt_command *command, int letter, struct bt_options *options)
{
	bool *flag = flag_of(options, letter);

	if (flag) {
		*flag = true;
		return 0;
	}
	switch (letter) {
	case 'a':
		if (options->arrays_nr == BT_ARRAYS_MAX)
			return usage(command, "more than %d arrays", BT_ARRAYS_MAX);
		options->arrays[options->arrays_nr++] = optarg;
		return 0;
	case 'i':
		return add_input(command, optarg, options);
	case 'o':
		options->output = optarg;
		return 0;
	case 'f':
		return parse_format(command, optarg, &options->format);
	case 'l':
		options->layout = optarg;
		return 0;
	case 't':
		options->replay = true;
		return parse_number(command, "--at", optarg, 0, ULONG_MAX, &options->at);
	case 'r':
		return parse_ring_size(command, &options->ring_kib);
	case 'm':
		return parse_save(command, optarg, options);
	case 'g':
		return parse_stages(command, optarg, &options->stages);
	case 'p':
		options->textfile = optarg;
		return 0;
	case 'x':
		return parse_number(command, "--max", optarg, 1, ULONG_MAX, &options->max);
	case 'R':
		return add_rule(command, optarg, options->rules, &options->rules_nr);
	case 'V':
		return parse_events(command, optarg, &options->types);
	case 'u':
		options->by_chunk = true;
		return parse_number(command, "--chunk", optarg, 0, ULONG_MAX, &options->chunk);
	case 'F':
		return parse_seconds(command, "--from", optarg, &options->from_ns);
	case 'U':
		return parse_seconds(command, "--to", optarg, &options->to_ns);
	case 'n':
		return parse_number(command, "-n", optarg, 1, ULONG_MAX, &options->lines);
	case 'K':
		return add_rule(command, optarg, options->known, &options->known_nr);
	case 'B':
		options->baseline = optarg;
		return 0;
	default:
		return 0;
	}
}

/* What getopt_long did not like, as it was typed. */
static int parse_failure(const struct bt_command *command, int letter, char **argv)
{
	/* A long option has been stepped over; optopt is 0 or its short form. */
	const char *typed = argv[optind - 1];

	if (letter == ':' && !strncmp(typed, "--", 2))
		return usage(command, "option '%s' needs an argument", typed);
	if (letter == ':')
		return usage(command, "option '-%c' needs an argument", optopt);
	if (optopt && strncmp(typed, "--", 2))
		return usage(command, "unknown option '-%c'", optopt);
	return usage(command, "unknown option '%s'", typed);
}

/* Returns 0, 1 when help was printed, or -EINVAL. */
static int parse_letters(const struct bt_command *command, int argc, char **argv,
			 struct bt_options *options)
{
	int letter, err;

	opterr = 0;
	optind = 0; /* start anew, whoever called getopt before */
	while ((letter = getopt_long(argc, argv, SHORT_OPTIONS, long_options, NULL)) != -1) {
		if (letter == '?' || letter == ':')
			return parse_failure(command, letter, argv);
		if (letter == 'h') {
			print_help(command);
			return 1;
		}
		if (!takes(command, letter))
			return usage(command, "option '%s' is not for this subcommand",
				     argv[optind - 1] == optarg ? argv[optind - 2]
								: argv[optind - 1]);
		err = parse_option(command, letter, options);
		if (err)
			return err;
	}
	return 0;
}

static int unexpected(const struct bt_command *command, const char *word)
{
	if (takes(command, 'I'))
		return usage(command,
			     "'%s' is neither a trace (%s) nor INTERVAL or COUNT, a whole number",
			     word, strerror(errno));
	if (takes(command, 'T') && takes(command, 'c'))
		return usage(command, "'%s' is no trace (%s); put '--' before a COMMAND", word,
			     strerror(errno));
	if (takes(command, 'T'))
		return usage(command, "'%s' is no trace: %s", word, strerror(errno));
	if (takes(command, 'c'))
		return usage(command, "'%s' is not expected here; put '--' before the command",
			     word);
	return usage(command, "'%s' is not expected here", word);
}

/* INTERVAL, then COUNT; there is no third. */
static int parse_count(const struct bt_command *command, const char *word,
		       struct bt_options *options)
{
	if (!options->interval)
		return parse_number(command, "INTERVAL", word, 1, INTERVAL_MAX, &options->interval);
	if (!options->count)
		return parse_number(command, "COUNT", word, 1, ULONG_MAX, &options->count);
	return usage(command, "'%s' is not expected here", word);
}

static int parse_positional(const struct bt_command *command, char **words, int nr,
			    struct bt_options *options)
{
	struct stat file;
	int i, err = 0;

	for (i = 0; i < nr && !err; i++) {
		if (takes(command, 'W'))
			err = add_rule(command, words[i], options->rules, &options->rules_nr);
		else if (takes(command, 'I') && is_digits(words[i]))
			err = parse_count(command, words[i], options);
		else if (takes(command, 'T') && !stat(words[i], &file))
			err = add_input(command, words[i], options);
		else
			err = unexpected(command, words[i]);
	}
	return err;
}

/* The events are needed twice: first to find out which of them to look for. */
static int check_save(const struct bt_command *command, const struct bt_options *options)
{
	const char *trace = options->input ? options->input : options->output;

	if (options->inputs_nr > 1)
		return usage(command, "--save-counterexample is of one trace, not of %u",
			     options->inputs_nr);
	if (!trace)
		return usage(command, "--save-counterexample needs -o TRACE, to read it again");
	if (!strcmp(trace, "-"))
		return usage(command, "--save-counterexample cannot read standard input again; "
				      "save it to a file first");
	if (options->output && bt_same_file(options->output, options->save))
		return usage(command, "-o and --save-counterexample are one file, '%s'",
			     options->save);
	return 0;
}

/* Nothing that is written may be what is read. */
static int check_output(const struct bt_command *command, const struct bt_options *options,
			const char *option, const char *output)
{
	unsigned int i;

	for (i = 0; output && i < options->inputs_nr; i++)
		if (bt_same_file(options->inputs[i], output))
			return usage(command, "%s '%s' would overwrite the input '%s'", option,
				     output, options->inputs[i]);
	if (output && options->layout && bt_same_file(options->layout, output))
		return usage(command, "%s '%s' would overwrite LAYOUT", option, output);
	return 0;
}

static int check_outputs(const struct bt_command *command, const struct bt_options *options)
{
	unsigned int i;

	for (i = 0; i < options->inputs_nr; i++)
		if (bt_same_file_fd(options->inputs[i], STDOUT_FILENO))
			return usage(command, "standard output is the input '%s'",
				     options->inputs[i]);
	if (check_output(command, options, "-o", options->output) ||
	    check_output(command, options, "--textfile", options->textfile) ||
	    check_output(command, options, "--save-counterexample", options->save))
		return -EINVAL;
	return 0;
}

static int check_crash(const struct bt_command *command, const struct bt_options *options)
{
	if (!options->input)
		return usage(command, "-i WRITELOG is missing");
	if (options->replay != (options->output != NULL))
		return usage(command, "--at ENTRY and -o DISK need each other");
	if (options->replay && (options->layout || options->cache))
		return usage(command, "--at judges nothing: -l and --cache are not for it");
	if (!options->replay && !options->layout)
		return usage(command, "-l LAYOUT is missing");
	return 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

static int check_forms(const struct bt_command *command, const struct bt_options *options)
{
	if (options->format != BT_FORMAT_TEXT && options->heat)
		return usage(command, "--heat is text: -f is not for it");
	if (options->format != BT_FORMAT_TEXT && options->histograms)
		return usage(command, "--histograms is text: -f is not for it");
	if (options->heat && options->histograms)
		return usage(command, "--heat and --histograms exclude each other");
	if (options->histograms && !options->interval)
		return usage(command, "--histograms needs INTERVAL; without it histograms are "
				      "printed at the end");
	if (options->format == BT_FORMAT_OPENMETRICS && options->interval && !options->textfile)
		return usage(command, "-f openmetrics prints once, at the end; --textfile FILE is "
				      "what is written at each INTERVAL");
	if (options->textfile && !ends_with(options->textfile, ".prom"))
		return usage(command,
			     "--textfile '%s': node_exporter reads only files named *.prom",
			     options->textfile);
	return 0;
}

/* Options that exclude each other, and those a subcommand cannot do without. */
static int check(const struct bt_command *command, const struct bt_options *options)
{
	if (options->input && options->command)
		return usage(command, "'%s' is a recorded trace, no COMMAND can run with it",
			     options->input);
	if (takes(command, 't'))
		return check_crash(command, options);
	if (takes(command, 'D') && options->inputs_nr != 2)
		return usage(command, "two runs are compared, not %u", options->inputs_nr);
	if (options->input && options->ring_kib)
		return usage(command, "--ring-size is for the running kernel, not for -i");
	if (takes(command, 'O') && !options->output)
		return usage(command, "-o FILE is missing");
	if (options->input && options->output && !takes(command, 'O'))
		return usage(command, "-i and -o exclude each other");
	if (!options->input && takes(command, 'i') && !takes(command, 'c'))
		return usage(command, "-i TRACE is missing");
	if (!options->output && takes(command, 'o') && !takes(command, 'i'))
		return usage(command, "-o TRACE is missing");
	if (takes(command, 'p'))
		return check_forms(command, options);
	if (options->max && !options->all)
		return usage(command, "--max is for --all");
	return options->save ? check_save(command, options) : 0;
}

/* Where "--" stands; argc when it does not. */
static int find_separator(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return i;
	return argc;
}

int bt_options_parse(const struct bt_command *command, int argc, char **argv,
		     struct bt_options *options)
{
	struct bt_options new = { .format = BT_FORMAT_TEXT };
	int separator = find_separator(argc, argv), ret;

	if (separator < argc) {
		if (!takes(command, 'c'))
			return usage(command, "it runs no COMMAND");
		if (separator + 1 == argc)
			return usage(command, "COMMAND is missing after '--'");
		new.command = argv + separator + 1;
	}
	ret = parse_letters(command, separator, argv, &new);
	if (!ret)
		ret = parse_positional(command, argv + optind, separator - optind, &new);
	if (!ret)
		ret = check(command, &new);
	if (!ret)
		ret = check_outputs(command, &new);
	if (!ret && new.heat && !new.interval)
		new.interval = HEAT_INTERVAL;
	if (!ret)
		*options = new;
	return ret;
}
