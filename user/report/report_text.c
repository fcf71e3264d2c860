// SPDX-License-Identifier: GPL-2.0-only
/* The report for people: a line an invariant, then each failure, its cause first; the verdict last.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "base/place.h"
#include "event/event_desc.h"
#include "report/group.h"
#include "report/lanes.h"
#include "report/paper.h"
#include "report/phrase.h"
#include "report/scene.h"

#define INDENT	      12 /* columns of the labels */
#define REASON_INDENT 37 /* of a rule's line: where its reason begins */
#define FRAMES_MAX    8	 /* of a stack; all with --events */

/* Where the kernel was held up, and how often. */
static void print_perturbed(FILE *out, const struct bt_report *report, const char *prefix)
{
	const struct bt_perturb_count *counts = report->stats ? report->stats->perturbed : NULL;
	uint64_t spins = 0, ns = 0;
	unsigned int i, nr = 0;

	if (!report->info || !report->info->perturb[0] || !counts)
		return;
	for (i = 0; i < BT_PLACES; i++) {
		spins += counts[i].spins;
		ns += counts[i].ns;
	}
	fprintf(out, "%sperturbed by %s: %" PRIu64 " spins, %.3f s", prefix, report->info->perturb,
		spins, (double)ns / 1e9);
	for (i = 0; i < BT_PLACES; i++)
		if (counts[i].spins)
			fprintf(out, "%s%s %" PRIu64, nr++ ? ", " : "; ",
				bt_place_name((enum bt_place)i), counts[i].spins);
	fputs("\n", out);
}

void bt_report_counts(FILE *out, const struct bt_report *report, const char *prefix)
{
	const struct bt_checker *checker = report->checker;
	const char *incomplete = report->sight.incomplete;

	if (incomplete)
		fprintf(out, "%s" BT_TRACE_INCOMPLETE ": %s\n", prefix, incomplete);
	fprintf(out, "%s%" PRIu64 " events, %" PRIu64 " set_bits", prefix, checker->events,
		checker->set_bits);
	/* Without its end the trace does not say that nothing was lost. */
	if (report->sight.lost || !incomplete)
		fprintf(out, ", %" PRIu64 " lost", report->sight.lost);
	if (report->info && report->info->release[0])
		fprintf(out, ", kernel %s", report->info->release);
	fputs("\n", out);
	print_perturbed(out, report, prefix);
}

static void print_losses(FILE *out, const struct bt_report *report)
{
	static const char *const channels[BT_LOSS_MAX] = {
		[BT_LOSS_RING_FULL] = "ring buffer full",
		[BT_LOSS_MAP_FULL] = "map full",
		[BT_LOSS_MISSED] = "probe skipped by the kernel",
		[BT_LOSS_DECODER] = "not readable",
	};
	unsigned int i;

	for (i = 1; i < BT_LOSS_MAX; i++)
		if (report->stats && report->stats->lost_by_channel[i])
			fprintf(out, "lost: %" PRIu64 " (%s)\n", report->stats->lost_by_channel[i],
				channels[i]);
	for (i = 0; i < BT_EVENT_TYPE_MAX; i++)
		if (report->stats && report->stats->lost_by_type[i])
			fprintf(out, "lost: %" PRIu64 " of type %s\n",
				report->stats->lost_by_type[i], bt_event_type_name(i));
}

static void print_stack(FILE *out, const struct bt_report *report, int32_t id, const char *prefix)
{
	const struct bt_stack *stack = bt_stacks_find(report->stacks, id);
	unsigned int i;

	if (!stack) {
		fprintf(out, "%s             (%s)\n", prefix,
			id < 0 ? "no kernel stack was taken" : "its kernel stack was not saved");
		return;
	}
	for (i = 0; i < stack->nr; i++)
		fprintf(out, "%s             %s\n", prefix, stack->frames[i]);
}

/* A slice has no use for the name; then it is the number, as in the events. */
static const char *array_name(const struct bt_counterexample *cx, char *buf, size_t len)
{
	if (cx->array[0])
		return cx->array;
	snprintf(buf, len, "#%u", cx->bitmap);
	return buf;
}

static const char *mark(const struct bt_shown *shown)
{
	if (shown->offending)
		return ">>";
	return shown->proof ? " *" : "  ";
}

/* A slice ends with the event that broke the rule, whatever came after. */
static bool is_told_to_the_end(const struct bt_report *report)
{
	return !report->info || !report->info->slice_of[0];
}

