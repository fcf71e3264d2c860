// SPDX-License-Identifier: GPL-2.0-only
#include "report/scene.h"

#include <string.h>

static void put(struct bt_scene *scene, const struct bt_event_ref *refs, unsigned int nr)
{
	unsigned int i, at;

	for (i = 0; i < nr && scene->nr < BT_SCENE_MAX; i++) {
		for (at = scene->nr; at && scene->events[at - 1].seq > refs[i].seq; at--)
			;
		if (at && scene->events[at - 1].seq == refs[i].seq)
			continue;
		memmove(&scene->events[at + 1], &scene->events[at],
			(scene->nr - at) * sizeof(scene->events[0]));
		scene->events[at] = refs[i];
		scene->nr++;
	}
}

static void put_all(struct bt_scene *scene, const struct bt_counterexample *cx)
{
	put(scene, cx->events, cx->nr);
	put(scene, cx->story, cx->story_nr);
}

void bt_scene_of(const struct bt_report *report, const struct bt_group *group,
		 struct bt_scene *scene)
{
	const struct bt_result *results = report->checker->results;
	const struct bt_result *worst = &results[group->worst], *cause = &results[group->rules[0]];
	const struct bt_violation *first = worst->violations.nr ? worst->violations.list : NULL;
	const struct bt_violation *reason;

	*scene = (struct bt_scene){ .offending = worst->first.offending };
	put_all(scene, &worst->first);
	if (first) {
		scene->until_ns = first->until_ns;
		scene->watched = first->watching || first->until_ns;
	}
	if (worst == cause || !first)
		return;
	reason = bt_violation_reason(first, &cause->violations);
	if (!reason || reason->seq != cause->first.offending)
		return;
	scene->cause = cause->first.offending;
	put_all(scene, &cause->first);
}

bool bt_scene_exposed(const struct bt_scene *scene, unsigned int index)
{
	const struct bt_event_ref *ref = &scene->events[index];

	return scene->watched && ref->seq >= scene->offending &&
	       (!scene->until_ns || ref->ev.ts_ns <= scene->until_ns);
}
