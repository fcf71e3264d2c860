// SPDX-License-Identifier: GPL-2.0-only
/* What is said of hooks in kernels made up for it: some BTF, some symbols. */
#include "probes/hook_state.h"

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

#include "skel/bitmap_trace.skel.h"

struct fixture {
	struct bitmap_trace *skel;
	struct bt_kernel_btf btf;
	struct bt_hooks hooks;
	struct bt_hook_reports reports;
	char module_dir[40];
};

/* A kernel of before 6.12 whose md_mod has the functions named. */
static int setup_with(struct fixture *fixture, const char *const *functions, bool with_variable)
{
	int proto;

	memset(fixture, 0, sizeof(*fixture));
	fixture->skel = bitmap_trace__open();
	assert_non_null(fixture->skel);
	fixture->btf.vmlinux = btf__new_empty();
	proto = btf__add_func_proto(fixture->btf.vmlinux, 0);
	btf__add_func(fixture->btf.vmlinux, "submit_bh", BTF_FUNC_GLOBAL, proto);
	btf__add_typedef(fixture->btf.vmlinux, "btf_trace_block_bio_queue", proto);
	if (with_variable)
		btf__add_var(fixture->btf.vmlinux, "irqsave_flags", BTF_VAR_STATIC, proto);
	fixture->btf.module = btf__new_empty_split(fixture->btf.vmlinux);
	for (; *functions; functions++)
		btf__add_func(fixture->btf.module, *functions, BTF_FUNC_STATIC, proto);
	strcpy(fixture->module_dir, "/tmp/hook-state-XXXXXX");
	assert_non_null(mkdtemp(fixture->module_dir));
	return bt_hooks_find(&fixture->hooks, fixture->skel->obj, &fixture->btf);
}

static int setup(struct fixture *fixture, const char *const *functions)
{
	return setup_with(fixture, functions, true);
}

static void teardown(struct fixture *fixture)
{
	bt_hook_reports_free(&fixture->reports);
	bt_hooks_free(&fixture->hooks);
	bt_kernel_btf_close(&fixture->btf);
	bitmap_trace__destroy(fixture->skel);
	rmdir(fixture->module_dir);
}

/* path: a template for mkstemp */
static void write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* kallsyms: the text of the file; NULL: it cannot be read. */
static void make_reports(struct fixture *fixture, const char *kallsyms)
{
	char path[] = "/tmp/kallsyms-test-XXXXXX";
	struct bt_kallsyms symbols = { 0 };

	write_file(path, kallsyms ? kallsyms : "");
	assert_int_equal(bt_hook_symbols(&symbols, &fixture->hooks, path), 0);
	assert_int_equal(bt_hook_reports_make(&fixture->reports, &fixture->hooks,
					      kallsyms ? &symbols : NULL, fixture->module_dir),
			 0);
	bt_kallsyms_free(&symbols);
	unlink(path);
}

static void is(const struct fixture *fixture, const char *hook, enum bt_hook_state state,
	       bool sees_all, const char *copies, const char *why)
{
	const struct bt_hook_report *report = bt_hook_report_of(&fixture->reports, hook);

	assert_non_null(report);
	assert_string_equal(bt_hook_state_name(report->state), bt_hook_state_name(state));
	assert_int_equal(report->sees_all, sees_all);
	assert_string_equal(report->copies, copies);
	if (why[0])
		assert_non_null(strstr(report->why, why));
	else
		assert_string_equal(report->why, "");
}

static const char *const old_functions[] = {
	"md_bitmap_load",	    "md_bitmap_update_sb",	"md_bitmap_file_set_bit",
	"md_bitmap_startwrite",	    "md_bitmap_daemon_work",	"md_bitmap_free",
	"md_bitmap_init_from_disk", "md_bitmap_file_clear_bit", NULL
};

