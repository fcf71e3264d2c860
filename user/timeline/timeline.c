// SPDX-License-Identifier: GPL-2.0-only
#include "timeline/timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/phrase.h"
#include "timeline/html.h"

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_timeline *timeline = bt_container_of(sink, struct bt_timeline, sink);
	unsigned int i;

	for (i = 0; i < timeline->nr; i++)
		bt_sink_event(&timeline->groups[i].states.sink, ev);
	return 0;
}

int bt_timeline_init(struct bt_timeline *timeline, const struct bt_report *report,
		     const struct bt_overview *overview)
{
	struct bt_group groups[BT_INVARIANTS_MAX];
	uint32_t page;
	unsigned int i;

	*timeline = (struct bt_timeline){ .sink.event = sink_event,
					  .report = report,
					  .overview = overview,
					  .nr = bt_report_groups(report, groups) };
	timeline->groups = calloc(timeline->nr + 1, sizeof(*timeline->groups));
	if (!timeline->groups)
		return -ENOMEM;
	for (i = 0; i < timeline->nr; i++) {
		struct bt_timeline_group *to = &timeline->groups[i];

		to->group = groups[i];
		bt_scene_of(report, &groups[i], &to->scene);
		page = UINT32_MAX;
		if (to->scene.nr)
			bt_picture_page(&to->scene, &page);
		bt_page_states_init(&to->states,
				    report->checker->results[groups[i].worst].first.bitmap, page,
				    to->scene.nr ? to->scene.events[0].ev.ts_ns : 0,
				    to->scene.nr ? to->scene.events[to->scene.nr - 1].ev.ts_ns : 0);
	}
	return 0;
}

void bt_timeline_free(struct bt_timeline *timeline)
{
	free(timeline->groups);
}

static void other_before(struct bt_observer *observer, const struct bt_view *view)
{
	struct bt_timeline_other *other =
		bt_container_of(observer, struct bt_timeline_other, observer);
	unsigned int i;

	for (i = 0; i < other->nr; i++)
		bt_excerpt_event(&other->excerpts[i], view);
}

static int other_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_timeline_other *other = bt_container_of(sink, struct bt_timeline_other, sink);
	unsigned int i;

	for (i = 0; i < other->nr; i++)
		bt_sink_event(&other->excerpts[i].states.sink, ev);
	return 0;
}

int bt_timeline_other_init(struct bt_timeline_other *other, const struct bt_timeline *timeline)
{
	unsigned int i;

	*other = (struct bt_timeline_other){ .sink.event = other_event,
					     .observer.before = other_before,
					     .nr = timeline->nr };
	other->excerpts = calloc(other->nr + 1, sizeof(*other->excerpts));
	if (!other->excerpts)
		return -ENOMEM;
	for (i = 0; i < other->nr; i++)
		bt_excerpt_init(
			&other->excerpts[i],
			&timeline->report->checker->results[timeline->groups[i].group.worst].first);
	return 0;
}

void bt_timeline_other_turn(struct bt_timeline_other *other)
{
	unsigned int i;

	for (i = 0; i < other->nr; i++)
		bt_excerpt_end(&other->excerpts[i]);
}

void bt_timeline_other_free(struct bt_timeline_other *other)
{
	free(other->excerpts);
}

static void print_item(FILE *out, const char *label, const char *text)
{
	if (!text || !text[0])
		return;
	fprintf(out, "<dt>%s</dt><dd>", label);
	bt_html_text(out, text);
	fputs("</dd>\n", out);
}

static void print_exposure(FILE *out, const struct bt_violations *violations)
{
	struct bt_lateness late = bt_violations_lateness(violations);
	char min[24], median[24], max[24], text[160];

	if (!late.nr)
		return;
	bt_phrase_duration(late.min_ns, min, sizeof(min));
	bt_phrase_duration(late.median_ns, median, sizeof(median));
	bt_phrase_duration(late.max_ns, max, sizeof(max));
	snprintf(text, sizeof(text), "%s at least, median %s, %s at most (%u measured)", min,
		 median, max, late.nr);
	print_item(out, "exposed", text);
}

static void print_facts(FILE *out, const struct bt_report *report, const struct bt_group *group)
{
	const struct bt_result *results = report->checker->results;
	struct bt_event_ref culprit = bt_group_culprit(report, group);
	char text[512];
	unsigned int i;

	fputs("<dl>\n", out);
	for (i = 0; i < group->nr; i++) {
		const struct bt_result *result = &results[group->rules[i]];

		snprintf(text, sizeof(text), "%s: %s (%" PRIu64 " of %" PRIu64 " times)",
			 result->invariant->name, result->first.message, result->broken,
			 result->broken + result->held);
		print_item(out, i ? "effect" : group->nr > 1 ? "cause" : "what", text);
	}
	print_exposure(out, &results[group->worst].violations);
	print_item(out, "it costs", results[group->worst].invariant->consequence);
	if (results[group->rules[0]].invariant->correct) {
		snprintf(text, sizeof(text), "a correct kernel %s",
			 results[group->rules[0]].invariant->correct);
		print_item(out, "correct", text);
	}
	print_item(out, "at fault", culprit.seq ? bt_phrase_function(&culprit.ev) : NULL);
	fputs("</dl>\n", out);
}

