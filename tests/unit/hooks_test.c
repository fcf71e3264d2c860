// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook table, compared with the real probes, and the probes in kernels: synthetic ones with
 * few of the hooks, and those of tests/fixtures.
 */
#include "probes/hooks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel.h"
#include "shared/event.h"
#include "shared/kernel_latency.h"
#include "shared/perturb.h"
#include "skel/bitmap_trace.skel.h"
#include "skel/latency.skel.h"
#include "skel/spin.skel.h"

/* ---- the table ------------------------------------------------------------------- */

/* Number of rows with this program and a variant with this function name. */
static unsigned int rows_of(const struct bpf_program *program)
{
	const char *slash = strchr(bpf_program__section_name(program), '/');
	const struct bt_hook_variant *variant;
	unsigned int row, v, i, n, rows = 0;
	bool named;

	for (row = 0; row < bt_hook_table_nr; row++)
		for (v = 0; v < BT_HOOK_VARIANTS; v++) {
			variant = &bt_hook_table[row].variants[v];
			for (n = 0, named = false; n < BT_VARIANT_NAMES && slash; n++)
				named = named || (variant->names[n] &&
						  !strcmp(variant->names[n], slash + 1));
			for (i = 0; i < BT_VARIANT_PROBES && named; i++)
				rows += variant->probes[i].program &&
					!strcmp(variant->probes[i].program,
						bpf_program__name(program));
		}
	return rows;
}

static unsigned int check_programs(struct bpf_object *object)
{
	struct bpf_program *program;
	unsigned int probes = 0;

	bpf_object__for_each_program(program, object)
	{
		if (!strchr(bpf_program__section_name(program), '/'))
			continue;
		probes++;
		if (rows_of(program) != 1)
			print_message("# '%s' is in %u rows\n", bpf_program__name(program),
				      rows_of(program));
		assert_int_equal(rows_of(program), 1);
		assert_int_equal(
			!strncmp(bpf_program__section_name(program), "tp_btf/", 7),
			!strcmp(bpf_program__section_name(program), "tp_btf/block_bio_queue"));
	}
	return probes;
}

static void every_program_has_its_row(void **state)
{
	struct bitmap_trace *trace = bitmap_trace__open();
	struct latency *latency = latency__open();
	struct spin *spin = spin__open();

	(void)state;
	assert_true(check_programs(trace->obj) > 60);
	assert_true(check_programs(latency->obj) > 20);
	assert_true(check_programs(spin->obj) > 40);
	bitmap_trace__destroy(trace);
	latency__destroy(latency);
	spin__destroy(spin);
}

/*
 * Each gives a capability and emits events, but for those that only --perturb has; programs of
 * another architecture are not built.
 */
static void every_row_has_its_programs(void **state)
{
	struct bitmap_trace *trace = bitmap_trace__open();
	struct spin *spin = spin__open();
	bool given[BT_CAPABILITIES] = { false };
	const struct bt_probe *probe;
	unsigned int row, v, i;

	(void)state;
	for (row = 0; row < bt_hook_table_nr; row++)
		for (v = 0; v < BT_HOOK_VARIANTS; v++)
			for (i = 0; i < BT_VARIANT_PROBES; i++) {
				probe = &bt_hook_table[row].variants[v].probes[i];
				if (!probe->program)
					continue;
				assert_ptr_equal(bt_probe_of(probe->program), probe);
				if (bpf_object__find_program_by_name(spin->obj, probe->program) &&
				    !bpf_object__find_program_by_name(trace->obj, probe->program)) {
					assert_true(probe->gives[0] == BT_SEES_END &&
						    !probe->types[0]);
					continue;
				}
				assert_true(probe->gives[0] != BT_SEES_END && probe->types[0]);
				given[probe->gives[0]] = given[probe->gives[1]] = true;
				if (!bt_hook_table[row].arch)
					assert_non_null(bpf_object__find_program_by_name(
						trace->obj, probe->program));
			}
	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++)
		assert_true(given[i]);
	assert_null(bt_probe_of("name_symbols"));
	bitmap_trace__destroy(trace);
	spin__destroy(spin);
}

