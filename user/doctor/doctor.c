// SPDX-License-Identifier: GPL-2.0-only
#include "doctor/doctor.h"

bool bt_diagnosis_lost(const struct bt_diagnosis *diagnosis, const struct bt_invariant *invariant)
{
	const struct bt_capability_desc *desc;
	unsigned int i;

	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++) {
		desc = bt_capability_desc((enum bt_capability)i);
		if (!desc->where && bt_missing_why(&diagnosis->missing, (enum bt_capability)i) &&
		    bt_invariant_needs(invariant, (enum bt_capability)i))
			return true;
	}
	return !diagnosis->hooks;
}

enum bt_exit bt_diagnosis_exit(const struct bt_diagnosis *diagnosis)
{
	const struct bt_invariant *const *invariant;

	if (!diagnosis->attached)
		return BT_EXIT_ERROR;
	if (diagnosis->untraced[0])
		return BT_EXIT_UNKNOWN;
	for (invariant = bt_invariants; *invariant; invariant++)
		if (bt_diagnosis_lost(diagnosis, *invariant))
			return BT_EXIT_UNKNOWN;
	return BT_EXIT_PASS;
}

const char *bt_diagnosis_state(const struct bt_diagnosis *diagnosis, const struct bt_hook *hook)
{
	if (hook->state != BT_HOOK_WHOLE)
		return bt_hook_state_name(hook->state);
	return diagnosis->attached ? "attached" : "found";
}

void bt_diagnosis_gives(const struct bt_hook *hook, enum bt_capability gives[BT_CAPABILITIES])
{
	const struct bt_probe *probe;
	unsigned int i, n, nr = 0;

	gives[0] = BT_SEES_END;
	for (i = 0; i < BT_VARIANT_PROBES; i++) {
		probe = &hook->row->variants[0].probes[i];
		for (n = 0; n < BT_PROBE_CAPABILITIES; n++) {
			if (bt_capability_among(gives, probe->gives[n]) ||
			    probe->gives[n] == BT_SEES_END)
				continue;
			gives[nr++] = probe->gives[n];
			gives[nr] = BT_SEES_END;
		}
	}
}
