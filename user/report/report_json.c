// SPDX-License-Identifier: GPL-2.0-only
/* The report for programs: one JSON object. */
#include <json-c/json.h>
#include <stdint.h>

#include "base/place.h"
#include "base/version.h"
#include "event/event_desc.h"
#include "event/event_json.h"
#include "report/group.h"

static json_object *stack_json(const struct bt_report *report, int32_t id)
{
	const struct bt_stack *stack = bt_stacks_find(report->stacks, id);
	json_object *frames = json_object_new_array();
	unsigned int i;

	for (i = 0; stack && i < stack->nr; i++)
		json_object_array_add(frames, bt_json_text(stack->frames[i], SIZE_MAX));
	return frames;
}

/* As in `dump -f json`, with its place in the stream and its text. */
static json_object *event_json(const struct bt_report *report, const struct bt_event_ref *ref)
{
	json_object *object = bt_event_json(&ref->ev, report->names);
	char line[512];

	if (!object)
		return NULL;
	bt_event_format(&ref->ev, report->names, line, sizeof(line));
	json_object_object_add(object, "seq", json_object_new_uint64(ref->seq));
	json_object_object_add(object, "text", bt_json_text(line, sizeof(line)));
	return object;
}

/* Frames by the number that events have, a string as all keys of JSON. */
static void add_stack(json_object *stacks, const struct bt_report *report, int32_t id)
{
	char key[16];

	snprintf(key, sizeof(key), "%d", id);
	if (id >= 0 && !json_object_object_get_ex(stacks, key, NULL))
		json_object_object_add(stacks, key, stack_json(report, id));
}

static json_object *counterexample_json(const struct bt_report *report,
					const struct bt_counterexample *cx)
{
	json_object *object = json_object_new_object();
	json_object *events = json_object_new_array();
	json_object *stacks = json_object_new_object();
	json_object *stack = NULL, *event;
	struct bt_shown shown = { 0 };

	while (bt_report_shown(report, cx, &shown)) {
		event = event_json(report, shown.ref);
		if (event && bt_report_proves(report, cx))
			json_object_object_add(event, "proof",
					       json_object_new_boolean(shown.proof));
		json_object_array_add(events, event);
		add_stack(stacks, report, shown.ref->ev.stack);
		if (shown.offending)
			stack = stack_json(report, shown.ref->ev.stack);
	}
	json_object_object_add(object, "array", bt_json_text(cx->array, sizeof(cx->array)));
	json_object_object_add(object, "message", bt_json_text(cx->message, sizeof(cx->message)));
	json_object_object_add(object, "offending_seq", json_object_new_uint64(cx->offending));
	json_object_object_add(object, "events", events);
	json_object_object_add(object, "stack", stack);
	json_object_object_add(object, "stacks", stacks);
	return object;
}

static json_object *kinds_json(const struct bt_violations *violations)
{
	json_object *kinds = json_object_new_array(), *kind;
	char text[256];
	unsigned int i;

	for (i = 0; i < violations->kinds_nr; i++) {
		kind = json_object_new_object();
		bt_kind_format(violations->kinds[i].kind, text, sizeof(text));
		json_object_object_add(kind, "kind", bt_json_text(text, SIZE_MAX));
		json_object_object_add(kind, "count",
				       json_object_new_uint64(violations->kinds[i].nr));
		json_object_array_add(kinds, kind);
	}
	return kinds;
}

static json_object *exposure_json(const struct bt_violations *violations)
{
	struct bt_lateness late = bt_violations_lateness(violations);
	json_object *object = json_object_new_object();

	json_object_object_add(object, "measured", json_object_new_int64(late.nr));
	json_object_object_add(object, "never_ended", json_object_new_int64(late.open_nr));
	if (!late.nr)
		return object;
	json_object_object_add(object, "min_ns", json_object_new_uint64(late.min_ns));
	json_object_object_add(object, "median_ns", json_object_new_uint64(late.median_ns));
	json_object_object_add(object, "max_ns", json_object_new_uint64(late.max_ns));
	return object;
}

/* What of a broken rule there is besides its counterexample. */
static void add_violations(json_object *object, const struct bt_violations *violations)
{
	json_object_object_add(object, "kinds", kinds_json(violations));
	json_object_object_add(object, "places",
			       json_object_new_int64(bt_violations_places(violations)));
	json_object_object_add(object, "exposure", exposure_json(violations));
}

/* Which of them have one cause; its name comes first. */
static json_object *groups_json(const struct bt_report *report)
{
	json_object *array = json_object_new_array(), *group, *rules;
	struct bt_group groups[BT_INVARIANTS_MAX];
	unsigned int i, n, nr = bt_report_groups(report, groups);

	for (i = 0; i < nr; i++) {
		group = json_object_new_object();
		rules = json_object_new_array();
		for (n = 0; n < groups[i].nr; n++)
			json_object_array_add(
				rules,
				json_object_new_string(report->checker->results[groups[i].rules[n]]
							       .invariant->name));
		json_object_object_add(
			group, "severity",
			json_object_new_string(bt_severity_name(groups[i].severity)));
		json_object_object_add(group, "rules", rules);
		json_object_array_add(array, group);
	}
	return array;
}

