// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace diff: what is new in B that was not in A. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/judged.h"
#include "report/diff.h"
#include "report/phrase.h"

#define MEDIAN 500
#define MOST   900
#define FEW    4 /* measurements: with fewer, chance may have put them in this order */
#define MANY   20

/* The stage of all arrays together: they may be called otherwise in the other run. */
static void sum_up(const struct bt_latency *latency, unsigned int stage, struct bt_histogram *sum)
{
	const struct bt_stage_array *array, *next;

	bt_histogram_reset(sum);
	HASH_ITER (hh, latency->set.arrays, array, next)
		bt_histogram_merge(sum, &array->stages[stage]);
}

/* Many: most of a below the middle of b. Few: all of a below all of b. */
static bool is_below(const struct bt_histogram *a, const struct bt_histogram *b)
{
	if (a->count < MANY || b->count < MANY)
		return a->max_ns < b->min_ns;
	return bt_histogram_percentile_ns(a, MOST) < bt_histogram_percentile_ns(b, MEDIAN);
}

static const char *judge(const struct bt_histogram *a, const struct bt_histogram *b)
{
	if (a->count < FEW || b->count < FEW)
		return "too few";
	if (is_below(a, b))
		return "slower";
	return is_below(b, a) ? "faster" : "overlap";
}

static void print_times(const struct bt_histogram *histogram)
{
	char median[24], most[24];

	bt_phrase_duration(bt_histogram_percentile_ns(histogram, MEDIAN), median, sizeof(median));
	bt_phrase_duration(bt_histogram_percentile_ns(histogram, MOST), most, sizeof(most));
	printf("  %8" PRIu64 " %9s %9s", histogram->count, median, most);
}

static void print_latencies(const struct bt_latency *a, const struct bt_latency *b)
{
	static struct bt_histogram of_a, of_b; /* too large for the stack */
	unsigned int stage;

	printf("\n%-16s  %8s %9s %9s  %8s %9s %9s  B is\n", "latency", "A: count", "p50", "p90",
	       "B: count", "p50", "p90");
	for (stage = 0; stage < BT_STAGES; stage++) {
		sum_up(a, stage, &of_a);
		sum_up(b, stage, &of_b);
		if (!of_a.count && !of_b.count)
			continue;
		printf("%-16s", bt_stages[stage].name);
		print_times(&of_a);
		print_times(&of_b);
		printf("  %s\n", judge(&of_a, &of_b));
	}
	printf("(slower, faster: p90 of the one is below p50 of the other, or with fewer than %d "
	       "all below all;\ntoo few: below %d. A kernel that does not wait is faster, and "
	       "wrong.)\n\n",
	       MANY, FEW);
}

int bt_cmd_diff(const struct bt_options *options)
{
	struct bt_diff_side sides[2] = { { .path = options->inputs[0] },
					 { .path = options->inputs[1] } };
	struct bt_diff_tally tally;
	struct bt_latency latency[2];
	int i, err = 0, status = BT_EXIT_ERROR;

	for (i = 0; i < 2; i++)
		bt_latency_init(&latency[i]);
	for (i = 0; i < 2 && !err; i++)
		err = bt_judged(sides[i].path, &sides[i].outcome, &latency[i]);
	if (!err) {
		bt_diff_rules(stdout, &sides[0], &sides[1], &tally);
		if (latency[0].set.arrays && latency[1].set.arrays)
			print_latencies(&latency[0], &latency[1]);
		status = bt_diff_end(stdout, &tally);
	}
	for (i = 0; i < 2; i++)
		bt_latency_free(&latency[i]);
	return status;
}
