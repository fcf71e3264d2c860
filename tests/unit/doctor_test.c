// SPDX-License-Identifier: GPL-2.0-only
/* Diagnoses made by hand, and what is printed of them. */
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

static const struct bt_hook load = { .name = "bitmap_load",
				     .written_for = "bitmap_load",
				     .function = "md_bitmap_load",
				     .btf_id = 7,
				     .module = "md_mod" };
static const struct bt_hook written = { .name = "super_written",
					.written_for = "super_written",
					.function = "super_written",
					.btf_id = 8 };

static const struct bt_hook irqs = { .name = "irqsave_flags",
				     .written_for = "md_bitmap_file_set_bit",
				     .function = "md_bitmap_file_set_bit",
				     .variable = true,
				     .variable_id = 9,
				     .btf_id = 10,
				     .module = "md_mod" };

static struct bt_hook_report some[] = {
	{ .hook = "bitmap_load", .found = &load, .sees_all = true },
	{ .hook = "super_written",
	  .found = &written,
	  .state = BT_HOOK_SPLIT,
	  .sees_all = true,
	  .copies = "super_written.part.0",
	  .why = "harmless" },
	{ .hook = "raid10_end_write_request", .state = BT_HOOK_ABSENT, .why = "not loaded" },
	{ .hook = "bitmap_endwrite", .state = BT_HOOK_INLINED, .why = "gone" },
	{ .hook = "md_bitmap_free", .found = &written, .sees_all = true },
	{ .hook = "bitmap_unplug", .state = BT_HOOK_ABSENT, .why = "without a worker" },
	{ .hook = "irqsave_flags", .found = &irqs, .sees_all = true },
};

static const struct bt_diagnosis diagnosis = {
	.release = "6.1.0-99-amd64",
	.requirements = { { .name = "md", .met = true, .words = "md is loaded" },
			  { .name = "btf", .words = "BTF; get some" } },
	.requirements_nr = 2,
	.hooks = { .all = some, .nr = sizeof(some) / sizeof(some[0]) },
	.attached = true,
};

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
	const char *where;

	(void)state;
	assert_true(bt_diagnosis_lost(&diagnosis, invariant("two-pass-clear")));
	assert_true(bt_diagnosis_lost(&diagnosis, invariant("balanced-counters")));
	assert_false(bt_diagnosis_lost(&diagnosis, invariant("writeback-before-stale-drop")));
	/* It needs raid10's callback on raid10 only. */
	assert_true(bt_diagnosis_needs(invariant("no-clear-in-flight"), "raid10_end_write_request",
				       &where));
	assert_string_equal(where, "raid10");
	assert_true(bt_diagnosis_needs(invariant("two-pass-clear"), "md_bitmap_free", &where));
	assert_string_equal(where, "");
	assert_false(bt_diagnosis_needs(invariant("two-pass-clear"), "bitmap_unplug", &where));
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
		"         rules: writeback-before-stale-drop",
		"split    super_written in vmlinux\n"
		"         there is also super_written.part.0: harmless\n"
		"         rules: with internal bitmaps: intent-before-data, unplug-durable",
		"absent   raid10_end_write_request\n"
		"         not loaded\n"
		"         lost: with raid10: no-clear-in-flight\n",
		"inlined  bitmap_endwrite\n"
		"         gone\n"
		"         lost: no-clear-in-flight, two-pass-clear, ",
		"         rules: all\n",
		"absent   bitmap_unplug\n"
		"         without a worker\n"
		"         lost: showing who waits",
		"attached irqsave_flags at md_bitmap_file_set_bit in md_mod\n"
		"         rules: dirty-context\n",
		"\nrules    cannot be judged: no-clear-in-flight, two-pass-clear, ",
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
	assert_string_equal(string_at(at(root, "requirements", 1), "met"), "false");
	hook = at(root, "hooks", 0);
	assert_string_equal(string_at(hook, "state"), "attached");
	assert_string_equal(string_at(hook, "function"), "md_bitmap_load");
	assert_string_equal(string_at(hook, "module"), "md_mod");
	assert_null(string_at(hook, "copies"));
	hook = at(root, "hooks", 2);
	assert_null(string_at(hook, "function"));
	assert_string_equal(string_at(at(hook, "serves", 0), "invariant"), "no-clear-in-flight");
	assert_string_equal(string_at(at(hook, "serves", 0), "where"), "raid10");
	assert_string_equal(json_object_get_string(at(root, "cannot_judge", 1)), "two-pass-clear");
	json_object_put(root);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(names_of_states),
		cmocka_unit_test(text),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
