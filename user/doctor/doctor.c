// SPDX-License-Identifier: GPL-2.0-only
#include "doctor/doctor.h"

#include "probes/hook_needs.h"

bool bt_diagnosis_needs(const struct bt_invariant *invariant, const char *hook, const char **where)
{
	const struct bt_hook_need *need = bt_hook_needed_where(invariant, hook);
	bool always = bt_hook_always_needed(invariant, hook);

	*where = always || !need ? "" : need->where;
	return always || need;
}

bool bt_diagnosis_lost(const struct bt_diagnosis *diagnosis, const struct bt_invariant *invariant)
{
	const struct bt_hook_report *report;
	unsigned int i;

	for (i = 0; i < diagnosis->hooks.nr; i++) {
		report = &diagnosis->hooks.all[i];
		if (!report->sees_all && bt_hook_always_needed(invariant, report->hook))
			return true;
	}
	return !diagnosis->hooks.nr;
}

const char *bt_diagnosis_state(const struct bt_diagnosis *diagnosis,
			       const struct bt_hook_report *report)
{
	if (report->state != BT_HOOK_WHOLE)
		return bt_hook_state_name(report->state);
	return diagnosis->attached ? "attached" : "found";
}
