// SPDX-License-Identifier: GPL-2.0-only
/* The states of hooks in synthetic kernels: some BTF, some symbols. */
#include "probes/hooks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel.h"
#include "skel/bitmap_trace.skel.h"

struct fixture {
	struct bitmap_trace *skel;
	struct bt_kernel_btf btf;
	struct bt_hooks hooks;
	char module_dir[40];
};

/* A kernel before 6.12 whose md_mod has the named functions. */
static void setup_with(struct fixture *fixture, const char *const *functions, bool with_variable)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->skel = bitmap_trace__open();
	assert_non_null(fixture->skel);
	fixture->btf = kernel_new();
	kernel_add(fixture->btf.vmlinux, "submit_bh", NULL);
	kernel_add_bio_queue(fixture->btf.vmlinux);
	if (with_variable)
		btf__add_var(fixture->btf.vmlinux, "irqsave_flags", BTF_VAR_STATIC, 1);
	fixture->btf.module = btf__new_empty_split(fixture->btf.vmlinux);
	for (; *functions; functions++)
		kernel_add(fixture->btf.module, *functions, NULL);
	strcpy(fixture->module_dir, "/tmp/hook-state-XXXXXX");
	assert_non_null(mkdtemp(fixture->module_dir));
	assert_int_equal(
		bt_hooks_find(&fixture->hooks, fixture->skel->obj, &fixture->btf, "/nowhere"), 0);
}

static void setup(struct fixture *fixture, const char *const *functions)
{
	setup_with(fixture, functions, true);
}

static void teardown(struct fixture *fixture)
{
	bt_hooks_free(&fixture->hooks);
	bt_kernel_btf_close(&fixture->btf);
	bitmap_trace__destroy(fixture->skel);
	rmdir(fixture->module_dir);
}

/* kallsyms: the text of the file; NULL: it cannot be read. */
static void choose(struct fixture *fixture, const char *kallsyms)
{
	struct bt_kallsyms symbols = kernel_symbols(&fixture->hooks, kallsyms ? kallsyms : "");

	bt_hooks_choose(&fixture->hooks, kallsyms ? &symbols : NULL, fixture->module_dir);
	bt_kallsyms_free(&symbols);
}

static void is(const struct fixture *fixture, const char *name, enum bt_hook_state state,
	       bool sees_all, const char *copies, const char *why)
{
	const struct bt_hook *hook = bt_hooks_of(&fixture->hooks, name);

	assert_non_null(hook);
	assert_string_equal(bt_hook_state_name(hook->state), bt_hook_state_name(state));
	assert_int_equal(hook->sees_all, sees_all);
	assert_string_equal(hook->copies, copies);
	if (why[0])
		assert_non_null(strstr(hook->why, why));
	else
		assert_string_equal(hook->why, "");
}

static const char *const old_functions[] = {
	"md_bitmap_load",	    "md_bitmap_update_sb",	"md_bitmap_file_set_bit",
	"md_bitmap_startwrite",	    "md_bitmap_daemon_work",	"md_bitmap_free",
	"md_bitmap_init_from_disk", "md_bitmap_file_clear_bit", NULL
};

static const char old_symbols[] =
	"0 T submit_bh\n"
	/* Copies of the same name in another module, or of another function, do not count. */
	"0 t submit_bh.part.0\t[other]\n"
	"0 t md_bitmap_load.part.0\t[other]\n"
	"0 t md_bitmap_loader.part.0\t[md_mod]\n"
	"0 t md_bitmap_load\t[md_mod]\n"
	"0 t md_bitmap_load.cold\t[md_mod]\n"
	"0 T md_bitmap_update_sb\t[md_mod]\n"
	"0 t md_bitmap_update_sb.part.0\t[md_mod]\n"
	"0 t md_bitmap_file_set_bit\t[md_mod]\n"
	"0 t md_bitmap_file_set_bit.constprop.0\t[md_mod]\n"
	"0 t md_bitmap_file_set_bit.part.0\t[md_mod]\n"
	"0 T md_bitmap_startwrite\t[md_mod]\n"
	"0 t md_bitmap_startwrite.part.0\t[md_mod]\n"
	"0 t md_bitmap_daemon_work.isra.0\t[md_mod]\n"
	"0 t end_bitmap_write\t[md_mod]\n"
	"0 T md_bitmap_endwrite.part.0\t[md_mod]\n"
	"0 t md_bitmap_init_from_disk\t[md_mod]\n"
	"0 t md_bitmap_file_clear_bit\t[md_mod]\n";