/* All variants of a hook give the same capabilities: a rule does not depend on which is loaded. */
static void variants_give_the_same(void **state)
{
	const struct bt_hook_variant *variants;
	unsigned int row, v;

	(void)state;
	for (row = 0; row < bt_hook_table_nr; row++) {
		variants = bt_hook_table[row].variants;
		for (v = 1; v < BT_HOOK_VARIANTS && variants[v].names[0]; v++)
			assert_memory_equal(variants[v].probes[0].gives,
					    variants[0].probes[0].gives,
					    sizeof(variants[0].probes[0].gives));
	}
}

static void capabilities_by_name(void **state)
{
	unsigned int i;

	(void)state;
	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++)
		assert_int_equal(
			bt_capability_of_name(bt_capability_desc((enum bt_capability)i)->name), i);
	assert_int_equal(bt_capability_of_name("second-sight"), BT_SEES_END);
	assert_string_equal(bt_capability_desc((enum bt_capability)4711)->name, "");
}

/* ---- synthetic kernels ---------------------------------------------------------------- */

struct found {
	struct bitmap_trace *skel;
	struct bt_hooks hooks;
	struct bt_missing missing;
};

/* symbols: NULL: none can be read */
static void find(struct found *found, struct bt_kernel_btf btf, const char *symbols)
{
	struct bt_kallsyms read = { 0 };

	memset(found, 0, sizeof(*found));
	found->skel = bitmap_trace__open();
	assert_non_null(found->skel);
	assert_int_equal(bt_hooks_find(&found->hooks, found->skel->obj, &btf, "/nowhere"), 0);
	if (symbols)
		read = kernel_symbols(&found->hooks, symbols);
	bt_hooks_choose(&found->hooks, symbols ? &read : NULL, "/nowhere");
	bt_kallsyms_free(&read);
	bt_hooks_missing(&found->hooks, &found->missing);
	bt_kernel_btf_close(&btf);
}

static void found_free(struct found *found)
{
	bt_hooks_free(&found->hooks);
	bitmap_trace__destroy(found->skel);
}

static const struct bt_hook *hook(const struct found *found, const char *name)
{
	const struct bt_hook *hook = bt_hooks_of(&found->hooks, name);

	assert_non_null(hook);
	return hook;
}

static bool wanted(const struct found *found, const struct bpf_program *program)
{
	const struct bt_program *of = bt_hooks_program(&found->hooks, program);

	assert_non_null(of);
	return bt_program_wanted(of);
}

static bool missing(const struct found *found, enum bt_capability capability)
{
	return bt_missing_why(&found->missing, capability) != NULL;
}

static void few_hooks(void **state)
{
	struct bt_kernel_btf btf = kernel_new();
	struct found found;

	(void)state;
	kernel_add(btf.vmlinux, "vfs_read", "file*, *, u64");
	kernel_add(btf.vmlinux, "bitmap_load", NULL);
	kernel_add_bio_queue(btf.vmlinux);
	find(&found, btf, NULL);
	assert_string_equal(hook(&found, "bitmap_load")->site->function, "bitmap_load");
	assert_null(hook(&found, "bitmap_load")->site->module);
	assert_true(wanted(&found, found.skel->progs.bitmap_load_exit));
	assert_true(wanted(&found, found.skel->progs.bio_queue));
	assert_false(wanted(&found, found.skel->progs.set_bit));
	assert_null(bt_hooks_program(&found.hooks, found.skel->progs.name_symbols));
	assert_null(bt_hooks_of(&found.hooks, "no_such_hook"));

	assert_false(missing(&found, BT_SEES_LOAD));
	assert_false(missing(&found, BT_SEES_MEMBER_WRITES));
	/* Of the two hooks that it needs one exists. */
	assert_true(missing(&found, BT_SEES_PAGE_WRITES_INTERNAL));
	assert_string_equal(bt_missing_why(&found.missing, BT_SEES_PAGE_WRITES_INTERNAL),
			    "no hook on super_written");
	assert_true(missing(&found, BT_SEES_SET_BIT));
	found_free(&found);
}

