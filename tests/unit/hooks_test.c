// SPDX-License-Identifier: GPL-2.0-only
/* The hooks of the real probes, looked up in a kernel that has few of them. */
#include "probes/hooks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/hook_names.h"
#include "skel/bitmap_trace.skel.h"

/* vmlinux with one hooked function, one tracepoint, and none that is hooked. */
static struct bt_kernel_btf small_kernel(void)
{
	struct bt_kernel_btf btf = { .vmlinux = btf__new_empty() };
	int proto = btf__add_func_proto(btf.vmlinux, 0);

	btf__add_func(btf.vmlinux, "vfs_read", BTF_FUNC_GLOBAL, proto);
	btf__add_func(btf.vmlinux, "bitmap_load", BTF_FUNC_STATIC, proto);
	btf__add_typedef(btf.vmlinux, "btf_trace_block_bio_queue", proto);
	return btf;
}

/* The same of before 6.12; one function there is under both names. */
static struct bt_kernel_btf older_kernel(void)
{
	static const char *const functions[] = {
		"md_bitmap_load",      "md_bitmap_startwrite", "md_bitmap_endwrite",
		"bitmap_endwrite",     "md_bitmap_unplug",     "md_bitmap_file_set_bit",
		"md_bitmap_update_sb",
	};
	struct bt_kernel_btf btf = { .vmlinux = btf__new_empty() };
	int proto = btf__add_func_proto(btf.vmlinux, 0);
	unsigned int i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		btf__add_func(btf.vmlinux, functions[i], BTF_FUNC_GLOBAL, proto);
	return btf;
}

static bool is_missing(const struct bt_trace_info *info, const char *name)
{
	unsigned int i, times = 0;

	for (i = 0; i < info->hooks_missing_nr; i++)
		times += !strcmp(info->hooks_missing[i], name);
	assert_true(times <= 1);
	return times;
}

static void test_hooks(void **state)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bt_kernel_btf btf = small_kernel();
	struct bt_trace_info info = { .hooks_missing_nr = 9 };
	const struct bt_hook *load, *queue;
	struct bt_hooks hooks;

	(void)state;
	assert_non_null(skel);
	assert_int_equal(bt_hooks_find(&hooks, skel->obj, &btf), 0);
	load = bt_hooks_of(&hooks, skel->progs.bitmap_load);
	assert_string_equal(load->name, "bitmap_load");
	assert_string_equal(load->function, "bitmap_load");
	assert_true(load->btf_id && !load->tracepoint && !load->module);
	queue = bt_hooks_of(&hooks, skel->progs.bio_queue);
	assert_string_equal(queue->name, "block_bio_queue");
	assert_true(queue->btf_id && queue->tracepoint);
	/* A program that sits nowhere is no hook. */
	assert_null(bt_hooks_of(&hooks, skel->progs.name_symbols));

	bt_hooks_missing(&hooks, &info);
	assert_false(is_missing(&info, "bitmap_load"));
	assert_false(is_missing(&info, "block_bio_queue"));
	assert_true(is_missing(&info, "md_bitmap_file_set_bit"));
	assert_true(is_missing(&info, "__bitmap_unplug")); /* two programs */
	bt_hooks_free(&hooks);
	bt_kernel_btf_close(&btf);
	bitmap_trace__destroy(skel);
}

