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
#include "cli/option_table.h"
#include "event/event_desc.h"
#include "hist/stage_set.h"
#include "invariants/invariant.h"
#include "report/paper.h"

/* hist's, seconds: a year. In nanoseconds it leaves room to add to any time stamp. */
#define INTERVAL_MAX 31536000ul

/* --heat's, if it is not given. */
#define HEAT_INTERVAL 1ul

/* --ring-size, KiB: a page, and 1 GiB. */
#define RING_KIB_MIN 4ul
#define RING_KIB_MAX (1ul << 20)

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

bool bt_command_takes(const struct bt_command *command, int letter)
{
	return letter == 'h' || strchr(command->takes, letter);
}

const char *bt_format_name(enum bt_format format)
{
	static const char *const names[] = {
		[BT_FORMAT_TEXT] = "text", [BT_FORMAT_JSON] = "json",
		[BT_FORMAT_KTAP] = "ktap", [BT_FORMAT_OPENMETRICS] = "openmetrics",
		[BT_FORMAT_HDR] = "hdr",
	};

	return names[format];
}

/* check alone reports in KTAP, hist alone in OpenMetrics. */
bool bt_format_allowed(const struct bt_command *command, enum bt_format format)
{
	if (format == BT_FORMAT_OPENMETRICS || format == BT_FORMAT_HDR)
		return bt_command_takes(command, 'p') && bt_command_takes(command, 'f');
	return format != BT_FORMAT_KTAP || !strcmp(command->name, "check");
}

static const char *format_list(const struct bt_command *command)
{
	if (bt_format_allowed(command, BT_FORMAT_OPENMETRICS))
		return "text, json, openmetrics or hdr";
	return bt_format_allowed(command, BT_FORMAT_KTAP) ? "text, json or ktap" : "text or json";
}

#define HELP_COLUMN 23

static void print_option(const struct bt_paper *paper, const struct bt_command *command,
			 const struct bt_option *option)
{
	bool of_log = option->log_help && bt_command_takes(command, 'l');
	const char *value = of_log ? option->log_value : option->value;
	const char *help = of_log ? option->log_help : option->help;
	char initial[] = "-x, ", label[64];

	initial[1] = (char)option->letter;
	snprintf(label, sizeof(label), "  %s--%s%s%s", option->is_short ? initial : "    ",
		 option->name, value ? " " : "", value ? value : "");
	if (option->letter == 'f')
		bt_paper_item(paper, HELP_COLUMN, label, BT_INK_NONE, "%s; %s",
			      format_list(command), help);
	else
		bt_paper_item(paper, HELP_COLUMN, label, BT_INK_NONE, "%s", help);
}

static void print_help(const struct bt_command *command)
{
	struct bt_paper paper = { .out = stdout, .term = bt_term_of(stdout) };
	const struct bt_option *option;
	const char *line, *end;

	printf("usage: bitmap-trace %s\n\n", command->synopsis);
	for (line = command->help; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		bt_paper_item(&paper, 0, "", BT_INK_NONE, "%.*s", (int)(end - line), line);
	}
	puts("");
	for (option = bt_option_table; option->name; option++)
		if (bt_command_takes(command, option->letter))
			print_option(&paper, command, option);
}

