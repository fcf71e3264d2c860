/* SPDX-License-Identifier: GPL-2.0-only */
/* The failures of a run as a page for a browser. */
#ifndef BT_TIMELINE_H
#define BT_TIMELINE_H

#include "timeline/excerpt.h"
#include "timeline/overview.h"
#include "timeline/page_states.h"
#include "timeline/picture.h"

/* Another run: how the same chunk fared there. A sink for its second reading. */
struct bt_timeline_other {
	struct bt_sink sink;
	struct bt_observer observer; /* of the model of its first reading */
	const char *name;
	const struct bt_report *report; /* judged */
	struct bt_excerpt *excerpts;	/* of each group */
	unsigned int nr;
};

/* A failure, and what the second reading of the trace adds. */
struct bt_timeline_group {
	struct bt_group group;
	struct bt_scene scene;
	struct bt_page_states states;
};

struct bt_timeline {
	struct bt_sink sink; /* for the second reading */
	const struct bt_report *report;
	const struct bt_overview *overview;
	struct bt_timeline_group *groups;
	unsigned int nr;
	const struct bt_timeline_other *other; /* NULL: none */
};

/* report: judged; overview: has seen all events. 0 or -ENOMEM. */
int bt_timeline_init(struct bt_timeline *timeline, const struct bt_report *report,
		     const struct bt_overview *overview);
/* What to look for in another run. 0 or -ENOMEM. */
int bt_timeline_other_init(struct bt_timeline_other *other, const struct bt_timeline *timeline);
/* Between its two readings. */
void bt_timeline_other_turn(struct bt_timeline_other *other);
void bt_timeline_other_free(struct bt_timeline_other *other);
void bt_timeline_free(struct bt_timeline *timeline);
/* trace: what to call it. */
void bt_timeline_html(FILE *out, const struct bt_timeline *timeline, const char *trace);

#endif /* BT_TIMELINE_H */