/* Before 6.12 functions had other names, and some had other arguments. */
static void other_names_and_variants(void **state)
{
	static const char *const functions[] = {
		"md_bitmap_load",      "md_bitmap_startwrite", "md_bitmap_endwrite",
		"bitmap_endwrite",     "md_bitmap_unplug",     "md_bitmap_file_set_bit",
		"md_bitmap_update_sb",
	};
	struct bt_kernel_btf btf = kernel_new();
	struct found found;
	unsigned int i;

	(void)state;
	btf.module = btf__new_empty_split(btf.vmlinux);
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		kernel_add(btf.module, functions[i], NULL);
	find(&found, btf, NULL);
	assert_string_equal(hook(&found, "bitmap_load")->site->function, "md_bitmap_load");
	assert_string_equal(hook(&found, "bitmap_load")->site->module, "md_mod");
	assert_string_equal(hook(&found, "__bitmap_unplug")->site->function, "md_bitmap_unplug");
	assert_true(wanted(&found, found.skel->progs.unplug_exit));
	assert_false(wanted(&found, found.skel->progs.ops_unplug));
	assert_false(wanted(&found, found.skel->progs.startwrite_exit));
	assert_true(wanted(&found, found.skel->progs.md_startwrite_exit));
	assert_false(missing(&found, BT_SEES_STARTWRITE));
	/* On a kernel that has both, no event must be emitted twice. */
	assert_true(wanted(&found, found.skel->progs.endwrite));
	assert_false(wanted(&found, found.skel->progs.md_endwrite));
	assert_false(missing(&found, BT_SEES_UPDATE_SB));
	assert_true(missing(&found, BT_SEES_DAEMON));
	assert_true(missing(&found, BT_SEES_UNPLUG_WORK));
	found_free(&found);
}

/* The same name with other arguments: another program, or none. */
static void signatures_choose(void **state)
{
	struct bt_kernel_btf btf = kernel_new();
	struct found found;

	(void)state;
	kernel_add(btf.vmlinux, "end_bitmap_write", "bio*");
	kernel_add(btf.vmlinux, "bh_submit", NULL);
	kernel_add(btf.vmlinux, "folio_mark_dirty", "page*");
	kernel_add(btf.vmlinux, "bitmap_load", "mddev*, bool -> int");
	find(&found, btf, NULL);
	assert_true(wanted(&found, found.skel->progs.end_bitmap_bio));
	assert_false(wanted(&found, found.skel->progs.end_bitmap_write));
	assert_true(wanted(&found, found.skel->progs.bh_submit));
	assert_false(missing(&found, BT_SEES_PAGE_WRITES_BUFFER));
	assert_int_equal(hook(&found, "folio_mark_dirty")->state, BT_HOOK_CHANGED);
	assert_non_null(strstr(hook(&found, "folio_mark_dirty")->why,
			       "folio_mark_dirty(page*) here, expected (folio*)"));
	assert_false(wanted(&found, found.skel->progs.mark_dirty));
	assert_string_equal(bt_missing_why(&found.missing, BT_SEES_DIRTYING),
			    "no hook on folio_mark_dirty (changed)");
	/* One more argument, and the return value is not where the program looks. */
	assert_true(missing(&found, BT_SEES_LOAD));
	found_free(&found);
}

#define UNPLUGS                                                                                    \
	"0 t bitmap_unplug\t[md_mod]\n"                                                            \
	"0 t __bitmap_unplug\t[md_mod]\n"