static const char old_symbols[] =
	"0 T submit_bh\n"
	/* In another module, and of another function: no copies of ours. */
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
	assert_int_equal(setup(&fixture, old_functions), 0);
	make_reports(&fixture, old_symbols);
	is(&fixture, "bitmap_load", BT_HOOK_WHOLE, true, "", "");
	is(&fixture, "submit_bh", BT_HOOK_WHOLE, true, "", "");
	is(&fixture, "block_bio_queue", BT_HOOK_WHOLE, true, "", "");
	/* A call that is not seen is not judged, and does no more harm. */
	is(&fixture, "bitmap_update_sb", BT_HOOK_SPLIT, true, "md_bitmap_update_sb.part.0",
	   "not judged");
	/* Nobody in its file calls it. */
	is(&fixture, "bitmap_startwrite", BT_HOOK_SPLIT, true, "md_bitmap_startwrite.part.0",
	   "do not go there");
	/* A bit that was set unseen would be taken for one that was never set. */
	is(&fixture, "md_bitmap_file_set_bit", BT_HOOK_SPLIT, false,
	   "md_bitmap_file_set_bit.constprop.0, md_bitmap_file_set_bit.part.0", "unseen");
	teardown(&fixture);
}

static void not_to_be_attached(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_int_equal(setup(&fixture, old_functions), 0);
	make_reports(&fixture, old_symbols);
	/* pahole may describe what the symbol table knows as NAME.isra.0 only. */
	is(&fixture, "bitmap_daemon_work", BT_HOOK_SPLIT, false, "md_bitmap_daemon_work.isra.0",
	   "no symbol to attach to");
	is(&fixture, "md_bitmap_free", BT_HOOK_INLINED, false, "", "no symbol to attach to");
	is(&fixture, "bitmap_endwrite", BT_HOOK_SPLIT, false, "md_bitmap_endwrite.part.0",
	   "no BTF");
	is(&fixture, "end_bitmap_write", BT_HOOK_ABSENT, false, "", "built without");
	is(&fixture, "__bitmap_unplug", BT_HOOK_INLINED, false, "", "look alike");
	is(&fixture, "super_written", BT_HOOK_ABSENT, false, "", "none of its known names");
	is(&fixture, "bitmap_unplug", BT_HOOK_ABSENT, false, "", "without a worker");
	teardown(&fixture);
}

static void personalities_may_come_later(void **state)
{
	struct fixture fixture;
	char path[64];

	(void)state;
	assert_int_equal(setup(&fixture, old_functions), 0);
	snprintf(path, sizeof(path), "%s/raid1", fixture.module_dir);
	assert_int_equal(mkdir(path, 0700), 0);
	make_reports(&fixture, old_symbols);
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
	assert_int_equal(setup(&fixture, old_functions), 0);
	make_reports(&fixture, NULL);
	is(&fixture, "bitmap_update_sb", BT_HOOK_WHOLE, true, "", "would not be noticed");
	is(&fixture, "block_bio_queue", BT_HOOK_WHOLE, true, "", "");
	is(&fixture, "end_bitmap_write", BT_HOOK_ABSENT, false, "", "buffer heads");
	teardown(&fixture);
}

