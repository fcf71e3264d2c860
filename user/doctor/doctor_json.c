// SPDX-License-Identifier: GPL-2.0-only
/* The diagnosis as one JSON object. */
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
		add_text(object, "text", requirement->text);
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *rules_json(enum bt_capability capability)
{
	const struct bt_invariant *const *invariant;
	json_object *array = json_object_new_array();

	for (invariant = bt_invariants; *invariant; invariant++)
		if (bt_invariant_needs(*invariant, capability))
			json_object_array_add(array, json_object_new_string((*invariant)->name));
	return array;
}

/* where: null if everywhere. */
static json_object *capabilities_json(const struct bt_hook *hook)
{
	json_object *array = json_object_new_array(), *object;
	enum bt_capability gives[BT_CAPABILITIES];
	const struct bt_capability_desc *desc;
	unsigned int i;

	bt_diagnosis_gives(hook, gives);
	for (i = 0; gives[i] != BT_SEES_END; i++) {
		desc = bt_capability_desc(gives[i]);
		object = json_object_new_object();
		add_text(object, "name", desc->name);
		add_text(object, "sees", desc->sees);
		add_text(object, "where", desc->where);
		json_object_object_add(object, "rules", rules_json(gives[i]));
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *hook_json(const struct bt_diagnosis *diagnosis, const struct bt_hook *hook)
{
	json_object *object = json_object_new_object();

	add_text(object, "hook", hook->row->name);
	add_text(object, "state", bt_diagnosis_state(diagnosis, hook));
	add_text(object, "function", hook->site ? hook->site->function : NULL);
	add_text(object, "takes", hook->variant ? hook->variant->takes : NULL);
	add_text(object, "module", hook->site ? hook->site->module : NULL);
	json_object_object_add(object, "sees_all", json_object_new_boolean(hook->sees_all));
	json_object_object_add(object, "stands_in",
			       json_object_new_boolean(hook->variant && hook->variant->stands_in));
	add_text(object, "copies", hook->copies[0] ? hook->copies : NULL);
	add_text(object, "why", hook->why[0] ? hook->why : NULL);
	json_object_object_add(object, "capabilities", capabilities_json(hook));
	return object;
}

static const char *judged_name(const struct bt_diagnosis *diagnosis)
{
	switch (bt_diagnosis_exit(diagnosis)) {
	case BT_EXIT_PASS:
		return "all";
	case BT_EXIT_UNKNOWN:
		return "some";
	default:
		return "none";
	}
}

void bt_doctor_json(FILE *out, const struct bt_diagnosis *diagnosis)
{
	const struct bt_invariant *const *invariant;
	json_object *root = json_object_new_object();
	json_object *hooks = json_object_new_array();
	json_object *lost = json_object_new_array();
	unsigned int i;

	for (i = 0; diagnosis->hooks && i < diagnosis->hooks->nr; i++)
		json_object_array_add(hooks, hook_json(diagnosis, &diagnosis->hooks->all[i]));
	for (invariant = bt_invariants; *invariant; invariant++)
		if (bt_diagnosis_lost(diagnosis, *invariant))
			json_object_array_add(lost, json_object_new_string((*invariant)->name));
	add_text(root, "can_judge", judged_name(diagnosis));
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