static void print_steps(FILE *out, const struct bt_report *report, const struct bt_scene *scene)
{
	char words[160], task[32];
	unsigned int i;

	fputs("<table><tr><th></th><th>ms</th><th>thread</th><th>what</th></tr>\n", out);
	for (i = 0; i < scene->nr; i++) {
		const struct bt_event_ref *ref = &scene->events[i];
		bool bad = ref->seq == scene->offending || ref->seq == scene->cause;

		bt_phrase(&ref->ev, report->names, words, sizeof(words));
		/* An end comes in whatever thread was interrupted. */
		if (ref->ev.type == BT_DATA_END)
			snprintf(task, sizeof(task), "member %d", ref->ev.member);
		else if (ref->ev.type == BT_PAGE_WRITE_END)
			snprintf(task, sizeof(task), "bitmap page %u", ref->ev.page.page);
		else
			bt_phrase_task(&ref->ev, report->names, task, sizeof(task));
		fprintf(out, "<tr%s><td>%u</td><td>%.3f</td><td>", bad ? " class=\"bad\"" : "",
			i + 1, (double)(ref->ev.ts_ns - scene->events[0].ev.ts_ns) / 1e6);
		bt_html_text(out, task);
		fputs("</td><td>", out);
		bt_html_text(out, words);
		fputs("</td></tr>\n", out);
	}
	fputs("</table>\n", out);
}

static void print_stack(FILE *out, const struct bt_report *report, const struct bt_group *group)
{
	struct bt_event_ref culprit = bt_group_culprit(report, group);
	const struct bt_stack *stack =
		culprit.seq ? bt_stacks_find(report->stacks, culprit.ev.stack) : NULL;
	unsigned int i;

	if (!stack)
		return;
	fputs("<pre>", out);
	for (i = 0; i < stack->nr; i++) {
		bt_html_text(out, stack->frames[i]);
		fputs("\n", out);
	}
	fputs("</pre>\n", out);
}

static void print_key(FILE *out)
{
	fputs("<p>bitmap page: <span class=\"key\" style=\"background:var(--dirty)\"></span>bits "
	      "not "
	      "written <span class=\"key\" style=\"background:var(--flight)\"></span>in flight "
	      "<span class=\"key\" style=\"background:var(--durable)\"></span>on disk "
	      "<span class=\"key\" style=\"background:var(--data)\"></span>data on its way to a "
	      "member. Red: the rule is broken, and the disk has not made up for it. Time is not "
	      "to "
	      "scale: short steps are wider.</p>\n",
	      out);
}

/* What this rule came to in that run; NULL: it was not judged. */
static const struct bt_result *result_in(const struct bt_report *report,
					 const struct bt_invariant *invariant)
{
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++)
		if (report->checker->results[i].invariant == invariant)
			return &report->checker->results[i];
	return NULL;
}

/* On a scale of its own: the steps are to be compared, not the disks. */
static void print_other(FILE *out, const struct bt_timeline_other *other, unsigned int group,
			const struct bt_invariant *invariant)
{
	const struct bt_excerpt *excerpt = &other->excerpts[group];
	const struct bt_result *result = result_in(other->report, invariant);

	fprintf(out, "<h3>The same %s %" PRIu64 " in ", excerpt->by_page ? "page" : "chunk",
		excerpt->about);
	bt_html_text(out, other->name);
	fputs("</h3>\n<p>", out);
	if (result)
		fprintf(out, "There %s was broken %" PRIu64 " times and held %" PRIu64 " times. ",
			invariant->name, result->broken, result->held);
	if (!excerpt->scene.nr) {
		fputs("Its bit was not set in that run.</p>\n", out);
		return;
	}
	fputs("From the first time its bit is set until the data is on the members:</p>\n", out);
	bt_picture_svg(out, other->report, &excerpt->scene, &excerpt->states);
	print_steps(out, other->report, &excerpt->scene);
}

static void print_group(FILE *out, const struct bt_timeline *timeline, unsigned int i)
{
	const struct bt_timeline_group *group = &timeline->groups[i];
	const struct bt_report *report = timeline->report;
	const struct bt_result *worst = &report->checker->results[group->group.worst];

	fprintf(out, "<h2 id=\"failure-%u\">failure %u of %u: %s (%s)</h2>\n", i + 1, i + 1,
		timeline->nr, worst->invariant->name, bt_severity_name(group->group.severity));
	print_facts(out, report, &group->group);
	bt_picture_svg(out, report, &group->scene, &group->states);
	print_key(out);
	print_steps(out, report, &group->scene);
	print_stack(out, report, &group->group);
	if (timeline->other)
		print_other(out, timeline->other, i, worst->invariant);
	fputs("<p>In the whole run:</p>\n", out);
	bt_overview_svg(out, timeline->overview, &worst->violations);
}

void bt_timeline_html(FILE *out, const struct bt_timeline *timeline, const char *trace)
{
	static const struct bt_violations none;
	const struct bt_report *report = timeline->report;
	char title[512];
	unsigned int i;

	snprintf(title, sizeof(title), "%s: %s", bt_verdict_name(report->verdict), trace);
	bt_html_begin(out, title);
	fprintf(out, "<p>%" PRIu64 " events, %" PRIu64 " set_bits, %" PRIu64 " lost, kernel ",
		report->checker->events, report->checker->set_bits, report->sight.lost);
	bt_html_text(out, report->info ? report->info->release : "?");
	fputs("</p>\n", out);
	if (!timeline->nr) {
		fputs("<p>No rule is broken.</p>\n", out);
		bt_overview_svg(out, timeline->overview, &none);
	}
	for (i = 0; i < timeline->nr; i++)
		print_group(out, timeline, i);
	bt_html_end(out);
}