/* The events in order; the one that broke the rule is marked, its stack follows. */
void bt_report_evidence(FILE *out, const struct bt_report *report, const struct bt_result *result,
			const char *prefix)
{
	const struct bt_counterexample *cx = &result->first;
	struct bt_shown shown = { 0 };
	char line[512];

	fprintf(out, "%s%s, %s: %s\n", prefix, result->invariant->name,
		array_name(cx, line, sizeof(line)), cx->message);
	fprintf(out, "%s  rule: %s\n", prefix, result->invariant->statement);
	while (bt_report_shown(report, cx, &shown)) {
		bt_event_format(&shown.ref->ev, report->names, line, sizeof(line));
		fprintf(out, "%s  %s %s\n", prefix, mark(&shown), line);
		if (shown.offending)
			print_stack(out, report, shown.ref->ev.stack, prefix);
	}
	if (bt_report_proves(report, cx))
		fprintf(out, "%s     (* and >> are the proof: none of them can be left out)\n",
			prefix);
	if (cx->watching && is_told_to_the_end(report))
		fprintf(out, "%s     (no covering write of the page ended before tracing did)\n",
			prefix);
}

static void print_command(FILE *out, int status)
{
	if (status <= 0)
		return;
	if (WIFEXITED(status))
		fprintf(out, "command: exit status %d\n", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		fprintf(out, "command: killed by signal %d (%s)\n", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
}

static enum bt_ink verdict_ink(enum bt_verdict verdict)
{
	static const enum bt_ink inks[] = { [BT_VERDICT_PASS] = BT_INK_GOOD,
					    [BT_VERDICT_FAIL] = BT_INK_BAD,
					    [BT_VERDICT_UNKNOWN] = BT_INK_DOUBT,
					    [BT_VERDICT_NA] = BT_INK_FAINT };

	return inks[verdict];
}

/* Wrapped for people only: programs have a line for each rule. */
static void print_rule(const struct bt_paper *paper, enum bt_verdict verdict, bool known,
		       const char *name, const char *reason)
{
	char word[16], label[64];

	snprintf(word, sizeof(word), "%-7s", known ? "KNOWN" : bt_verdict_name(verdict));
	bt_paper_ink(paper, known ? BT_INK_DOUBT : verdict_ink(verdict), word);
	snprintf(label, sizeof(label), " %-28s ", name);
	if (paper->term.width < REASON_INDENT + 30)
		fprintf(paper->out, "%s%s\n", label, reason);
	else
		bt_paper_rest(paper, REASON_INDENT, label, reason);
}

/* Those that only lack the end of the trace share one line, and the verdict says why. */
static void print_rules(const struct bt_paper *paper, const struct bt_report *report)
{
	const struct bt_checker *checker = report->checker;
	unsigned int i, cut_off = 0;

	for (i = 0; i < checker->results_nr; i++) {
		if (bt_report_cut_off(report, i))
			cut_off++;
		else
			print_rule(paper, report->verdicts[i], report->known[i],
				   checker->results[i].invariant->name, report->reasons[i]);
	}
	if (cut_off)
		fprintf(paper->out, "%-7s %u of %u rules\n", bt_verdict_name(BT_VERDICT_UNKNOWN),
			cut_off, checker->results_nr);
}

static const char *cost(enum bt_severity severity)
{
	static const char *const costs[] = {
		[BT_SEVERITY_DATA] = "DATA: after a crash members may differ for good",
		[BT_SEVERITY_RESYNC] =
			"RESYNC: after a crash more is resynced than needed, or later",
		[BT_SEVERITY_PROTOCOL] = "PROTOCOL: a promise that others rely on is broken",
		[BT_SEVERITY_CONTEXT] = "CONTEXT: locks or interrupts are not as they must be",
	};

	return costs[severity];
}

/* "; the write that it lacked ended 101.5 ms later" */
static void how_late(const struct bt_result *result, char *buf, size_t len)
{
	const struct bt_violation *first = result->violations.list;
	char took[24];

	buf[0] = 0;
	if (!result->violations.nr || first->until_ns <= first->ts_ns)
		return;
	bt_phrase_duration(first->until_ns - first->ts_ns, took, sizeof(took));
	snprintf(buf, len, "; that write ended %s later", took);
}

static void print_finding(const struct bt_paper *paper, const struct bt_result *result,
			  const char *label)
{
	char late[64];

	how_late(result, late, sizeof(late));
	bt_paper_item(paper, INDENT, label, BT_INK_NONE, "%s: %s%s", result->invariant->name,
		      result->first.message, late);
}

/* Of all violations of the rule: how often, and at how many places. */
static void print_extent(const struct bt_paper *paper, const struct bt_result *result,
			 const char *label)
{
	const struct bt_violations *all = &result->violations;
	unsigned int places = bt_violations_places(all);
	char span[64] = "", took[24], name[16];

	if (all->nr > 1) {
		bt_phrase_duration(all->list[all->nr - 1].ts_ns - all->list[0].ts_ns, took,
				   sizeof(took));
		snprintf(span, sizeof(span), ", in %s", took);
	}
	bt_paper_item(paper, INDENT, label, BT_INK_NONE,
		      "%s: %" PRIu64 " of %" PRIu64 " times%s; %s%u %s%s of array %s",
		      result->invariant->name, result->broken, result->broken + result->held, span,
		      result->broken > all->nr ? "at least " : "", places,
		      bt_report_about_chunk(&result->first) ? "chunk" : "bitmap page",
		      places == 1 ? "" : "s", array_name(&result->first, name, sizeof(name)));
}

static void print_exposure(const struct bt_paper *paper, const struct bt_result *result)
{
	struct bt_lateness late = bt_violations_lateness(&result->violations);
	char min[24], median[24], max[24], open[64] = "";

	if (late.open_nr)
		snprintf(open, sizeof(open), "; for %u it had not ended when tracing did",
			 late.open_nr);
	if (!late.nr) {
		if (late.open_nr)
			bt_paper_item(paper, INDENT, "exposed", BT_INK_BAD,
				      "to the end of the trace: the write never ended");
		return;
	}
	bt_phrase_duration(late.min_ns, min, sizeof(min));
	bt_phrase_duration(late.median_ns, median, sizeof(median));
	bt_phrase_duration(late.max_ns, max, sizeof(max));
	bt_paper_item(paper, INDENT, "exposed", BT_INK_BAD,
		      "%s at least, median %s, %s at most (%u measured%s): from the line marked >> "
		      "until the write that should have come first was on disk%s",
		      min, median, max, late.nr, open,
		      result->invariant->severity == BT_SEVERITY_DATA
			      ? ". A crash in that time can cost data"
			      : "");
}

static void print_stack_of(const struct bt_paper *paper, const struct bt_stack *stack)
{
	unsigned int i, nr = stack->nr < FRAMES_MAX ? stack->nr : FRAMES_MAX;

	for (i = 0; i < nr; i++)
		bt_paper_item(paper, INDENT, "", BT_INK_FAINT, "%s", stack->frames[i]);
	if (nr < stack->nr)
		bt_paper_item(paper, INDENT, "", BT_INK_FAINT, "... %u more", stack->nr - nr);
}

/* The function itself, or the caller of what is not md's: "md_update_sb+0x1/0x2 [md_mod]" */
static void function_of(const struct bt_event *ev, const struct bt_stack *stack, char *buf,
			size_t len)
{
	const char *function = bt_phrase_function(ev), *frame = NULL;
	unsigned int i;

	for (i = 0; stack && !function && !frame && i < stack->nr; i++)
		if (strstr(stack->frames[i], " [md") || strstr(stack->frames[i], " [raid"))
			frame = stack->frames[i];
	if (!frame && stack && stack->nr)
		frame = stack->frames[0];
	if (function)
		snprintf(buf, len, "%s ", function);
	else
		snprintf(buf, len, "%.*s%s", frame ? (int)strcspn(frame, "+") : 0,
			 frame ? frame : "", frame ? " " : "");
}

/* Where it shows what was done wrong before, elsewhere. */
static bool is_late(const struct bt_event *ev)
{
	return ev->type == BT_GONE || ev->type == BT_DAEMON_ENTER || ev->type == BT_DAEMON_EXIT;
}

static void print_culprit(const struct bt_paper *paper, const struct bt_report *report,
			  const struct bt_group *group)
{
	struct bt_event_ref culprit = bt_group_culprit(report, group);
	char task[32], words[96], function[96];
	const struct bt_stack *stack;
	struct bt_scene scene;

	if (!culprit.seq)
		return;
	bt_scene_of(report, group, &scene);
	stack = bt_stacks_find(report->stacks, culprit.ev.stack);
	function_of(&culprit.ev, stack, function, sizeof(function));
	bt_phrase_task(&culprit.ev, report->names, task, sizeof(task));
	bt_phrase(&culprit.ev, report->names, words, sizeof(words));
	bt_paper_item(paper, INDENT, is_late(&culprit.ev) ? "noticed in" : "at fault",
		      BT_INK_STRONG, "%s(%s: %s%s)", function, task, words,
		      culprit.seq == scene.cause       ? ", marked !! below"
		      : culprit.seq == scene.offending ? ", marked >> below"
						       : "");
	if (stack)
		print_stack_of(paper, stack);
	else
		bt_paper_item(paper, INDENT, "", BT_INK_FAINT, "(%s)",
			      culprit.ev.stack < 0 ? "no kernel stack was taken"
						   : "its kernel stack was not saved");
}

/* One line each: when, what, for how long. */
static void print_all(const struct bt_paper *paper, const struct bt_report *report,
		      const struct bt_result *result)
{
	const struct bt_violations *all = &result->violations;
	unsigned int i, nr = report->max && report->max < all->nr ? report->max : all->nr;
	char took[24], label[64], kind[256];

	bt_paper_item(paper, 0, "", BT_INK_NONE,
		      "  %s, each time (seconds, chunk or page):", result->invariant->name);
	for (i = 0; i < nr; i++) {
		const struct bt_violation *one = &all->list[i];

		snprintf(label, sizeof(label), "  %" PRIu64 ".%06" PRIu64 " %6" PRIu64,
			 one->ts_ns / 1000000000, one->ts_ns % 1000000000 / 1000, one->about);
		bt_kind_format(one->kind, kind, sizeof(kind));
		if (one->until_ns > one->ts_ns) {
			bt_phrase_duration(one->until_ns - one->ts_ns, took, sizeof(took));
			bt_paper_item(paper, 24, label, BT_INK_NONE, "exposed %s", took);
		} else {
			bt_paper_item(paper, 24, label, BT_INK_NONE, "%s",
				      one->watching ? "exposed to the end of the trace" : kind);
		}
	}
	if (result->broken > nr)
		bt_paper_item(paper, 0, "", BT_INK_FAINT, "  ... and %" PRIu64 " more",
			      result->broken - nr);
}

static bool is_known(const struct bt_report *report, const struct bt_group *group)
{
	unsigned int i;

	for (i = 0; i < group->nr; i++)
		if (!report->known[group->rules[i]])
			return false;
	return true;
}

static void print_group(const struct bt_paper *paper, const struct bt_report *report,
			const struct bt_group *group, unsigned int nr, unsigned int groups)
{
	const struct bt_result *results = report->checker->results;
	const struct bt_invariant *worst = results[group->worst].invariant;
	unsigned int i;

	fputs("\n", paper->out);
	bt_paper_item(paper, 0, "",
		      group->severity == BT_SEVERITY_DATA ? BT_INK_BAD : BT_INK_STRONG,
		      "failure %u of %u%s, %s", nr, groups,
		      is_known(report, group) ? ", known" : "", cost(group->severity));
	for (i = 0; i < group->nr; i++)
		print_finding(paper, &results[group->rules[i]],
			      i		      ? "effect"
			      : group->nr > 1 ? "cause"
					      : "what");
	if (is_known(report, group))
		return;
	for (i = 0; i < group->nr; i++)
		print_extent(paper, &results[group->rules[i]], i ? "" : "how often");
	print_exposure(paper, &results[group->worst]);
	if (worst->consequence)
		bt_paper_item(paper, INDENT, "it costs", BT_INK_NONE, "%s", worst->consequence);
	for (i = 0; i < group->nr; i++)
		if (results[group->rules[i]].invariant->correct)
			bt_paper_item(paper, INDENT, i ? "" : "correct", BT_INK_GOOD,
				      "a correct kernel %s",
				      results[group->rules[i]].invariant->correct);
	print_culprit(paper, report, group);
	fputs("\n", paper->out);
	bt_lanes_print(paper, report, group);
	for (i = 0; report->all && i < group->nr; i++)
		print_all(paper, report, &results[group->rules[i]]);
}

/* The raw events; a proof is about nothing else. */
static void print_evidence(FILE *out, const struct bt_report *report)
{
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++) {
		if (!bt_report_tells(report, i))
			continue;
		fputs("\n", out);
		bt_report_evidence(out, report, &report->checker->results[i], "");
	}
}

void bt_report_text(FILE *out, const struct bt_report *report)
{
	struct bt_paper paper = { .out = out, .term = report->term };
	struct bt_group groups[BT_INVARIANTS_MAX];
	unsigned int i, nr = bt_report_groups(report, groups);

	bt_report_counts(out, report, "");
	if (report->info && report->info->command[0])
		bt_paper_item(&paper, 5, "run", BT_INK_NONE, "%s; bitmap-trace %s",
			      report->info->command, report->info->version);
	print_rules(&paper, report);
	print_losses(out, report);
	for (i = 0; i < nr; i++)
		print_group(&paper, report, &groups[i], i + 1, nr);
	if (report->events || report->proof)
		print_evidence(out, report);
	print_command(out, report->command_status);
	if (nr)
		fputs("\n", out);
	fputs("verdict: ", out);
	bt_paper_ink(&paper, verdict_ink(report->verdict), bt_verdict_name(report->verdict));
	fprintf(out, " (%s)\n", report->reason);
}
