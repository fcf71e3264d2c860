// SPDX-License-Identifier: GPL-2.0-only
/* Synthetic diagnoses, and their output. */
#include "doctor/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

/* Some of the hooks in the table, in synthetic states. */
static struct bt_hook some[8];
static struct bt_hooks hooks = { .all = some };
static struct bt_diagnosis diagnosis = {
	.release = "6.1.0-99-amd64",
	.requirements = { { .name = "md", .met = true, .text = "md is loaded" },
			  { .name = "btf", .text = "BTF; get some" } },
	.requirements_nr = 2,
	.hooks = &hooks,
	.attached = true,
};

static struct bt_hook *add(const char *name, enum bt_hook_state state, const char *why)
{
	struct bt_hook *hook = &some[hooks.nr++];
	unsigned int i;

	for (i = 0; strcmp(bt_hook_table[i].name, name); i++)
		assert_true(i + 1 < bt_hook_table_nr);
	hook->row = &bt_hook_table[i];
	hook->state = state;
	snprintf(hook->why, sizeof(hook->why), "%s", why);
	return hook;
}

static void there(struct bt_hook *hook, unsigned int variant, const char *function,
		  const char *module)
{
	hook->variant = &hook->row->variants[variant];
	hook->sites[variant].function = function;
	hook->sites[variant].module = module;
	hook->site = &hook->sites[variant];
	hook->sees_all = true;
}

static int setup(void **state)
{
	struct bt_hook *hook;

	(void)state;
	there(add("bitmap_load", BT_HOOK_WHOLE, ""), 0, "md_bitmap_load", "md_mod");
	hook = add("super_written", BT_HOOK_SPLIT, "harmless");
	there(hook, 0, "super_written", NULL);
	strcpy(hook->copies, "super_written.part.0");
	add("raid10_end_write_request", BT_HOOK_ABSENT, "not loaded");
	add("bitmap_endwrite", BT_HOOK_INLINED, "gone");
	there(add("md_bitmap_free", BT_HOOK_WHOLE, ""), 0, "md_bitmap_free", "md_mod");
	add("bitmap_unplug", BT_HOOK_ABSENT, "without a worker");
	there(add("irqsave_flags", BT_HOOK_WHOLE, ""), 0, "md_bitmap_file_set_bit", "md_mod");
	there(add("end_bitmap_write", BT_HOOK_WHOLE, ""), 1, "end_bitmap_write", "md_mod");
	bt_missing_add(&diagnosis.missing, BT_SEES_WRITE_ENDS_RAID10, "no hook");
	bt_missing_add(&diagnosis.missing, BT_SEES_ENDWRITE, "no hook");
	bt_missing_add(&diagnosis.missing, BT_SEES_UNPLUG_WORK, "no hook");
	return 0;
}

static const struct bt_invariant *invariant(const char *name)
{
	unsigned int i;

	for (i = 0; bt_invariants[i]; i++)
		if (!strcmp(bt_invariants[i]->name, name))
			return bt_invariants[i];
	fail();
	return NULL;
}

static void rules(void **state)
{
	(void)state;
	assert_true(bt_diagnosis_lost(&diagnosis, invariant("two-pass-clear")));
	assert_true(bt_diagnosis_lost(&diagnosis, invariant("balanced-counters")));
	assert_false(bt_diagnosis_lost(&diagnosis, invariant("writeback-before-stale-drop")));
	assert_false(bt_diagnosis_lost(&diagnosis, invariant("intent-before-data")));
}

static void names_of_states(void **state)
{
	struct bt_diagnosis untried = diagnosis;

	(void)state;
	untried.attached = false;
	assert_string_equal(bt_diagnosis_state(&diagnosis, &some[0]), "attached");
	assert_string_equal(bt_diagnosis_state(&untried, &some[0]), "found");
	assert_string_equal(bt_diagnosis_state(&untried, &some[1]), "split");
	assert_string_equal(bt_diagnosis_state(&diagnosis, &some[2]), "absent");
	assert_string_equal(bt_diagnosis_state(&diagnosis, &some[3]), "inlined");
}

static char *printed(void (*print)(FILE *out, const struct bt_diagnosis *what))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	print(out, &diagnosis);
	fclose(out);
	return text;
}

