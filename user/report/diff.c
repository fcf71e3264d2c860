// SPDX-License-Identifier: GPL-2.0-only
#include "report/diff.h"

#include <inttypes.h>
#include <string.h>

#include "report/paper.h"
#include "report/phrase.h"

static const char *verdict_in(const struct bt_outcome_rule *rule)
{
	return rule ? bt_verdict_name(rule->verdict) : "-";
}

static bool failed(const struct bt_outcome_rule *rule)
{
	return rule && rule->verdict == BT_VERDICT_FAIL;
}

/* Was judged; now nobody knows. */
static bool lost_sight(const struct bt_outcome_rule *a, const struct bt_outcome_rule *b)
{
	return a && (a->verdict == BT_VERDICT_PASS || a->verdict == BT_VERDICT_FAIL) &&
	       b->verdict == BT_VERDICT_UNKNOWN;
}

static void print_count(FILE *out, const struct bt_outcome_rule *rule)
{
	char took[24];

	if (!failed(rule))
		return;
	fprintf(out, "%" PRIu64 " of %" PRIu64, rule->broken, rule->broken + rule->held);
	if (!rule->exposed_max_ns)
		return;
	bt_phrase_duration(rule->exposed_max_ns, took, sizeof(took));
	fprintf(out, ", exposed up to %s", took);
}

static uint64_t count_of(const struct bt_outcome_rule *rule, const char *kind)
{
	unsigned int i;

	for (i = 0; rule && i < rule->kinds_nr; i++)
		if (!strcmp(rule->kinds[i].text, kind))
			return rule->kinds[i].count;
	return 0;
}

/* The ways in which one was broken, and the other not. */
static void print_kinds(FILE *out, const char *word, const struct bt_outcome_rule *has,
			const struct bt_outcome_rule *lacks)
{
	struct bt_paper paper = { .out = out };
	unsigned int i;

	for (i = 0; failed(has) && i < has->kinds_nr; i++)
		if (!failed(lacks) || !count_of(lacks, has->kinds[i].text))
			bt_paper_item(&paper, 14, word, BT_INK_NONE, "%s", has->kinds[i].text);
}

static const char *word_for(const struct bt_outcome_rule *a, const struct bt_outcome_rule *b,
			    bool known, struct bt_diff_tally *tally)
{
	if (failed(b)) {
		tally->new_nr += !known;
		tally->same_nr += known;
		return !known ? "NEW" : "same";
	}
	if (lost_sight(a, b)) {
		tally->lost_nr++;
		return "lost";
	}
	tally->gone_nr += failed(a);
	return failed(a) ? "gone" : "";
}

static void print_rule(FILE *out, const struct bt_outcome *before, const char *name,
		       const struct bt_outcome_rule *a, const struct bt_outcome_rule *b,
		       struct bt_diff_tally *tally)
{
	bool known = failed(b) && bt_outcome_known(before, b);
	const char *word = word_for(a, b, known, tally);

	if (!word[0] && a && a->verdict == b->verdict)
		return;
	fprintf(out, "%-5s %-28s %-7s -> %-7s ", word, name, verdict_in(a), verdict_in(b));
	print_count(out, a);
	if (failed(a) && failed(b))
		fputs(" -> ", out);
	print_count(out, b);
	fputs("\n", out);
	print_kinds(out, "      new", b, a);
	print_kinds(out, "      gone", a, b);
}

static void print_side(FILE *out, const char *label, const struct bt_diff_side *side)
{
	fprintf(out, "%s  %-8s %s (kernel %s, %" PRIu64 " set_bits)\n", label,
		bt_verdict_name(side->outcome.verdict), side->path,
		side->outcome.kernel[0] ? side->outcome.kernel : "?", side->outcome.set_bits);
}

void bt_diff_rules(FILE *out, const struct bt_diff_side *a, const struct bt_diff_side *b,
		   struct bt_diff_tally *tally)
{
	static const struct bt_outcome_rule absent = { .verdict = BT_VERDICT_UNKNOWN };
	unsigned int i;

	*tally = (struct bt_diff_tally){ 0 };
	print_side(out, "A", a);
	print_side(out, "B", b);
	for (i = 0; i < b->outcome.rules_nr; i++)
		print_rule(out, &a->outcome, b->outcome.rules[i].name,
			   bt_outcome_find(&a->outcome, b->outcome.rules[i].name),
			   &b->outcome.rules[i], tally);
	for (i = 0; i < a->outcome.rules_nr; i++)
		if (!bt_outcome_find(&b->outcome, a->outcome.rules[i].name))
			print_rule(out, &a->outcome, a->outcome.rules[i].name, &a->outcome.rules[i],
				   &absent, tally);
}

int bt_diff_end(FILE *out, const struct bt_diff_tally *tally)
{
	fprintf(out,
		"broken in B, not so in A: %u; no longer: %u; in both: %u; judged in A only: %u\n",
		tally->new_nr, tally->gone_nr, tally->same_nr, tally->lost_nr);
	if (tally->new_nr)
		return BT_EXIT_FAIL;
	return tally->lost_nr ? BT_EXIT_UNKNOWN : BT_EXIT_PASS;
}
