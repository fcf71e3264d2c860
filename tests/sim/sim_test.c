// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated histories, judged by the checker: legal ones, mutated ones, and with loss. Each
 * failure prints the command that reproduces it.
 *
 *   SIM_SEED=N    the first seed (default: another one each day)
 *   SIM_EVENTS=N  events of legal histories, all together (default 1000000)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "judge.h"

#define EVENTS_PER_HISTORY 10000
#define EVENTS_PER_MUTANT  20000
#define SEEDS_PER_MUTATION 2
#define TRIES_MAX	   100

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static uint64_t first_seed(void)
{
	return number("SIM_SEED", 1);
}

/* For all tests of this run, also after midnight. */
static void choose_seed(void)
{
	const char *given = getenv("SIM_SEED");
	char today[32];

	if (!given || !*given) {
		snprintf(today, sizeof(today), "%llu",
			 (unsigned long long)time(NULL) / (24 * 60 * 60) * 10000);
		setenv("SIM_SEED", today, 1);
	}
	printf("# to repeat this run: SIM_SEED=%s\n", getenv("SIM_SEED"));
}

static void tell_how(const struct sim_options *options, const char *more, const char *why)
{
	fail_msg("%s\n  seed %llu; again: make build/sim && build/sim --seed %llu --events "
		 "%llu%s%s%s",
		 why, (unsigned long long)options->seed, (unsigned long long)options->seed,
		 (unsigned long long)options->events, options->mutation ? " --mutation " : "",
		 options->mutation ? options->mutation->name : "", more);
}

static void legal_histories_do_not_fail(void **state)
{
	uint64_t events = number("SIM_EVENTS", 1000000), told = 0;
	struct sim_options options = { .seed = first_seed(), .events = EVENTS_PER_HISTORY };
	struct sim_tally tally = { .histories = 0 };
	struct sim_judgement judgement;
	char why[512];

	(void)state;
	assert_true(events > 0); /* if SIM_EVENTS is not a number, nothing would be judged */
	for (; told < events; options.seed++) {
		sim_judge(&options, NULL, NULL, &judgement);
		told += judgement.outcome.told;
		if (!sim_expect_legal(&judgement, why, sizeof(why)))
			tell_how(&options, "", why);
		sim_tally_add(&tally, &judgement);
	}
	if (tally.histories >= SIM_TALLY_HISTORIES_MIN &&
	    !sim_expect_judged(&tally, why, sizeof(why)))
		fail_msg("%s; in %llu histories from seed %llu on", why,
			 (unsigned long long)tally.histories, (unsigned long long)first_seed());
	print_message("# %llu events from seed %llu on\n", (unsigned long long)told,
		      (unsigned long long)first_seed());
}

/*
 * Not every history has a case for the mutation; if one has and the rule held, another may
 * break it.
 */
static void mutation_breaks_its_rule(const struct sim_mutation *mutation)
{
	struct sim_options options = { .seed = first_seed(),
				       .events = EVENTS_PER_MUTANT,
				       .mutation = mutation };
	unsigned int broken = 0, tries;
	struct sim_judgement judgement;
	char why[512];

	for (tries = 0; broken < SEEDS_PER_MUTATION && tries < TRIES_MAX; tries++) {
		sim_judge(&options, NULL, NULL, &judgement);
		if (!sim_expect_only_follows(&judgement, mutation, why, sizeof(why)))
			tell_how(&options, "", why);
		broken += sim_verdict(&judgement, mutation->breaks) == BT_VERDICT_FAIL;
		options.seed++;
	}
	if (broken < SEEDS_PER_MUTATION)
		fail_msg("%s: %s fails in %u of %u histories from seed %llu on", mutation->name,
			 mutation->breaks, broken, tries, (unsigned long long)first_seed());
}

static void each_mutation_breaks_its_rule_and_what_follows(void **state)
{
	const struct sim_mutation *mutation;

	(void)state;
	for (mutation = sim_mutations + 1; mutation->name; mutation++)
		mutation_breaks_its_rule(mutation);
}

static void every_invariant_has_a_mutation(void **state)
{
	const struct bt_invariant *const *invariant;
	const struct sim_mutation *mutation;

	(void)state;
	for (invariant = bt_invariants; *invariant; invariant++) {
		/* No lockless bitmap is simulated. */
		if (!bt_invariant_is_about(*invariant, BT_IMPL_CLASSIC))
			continue;
		for (mutation = sim_mutations + 1; mutation->name; mutation++)
			if (!strcmp(mutation->breaks, (*invariant)->name))
				break;
		if (!mutation->name)
			fail_msg("no mutation breaks %s", (*invariant)->name);
	}
}