/* The hook keeps its name; only the function is another. */
static void test_other_name(void **state)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bt_kernel_btf btf = older_kernel();
	struct bt_trace_info info;
	const struct bt_hook *load, *unplug;
	struct bt_hooks hooks;

	(void)state;
	assert_int_equal(bt_hooks_find(&hooks, skel->obj, &btf), 0);
	load = bt_hooks_of(&hooks, skel->progs.bitmap_load);
	assert_string_equal(load->name, "bitmap_load");
	assert_string_equal(load->function, "md_bitmap_load");
	assert_int_equal(load->btf_id, btf__find_by_name(btf.vmlinux, "md_bitmap_load"));
	assert_ptr_equal(load, bt_hooks_found(&hooks, "bitmap_load"));
	unplug = bt_hooks_of(&hooks, skel->progs.unplug_exit);
	assert_string_equal(unplug->name, "__bitmap_unplug");
	assert_string_equal(unplug->function, "md_bitmap_unplug");

	bt_hooks_missing(&hooks, &info);
	assert_false(is_missing(&info, "bitmap_load"));
	assert_false(is_missing(&info, "__bitmap_unplug"));
	assert_false(is_missing(&info, "bitmap_update_sb"));
	assert_true(is_missing(&info, "bitmap_daemon_work"));
	assert_true(is_missing(&info, "bitmap_unplug"));
	assert_false(is_missing(&info, "md_bitmap_unplug_async"));
	bt_hooks_free(&hooks);
	bt_kernel_btf_close(&btf);
	bitmap_trace__destroy(skel);
}

/* Where the arguments differ, another program tells the same; never both. */
static void test_stand_in(void **state)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bt_kernel_btf btf = older_kernel();
	const struct bt_hook *own, *other;
	struct bt_trace_info info;
	struct bt_hooks hooks;

	(void)state;
	assert_int_equal(bt_hooks_find(&hooks, skel->obj, &btf), 0);
	own = bt_hooks_of(&hooks, skel->progs.startwrite_exit);
	other = bt_hooks_of(&hooks, skel->progs.md_startwrite_exit);
	assert_false(own->btf_id || own->function);
	assert_string_equal(own->written_for, "bitmap_startwrite");
	assert_true(other->btf_id);
	assert_string_equal(other->written_for, "md_bitmap_startwrite");
	assert_string_equal(other->name, "bitmap_startwrite");
	assert_string_equal(other->function, "md_bitmap_startwrite");
	assert_ptr_equal(other, bt_hooks_found(&hooks, "bitmap_startwrite"));

	own = bt_hooks_of(&hooks, skel->progs.endwrite);
	other = bt_hooks_of(&hooks, skel->progs.md_endwrite);
	assert_true(own->btf_id);
	assert_false(other->btf_id || other->function || other->module);
	assert_ptr_equal(own, bt_hooks_found(&hooks, "bitmap_endwrite"));

	bt_hooks_missing(&hooks, &info);
	assert_false(is_missing(&info, "bitmap_startwrite"));
	assert_false(is_missing(&info, "bitmap_endwrite"));
	assert_false(is_missing(&info, "md_bitmap_startwrite"));
	assert_false(is_missing(&info, "md_bitmap_endwrite"));
	bt_hooks_free(&hooks);
	bt_kernel_btf_close(&btf);
	bitmap_trace__destroy(skel);
}

/* irqsave_flags: of vmlinux; the function: of md_mod. */
static struct bt_kernel_btf kernel_with(bool variable, bool function)
{
	struct bt_kernel_btf btf = small_kernel();
	int type = btf__add_int(btf.vmlinux, "unsigned long", 8, 0);

	if (variable)
		btf__add_var(btf.vmlinux, "irqsave_flags", BTF_VAR_STATIC, type);
	btf.module = btf__new_empty_split(btf.vmlinux);
	type = btf__add_func_proto(btf.module, 0);
	if (function)
		btf__add_func(btf.module, "md_bitmap_file_set_bit", BTF_FUNC_STATIC, type);
	return btf;
}