static void there_and_split(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture, old_functions);
	choose(&fixture, old_symbols);
	is(&fixture, "bitmap_load", BT_HOOK_WHOLE, true, "", "");
	is(&fixture, "submit_bh", BT_HOOK_WHOLE, true, "", "");
	is(&fixture, "block_bio_queue", BT_HOOK_WHOLE, true, "", "");
	/* A call that is not seen is not judged, and has no other effect. */
	is(&fixture, "bitmap_update_sb", BT_HOOK_SPLIT, true, "md_bitmap_update_sb.part.0",
	   "not judged");
	/* No function in its file calls it. */
	is(&fixture, "bitmap_startwrite", BT_HOOK_SPLIT, true, "md_bitmap_startwrite.part.0",
	   "none calls the copy");
	/* If a set_bit were not seen, the bit would be taken as never set. */
	is(&fixture, "md_bitmap_file_set_bit", BT_HOOK_SPLIT, false,
	   "md_bitmap_file_set_bit.constprop.0, md_bitmap_file_set_bit.part.0", "unseen");
	teardown(&fixture);
}

static void not_to_be_attached(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture, old_functions);
	choose(&fixture, old_symbols);
	/* pahole may describe a function whose only symbol is NAME.isra.0. */
	is(&fixture, "bitmap_daemon_work", BT_HOOK_SPLIT, false, "md_bitmap_daemon_work.isra.0",
	   "no symbol to attach to");
	is(&fixture, "md_bitmap_free", BT_HOOK_INLINED, false, "", "no symbol to attach to");
	is(&fixture, "bitmap_endwrite", BT_HOOK_SPLIT, false, "md_bitmap_endwrite.part.0",
	   "no BTF");
	is(&fixture, "end_bitmap_write", BT_HOOK_ABSENT, false, "", "built without");
	is(&fixture, "__bitmap_unplug", BT_HOOK_INLINED, false, "", "cannot be distinguished");
	is(&fixture, "super_written", BT_HOOK_ABSENT, false, "", "none of its known names");
	is(&fixture, "bitmap_unplug", BT_HOOK_ABSENT, false, "", "without a worker");
	teardown(&fixture);
}

static void personalities_may_come_later(void **state)
{
	struct fixture fixture;
	char path[64];

	(void)state;
	setup(&fixture, old_functions);
	snprintf(path, sizeof(path), "%s/raid1", fixture.module_dir);
	assert_int_equal(mkdir(path, 0700), 0);
	choose(&fixture, old_symbols);
	is(&fixture, "raid10_end_write_request", BT_HOOK_ABSENT, false, "", "raid10 is not loaded");
	is(&fixture, "raid5_end_write_request", BT_HOOK_ABSENT, false, "", "raid456 is not loaded");
	is(&fixture, "raid1_end_write_request", BT_HOOK_ABSENT, false, "",
	   "none of its known names");
	rmdir(path);
	teardown(&fixture);
}

static void without_symbols(void **state)
{
	struct fixture fixture;

	(void)state;
	setup(&fixture, old_functions);
	choose(&fixture, NULL);
	is(&fixture, "bitmap_update_sb", BT_HOOK_WHOLE, true, "", "copies cannot be detected");
	is(&fixture, "block_bio_queue", BT_HOOK_WHOLE, true, "", "");
	is(&fixture, "end_bitmap_write", BT_HOOK_ABSENT, false, "", "buffer heads");
	teardown(&fixture);
}