/* A history with something to hide: the complete one has a FAIL. */
static void find_broken(struct sim_options *options, struct sim_judgement *full)
{
	unsigned int tries;

	for (tries = 0; tries < TRIES_MAX; tries++, options->seed++) {
		sim_judge(options, NULL, NULL, full);
		if (!options->mutation ||
		    sim_verdict(full, options->mutation->breaks) == BT_VERDICT_FAIL)
			return;
	}
	fail_msg("%s: no history from seed %llu on is broken", options->mutation->name,
		 (unsigned long long)(options->seed - tries));
}

#define LOSS_WAYS 10

/* dropped: counts the lost records of each kind of loss. */
static void lossy(const struct sim_mutation *mutation, uint64_t seed, uint64_t dropped[LOSS_WAYS])
{
	static const struct {
		enum sim_loss_kind kind;
		unsigned int one_in;
		const char *of; /* only these types, NULL: all */
		const char *how;
	} ways[LOSS_WAYS] = {
		{ SIM_LOSS_RING, 2000, NULL, " --loss ring --loss-one-in 2000" },
		{ SIM_LOSS_RING, 10000, NULL, " --loss ring --loss-one-in 10000" },
		{ SIM_LOSS_PROBE, 2000, NULL, " --loss probe --loss-one-in 2000" },
		{ SIM_LOSS_PROBE, 10000, NULL, " --loss probe --loss-one-in 10000" },
		{ SIM_LOSS_MAP, 1, NULL, " --loss map" },
		{ SIM_LOSS_PROBE, 200, "data", " --loss probe --loss-one-in 200 --loss-of data" },
		{ SIM_LOSS_PROBE, 200, "counters",
		  " --loss probe --loss-one-in 200 --loss-of counters" },
		{ SIM_LOSS_RING, 50, "super", " --loss ring --loss-one-in 50 --loss-of super" },
		{ SIM_LOSS_PROBE, 50, "flush", " --loss probe --loss-one-in 50 --loss-of flush" },
		{ SIM_LOSS_RING, 20, "irqs", " --loss ring --loss-one-in 20 --loss-of irqs" },
	};
	struct sim_options options = { .seed = seed,
				       .events = EVENTS_PER_MUTANT,
				       .mutation = mutation };
	struct sim_judgement full, rest;
	unsigned int i;
	char why[512];

	find_broken(&options, &full);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct sim_loss_options loss = { .kind = ways[i].kind,
						 .seed = options.seed,
						 .one_in = ways[i].one_in,
						 .only = ways[i].of ? sim_loss_set(ways[i].of)
								    : 0 };

		sim_judge(&options, &loss, NULL, &rest);
		dropped[i] += rest.dropped;
		if (!sim_expect_loss(&full, &rest, why, sizeof(why)))
			tell_how(&options, ways[i].how, why);
	}
}

static void loss_neither_hides_nor_invents(void **state)
{
	const struct sim_mutation *mutation;
	uint64_t seed = first_seed(), dropped[LOSS_WAYS] = { 0 };
	unsigned int i;

	(void)state;
	for (mutation = sim_mutations + 1; mutation->name; mutation++, seed++)
		lossy(mutation, seed, dropped);
	for (i = 0; i < 10; i++, seed++)
		lossy(NULL, seed, dropped);
	for (i = 0; i < LOSS_WAYS; i++)
		assert_true(dropped[i] > 0); /* else it was not tested */
}

/* A seed always gives the same history: otherwise no failure could be reproduced. */
static uint64_t digest_of(uint64_t seed, const struct sim_mutation *mutation);

static void digest_event(void *to, const struct bt_event *ev)
{
	const unsigned char *bytes = (const unsigned char *)ev;
	uint64_t *digest = to;
	size_t i;

	for (i = 0; i < sizeof(*ev); i++)
		*digest = (*digest ^ bytes[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
}

static uint64_t digest_of(uint64_t seed, const struct sim_mutation *mutation)
{
	uint64_t digest = UINT64_C(0xcbf29ce484222325);
	struct sim_options options = { .seed = seed,
				       .events = 5000,
				       .mutation = mutation,
				       .sink = digest_event,
				       .sink_to = &digest };
	struct sim_outcome outcome;

	assert_int_equal(sim_run(&options, &outcome), 0);
	return digest;
}

static void a_seed_makes_one_history(void **state)
{
	uint64_t seed = first_seed();

	(void)state;
	assert_int_equal(digest_of(seed, NULL), digest_of(seed, NULL));
	assert_int_equal(digest_of(seed, sim_mutations + 1), digest_of(seed, sim_mutations + 1));
	assert_int_not_equal(digest_of(seed, NULL), digest_of(seed + 1, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seed_makes_one_history),
		cmocka_unit_test(legal_histories_do_not_fail),
		cmocka_unit_test(every_invariant_has_a_mutation),
		cmocka_unit_test(each_mutation_breaks_its_rule_and_what_follows),
		cmocka_unit_test(loss_neither_hides_nor_invents),
	};

	choose_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