/* If unplug is split, the function in bitmap_operations sees the calls. */
static void a_stand_in(void **state)
{
	static const char *const symbols[] = { UNPLUGS,
					       UNPLUGS "0 t __bitmap_unplug.part.0\t[md_mod]\n" };
	struct bt_kernel_btf btf;
	struct found found;
	unsigned int split;

	(void)state;
	for (split = 0; split < 2; split++) {
		btf = kernel_new();
		btf.module = btf__new_empty_split(btf.vmlinux);
		kernel_add(btf.module, "__bitmap_unplug", NULL);
		kernel_add(btf.module, "bitmap_unplug", "mddev*, bool");
		find(&found, btf, symbols[split]);
		assert_int_equal(wanted(&found, found.skel->progs.unplug), !split);
		assert_int_equal(wanted(&found, found.skel->progs.ops_unplug_exit), split);
		assert_true(wanted(&found, found.skel->progs.unplug_work));
		assert_false(missing(&found, BT_SEES_UNPLUG));
		if (split)
			assert_non_null(strstr(hook(&found, "__bitmap_unplug")->why,
					       "stands in for __bitmap_unplug (split: "
					       "__bitmap_unplug.part.0)"));
		found_free(&found);
	}
}

static void what_is_left_out(void **state)
{
	struct bt_kernel_btf btf = kernel_new();
	struct found found;

	(void)state;
	kernel_add(btf.vmlinux, "bio_endio", NULL);
	kernel_add_bio_queue(btf.vmlinux);
	find(&found, btf, NULL);
	assert_true(wanted(&found, found.skel->progs.flush_end));
	assert_false(missing(&found, BT_SEES_FLUSHES));
	bt_hooks_leave_out(&found.hooks, BT_SEES_FLUSHES, "not asked for");
	assert_false(wanted(&found, found.skel->progs.flush_end));
	assert_true(wanted(&found, found.skel->progs.bio_queue));
	bt_hooks_missing(&found.hooks, &found.missing);
	assert_string_equal(bt_missing_why(&found.missing, BT_SEES_FLUSHES), "not asked for");
	assert_false(missing(&found, BT_SEES_MEMBER_WRITES));
	found_free(&found);
}

static void what_is_refused(void **state)
{
	struct bt_kernel_btf btf = kernel_new();
	struct found found;

	(void)state;
	kernel_add(btf.vmlinux, "bitmap_load", NULL);
	kernel_add_bio_queue(btf.vmlinux);
	find(&found, btf, NULL);
	bt_hooks_refuse(bt_hooks_program(&found.hooks, found.skel->progs.bitmap_load)->hook,
			"invalid access");
	assert_false(wanted(&found, found.skel->progs.bitmap_load));
	assert_false(wanted(&found, found.skel->progs.bitmap_load_exit));
	assert_true(wanted(&found, found.skel->progs.bio_queue));
	bt_hooks_missing(&found.hooks, &found.missing);
	assert_string_equal(bt_missing_why(&found.missing, BT_SEES_LOAD),
			    "no hook on bitmap_load (refused: invalid access)");
	bt_hooks_refuse_all(&found.hooks, "pages of 65536 bytes");
	assert_false(wanted(&found, found.skel->progs.bio_queue));
	bt_hooks_missing(&found.hooks, &found.missing);
	assert_non_null(strstr(bt_missing_why(&found.missing, BT_SEES_MEMBER_WRITES),
			       "pages of 65536 bytes"));
	found_free(&found);
}

/* The programs of the next object are found by their names. */
static void bound_to_another_object(void **state)
{
	struct bt_kernel_btf btf = kernel_new();
	struct bitmap_trace *next;
	struct found found;

	(void)state;
	kernel_add(btf.vmlinux, "bitmap_load", NULL);
	find(&found, btf, NULL);
	next = bitmap_trace__open();
	bt_hooks_bind(&found.hooks, next->obj);
	bitmap_trace__destroy(found.skel);
	found.skel = next;
	assert_true(wanted(&found, next->progs.bitmap_load));
	assert_false(wanted(&found, next->progs.set_bit));
	found_free(&found);
}

/* ---- real kernels --------------------------------------------------------------- */

/* Made by tests/fixtures/make. Without symbols, so it is not known which functions are split. */
static void find_in_fixture(struct found *found, const char *name)
{
	struct bt_kernel_btf btf = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "tests/fixtures/btf/%s", name);
	btf.vmlinux = btf__parse_raw(path);
	assert_false(libbpf_get_error(btf.vmlinux));
	find(found, btf, NULL);
}