/* Programs that read a variable need both; those beside them need the function alone. */
static void variable_case(bool variable, bool function)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bt_kernel_btf btf = kernel_with(variable, function);
	const struct bt_hook *hook;
	struct bt_trace_info info;
	struct bt_hooks hooks;
	uint32_t id = variable ? (uint32_t)btf__find_by_name(btf.vmlinux, "irqsave_flags") : 0;

	assert_int_equal(bt_hooks_find(&hooks, skel->obj, &btf), 0);
	bt_hooks_missing(&hooks, &info);
	assert_int_equal(is_missing(&info, BT_HOOK_IRQS), !variable || !function);
	assert_int_equal(is_missing(&info, "md_bitmap_file_set_bit"), !function);
	hook = bt_hooks_of(&hooks, skel->progs.set_bit_irqs_exit);
	assert_string_equal(hook->name, BT_HOOK_IRQS);
	assert_string_equal(hook->written_for, "md_bitmap_file_set_bit");
	assert_true(hook->variable && !bt_hooks_of(&hooks, skel->progs.set_bit_exit)->variable);
	assert_int_equal(hook->variable_id, id);
	assert_int_equal(hook->btf_id != 0, variable && function);
	assert_int_equal(hook->function != NULL, variable && function);
	bt_hooks_free(&hooks);
	bt_kernel_btf_close(&btf);
	bitmap_trace__destroy(skel);
}

static void test_variable(void **state)
{
	(void)state;
	variable_case(true, true);
	variable_case(true, false);
	variable_case(false, true);
	variable_case(false, false);
}

static unsigned int loads_of_variable(const struct bpf_program *program, int32_t id)
{
	const struct bpf_insn *insns = bpf_program__insns(program);
	unsigned int loads = 0;
	size_t i;

	for (i = 0; i + 1 < bpf_program__insn_cnt(program); i++)
		loads += insns[i].src_reg == BPF_PSEUDO_BTF_ID && insns[i].imm == id &&
			 insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) && !insns[i + 1].imm;
	return loads;
}

/* Where the slot is, and nowhere else. */
static void test_variable_is_put_in(void **state)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bpf_program *program = skel->progs.set_bit_irqs;
	size_t i, nr = bpf_program__insn_cnt(program), changed = 0;
	struct bpf_insn *before = calloc(nr, sizeof(*before));

	(void)state;
	assert_non_null(before);
	memcpy(before, bpf_program__insns(program), nr * sizeof(*before));
	assert_int_equal(loads_of_variable(program, 4711), 0);
	assert_int_equal(bt_program_set_variable(program, 4711), 0);
	assert_int_equal(loads_of_variable(program, 4711), 1);
	assert_int_equal(bpf_program__insn_cnt(program), nr);
	for (i = 0; i < nr; i++)
		changed +=
			memcmp(&before[i], &bpf_program__insns(program)[i], sizeof(*before)) != 0;
	assert_int_equal(changed, 2);
	assert_false(bt_program_reads_variable(program));
	free(before);
	bitmap_trace__destroy(skel);
}

/* None of the probes' names may be cut off in a trace. */
static void test_names_fit(void **state)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bt_kernel_btf btf = small_kernel();
	struct bt_trace_info info;
	struct bt_hooks hooks;
	unsigned int i, different = 0;

	(void)state;
	assert_int_equal(bt_hooks_find(&hooks, skel->obj, &btf), 0);
	for (i = 0; i < hooks.nr; i++) {
		assert_true(strlen(hooks.all[i].name) < sizeof(info.hooks_missing[0]));
		different += !bt_hooks_repeated(&hooks, i);
	}
	assert_true(different <= sizeof(info.hooks_missing) / sizeof(info.hooks_missing[0]));
	bt_hooks_free(&hooks);
	bt_kernel_btf_close(&btf);
	bitmap_trace__destroy(skel);
}

/* Without any of the kernel's types there is nothing to relocate against, and no crash. */
static void test_core_btf_of_the_probes(void **state)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bt_kernel_btf btf = small_kernel();
	struct btf *core;

	(void)state;
	assert_int_equal(bt_core_btf_build(&btf, "/nowhere", bpf_object__btf(skel->obj), &core), 0);
	assert_true(btf__find_by_name(core, "mddev") < 0);
	btf__free(core);
	bt_kernel_btf_close(&btf);
	bitmap_trace__destroy(skel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_other_name),
		cmocka_unit_test(test_stand_in),
		cmocka_unit_test(test_variable),
		cmocka_unit_test(test_variable_is_put_in),
		cmocka_unit_test(test_names_fit),
		cmocka_unit_test(test_core_btf_of_the_probes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