static void text(void **state)
{
	static const char *const lines[] = {
		"kernel   6.1.0-99-amd64\nok       md is loaded\nmissing  BTF; get some\n",
		"attached bitmap_load as md_bitmap_load in md_mod\n"
		"         sees load: writeback-before-stale-drop\n",
		"split    super_written in vmlinux\n"
		"         there is also super_written.part.0: harmless\n"
		"         sees page-writes-internal, with internal bitmaps: intent-before-data, ",
		"absent   raid10_end_write_request\n"
		"         not loaded\n"
		"         lost write-ends-raid10, with raid10: no-clear-in-flight\n",
		"inlined  bitmap_endwrite\n"
		"         gone\n"
		"         lost endwrite: no-clear-in-flight, degraded-keeps-bits, ",
		"         sees life: all rules\n",
		"absent   bitmap_unplug\n"
		"         without a worker\n"
		"         lost unplug-work: shows waits for an unplug by a worker; no rule",
		"attached irqsave_flags at md_bitmap_file_set_bit in md_mod\n"
		"         sees irqs: dirty-context\n",
		"attached end_bitmap_write (bio*) in md_mod\n",
		"\nrules    cannot be judged: no-clear-in-flight, degraded-keeps-bits, ",
	};
	char *got = printed(bt_doctor_text);
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!strstr(got, lines[i]))
			print_message("# not there: %s\n# in: %s\n", lines[i], got);
		assert_non_null(strstr(got, lines[i]));
	}
	free(got);
}

static void not_possible(void **state)
{
	struct bt_diagnosis before = diagnosis;
	char *got;

	(void)state;
	assert_int_equal(bt_diagnosis_exit(&diagnosis), BT_EXIT_UNKNOWN);
	diagnosis.attached = false;
	assert_int_equal(bt_diagnosis_exit(&diagnosis), BT_EXIT_ERROR);
	got = printed(bt_doctor_text);
	assert_non_null(strstr(got, "\ntracing  is not possible"));
	free(got);
	got = printed(bt_doctor_json);
	assert_non_null(strstr(got, "\"can_judge\":\"none\""));
	free(got);
	diagnosis = before;
}

static const char *string_at(json_object *object, const char *key)
{
	json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, key, &value));
	return value ? json_object_get_string(value) : NULL;
}

static json_object *at(json_object *object, const char *key, size_t i)
{
	json_object *array = NULL;

	assert_true(json_object_object_get_ex(object, key, &array));
	assert_true(i < json_object_array_length(array));
	return json_object_array_get_idx(array, i);
}

static void json(void **state)
{
	char *got = printed(bt_doctor_json);
	json_object *root = json_tokener_parse(got);
	json_object *hook;

	(void)state;
	assert_non_null(root);
	assert_string_equal(string_at(root, "kernel"), "6.1.0-99-amd64");
	assert_string_equal(string_at(root, "can_judge"), "some");
	assert_string_equal(string_at(at(root, "requirements", 1), "met"), "false");
	hook = at(root, "hooks", 0);
	assert_string_equal(string_at(hook, "state"), "attached");
	assert_string_equal(string_at(hook, "function"), "md_bitmap_load");
	assert_string_equal(string_at(hook, "module"), "md_mod");
	assert_null(string_at(hook, "copies"));
	hook = at(root, "hooks", 2);
	assert_null(string_at(hook, "function"));
	assert_string_equal(string_at(at(hook, "capabilities", 0), "name"), "write-ends-raid10");
	assert_string_equal(string_at(at(hook, "capabilities", 0), "where"), "raid10");
	assert_string_equal(json_object_get_string(at(at(hook, "capabilities", 0), "rules", 0)),
			    "no-clear-in-flight");
	assert_string_equal(json_object_get_string(at(root, "cannot_judge", 1)),
			    "degraded-keeps-bits");
	json_object_put(root);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules), cmocka_unit_test(names_of_states), cmocka_unit_test(text),
		cmocka_unit_test(json),	 cmocka_unit_test(not_possible),
	};

	return cmocka_run_group_tests_name("doctor", tests, setup, NULL);
}