/* A variable has the state of the function at which it is read. */
static void variables(void **state)
{
	static const char *const set_bit[] = { "md_bitmap_file_set_bit", NULL };
	static const char *const other[] = { "md_bitmap_free", NULL };
	struct fixture fixture;

	(void)state;
	setup(&fixture, set_bit);
	choose(&fixture, "0 d irqsave_flags\n0 t md_bitmap_file_set_bit\t[md_mod]\n");
	is(&fixture, "irqsave_flags", BT_HOOK_WHOLE, true, "", "");
	teardown(&fixture);

	/* The verifier finds its address by the symbol. */
	setup(&fixture, set_bit);
	choose(&fixture, "0 t md_bitmap_file_set_bit\t[md_mod]\n");
	is(&fixture, "irqsave_flags", BT_HOOK_ABSENT, false, "", "CONFIG_KALLSYMS_ALL");
	is(&fixture, "md_bitmap_file_set_bit", BT_HOOK_WHOLE, true, "", "");
	teardown(&fixture);

	setup(&fixture, set_bit);
	choose(&fixture, old_symbols);
	is(&fixture, "irqsave_flags", BT_HOOK_SPLIT, false,
	   "md_bitmap_file_set_bit.constprop.0, md_bitmap_file_set_bit.part.0", "unseen");
	teardown(&fixture);

	setup(&fixture, other);
	choose(&fixture, "0 T md_bitmap_free\t[md_mod]\n");
	is(&fixture, "irqsave_flags", BT_HOOK_INLINED, false, "", "cannot be distinguished");
	teardown(&fixture);

	setup_with(&fixture, set_bit, false);
	choose(&fixture, "0 t md_bitmap_file_set_bit\t[md_mod]\n");
	is(&fixture, "irqsave_flags", BT_HOOK_ABSENT, false, "", "no variable of this name");
	is(&fixture, "md_bitmap_file_set_bit", BT_HOOK_WHOLE, true, "", "");
	teardown(&fixture);
}

/* A trace records it, too: no verdict relies on a hook that does not see all calls. */
static void what_is_missing_then(void **state)
{
	struct bt_missing missing = { 0 };
	struct fixture fixture;
	const struct bt_hook *set_bit;

	(void)state;
	setup(&fixture, old_functions);
	choose(&fixture, old_symbols);
	/* It is still attached: its events are shown. */
	set_bit = bt_hooks_of(&fixture.hooks, "md_bitmap_file_set_bit");
	assert_true(set_bit->variant && set_bit->site->btf_id);
	/* Without an address there is nothing to attach to. */
	assert_null(bt_hooks_of(&fixture.hooks, "bitmap_daemon_work")->variant);
	bt_hooks_missing(&fixture.hooks, &missing);
	assert_string_equal(bt_missing_why(&missing, BT_SEES_SET_BIT),
			    "no hook on md_bitmap_file_set_bit (split)");
	assert_string_equal(bt_missing_why(&missing, BT_SEES_DAEMON),
			    "no hook on bitmap_daemon_work (split)");
	assert_null(bt_missing_why(&missing, BT_SEES_LOAD));
	assert_null(bt_missing_why(&missing, BT_SEES_UPDATE_SB));
	assert_null(bt_missing_why(&missing, BT_SEES_STARTWRITE));
	assert_null(bt_missing_why(&missing, BT_SEES_MEMBER_WRITES));
	teardown(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_split),
		cmocka_unit_test(not_to_be_attached),
		cmocka_unit_test(personalities_may_come_later),
		cmocka_unit_test(without_symbols),
		cmocka_unit_test(variables),
		cmocka_unit_test(what_is_missing_then),
	};

	return cmocka_run_group_tests_name("hook_state", tests, NULL, NULL);
}
