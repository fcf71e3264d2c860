/* SPDX-License-Identifier: GPL-2.0-only */
/* What doctor found out about this machine, and its two output formats. */
#ifndef BT_DOCTOR_H
#define BT_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "base/output.h"
#include "invariants/invariant.h"
#include "probes/hooks.h"

/* A requirement of tracing. */
struct bt_requirement {
	const char *name; /* "privileges" */
	const char *text; /* that it is met, or what is missing and what to do; same lifetime */
	bool met;
};

#define BT_REQUIREMENTS_MAX 6

struct bt_diagnosis {
	char release[65]; /* of the kernel, as in `uname -r` */
	struct bt_requirement requirements[BT_REQUIREMENTS_MAX];
	unsigned int requirements_nr;
	const struct bt_hooks *hooks; /* empty if they could not be looked up; not owned */
	struct bt_missing missing;    /* missing capabilities */
	char untraced[120];	      /* an array that cannot be traced, as text; "": none */
	bool attached;		      /* all existing hooks were attached, as a test */
};

/* Is a capability missing that the invariant needs on every level and kind of bitmap? */
bool bt_diagnosis_lost(const struct bt_diagnosis *diagnosis, const struct bt_invariant *invariant);

/* The name of the hook's state: "attached", "found" if attaching was not tried, "split", ... */
const char *bt_diagnosis_state(const struct bt_diagnosis *diagnosis, const struct bt_hook *hook);

/* The capabilities that the hook's programs give, each once; ends with BT_SEES_END. */
void bt_diagnosis_gives(const struct bt_hook *hook, enum bt_capability gives[BT_CAPABILITIES]);

/* PASS: all rules can be judged; UNKNOWN: some cannot; ERROR: tracing is not possible. */
enum bt_exit bt_diagnosis_exit(const struct bt_diagnosis *diagnosis);

void bt_doctor_text(FILE *out, const struct bt_diagnosis *diagnosis);
void bt_doctor_json(FILE *out, const struct bt_diagnosis *diagnosis);

#endif /* BT_DOCTOR_H */
