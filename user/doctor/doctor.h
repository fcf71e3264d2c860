/* SPDX-License-Identifier: GPL-2.0-only */
/* What doctor has found out about this machine, and its two ways to print it. */
#ifndef BT_DOCTOR_H
#define BT_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "invariants/invariant.h"
#include "probes/hook_state.h"

/* Something that tracing needs. */
struct bt_requirement {
	const char *name;  /* "privileges" */
	const char *words; /* for people: that it is there, or what to do; static */
	bool met;
};

#define BT_REQUIREMENTS_MAX 4

struct bt_diagnosis {
	char release[65]; /* of the kernel, as `uname -r` tells */
	struct bt_requirement requirements[BT_REQUIREMENTS_MAX];
	unsigned int requirements_nr;
	struct bt_hook_reports hooks; /* none when they could not be looked up */
	bool attached;		      /* all that are there were, a moment ago */
};

/*
 * Does the invariant need the hook, and where? *where: for people, "" when
 * everywhere, "raid10" when there.
 */
bool bt_diagnosis_needs(const struct bt_invariant *invariant, const char *hook, const char **where);

/* Has a hook gone that the invariant can do without nowhere? */
bool bt_diagnosis_lost(const struct bt_diagnosis *diagnosis, const struct bt_invariant *invariant);

/* What the hook's state is called: "attached", "found" when it was not tried, "split", ... */
const char *bt_diagnosis_state(const struct bt_diagnosis *diagnosis,
			       const struct bt_hook_report *report);

void bt_doctor_text(FILE *out, const struct bt_diagnosis *diagnosis);
void bt_doctor_json(FILE *out, const struct bt_diagnosis *diagnosis);

#endif /* BT_DOCTOR_H */