static int parse_format(const struct bt_command *command, const char *text, enum bt_format *format)
{
	unsigned int i;

	for (i = BT_FORMAT_TEXT; i < BT_FORMATS; i++) {
		if (strcmp(text, bt_format_name((enum bt_format)i)) ||
		    !bt_format_allowed(command, (enum bt_format)i))
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

/* SEED[:SLICE][,MAX][,PLACE]... */
static int parse_perturb(const struct bt_command *command, struct bt_options *options)
{
	char why[640];

	if (bt_perturb_parse(optarg, &options->plan, why, sizeof(why)))
		return usage(command, "--perturb: %s", why);
	options->perturbed = true;
	return 0;
}

/* "99", "99.95": in millionths. */
static bool parse_percentile(const char *text, uint32_t *per_million)
{
	size_t whole = strspn(text, "0123456789");
	const char *rest = text + whole + (text[whole] == '.');
	size_t digits = strspn(rest, "0123456789"), i;
	uint32_t value = 0;

	if (!whole || whole > 3 || digits > 4 || rest[digits])
		return false;
	for (i = 0; i < whole; i++)
		value = value * 10 + (uint32_t)(text[i] - '0');
	for (i = 0; i < 4; i++)
		value = value * 10 + (i < digits ? (uint32_t)(rest[i] - '0') : 0);
	*per_million = value;
	return value && value <= 1000000;
}

/* P[,P]... */
static int parse_percentiles(const struct bt_command *command, char *list,
			     struct bt_percentiles *percentiles)
{
	char *text;

	while ((text = strsep(&list, ","))) {
		if (percentiles->nr == BT_PERCENTILES_MAX)
			return usage(command, "more than %d percentiles", BT_PERCENTILES_MAX);
		if (!parse_percentile(text, &percentiles->per_million[percentiles->nr++]))
			return usage(command,
				     "--percentiles '%s': expected a number above 0, at "
				     "most 100, "
				     "with up to four decimals",
				     text);
	}
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
	if (options->inputs_nr && !bt_command_takes(command, 'M') &&
	    !bt_command_takes(command, 'D') &&
	    !(bt_command_takes(command, 'S') && options->inputs_nr == 1))
		return usage(command,
			     bt_command_takes(command, 'S')
				     ? "it reads two files at most: '%s', another, and '%s'"
				     : "it reads one file, '%s' and '%s' are two",
			     options->input, path);
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
	case 'q':
		return &options->fail_fast;
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
	case 'Q':
		return parse_percentiles(command, optarg, &options->percentiles);
	case 'x':
		return parse_number(command, "--max", optarg, 1, ULONG_MAX, &options->max);
	case 'P':
		return parse_perturb(command, options);
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

/* The table, as getopt_long takes it; both have room for BT_OPTIONS_MAX. */
static void for_getopt(struct option *options, char *letters)
{
	const struct bt_option *option;

	*letters++ = ':';
	for (option = bt_option_table; option->name; option++) {
		*options++ = (struct option){ option->name, option->value != NULL, NULL,
					      option->letter };
		if (!option->is_short)
			continue;
		*letters++ = (char)option->letter;
		if (option->value)
			*letters++ = ':';
	}
	*letters = 0;
	*options = (struct option){ 0 };
}

/* Returns 0, 1 when help was printed, or -EINVAL. */
static int parse_letters(const struct bt_command *command, int argc, char **argv,
			 struct bt_options *options)
{
	char letters[2 * BT_OPTIONS_MAX + 2];
	struct option table[BT_OPTIONS_MAX + 1];
	int letter, err;

	for_getopt(table, letters);
	opterr = 0;
	optind = 0; /* start anew, whoever called getopt before */
	while ((letter = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		if (letter == '?' || letter == ':')
			return parse_failure(command, letter, argv);
		if (letter == 'h') {
			print_help(command);
			return 1;
		}
		if (!bt_command_takes(command, letter))
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
	if (bt_command_takes(command, 'I'))
		return usage(command,
			     "'%s' is neither a trace (%s) nor INTERVAL or COUNT, a whole "
			     "number",
			     word, strerror(errno));
	if (bt_command_takes(command, 'T') && bt_command_takes(command, 'c'))
		return usage(command, "'%s' is no trace (%s); put '--' before a COMMAND", word,
			     strerror(errno));
	if (bt_command_takes(command, 'T'))
		return usage(command, "'%s' is no trace: %s", word, strerror(errno));
	if (bt_command_takes(command, 'c'))
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
		if (bt_command_takes(command, 'W'))
			err = add_rule(command, words[i], options->rules, &options->rules_nr);
		else if (bt_command_takes(command, 'I') && is_digits(words[i]))
			err = parse_count(command, words[i], options);
		else if (bt_command_takes(command, 'T') && !stat(words[i], &file))
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
	if (!options->textfile && !bt_command_takes(command, 'f'))
		return usage(command, "--textfile FILE is missing");
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
	if (bt_command_takes(command, 't'))
		return check_crash(command, options);
	if (bt_command_takes(command, 'D') && options->inputs_nr != 2)
		return usage(command, "two runs are compared, not %u", options->inputs_nr);
	if (options->input && options->perturbed)
		return usage(command, "--perturb is for the running kernel, not for -i");
	if (options->input && options->ring_kib)
		return usage(command, "--ring-size is for the running kernel, not for -i");
	if (options->input && options->fail_fast)
		return usage(command, "--fail-fast is for the running kernel, not for -i");
	if (bt_command_takes(command, 'O') && !options->output)
		return usage(command, "-o FILE is missing");
	if (options->input && options->output && !bt_command_takes(command, 'O'))
		return usage(command, "-i and -o exclude each other");
	if (!options->input && bt_command_takes(command, 'i') && !bt_command_takes(command, 'c') &&
	    !bt_command_takes(command, 'r'))
		return usage(command, "-i TRACE is missing");
	if (!options->output && bt_command_takes(command, 'o') && !bt_command_takes(command, 'i'))
		return usage(command, "-o TRACE is missing");
	if (bt_command_takes(command, 'p'))
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
		if (!bt_command_takes(command, 'c'))
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
