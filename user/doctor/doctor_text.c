// SPDX-License-Identifier: GPL-2.0-only
/* The diagnosis for people: a word, then what it is about. */
#include <string.h>

#include "doctor/doctor.h"
#include "probes/hook_needs.h"

#define LINE   "%-8s %s\n"
#define INDENT "         "

/* The rules that need the hook in this place, after before; false: none. */
static bool print_rules_where(FILE *out, const char *before, const char *hook, const char *place)
{
	const struct bt_invariant *const *invariant;
	const char *where;
	bool any = false;

	for (invariant = bt_invariants; *invariant; invariant++) {
		if (!bt_diagnosis_needs(*invariant, hook, &where) || strcmp(where, place))
			continue;
		fprintf(out, "%s%s", any ? ", " : before, (*invariant)->name);
		any = true;
	}
	return any;
}

static const char *only_place(const char *hook)
{
	const struct bt_invariant *const *invariant;
	const char *where;

	for (invariant = bt_invariants; *invariant; invariant++)
		if (bt_diagnosis_needs(*invariant, hook, &where) && where[0])
			return where;
	return NULL;
}

/* Those that need it everywhere, then those that need it in one place. */
static void print_rules(FILE *out, const char *hook)
{
	const char *place = only_place(hook);
	char before[80];
	bool any;

	if (bt_hook_needed_by_all(hook)) {
		fputs("all", out);
		return;
	}
	any = print_rules_where(out, "", hook, "");
	snprintf(before, sizeof(before), "%swith %s: ", any ? "; " : "", place ? place : "");
	if (place)
		print_rules_where(out, before, hook, place);
}

static void print_place(FILE *out, const struct bt_hook_report *report)
{
	const struct bt_hook *found = report->found;

	if (!found)
		return;
	if (found->variable)
		fprintf(out, " at %s", found->function);
	else if (strcmp(found->function, report->hook))
		fprintf(out, " as %s", found->function);
	fprintf(out, " in %s", found->module ? found->module : "vmlinux");
}

/* What is lost without it is told by the rules it serves, or else by its purpose. */
static void print_hook(FILE *out, const struct bt_diagnosis *diagnosis,
		       const struct bt_hook_report *report)
{
	const char *purpose = bt_hook_purpose(report->hook);

	fprintf(out, "%-8s %s", bt_diagnosis_state(diagnosis, report), report->hook);
	print_place(out, report);
	fputc('\n', out);
	if (report->copies[0])
		fprintf(out, INDENT "there is also %s: %s\n", report->copies, report->why);
	else if (report->why[0])
		fprintf(out, INDENT "%s\n", report->why);
	fprintf(out, INDENT "%s: ", report->sees_all ? (purpose ? "for" : "rules") : "lost");
	if (purpose)
		fputs(purpose, out);
	else
		print_rules(out, report->hook);
	fputc('\n', out);
}

static void print_lost_rules(FILE *out, const struct bt_diagnosis *diagnosis)
{
	const struct bt_invariant *const *invariant;
	const char *before = "cannot be judged: ";

	fprintf(out, "%-8s ", "rules");
	for (invariant = bt_invariants; *invariant; invariant++) {
		if (!bt_diagnosis_lost(diagnosis, *invariant))
			continue;
		fprintf(out, "%s%s", before, (*invariant)->name);
		before = ", ";
	}
	fputs(before[0] == ',' ? "\n" : "all can be judged, but for what is named above\n", out);
}

void bt_doctor_text(FILE *out, const struct bt_diagnosis *diagnosis)
{
	const struct bt_requirement *requirement;
	unsigned int i;

	fprintf(out, LINE, "kernel", diagnosis->release);
	for (i = 0; i < diagnosis->requirements_nr; i++) {
		requirement = &diagnosis->requirements[i];
		fprintf(out, LINE, requirement->met ? "ok" : "missing", requirement->words);
	}
	for (i = 0; i < diagnosis->hooks.nr; i++)
		print_hook(out, diagnosis, &diagnosis->hooks.all[i]);
	if (diagnosis->hooks.nr)
		print_lost_rules(out, diagnosis);
}
