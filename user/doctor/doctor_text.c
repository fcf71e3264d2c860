// SPDX-License-Identifier: GPL-2.0-only
/* The diagnosis as text: a state word, then its subject. */
#include <string.h>

#include "doctor/doctor.h"

#define LINE   "%-8s %s\n"
#define INDENT "         "

static void print_rules(FILE *out, enum bt_capability capability)
{
	const struct bt_invariant *const *invariant;
	const char *before = "";

	if (capability == BT_SEES_LIFE) {
		fputs("all rules\n", out);
		return;
	}
	for (invariant = bt_invariants; *invariant; invariant++) {
		if (!bt_invariant_needs(*invariant, capability))
			continue;
		fprintf(out, "%s%s", before, (*invariant)->name);
		before = ", ";
	}
	if (!before[0])
		fprintf(out, "shows %s; no rule needs it", bt_capability_desc(capability)->sees);
	fputc('\n', out);
}

/* "lost set-bit: intent-before-data, ..." */
static void print_capabilities(FILE *out, const struct bt_hook *hook)
{
	enum bt_capability gives[BT_CAPABILITIES];
	const struct bt_capability_desc *desc;
	unsigned int i;

	bt_diagnosis_gives(hook, gives);
	for (i = 0; gives[i] != BT_SEES_END; i++) {
		desc = bt_capability_desc(gives[i]);
		fprintf(out, INDENT "%s %s", hook->sees_all ? "sees" : "lost", desc->name);
		if (desc->where)
			fprintf(out, ", with %s", desc->where);
		fputs(": ", out);
		print_rules(out, gives[i]);
	}
}

/* Does another variant have a function of the same name? Then the signature distinguishes them. */
static bool name_is_shared(const struct bt_hook *hook)
{
	const struct bt_hook_variant *variants = hook->row->variants;
	unsigned int i, n, same = 0;

	for (i = 0; i < BT_HOOK_VARIANTS; i++)
		for (n = 0; n < BT_VARIANT_NAMES; n++)
			same += variants[i].names[n] &&
				!strcmp(variants[i].names[n], hook->site->function);
	return same > 1;
}

static void print_place(FILE *out, const struct bt_hook *hook)
{
	if (!hook->site)
		return;
	if (hook->row->variable || hook->variant->stands_in)
		fprintf(out, " at %s", hook->site->function);
	else if (strcmp(hook->site->function, hook->row->name))
		fprintf(out, " as %s", hook->site->function);
	if (name_is_shared(hook))
		fprintf(out, " (%s)", hook->variant->takes);
	fprintf(out, " in %s", hook->site->module ? hook->site->module : "vmlinux");
}

static void print_hook(FILE *out, const struct bt_diagnosis *diagnosis, const struct bt_hook *hook)
{
	fprintf(out, "%-8s %s", bt_diagnosis_state(diagnosis, hook), hook->row->name);
	print_place(out, hook);
	fputc('\n', out);
	if (hook->copies[0])
		fprintf(out, INDENT "there is also %s: %s\n", hook->copies, hook->why);
	else if (hook->why[0])
		fprintf(out, INDENT "%s\n", hook->why);
	print_capabilities(out, hook);
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
	fputs(before[0] == ',' ? "\n" : "all can be judged, except where named above\n", out);
}

void bt_doctor_text(FILE *out, const struct bt_diagnosis *diagnosis)
{
	const struct bt_requirement *requirement;
	unsigned int i;

	fprintf(out, LINE, "kernel", diagnosis->release);
	for (i = 0; i < diagnosis->requirements_nr; i++) {
		requirement = &diagnosis->requirements[i];
		fprintf(out, LINE, requirement->met ? "ok" : "missing", requirement->text);
	}
	for (i = 0; diagnosis->hooks && i < diagnosis->hooks->nr; i++)
		print_hook(out, diagnosis, &diagnosis->hooks->all[i]);
	if (diagnosis->hooks)
		print_lost_rules(out, diagnosis);
	if (!diagnosis->attached)
		fprintf(out, LINE, "tracing",
			"is not possible until what is missing above is there");
}
