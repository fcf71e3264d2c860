// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include <stdio.h>
#include <string.h>

struct audience {
	struct bt_checker checker;
	struct bt_sink *also;
	uint64_t ts_ns;
	int err;
};

static void hear(void *arg, const struct bt_event *ev)
{
	struct audience *audience = arg;
	int err = bt_sink_event(&audience->checker.sink, ev);

	audience->ts_ns = ev->ts_ns;
	if (!err && audience->also)
		err = bt_sink_event(audience->also, ev);
	if (err && !audience->err)
		audience->err = err;
}

static void take_down(const struct bt_checker *checker, struct sim_judgement *judgement)
{
	struct bt_sight sight = bt_checker_sight(checker, NULL, 0, NULL);
	const struct bt_result *result;
	unsigned int i;

	judgement->nr = checker->results_nr;
	judgement->lost_types = checker->lost_types;
	for (i = 0; i < checker->results_nr; i++) {
		result = &checker->results[i];
		judgement->invariants[i] = result->invariant;
		judgement->verdicts[i] = bt_verdict_of(result, &sight, judgement->reasons[i],
						       sizeof(judgement->reasons[i]));
		memcpy(judgement->messages[i], result->first.message,
		       sizeof(judgement->messages[i]));
		judgement->offending[i] = result->broken ? result->first.offending : 0;
		judgement->held[i] = result->held;
		judgement->broken[i] = result->broken;
		judgement->unjudged[i] = result->unjudged;
	}
}

void sim_judge(const struct sim_options *options, const struct sim_loss_options *loss_options,
	       struct bt_sink *also, struct sim_judgement *judgement)
{
	const struct sim_loss_options none = { .kind = SIM_LOSS_NONE };
	struct audience audience = { .also = also };
	struct sim_options own = *options;
	struct sim_loss loss;

	memset(judgement, 0, sizeof(*judgement));
	bt_checker_init(&audience.checker, sim_is_strict(options));
	sim_loss_init(&loss, loss_options ? loss_options : &none, hear, &audience);
	own.sink = sim_loss_event;
	own.sink_to = &loss;
	judgement->err = sim_run(&own, &judgement->outcome);
	sim_loss_end(&loss, audience.ts_ns);
	if (!judgement->err)
		judgement->err = audience.err;
	judgement->dropped = loss.dropped;
	take_down(&audience.checker, judgement);
	bt_checker_free(&audience.checker);
}

enum bt_verdict sim_verdict(const struct sim_judgement *judgement, const char *invariant)
{
	unsigned int i;

	for (i = 0; i < judgement->nr; i++)
		if (!strcmp(judgement->invariants[i]->name, invariant))
			return judgement->verdicts[i];
	return BT_VERDICT_NA;
}

static bool ran(const struct sim_judgement *judgement, char *why, size_t len)
{
	if (!judgement->err)
		return true;
	snprintf(why, len, "after %llu events: %s", (unsigned long long)judgement->outcome.told,
		 strerror(-judgement->err));
	return false;
}

bool sim_expect_legal(const struct sim_judgement *judgement, char *why, size_t len)
{
	unsigned int i;

	if (!ran(judgement, why, len))
		return false;
	for (i = 0; i < judgement->nr; i++) {
		if (judgement->verdicts[i] != BT_VERDICT_FAIL)
			continue;
		snprintf(why, len, "%s: event %llu: %s", judgement->invariants[i]->name,
			 (unsigned long long)judgement->offending[i], judgement->messages[i]);
		return false;
	}
	return true;
}

/* ---- was each rule tested? ---- */

static unsigned int place_of(struct sim_tally *tally, const struct bt_invariant *invariant)
{
	unsigned int i;

	for (i = 0; i < tally->nr; i++)
		if (tally->invariants[i] == invariant)
			return i;
	tally->invariants[tally->nr] = invariant;
	return tally->nr++;
}

void sim_tally_add(struct sim_tally *tally, const struct sim_judgement *judgement)
{
	bool whole = judgement->outcome.whole;
	unsigned int i, at;

	tally->histories++;
	for (i = 0; i < judgement->nr; i++) {
		/* No lockless bitmap is simulated. */
		if (!bt_invariant_is_about(judgement->invariants[i], BT_IMPL_CLASSIC))
			continue;
		at = place_of(tally, judgement->invariants[i]);
		tally->held[at][whole] += judgement->held[i];
		tally->unjudged[at][whole] += judgement->unjudged[i];
	}
}

