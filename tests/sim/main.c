// SPDX-License-Identifier: GPL-2.0-only
/* Simulated histories from the command line: judge them, or write one as a trace. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "judge.h"
#include "trace/trace.h"

struct args {
	uint64_t seed, runs, events;
	const struct sim_mutation *mutation;
	struct sim_loss_options loss;
	const char *trace;
	bool verbose;
};

static const char usage[] =
	"usage: sim [--seed N] [--runs N] [--events N] [--mutation NAME] [--loss ring|probe|map]\n"
	"           [--loss-one-in N] [--loss-of data|counters|super|flush|irqs] [--trace FILE] "
	"[--verbose]\n"
	"           | --list\n"
	"Each run takes the next seed. Exit status: 0 as expected, 1 not, 2 usage or other "
	"error.\n";

static int list(void)
{
	const struct sim_mutation *mutation;
	unsigned int i;

	for (mutation = sim_mutations + 1; mutation->name; mutation++) {
		printf("%s: %s\n    breaks %s", mutation->name, mutation->what, mutation->breaks);
		for (i = 0; i < SIM_FOLLOWS_MAX && mutation->follows[i]; i++)
			printf("%s %s", i ? "," : "; may follow:", mutation->follows[i]);
		printf("\n");
	}
	return 0;
}

static bool parse_number(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 0);
	if (*text && !*end)
		return true;
	fprintf(stderr, "sim: not a number: %s\n", text);
	return false;
}

static bool parse_loss(const char *text, struct sim_loss_options *loss)
{
	loss->kind = !strcmp(text, "ring")    ? SIM_LOSS_RING
		     : !strcmp(text, "probe") ? SIM_LOSS_PROBE
		     : !strcmp(text, "map")   ? SIM_LOSS_MAP
					      : SIM_LOSS_NONE;
	if (loss->kind)
		return true;
	fprintf(stderr, "sim: no such loss: %s; there are ring, probe and map\n", text);
	return false;
}

static bool parse_mutation(const char *text, struct args *args)
{
	args->mutation = sim_mutation_find(text);
	if (args->mutation)
		return true;
	fprintf(stderr, "sim: no such mutation: %s; --list names them\n", text);
	return false;
}

static bool parse_loss_of(const char *text, struct sim_loss_options *loss)
{
	loss->only = sim_loss_set(text);
	if (!loss->only)
		fprintf(stderr, "sim: no such set of types: %s\n", text);
	return loss->only;
}

static bool parse_one(int option, struct args *args)
{
	switch (option) {
	case 's':
		return parse_number(optarg, &args->seed);
	case 'r':
		return parse_number(optarg, &args->runs);
	case 'e':
		return parse_number(optarg, &args->events);
	case 'm':
		return parse_mutation(optarg, args);
	case 'l':
		return parse_loss(optarg, &args->loss);
	case 'o':
		return parse_number(optarg, &args->loss.one_in) && args->loss.one_in;
	case 'f':
		return parse_loss_of(optarg, &args->loss);
	case 't':
		args->trace = optarg;
		return true;
	case 'v':
		args->verbose = true;
		return true;
	default:
		return false;
	}
}

static void show(const struct sim_judgement *judgement)
{
	unsigned int i;

	for (i = 0; i < judgement->nr; i++)
		printf("%-7s %-28s %s\n", bt_verdict_name(judgement->verdicts[i]),
		       judgement->invariants[i]->name, judgement->reasons[i]);
	printf("mutation done %llu times, records lost %llu\n",
	       (unsigned long long)judgement->outcome.mutated,
	       (unsigned long long)judgement->dropped);
}

static void show_tally(const struct sim_tally *tally)
{
	unsigned int i;

	for (i = 0; i < tally->nr; i++)
		printf("%-28s whole histories: held %llu, not judged %llu; others: %llu, %llu\n",
		       tally->invariants[i]->name, (unsigned long long)tally->held[i][1],
		       (unsigned long long)tally->unjudged[i][1],
		       (unsigned long long)tally->held[i][0],
		       (unsigned long long)tally->unjudged[i][0]);
}

static bool judge(const struct args *args, uint64_t seed, struct bt_sink *also,
		  struct sim_tally *tally)
{
	struct sim_options options = { .seed = seed,
				       .events = args->events,
				       .mutation = args->mutation };
	struct sim_loss_options loss = args->loss;
	struct sim_judgement full, lossy;
	char why[512];
	bool ok;

	sim_judge(&options, NULL, loss.kind ? NULL : also, &full);
	loss.seed = seed;
	if (loss.kind) {
		sim_judge(&options, &loss, also, &lossy);
		ok = sim_expect_loss(&full, &lossy, why, sizeof(why));
	} else if (args->mutation && args->mutation->id) {
		ok = sim_expect_mutation(&full, args->mutation, why, sizeof(why));
	} else {
		ok = sim_expect_legal(&full, why, sizeof(why));
		sim_tally_add(tally, &full);
	}
	if (args->verbose)
		show(loss.kind ? &lossy : &full);
	if (!ok)
		printf("seed %llu: %s\n", (unsigned long long)seed, why);
	return ok;
}

static int run(const struct args *args)
{
	struct bt_trace_info info = { .release = "simulated", .version = "simulated" };
	struct bt_stream_stats stats = { .emitted = { 0 } };
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_trace_writer *writer = NULL;
	struct timespec from, to;
	struct sim_tally tally = { .histories = 0 };
	uint64_t i, bad = 0;
	char why[512];
	double seconds;
	int err;

	err = args->trace ? bt_trace_create(args->trace, &info, &writer) : 0;
	if (err) {
		fprintf(stderr, "sim: %s: %s\n", args->trace, strerror(-err));
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < args->runs; i++) {
		bad += !judge(args, args->seed + i, writer ? bt_trace_writer_sink(writer) : NULL,
			      &tally);
		if (args->runs >= 1000 && (i + 1) % (args->runs / 10) == 0)
			printf("# %llu of %llu histories, %llu not as expected\n",
			       (unsigned long long)(i + 1), (unsigned long long)args->runs,
			       (unsigned long long)bad);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	err = writer ? bt_trace_finish(writer, stacks, &stats, -1) : 0;
	bt_stacks_free(stacks);
	if (err) {
		fprintf(stderr, "sim: %s: %s\n", args->trace, strerror(-err));
		return 2;
	}
	if (tally.histories >= SIM_TALLY_HISTORIES_MIN) {
		show_tally(&tally);
		if (!sim_expect_judged(&tally, why, sizeof(why))) {
			printf("%s\n", why);
			bad++;
		}
	}
	printf("%llu histories of %llu events, simulated and judged: %.1f s, %.0f events/s; "
	       "%llu not as expected\n",
	       (unsigned long long)args->runs, (unsigned long long)args->events, seconds,
	       (double)args->runs * (double)args->events / seconds, (unsigned long long)bad);
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "runs", required_argument, NULL, 'r' },
		{ "events", required_argument, NULL, 'e' },
		{ "mutation", required_argument, NULL, 'm' },
		{ "loss", required_argument, NULL, 'l' },
		{ "loss-one-in", required_argument, NULL, 'o' },
		{ "loss-of", required_argument, NULL, 'f' },
		{ "trace", required_argument, NULL, 't' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "list", no_argument, NULL, 'L' },
		{ 0 },
	};
	struct args args = { .seed = 1, .runs = 1, .events = 20000, .loss.one_in = 5000 };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'L')
			return list();
		if (parse_one(option, &args))
			continue;
		fputs(usage, stderr);
		return 2;
	}
	if (optind < argc || (args.trace && args.runs != 1)) {
		fputs(usage, stderr);
		return 2;
	}
	return run(&args);
}
