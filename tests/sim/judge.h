/* SPDX-License-Identifier: GPL-2.0-only */
/* One simulated history, or what loss leaves of it, judged by the checker. */
#ifndef SIM_JUDGE_H
#define SIM_JUDGE_H

#include "check/checker.h"
#include "loss.h"
#include "sim.h"

struct sim_judgement {
	struct sim_outcome outcome;
	int err; /* from sim_run or the checker */
	unsigned int nr;
	const struct bt_invariant *invariants[BT_INVARIANTS_MAX];
	enum bt_verdict verdicts[BT_INVARIANTS_MAX];
	char reasons[BT_INVARIANTS_MAX][160];
	char messages[BT_INVARIANTS_MAX][256];
	uint64_t offending[BT_INVARIANTS_MAX], held[BT_INVARIANTS_MAX];
	uint64_t broken[BT_INVARIANTS_MAX], unjudged[BT_INVARIANTS_MAX];
	uint64_t dropped;
	bt_type_set lost_types;
};

/* also: a sink that gets the same events, or NULL. options->sink is not used. */
void sim_judge(const struct sim_options *options, const struct sim_loss_options *loss,
	       struct bt_sink *also, struct sim_judgement *judgement);

enum bt_verdict sim_verdict(const struct sim_judgement *judgement, const char *invariant);

/* What the rules have judged in many legal histories. */
struct sim_tally {
	uint64_t histories;
	unsigned int nr;
	const struct bt_invariant *invariants[BT_INVARIANTS_MAX];
	/* [0]: tracing began in the middle, [1]: complete ones */
	uint64_t held[BT_INVARIANTS_MAX][2], unjudged[BT_INVARIANTS_MAX][2];
};

void sim_tally_add(struct sim_tally *tally, const struct sim_judgement *judgement);
/* That many histories test each rule. */
#define SIM_TALLY_HISTORIES_MIN 100

/* Expectations. Each returns true if met, else false with the reason in why. */
bool sim_expect_legal(const struct sim_judgement *judgement, char *why, size_t len);
/* Each rule has judged something, and not much less than possible: UNKNOWN and N/A do not count. */
bool sim_expect_judged(const struct sim_tally *tally, char *why, size_t len);
/* Only the mutation's rule and its possible consequences FAIL, and not before the mutation. */
bool sim_expect_only_follows(const struct sim_judgement *judgement,
			     const struct sim_mutation *mutation, char *why, size_t len);
/* And the mutation's rule does FAIL. */
bool sim_expect_mutation(const struct sim_judgement *judgement, const struct sim_mutation *mutation,
			 char *why, size_t len);
/*
 * No verdict is better than that of the complete history, none is invented, and rules that do
 * not depend on the lost types are judged as without the loss.
 */
bool sim_expect_loss(const struct sim_judgement *full, const struct sim_judgement *lossy, char *why,
		     size_t len);

#endif /* SIM_JUDGE_H */
