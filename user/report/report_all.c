// SPDX-License-Identifier: GPL-2.0-only
#include "report/report_all.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "event/event_json.h"

#define CANNOT_READ "cannot be read"

void bt_report_all_begin(struct bt_report_all *all, FILE *out, enum bt_format format,
			 unsigned int total)
{
	*all = (struct bt_report_all){ .out = out, .format = format, .total = total };
	if (format == BT_FORMAT_JSON)
		all->traces = json_object_new_array();
	else if (format == BT_FORMAT_KTAP)
		fprintf(out, "KTAP version 1\n1..%u\n", total);
}

static enum bt_verdict verdict_of(const struct bt_report *report)
{
	return report ? report->verdict : BT_VERDICT_UNKNOWN;
}

static const char *reason_of(const struct bt_report *report)
{
	return report ? report->reason : CANNOT_READ;
}

static enum bt_verdict worst(const struct bt_report_all *all)
{
	if (all->of[BT_VERDICT_FAIL])
		return BT_VERDICT_FAIL;
	return all->of[BT_VERDICT_UNKNOWN] || !all->of[BT_VERDICT_PASS] ? BT_VERDICT_UNKNOWN
									: BT_VERDICT_PASS;
}

/* KTAP has what is part of a test indented by two blanks. */
static void print_indented(FILE *out, const struct bt_report *report)
{
	char *text = NULL, *rest, *line;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);

	if (!memory)
		return;
	bt_report_ktap(memory, report);
	fclose(memory);
	for (rest = text; (line = strsep(&rest, "\n")) && rest;)
		fprintf(out, "  %s\n", line);
	free(text);
}

static void add_ktap(struct bt_report_all *all, const char *trace, const struct bt_report *report)
{
	enum bt_verdict verdict = verdict_of(report);

	if (report)
		print_indented(all->out, report);
	fprintf(all->out, "%sok %u %s", verdict == BT_VERDICT_PASS ? "" : "not ", all->nr, trace);
	if (verdict == BT_VERDICT_UNKNOWN)
		fprintf(all->out, " # UNKNOWN: %s", reason_of(report));
	fputc('\n', all->out);
}

static void add_json(struct bt_report_all *all, const char *trace, const struct bt_report *report)
{
	json_object *object = report ? bt_report_object(report) : json_object_new_object();

	json_object_object_add(object, "trace", bt_json_text(trace, SIZE_MAX));
	if (!report) {
		json_object_object_add(object, "verdict",
				       json_object_new_string(bt_verdict_name(verdict_of(NULL))));
		json_object_object_add(object, "reason", json_object_new_string(reason_of(NULL)));
	}
	json_object_array_add(all->traces, object);
}

static void add_text(struct bt_report_all *all, const char *trace, const struct bt_report *report)
{
	fprintf(all->out, "trace: %s\n", trace);
	if (report)
		bt_report_text(all->out, report);
	else
		fprintf(all->out, "verdict: %s (%s)\n", bt_verdict_name(verdict_of(NULL)),
			reason_of(NULL));
	fputc('\n', all->out);
}

void bt_report_all_add(struct bt_report_all *all, const char *trace, const struct bt_report *report)
{
	enum bt_verdict before = worst(all), verdict = verdict_of(report);

	if (report && bt_report_exit(report) == BT_EXIT_COMMAND)
		all->command_failed = true;
	all->errors += !report;
	all->of[verdict]++;
	if (!all->nr++ || worst(all) != before)
		snprintf(all->worst, sizeof(all->worst), "%s: %s", trace, reason_of(report));
	if (all->format == BT_FORMAT_JSON)
		add_json(all, trace, report);
	else if (all->format == BT_FORMAT_KTAP)
		add_ktap(all, trace, report);
	else
		add_text(all, trace, report);
}

static void print_json(struct bt_report_all *all, const char *reason)
{
	json_object *root = json_object_new_object();

	json_object_object_add(root, "verdict",
			       json_object_new_string(bt_verdict_name(worst(all))));
	json_object_object_add(root, "reason", bt_json_text(reason, SIZE_MAX));
	json_object_object_add(root, "traces", all->traces);
	fprintf(all->out, "%s\n",
		json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}

static void explain(const struct bt_report_all *all, char *reason, size_t len)
{
	enum bt_verdict verdict = worst(all);

	if (verdict == BT_VERDICT_PASS)
		snprintf(reason, len, "all of %u traces", all->nr);
	else
		snprintf(reason, len, "%u of %u traces; %s", all->of[verdict], all->nr, all->worst);
}

static int exit_status(const struct bt_report_all *all)
{
	if (all->errors)
		return BT_EXIT_ERROR;
	switch (worst(all)) {
	case BT_VERDICT_FAIL:
		return BT_EXIT_FAIL;
	case BT_VERDICT_PASS:
		return all->command_failed ? BT_EXIT_COMMAND : BT_EXIT_PASS;
	default:
		return BT_EXIT_UNKNOWN;
	}
}

int bt_report_all_end(struct bt_report_all *all)
{
	char reason[512];

	explain(all, reason, sizeof(reason));
	if (all->format == BT_FORMAT_JSON)
		print_json(all, reason);
	else
		fprintf(all->out, "%sverdict: %s (%s)\n", all->format == BT_FORMAT_KTAP ? "# " : "",
			bt_verdict_name(worst(all)), reason);
	return exit_status(all);
}