/* A variable is where the function is that it is read at. */
static void variables(void **state)
{
	static const char *const set_bit[] = { "md_bitmap_file_set_bit", NULL };
	static const char *const other[] = { "md_bitmap_free", NULL };
	struct fixture fixture;

	(void)state;
	assert_int_equal(setup(&fixture, set_bit), 0);
	make_reports(&fixture, "0 d irqsave_flags\n0 t md_bitmap_file_set_bit\t[md_mod]\n");
	is(&fixture, "irqsave_flags", BT_HOOK_WHOLE, true, "", "");
	teardown(&fixture);

	/* The verifier finds its address by the symbol. */
	assert_int_equal(setup(&fixture, set_bit), 0);
	make_reports(&fixture, "0 t md_bitmap_file_set_bit\t[md_mod]\n");
	is(&fixture, "irqsave_flags", BT_HOOK_ABSENT, false, "", "CONFIG_KALLSYMS_ALL");
	is(&fixture, "md_bitmap_file_set_bit", BT_HOOK_WHOLE, true, "", "");
	teardown(&fixture);

	assert_int_equal(setup(&fixture, set_bit), 0);
	make_reports(&fixture, old_symbols);
	is(&fixture, "irqsave_flags", BT_HOOK_SPLIT, false,
	   "md_bitmap_file_set_bit.constprop.0, md_bitmap_file_set_bit.part.0", "unseen");
	teardown(&fixture);

	assert_int_equal(setup(&fixture, other), 0);
	make_reports(&fixture, "0 T md_bitmap_free\t[md_mod]\n");
	is(&fixture, "irqsave_flags", BT_HOOK_INLINED, false, "", "look alike");
	teardown(&fixture);

	assert_int_equal(setup_with(&fixture, set_bit, false), 0);
	make_reports(&fixture, "0 t md_bitmap_file_set_bit\t[md_mod]\n");
	is(&fixture, "irqsave_flags", BT_HOOK_ABSENT, false, "", "no variable of this name");
	is(&fixture, "md_bitmap_file_set_bit", BT_HOOK_WHOLE, true, "", "");
	teardown(&fixture);
}

/* What is traced bears it, too: no verdict rests on a hook that calls go past. */
static void seen_by_the_hooks(void **state)
{
	char path[] = "/tmp/kallsyms-test-XXXXXX";
	const struct bt_hook *set_bit, *daemon;
	struct bt_trace_info info = { 0 };
	struct fixture fixture;
	unsigned int i, bypassed = 0;

	(void)state;
	assert_int_equal(setup(&fixture, old_functions), 0);
	write_file(path, old_symbols);
	assert_int_equal(bt_hooks_see_symbols(&fixture.hooks, path), 0);
	unlink(path);
	set_bit = bt_hooks_of(&fixture.hooks, fixture.skel->progs.set_bit_exit);
	assert_true(set_bit->bypassed && set_bit->btf_id);
	/* Without an address there is nothing to attach to. */
	daemon = bt_hooks_of(&fixture.hooks, fixture.skel->progs.daemon_work);
	assert_false(daemon->btf_id || daemon->function || daemon->module);
	assert_false(bt_hooks_found(&fixture.hooks, "bitmap_load")->bypassed);
	assert_false(bt_hooks_found(&fixture.hooks, "bitmap_update_sb")->bypassed);
	assert_false(bt_hooks_found(&fixture.hooks, "bitmap_startwrite")->bypassed);
	assert_false(bt_hooks_found(&fixture.hooks, "block_bio_queue")->bypassed);
	bt_hooks_missing(&fixture.hooks, &info);
	for (i = 0; i < info.hooks_missing_nr; i++)
		bypassed += !strcmp(info.hooks_missing[i], "md_bitmap_file_set_bit");
	assert_int_equal(bypassed, 1);
	assert_true(bt_hooks_see_symbols(&fixture.hooks, "/nonexistent/kallsyms") < 0);
	teardown(&fixture);
}

/* Who adds a hook says where its function lives and what a copy of it would do. */
static void every_hook_is_described(void **state)
{
	struct fixture fixture;
	unsigned int i, unknown = 0;

	(void)state;
	assert_int_equal(setup(&fixture, old_functions), 0);
	make_reports(&fixture, old_symbols);
	assert_true(fixture.reports.nr > 20);
	for (i = 0; i < fixture.reports.nr; i++) {
		if (bt_hook_is_described(fixture.reports.all[i].hook))
			continue;
		unknown++;
		print_message("# '%s' is not in origins[]\n", fixture.reports.all[i].hook);
	}
	assert_int_equal(unknown, 0);
	assert_false(bt_hook_is_described("no_such_hook"));
	assert_null(bt_hook_report_of(&fixture.reports, "no_such_hook"));
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
		cmocka_unit_test(seen_by_the_hooks),
		cmocka_unit_test(every_hook_is_described),
	};

	return cmocka_run_group_tests_name("hook_state", tests, NULL, NULL);
}