/*
 * In a complete history nearly everything can be judged. If tracing begins in the middle, some
 * bits, writers and passes are not known, and stay so until the bit of the chunk is cleared.
 */
static bool is_judged(uint64_t held, uint64_t unjudged, bool whole)
{
	unsigned int percent_max = whole ? 10 : 90;

	if (!held && whole)
		return false;
	return unjudged * 100 <= percent_max * (held + unjudged);
}

bool sim_expect_judged(const struct sim_tally *tally, char *why, size_t len)
{
	unsigned int i, whole;

	for (i = 0; i < tally->nr; i++) {
		for (whole = 0; whole < 2; whole++) {
			if (is_judged(tally->held[i][whole], tally->unjudged[i][whole], whole))
				continue;
			snprintf(why, len, "%s held %llu times and was not judged %llu times in %s",
				 tally->invariants[i]->name,
				 (unsigned long long)tally->held[i][whole],
				 (unsigned long long)tally->unjudged[i][whole],
				 whole ? "whole histories"
				       : "histories watched from their middle on");
			return false;
		}
	}
	return true;
}

static bool may_follow(const struct sim_mutation *mutation, const char *name)
{
	unsigned int i;

	if (!strcmp(mutation->breaks, name))
		return true;
	for (i = 0; i < SIM_FOLLOWS_MAX && mutation->follows[i]; i++)
		if (!strcmp(mutation->follows[i], name))
			return true;
	return false;
}

bool sim_expect_only_follows(const struct sim_judgement *judgement,
			     const struct sim_mutation *mutation, char *why, size_t len)
{
	unsigned int i;

	if (!ran(judgement, why, len))
		return false;
	for (i = 0; i < judgement->nr; i++) {
		if (judgement->verdicts[i] != BT_VERDICT_FAIL)
			continue;
		if (may_follow(mutation, judgement->invariants[i]->name) &&
		    judgement->offending[i] >= judgement->outcome.mutated_at)
			continue;
		snprintf(why, len,
			 "%s, which does not follow: event %llu (done first before %llu): %s",
			 judgement->invariants[i]->name,
			 (unsigned long long)judgement->offending[i],
			 (unsigned long long)judgement->outcome.mutated_at, judgement->messages[i]);
		return false;
	}
	return true;
}

bool sim_expect_mutation(const struct sim_judgement *judgement, const struct sim_mutation *mutation,
			 char *why, size_t len)
{
	if (!sim_expect_only_follows(judgement, mutation, why, len))
		return false;
	if (sim_verdict(judgement, mutation->breaks) == BT_VERDICT_FAIL)
		return true;
	snprintf(why, len, "done %llu times, and %s does not FAIL",
		 (unsigned long long)judgement->outcome.mutated, mutation->breaks);
	return false;
}

static bool loss_explains(const struct sim_judgement *full, const struct sim_judgement *lossy,
			  unsigned int i)
{
	/* To the last judgement; of a page write that has ended it may not know that it is whole.
	 */
	if (!bt_rests_on(full->invariants[i], lossy->lost_types))
		return lossy->verdicts[i] == full->verdicts[i] &&
		       lossy->broken[i] == full->broken[i] &&
		       lossy->held[i] + lossy->unjudged[i] == full->held[i] + full->unjudged[i];
	if (full->verdicts[i] == BT_VERDICT_FAIL)
		return lossy->verdicts[i] == BT_VERDICT_FAIL ||
		       lossy->verdicts[i] == BT_VERDICT_UNKNOWN;
	return lossy->verdicts[i] != BT_VERDICT_FAIL;
}

bool sim_expect_loss(const struct sim_judgement *full, const struct sim_judgement *lossy, char *why,
		     size_t len)
{
	unsigned int i;

	if (!ran(full, why, len) || !ran(lossy, why, len))
		return false;
	for (i = 0; i < full->nr; i++) {
		if (loss_explains(full, lossy, i))
			continue;
		snprintf(why, len, "%s is %s, and %s with %llu records lost: event %llu: %s",
			 full->invariants[i]->name, bt_verdict_name(full->verdicts[i]),
			 bt_verdict_name(lossy->verdicts[i]), (unsigned long long)lossy->dropped,
			 (unsigned long long)lossy->offending[i], lossy->messages[i]);
		return false;
	}
	return true;
}
