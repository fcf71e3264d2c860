// SPDX-License-Identifier: GPL-2.0-only
/* The diagnosis for programs: one JSON object. */
#include <json-c/json.h>

#include "doctor/doctor.h"
#include "event/event_json.h"

static void add_text(json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, text ? bt_json_text(text, SIZE_MAX) : NULL);
}

static json_object *requirements_json(const struct bt_diagnosis *diagnosis)
{
	json_object *array = json_object_new_array();
	const struct bt_requirement *requirement;
	json_object *object;
	unsigned int i;

	for (i = 0; i < diagnosis->requirements_nr; i++) {
		requirement = &diagnosis->requirements[i];
		object = json_object_new_object();
		add_text(object, "name", requirement->name);
		json_object_object_add(object, "met", json_object_new_boolean(requirement->met));
		add_text(object, "words", requirement->words);
		json_object_array_add(array, object);
	}
	return array;
}

/* The rules that the hook serves; where: null when everywhere. */
static json_object *rules_json(const char *hook)
{
	const struct bt_invariant *const *invariant;
	json_object *array = json_object_new_array();
	json_object *object;
	const char *where;

	for (invariant = bt_invariants; *invariant; invariant++) {
		if (!bt_diagnosis_needs(*invariant, hook, &where))
			continue;
		object = json_object_new_object();
		add_text(object, "invariant", (*invariant)->name);
		add_text(object, "where", where[0] ? where : NULL);
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *hook_json(const struct bt_diagnosis *diagnosis,
			      const struct bt_hook_report *report)
{
	json_object *object = json_object_new_object();

	add_text(object, "hook", report->hook);
	add_text(object, "state", bt_diagnosis_state(diagnosis, report));
	add_text(object, "function", report->found ? report->found->function : NULL);
	add_text(object, "module", report->found ? report->found->module : NULL);
	json_object_object_add(object, "sees_all", json_object_new_boolean(report->sees_all));
	add_text(object, "copies", report->copies[0] ? report->copies : NULL);
	add_text(object, "why", report->why[0] ? report->why : NULL);
	add_text(object, "purpose", bt_hook_purpose(report->hook));
	json_object_object_add(object, "serves", rules_json(report->hook));
	return object;
}

void bt_doctor_json(FILE *out, const struct bt_diagnosis *diagnosis)
{
	const struct bt_invariant *const *invariant;
	json_object *root = json_object_new_object();
	json_object *hooks = json_object_new_array();
	json_object *lost = json_object_new_array();
	unsigned int i;

	for (i = 0; i < diagnosis->hooks.nr; i++)
		json_object_array_add(hooks, hook_json(diagnosis, &diagnosis->hooks.all[i]));
	for (invariant = bt_invariants; *invariant; invariant++)
		if (bt_diagnosis_lost(diagnosis, *invariant))
			json_object_array_add(lost, json_object_new_string((*invariant)->name));
	add_text(root, "kernel", diagnosis->release);
	json_object_object_add(root, "requirements", requirements_json(diagnosis));
	json_object_object_add(root, "attached", json_object_new_boolean(diagnosis->attached));
	json_object_object_add(root, "hooks", hooks);
	json_object_object_add(root, "cannot_judge", lost);
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
