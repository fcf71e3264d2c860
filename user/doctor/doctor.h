/* SPDX-License-Identifier: GPL-2.0-only */
/* What doctor has found out about this machine, and its two ways to print it. */
#ifndef BT_DOCTOR_H
#define BT_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "invariants/invariant.h"
#include "probes/hooks.h"

/* Something that tracing needs. */
struct bt_requirement {
	const char *name;  /* "privileges" */
	const char *words; /* for people: that it is there, or what to do; lives as long */
	bool met;
};

#define BT_REQUIREMENTS_MAX 6

struct bt_diagnosis {
	char release[65]; /* of the kernel, as `uname -r` tells */
	struct bt_requirement requirements[BT_REQUIREMENTS_MAX];
	unsigned int requirements_nr;
	const struct bt_hooks *hooks; /* none when they could not be looked up; not owned */
	struct bt_missing missing;    /* what they do not see */
	char untraced[120];	      /* an array that cannot be traced, in words; "": none */
	bool attached;		      /* all that are there were, a moment ago */
};

/* Is a capability missing that the invariant needs on all levels and kinds of bitmap? */
bool bt_diagnosis_lost(const struct bt_diagnosis *diagnosis, const struct bt_invariant *invariant);

/* What the hook's state is called: "attached", "found" when it was not tried, "split", ... */
const char *bt_diagnosis_state(const struct bt_diagnosis *diagnosis, const struct bt_hook *hook);

/* The capabilities that the hook's programs give, each once; ends with BT_SEES_END. */
void bt_diagnosis_gives(const struct bt_hook *hook, enum bt_capability gives[BT_CAPABILITIES]);

void bt_doctor_text(FILE *out, const struct bt_diagnosis *diagnosis);
void bt_doctor_json(FILE *out, const struct bt_diagnosis *diagnosis);

#endif /* BT_DOCTOR_H */
