// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace explain: what the rules say. docs/invariants.md begins each rule with the same. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "report/paper.h"

#define INDENT 14

static void item(const struct bt_paper *paper, const char *label, const char *text)
{
	if (text)
		bt_paper_item(paper, INDENT, label, BT_INK_NONE, "%s", text);
}

static void explain(const struct bt_paper *paper, const struct bt_invariant *invariant)
{
	const char *const *cause = invariant->follows_from;
	char causes[256] = "";

	for (; cause && *cause; cause++)
		snprintf(causes + strlen(causes), sizeof(causes) - strlen(causes), "%s%s",
			 causes[0] ? ", " : "", *cause);
	bt_paper_ink(paper, BT_INK_STRONG, invariant->name);
	fputs("\n", paper->out);
	item(paper, "rule", invariant->statement);
	item(paper, "severity", bt_severity_name(invariant->severity));
	item(paper, "if broken", invariant->consequence);
	item(paper, "functions", invariant->functions);
	item(paper, "example", invariant->example);
	item(paper, "correct", invariant->correct);
	item(paper, "may follow", causes[0] ? causes : NULL);
	item(paper, "found in", invariant->findings);
	item(paper, "judged", invariant->strict ? "with --strict only" : NULL);
}

static void list(const struct bt_paper *paper)
{
	const struct bt_invariant *const *invariant;
	char label[64];

	for (invariant = bt_invariants; *invariant; invariant++) {
		snprintf(label, sizeof(label), "%-28s %-9s", (*invariant)->name,
			 bt_severity_name((*invariant)->severity));
		bt_paper_item(paper, 39, label, BT_INK_NONE, "%s", (*invariant)->statement);
	}
}

int bt_cmd_explain(const struct bt_options *options)
{
	struct bt_paper paper = { .out = stdout };
	unsigned int i;

	if (isatty(STDOUT_FILENO))
		paper.term = bt_term_of(stdout);
	for (i = 0; i < options->rules_nr; i++) {
		if (i)
			fputs("\n", stdout);
		explain(&paper, options->rules[i]);
	}
	if (!options->rules_nr)
		list(&paper);
	return BT_EXIT_PASS;
}
