// SPDX-License-Identifier: GPL-2.0-only
#include "report/group.h"

#include <string.h>

static bool has_block(const struct bt_violation *violation)
{
	return violation->watching || violation->until_ns;
}

static bool same_place(const struct bt_violation *a, const struct bt_violation *b)
{
	if (a->bitmap != b->bitmap)
		return false;
	return has_block(a) && has_block(b) ? a->block == b->block : a->about == b->about;
}

const struct bt_violation *bt_violation_reason(const struct bt_violation *effect,
					       const struct bt_violations *cause)
{
	unsigned int i;

	for (i = cause->nr; i-- > 0;)
		if (cause->list[i].seq <= effect->seq &&
		    cause->list[i].seq > effect->need.from_seq &&
		    same_place(&cause->list[i], effect))
			return &cause->list[i];
	return NULL;
}

static bool follows(const struct bt_result *effect, const struct bt_result *cause)
{
	const char *const *name = effect->invariant->follows_from;

	for (; name && *name; name++)
		if (!strcmp(*name, cause->invariant->name))
			return effect->violations.nr &&
			       bt_violation_reason(&effect->violations.list[0], &cause->violations);
	return false;
}

/* The result that this one follows from, or itself. */
static unsigned int cause_of(const struct bt_report *report, unsigned int effect)
{
	const struct bt_result *results = report->checker->results;
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++)
		if (i != effect && bt_report_tells(report, i) &&
		    follows(&results[effect], &results[i]))
			return i;
	return effect;
}

/* Through what lies between; a rule cannot be far from its root. */
static unsigned int root_of(const struct bt_report *report, unsigned int result)
{
	unsigned int steps, cause;

	for (steps = 0; steps < BT_INVARIANTS_MAX; steps++) {
		cause = cause_of(report, result);
		if (cause == result)
			break;
		result = cause;
	}
	return result;
}

static void gather(const struct bt_report *report, const unsigned int *roots, unsigned int root,
		   struct bt_group *group)
{
	unsigned int i;

	*group = (struct bt_group){ .rules = { root }, .nr = 1, .worst = root };
	for (i = 0; i < report->checker->results_nr; i++) {
		if (!bt_report_tells(report, i) || roots[i] != root)
			continue;
		if (i != root)
			group->rules[group->nr++] = i;
		if (i < group->worst)
			group->worst = i; /* rules are in the order of severity */
	}
	group->severity = report->checker->results[group->worst].invariant->severity;
}

unsigned int bt_report_groups(const struct bt_report *report,
			      struct bt_group groups[BT_INVARIANTS_MAX])
{
	unsigned int roots[BT_INVARIANTS_MAX], i, at, nr = 0;
	struct bt_group group;

	for (i = 0; i < report->checker->results_nr; i++)
		roots[i] = bt_report_tells(report, i) ? root_of(report, i) : BT_INVARIANTS_MAX;
	for (i = 0; i < report->checker->results_nr; i++) {
		if (roots[i] != i)
			continue;
		gather(report, roots, i, &group);
		for (at = nr++; at && groups[at - 1].severity > group.severity; at--)
			groups[at] = groups[at - 1];
		groups[at] = group;
	}
	return nr;
}

/* The last call that should have made sure of it, in the thread that goes on too early. */
static const struct bt_event_ref *broken_promise(const struct bt_counterexample *cx, uint32_t tid)
{
	const struct bt_event_ref *found = NULL;
	unsigned int i;

	for (i = 0; i < cx->nr && cx->events[i].seq < cx->offending; i++)
		if (cx->events[i].ev.type == BT_UNPLUG_EXIT ||
		    (cx->events[i].ev.type == BT_UNPLUG_WORK_EXIT && cx->events[i].ev.tid == tid &&
		     !found))
			found = &cx->events[i];
	return found;
}

struct bt_event_ref bt_group_culprit(const struct bt_report *report, const struct bt_group *group)
{
	const struct bt_counterexample *cx = &report->checker->results[group->rules[0]].first;
	const struct bt_event_ref *promise;
	unsigned int i;

	for (i = 0; i < cx->nr && cx->events[i].seq != cx->offending; i++)
		;
	if (i == cx->nr)
		return (struct bt_event_ref){ .seq = 0 };
	promise = cx->events[i].ev.type == BT_DATA_START ? broken_promise(cx, cx->events[i].ev.tid)
							 : NULL;
	return promise ? *promise : cx->events[i];
}
