// SPDX-License-Identifier: GPL-2.0-only
#include "report/outcome.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

void bt_outcome_of(const struct bt_report *report, struct bt_outcome *outcome)
{
	const struct bt_checker *checker = report->checker;
	unsigned int i, n;

	*outcome = (struct bt_outcome){ .verdict = report->verdict, .set_bits = checker->set_bits };
	snprintf(outcome->kernel, sizeof(outcome->kernel), "%s",
		 report->info ? report->info->release : "");
	snprintf(outcome->reason, sizeof(outcome->reason), "%s", report->reason);
	for (i = 0; i < checker->results_nr; i++) {
		const struct bt_result *result = &checker->results[i];
		struct bt_outcome_rule *rule = &outcome->rules[outcome->rules_nr++];

		snprintf(rule->name, sizeof(rule->name), "%s", result->invariant->name);
		rule->verdict = report->verdicts[i];
		rule->held = result->held;
		rule->broken = result->broken;
		rule->exposed_max_ns = bt_violations_lateness(&result->violations).max_ns;
		for (n = 0; n < result->violations.kinds_nr; n++) {
			bt_kind_format(result->violations.kinds[n].kind, rule->kinds[n].text,
				       sizeof(rule->kinds[n].text));
			rule->kinds[n].count = result->violations.kinds[n].nr;
		}
		rule->kinds_nr = n;
	}
}

bool bt_outcome_is_json(const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : NULL;
	char first[8] = "";
	bool json;

	if (!file)
		return false;
	json = fread(first, 1, sizeof(first) - 1, file) && first[strspn(first, " \t\r\n")] == '{';
	fclose(file);
	return json;
}

static const char *text_of(json_object *object, const char *key)
{
	json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static uint64_t number_of(json_object *object, const char *key)
{
	json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return json_object_is_type(value, json_type_int) ? json_object_get_uint64(value) : 0;
}

/* NULL: it has none. */
static json_object *list_of(json_object *object, const char *key)
{
	json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return json_object_is_type(value, json_type_array) ? value : NULL;
}

static bool parse_verdict(const char *name, enum bt_verdict *verdict)
{
	unsigned int i;

	for (i = BT_VERDICT_PASS; i <= BT_VERDICT_NA; i++) {
		if (strcmp(name, bt_verdict_name((enum bt_verdict)i)))
			continue;
		*verdict = (enum bt_verdict)i;
		return true;
	}
	return false;
}

static void parse_kinds(json_object *list, struct bt_outcome_rule *rule)
{
	size_t i, nr = list ? json_object_array_length(list) : 0;

	for (i = 0; i < nr && i < BT_KINDS_MAX; i++) {
		json_object *kind = json_object_array_get_idx(list, i);
		struct bt_outcome_kind *to = &rule->kinds[rule->kinds_nr++];

		snprintf(to->text, sizeof(to->text), "%s", text_of(kind, "kind"));
		to->count = number_of(kind, "count");
	}
}

static bool parse_rule(json_object *object, struct bt_outcome_rule *rule)
{
	json_object *exposure = NULL;

	snprintf(rule->name, sizeof(rule->name), "%s", text_of(object, "name"));
	rule->held = number_of(object, "held");
	rule->broken = number_of(object, "broken");
	parse_kinds(list_of(object, "kinds"), rule);
	if (json_object_object_get_ex(object, "exposure", &exposure))
		rule->exposed_max_ns = number_of(exposure, "max_ns");
	return rule->name[0] && parse_verdict(text_of(object, "verdict"), &rule->verdict);
}

static bool parse(json_object *root, struct bt_outcome *outcome)
{
	json_object *rules = list_of(root, "invariants");
	size_t i, nr = rules ? json_object_array_length(rules) : 0;

	snprintf(outcome->kernel, sizeof(outcome->kernel), "%s", text_of(root, "kernel"));
	snprintf(outcome->reason, sizeof(outcome->reason), "%s", text_of(root, "reason"));
	outcome->set_bits = number_of(root, "set_bits");
	for (i = 0; i < nr && i < BT_OUTCOME_RULES_MAX; i++)
		if (!parse_rule(json_object_array_get_idx(rules, i),
				&outcome->rules[outcome->rules_nr++]))
			return false;
	return nr && parse_verdict(text_of(root, "verdict"), &outcome->verdict);
}

int bt_outcome_read(const char *path, struct bt_outcome *outcome)
{
	json_object *root = json_object_from_file(path);
	bool ok;

	*outcome = (struct bt_outcome){ .rules_nr = 0 };
	ok = root && json_object_is_type(root, json_type_object) && parse(root, outcome);
	json_object_put(root);
	if (ok)
		return 0;
	fprintf(stderr, "bitmap-trace: %s: not what 'check -f json' prints of one trace\n", path);
	return -EINVAL;
}

const struct bt_outcome_rule *bt_outcome_find(const struct bt_outcome *outcome, const char *name)
{
	unsigned int i;

	for (i = 0; i < outcome->rules_nr; i++)
		if (!strcmp(outcome->rules[i].name, name))
			return &outcome->rules[i];
	return NULL;
}

static bool has_kind(const struct bt_outcome_rule *rule, const char *text)
{
	unsigned int i;

	for (i = 0; i < rule->kinds_nr; i++)
		if (!strcmp(rule->kinds[i].text, text))
			return true;
	return false;
}

bool bt_outcome_known(const struct bt_outcome *before, const struct bt_outcome_rule *rule)
{
	const struct bt_outcome_rule *old = bt_outcome_find(before, rule->name);
	unsigned int i;

	if (!old || old->verdict != BT_VERDICT_FAIL)
		return false;
	for (i = 0; i < rule->kinds_nr; i++)
		if (!has_kind(old, rule->kinds[i].text))
			return false;
	return true;
}