/* For each capability, whether this kernel lacks it. */
static void lacks(const char *kernel, const enum bt_capability *list)
{
	struct found found;
	unsigned int i;

	find_in_fixture(&found, kernel);
	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++) {
		if (missing(&found, (enum bt_capability)i) !=
		    bt_capability_among(list, (enum bt_capability)i))
			print_message("# %s: %s: %s\n", kernel,
				      bt_capability_desc((enum bt_capability)i)->name,
				      found.missing.why[i]);
		assert_int_equal(missing(&found, (enum bt_capability)i),
				 bt_capability_among(list, (enum bt_capability)i));
	}
	found_free(&found);
}

/* What a md without the lockless bitmap lacks. */
#define LOCKLESS                                                                                   \
	BT_SEES_LLBITMAP, BT_SEES_LL_LIFE, BT_SEES_LL_WRITES, BT_SEES_LL_STATES, BT_SEES_LL_MARKS, \
		BT_SEES_LL_BARRIER, BT_SEES_LL_UNPLUG, BT_SEES_LL_WORK, BT_SEES_LL_FLUSH,          \
		BT_SEES_LL_UPDATE_SB, BT_SEES_LL_DAEMON, BT_SEES_LL_DISCARDS, BT_SEES_LL_SYNC

static void capabilities_of_kernels(void **state)
{
	(void)state;
	/* Before 6.6 there is no worker. */
	lacks("6.1", BT_CAPABILITY_LIST(BT_SEES_UNPLUG_WORK, BT_SEES_PAGE_WRITES_FILEIO, LOCKLESS));
	lacks("6.12", BT_CAPABILITY_LIST(BT_SEES_PAGE_WRITES_FILEIO, LOCKLESS));
	/* Debian leaves llbitmap out. */
	lacks("7.3", BT_CAPABILITY_LIST(BT_SEES_PAGE_WRITES_FILEIO, LOCKLESS));
	/* The same functions and signatures. Probes of x86 only are no matter of BTF. */
	lacks("6.12-arm64", BT_CAPABILITY_LIST(BT_SEES_PAGE_WRITES_FILEIO, LOCKLESS));
	lacks("7.3-arm64", BT_CAPABILITY_LIST(BT_SEES_PAGE_WRITES_FILEIO, LOCKLESS));
}

static void variants_of_kernels(void **state)
{
	struct found found;

	(void)state;
	find_in_fixture(&found, "6.1");
	assert_true(wanted(&found, found.skel->progs.md_startwrite_exit));
	assert_string_equal(hook(&found, "bitmap_load")->site->function, "md_bitmap_load");
	found_free(&found);
	find_in_fixture(&found, "6.12");
	assert_true(wanted(&found, found.skel->progs.end_bitmap_write));
	assert_true(wanted(&found, found.skel->progs.submit_bh));
	assert_true(wanted(&found, found.skel->progs.fdatawrite));
	found_free(&found);
	find_in_fixture(&found, "7.3");
	assert_string_equal(hook(&found, "bitmap_startwrite")->site->function,
			    "bitmap_start_write");
	assert_true(wanted(&found, found.skel->progs.end_bitmap_bio));
	assert_true(wanted(&found, found.skel->progs.bh_submit));
	assert_true(wanted(&found, found.skel->progs.writeback_exit));
	found_free(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_program_has_its_row),
		cmocka_unit_test(every_row_has_its_programs),
		cmocka_unit_test(variants_give_the_same),
		cmocka_unit_test(capabilities_by_name),
		cmocka_unit_test(few_hooks),
		cmocka_unit_test(other_names_and_variants),
		cmocka_unit_test(signatures_choose),
		cmocka_unit_test(a_stand_in),
		cmocka_unit_test(what_is_left_out),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(bound_to_another_object),
		cmocka_unit_test(capabilities_of_kernels),
		cmocka_unit_test(variants_of_kernels),
	};

	return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
