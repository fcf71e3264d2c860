/* SPDX-License-Identifier: GPL-2.0-only */
/* The events that show a group's first failure, in order, each once. */
#ifndef BT_SCENE_H
#define BT_SCENE_H

#include "report/group.h"

#define BT_SCENE_MAX (2 * (BT_EVIDENCE_MAX + BT_STORY_MAX))

struct bt_scene {
	struct bt_event_ref events[BT_SCENE_MAX];
	unsigned int nr;
	uint64_t cause; /* seq of the event that broke the cause's rule; 0: the same, or not here */
	uint64_t offending; /* seq of the one that broke the worst rule */
	/* From the offence until this the disk lacked what it should have had. 0: not seen. */
	uint64_t until_ns;
	bool watched; /* such an end was waited for */
};

void bt_scene_of(const struct bt_report *report, const struct bt_group *group,
		 struct bt_scene *scene);
/* Is the event at index within that time, its end included? */
bool bt_scene_exposed(const struct bt_scene *scene, unsigned int index);

#endif /* BT_SCENE_H */