static json_object *invariant_json(const struct bt_report *report, unsigned int i)
{
	const struct bt_result *result = &report->checker->results[i];
	json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_object_new_string(result->invariant->name));
	json_object_object_add(
		object, "severity",
		json_object_new_string(bt_severity_name(result->invariant->severity)));
	json_object_object_add(object, "rule",
			       json_object_new_string(result->invariant->statement));
	json_object_object_add(object, "verdict",
			       json_object_new_string(bt_verdict_name(report->verdicts[i])));
	if (report->known[i])
		json_object_object_add(object, "known", json_object_new_boolean(true));
	json_object_object_add(object, "reason", bt_json_text(report->reasons[i], SIZE_MAX));
	json_object_object_add(object, "held", json_object_new_uint64(result->held));
	json_object_object_add(object, "broken", json_object_new_uint64(result->broken));
	json_object_object_add(object, "unjudged", json_object_new_uint64(result->unjudged));
	if (!bt_report_tells(report, i))
		return object;
	add_violations(object, &result->violations);
	json_object_object_add(object, "counterexample",
			       counterexample_json(report, &result->first));
	return object;
}

/* The names of the rules that were broken. */
static json_object *failed_json(const struct bt_report *report)
{
	json_object *names = json_object_new_array();
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++)
		if (report->verdicts[i] == BT_VERDICT_FAIL)
			json_object_array_add(names,
					      json_object_new_string(
						      report->checker->results[i].invariant->name));
	return names;
}

static json_object *lost_by_type_json(const struct bt_report *report)
{
	json_object *object = json_object_new_object();
	unsigned int i;

	for (i = 0; report->stats && i < BT_EVENT_TYPE_MAX; i++)
		if (report->stats->lost_by_type[i])
			json_object_object_add(
				object, bt_event_type_name(i),
				json_object_new_uint64(report->stats->lost_by_type[i]));
	return object;
}

static json_object *perturbed_json(const struct bt_report *report)
{
	json_object *object = json_object_new_object(), *places = json_object_new_object(), *place;
	const struct bt_perturb_count *counts = report->stats->perturbed;
	unsigned int i;

	for (i = 0; i < BT_PLACES; i++) {
		if (!counts[i].passed)
			continue;
		place = json_object_new_object();
		json_object_object_add(place, "passed", json_object_new_uint64(counts[i].passed));
		json_object_object_add(place, "spins", json_object_new_uint64(counts[i].spins));
		json_object_object_add(place, "ns", json_object_new_uint64(counts[i].ns));
		json_object_object_add(places, bt_place_name((enum bt_place)i), place);
	}
	json_object_object_add(object, "by", bt_json_text(report->info->perturb, SIZE_MAX));
	json_object_object_add(object, "from_ns", json_object_new_uint64(report->info->perturb_ns));
	json_object_object_add(object, "places", places);
	return object;
}

static json_object *run_json(const struct bt_report *report)
{
	json_object *object = json_object_new_object();
	int status = report->command_status;

	json_object_object_add(object, "verdict",
			       json_object_new_string(bt_verdict_name(report->verdict)));
	json_object_object_add(object, "reason", bt_json_text(report->reason, SIZE_MAX));
	json_object_object_add(object, "failed", failed_json(report));
	json_object_object_add(object, "version", json_object_new_string(BT_VERSION));
	if (report->info)
		json_object_object_add(object, "kernel",
				       bt_json_text(report->info->release, SIZE_MAX));
	if (report->info && report->info->command[0]) {
		json_object_object_add(object, "recorder",
				       bt_json_text(report->info->version, SIZE_MAX));
		json_object_object_add(object, "command_line",
				       bt_json_text(report->info->command, SIZE_MAX));
	}
	if (report->info && report->info->host[0]) {
		json_object_object_add(object, "host", bt_json_text(report->info->host, SIZE_MAX));
		json_object_object_add(object, "clock_ns",
				       json_object_new_int64(report->info->clock_ns));
	}
	if (report->info && report->stats && report->info->perturb[0])
		json_object_object_add(object, "perturbed", perturbed_json(report));
	json_object_object_add(object, "events", json_object_new_uint64(report->checker->events));
	json_object_object_add(object, "set_bits",
			       json_object_new_uint64(report->checker->set_bits));
	json_object_object_add(object, "lost", json_object_new_uint64(report->sight.lost));
	json_object_object_add(object, "lost_by_type", lost_by_type_json(report));
	json_object_object_add(
		object, "incomplete",
		report->sight.incomplete ? bt_json_text(report->sight.incomplete, SIZE_MAX) : NULL);
	json_object_object_add(object, "command_status",
			       status < 0 ? NULL : json_object_new_int(status));
	return object;
}

json_object *bt_report_object(const struct bt_report *report)
{
	json_object *root = run_json(report);
	json_object *invariants = json_object_new_array();
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++)
		json_object_array_add(invariants, invariant_json(report, i));
	json_object_object_add(root, "invariants", invariants);
	json_object_object_add(root, "groups", groups_json(report));
	return root;
}

void bt_report_json(FILE *out, const struct bt_report *report)
{
	json_object *root = bt_report_object(report);

	fprintf(out, "%s\n",
		json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
