// SPDX-License-Identifier: GPL-2.0-only
#include "probes/hook_state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/hook_names.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define NAMES_MAX	  (1 + BT_HOOK_OTHER_NAMES_MAX)

/* What a copy of the function does to the probe on it. */
enum copies {
	/* Called by address or from other files only, which leads to the function itself. */
	COPIES_HARMLESS,
	/* Calls from its own file may go to the copy; the rules judge only calls they see. */
	COPIES_UNJUDGED,
	/* The calls that may go to the copy are told by the hooks of who makes them. */
	COPIES_TOLD,
	/* Calls from its own file may go there, and one that is not seen misleads the rules. */
	COPIES_MISLEAD,
};

/* drivers/md of 6.1 and 6.12: where functions are, and by whom they are called. */
static const struct origin {
	const char *hook;
	const char *module; /* NULL: no module */
	enum copies copies;
	bool inlinable;	     /* static, and its address is not taken */
	const char *purpose; /* where no rule needs it */
	const char *absent;  /* what it means when it is not there */
} origins[] = {
	{ "bitmap_load", "md_mod", .copies = COPIES_MISLEAD },
	{ "md_bitmap_init_from_disk", "md_mod", .copies = COPIES_MISLEAD, .inlinable = true },
	{ "md_bitmap_free", "md_mod", .copies = COPIES_MISLEAD },
	{ "__bitmap_resize", "md_mod", .copies = COPIES_UNJUDGED, .inlinable = true,
	  .purpose = "describing a bitmap at once that is resized; no rule needs it" },
	{ "bitmap_startwrite", "md_mod", .copies = COPIES_HARMLESS },
	{ "bitmap_endwrite", "md_mod", .copies = COPIES_HARMLESS },
	{ "md_bitmap_file_set_bit", "md_mod", .copies = COPIES_MISLEAD, .inlinable = true },
	{ BT_HOOK_IRQS, "md_mod", .copies = COPIES_MISLEAD, .inlinable = true },
	{ "md_bitmap_file_clear_bit", "md_mod", .copies = COPIES_MISLEAD, .inlinable = true },
	{ "__bitmap_unplug", "md_mod", .copies = COPIES_MISLEAD, .inlinable = true },
	{ "bitmap_unplug", "md_mod", .copies = COPIES_HARMLESS,
	  .purpose = "showing who waits for an unplug by a worker; no rule needs it",
	  .absent = "this md unplugs without a worker" },
	{ "bitmap_daemon_work", "md_mod", .copies = COPIES_MISLEAD },
	{ "bitmap_update_sb", "md_mod", .copies = COPIES_UNJUDGED },
	{ "bitmap_start_sync", "md_mod", .copies = COPIES_MISLEAD },
	{ "bitmap_end_sync", "md_mod", .copies = COPIES_TOLD },
	{ "bitmap_cond_end_sync", "md_mod", .copies = COPIES_HARMLESS },
	{ "bitmap_close_sync", "md_mod", .copies = COPIES_MISLEAD },
	{ "super_written", "md_mod", .copies = COPIES_HARMLESS },
	{ "end_bitmap_write", "md_mod", .copies = COPIES_HARMLESS,
	  .absent = "this md does not write bitmap files by buffer heads" },
	{ "raid1_end_write_request", "raid1", .copies = COPIES_HARMLESS },
	{ "raid10_end_write_request", "raid10", .copies = COPIES_HARMLESS },
	{ "raid5_end_write_request", "raid456", .copies = COPIES_HARMLESS },
	{ "raid10_end_discard_request", "raid10", .copies = COPIES_HARMLESS },
	{ "raid1_error", "raid1", .copies = COPIES_HARMLESS },
	{ "raid10_error", "raid10", .copies = COPIES_HARMLESS },
	{ "raid5_error", "raid456", .copies = COPIES_HARMLESS },
	{ "bio_endio", NULL, .copies = COPIES_HARMLESS },
	{ "block_bio_queue", NULL, .copies = COPIES_HARMLESS },
	{ "submit_bh", NULL, .copies = COPIES_HARMLESS },
	{ "folio_mark_dirty", NULL, .copies = COPIES_HARMLESS },
	{ "__folio_start_writeback", NULL, .copies = COPIES_HARMLESS },
	{ "folio_end_writeback", NULL, .copies = COPIES_HARMLESS },
	{ "filemap_fdatawrite_wbc", NULL, .copies = COPIES_MISLEAD },
	{ "filemap_fdatawait_range", NULL, .copies = COPIES_UNJUDGED,
	  .purpose = "showing who waits for writeback of a bitmap file; no rule needs it" },
	{ "filemap_fdatawait_keep_errors", NULL, .copies = COPIES_UNJUDGED,
	  .purpose = "showing who waits for writeback of a bitmap file; no rule needs it" },
	{ "__filemap_set_wb_err", NULL, .copies = COPIES_HARMLESS },
};

/* Of a hook that nobody has described the worst is assumed. */
static const struct origin *origin_of(const char *hook)
{
	static const struct origin unknown = { .copies = COPIES_MISLEAD };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(origins); i++)
		if (!strcmp(origins[i].hook, hook))
			return &origins[i];
	return &unknown;
}

bool bt_hook_is_described(const char *hook)
{
	return origin_of(hook)->hook != NULL;
}

const char *bt_hook_purpose(const char *hook)
{
	return origin_of(hook)->purpose;
}

const char *bt_hook_state_name(enum bt_hook_state state)
{
	static const char *const names[] = { "whole", "split", "inlined", "absent" };

	return names[state];
}

/* ---- symbols ---------------------------------------------------------------- */

/* Calls fn with each name of each program's function; tracepoints are none. */
static void each_name(const struct bt_hooks *hooks, const char *hook,
		      void (*fn)(void *ctx, const char *name), void *ctx)
{
	const struct bt_hook *program;
	const char *other;
	unsigned int i, n;

	for (i = 0; i < hooks->nr; i++) {
		program = &hooks->all[i];
		if (program->tracepoint || (hook && strcmp(program->name, hook)))
			continue;
		fn(ctx, program->written_for);
		for (n = 0; (other = bt_hook_other_name(program->written_for, n)); n++)
			fn(ctx, other);
	}
}

struct name_list {
	const char **all;
	unsigned int nr;
};

static void list_name(void *ctx, const char *name)
{
	struct name_list *list = ctx;
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (!strcmp(list->all[i], name))
			return;
	list->all[list->nr++] = name;
}

int bt_hook_symbols(struct bt_kallsyms *symbols, const struct bt_hooks *hooks, const char *path)
{
	struct name_list list = { .all = calloc(hooks->nr * NAMES_MAX + 1, sizeof(*list.all)) };
	int err;

	if (!list.all)
		return -ENOMEM;
	each_name(hooks, NULL, list_name, &list);
	err = bt_kallsyms_read(symbols, path, list.all, BT_HOOK_IRQS);
	free(list.all);
	return err;
}

/* What the symbols say of one hook. */
struct sighting {
	const struct bt_kallsyms *symbols;
	const char *module; /* where it must be; NULL: anywhere, "": vmlinux */
	bool plain;	    /* the function itself has a symbol */
	char *copies;
	size_t copies_len;
};

static void add_copy(struct sighting *sighting, const char *name)
{
	size_t used = strlen(sighting->copies);

	if (strstr(sighting->copies, name))
		return;
	snprintf(sighting->copies + used, sighting->copies_len - used, "%s%s", used ? ", " : "",
		 name);
}

static void look_for(void *ctx, const char *name)
{
	struct sighting *sighting = ctx;
	const struct bt_ksym *symbol;
	unsigned int i;

	for (i = 0; i < sighting->symbols->nr; i++) {
		symbol = &sighting->symbols->all[i];
		if (sighting->module && strcmp(symbol->module, sighting->module))
			continue;
		if (bt_ksym_is(symbol, name))
			sighting->plain = true;
		else if (bt_ksym_is_copy(symbol, name))
			add_copy(sighting, symbol->name);
	}
}

/* ---- states ----------------------------------------------------------------- */

static bool is_loaded(const char *module_dir, const char *module)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", module_dir, module);
	return !access(path, F_OK);
}

__attribute__((format(printf, 3, 4))) static void
conclude(struct bt_hook_report *report, enum bt_hook_state state, const char *format, ...)
{
	va_list args;

	report->state = state;
	va_start(args, format);
	vsnprintf(report->why, sizeof(report->why), format, args);
	va_end(args);
}

static void conclude_split(struct bt_hook_report *report, const struct origin *origin)
{
	static const char *const words[] = {
		[COPIES_HARMLESS] = "its callers are elsewhere and do not go there",
		[COPIES_UNJUDGED] = "calls from its own file may go there, and are not judged",
		[COPIES_TOLD] = "calls from its own file may go there, and are told by other hooks",
		[COPIES_MISLEAD] = "calls from its own file may go there unseen",
	};

	conclude(report, BT_HOOK_SPLIT, "%s", words[origin->copies]);
	report->sees_all = origin->copies != COPIES_MISLEAD;
}

static void conclude_gone(struct bt_hook_report *report, enum bt_hook_state state, const char *why)
{
	conclude(report, state, "%s", why);
	report->sees_all = report->attachable = false;
}

/* There is BTF of it; a probe also needs the address, that is a symbol. */
static void judge_found(struct bt_hook_report *report, const struct sighting *sighting,
			const struct origin *origin)
{
	report->sees_all = report->attachable = true;
	if (report->found->tracepoint)
		return;
	if (!sighting->symbols)
		conclude(report, BT_HOOK_WHOLE, "without symbols copies would not be noticed");
	else if (sighting->plain && report->copies[0])
		conclude_split(report, origin);
	else if (!sighting->plain)
		conclude_gone(report, report->copies[0] ? BT_HOOK_SPLIT : BT_HOOK_INLINED,
			      "it has BTF, but no symbol to attach to");
	else if (report->found->variable && !sighting->symbols->has_variable)
		conclude_gone(report, BT_HOOK_ABSENT,
			      "the variable has BTF, but no symbol (CONFIG_KALLSYMS_ALL)");
}

/* Of programs that read a variable there is more to be missing than their function. */
static bool lacks_variable(const struct bt_hooks *hooks, const char *hook)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++)
		if (hooks->all[i].variable && !strcmp(hooks->all[i].name, hook))
			return !hooks->all[i].variable_id;
	return false;
}

static void judge_missing(struct bt_hook_report *report, const struct sighting *sighting,
			  const struct origin *origin, const char *module_dir)
{
	if (sighting->plain)
		conclude(report, BT_HOOK_ABSENT,
			 "the function is there, but the kernel has no BTF "
			 "of it; was its module built without?");
	else if (report->copies[0])
		conclude(report, BT_HOOK_SPLIT,
			 "only copies of it are left, of which there is no BTF");
	else if (origin->module && strcmp(origin->module, BT_BTF_MODULE) &&
		 !is_loaded(module_dir, origin->module))
		conclude(report, BT_HOOK_ABSENT, "%s is not loaded", origin->module);
	else if (origin->absent)
		conclude(report, BT_HOOK_ABSENT, "%s", origin->absent);
	else if (origin->inlinable)
		conclude(report, BT_HOOK_INLINED,
			 "neither symbol nor BTF: inlined into its callers, "
			 "or gone, which look alike from here");
	else
		conclude(report, BT_HOOK_ABSENT, "none of its known names is in this kernel");
}

static void make_report(struct bt_hook_report *report, const struct bt_hooks *hooks,
			const struct bt_kallsyms *symbols, const char *module_dir)
{
	const struct origin *origin = origin_of(report->hook);
	struct sighting sighting = { .symbols = symbols,
				     .copies = report->copies,
				     .copies_len = sizeof(report->copies) };

	report->found = bt_hooks_found(hooks, report->hook);
	if (symbols && report->found) {
		sighting.module = report->found->module ? report->found->module : "";
		look_for(&sighting, report->found->function);
	} else if (symbols) {
		each_name(hooks, report->hook, look_for, &sighting);
	}
	if (report->found)
		judge_found(report, &sighting, origin);
	else if (lacks_variable(hooks, report->hook))
		conclude(report, BT_HOOK_ABSENT, "the kernel's BTF has no variable of this name");
	else
		judge_missing(report, &sighting, origin, module_dir);
}

int bt_hook_reports_make(struct bt_hook_reports *reports, const struct bt_hooks *hooks,
			 const struct bt_kallsyms *symbols, const char *module_dir)
{
	struct bt_hook_reports new = { .all = calloc(hooks->nr + 1, sizeof(*new.all)) };
	unsigned int i;

	if (!new.all)
		return -ENOMEM;
	for (i = 0; i < hooks->nr; i++) {
		if (bt_hooks_repeated(hooks, i))
			continue;
		new.all[new.nr].hook = hooks->all[i].name;
		make_report(&new.all[new.nr++], hooks, symbols, module_dir);
	}
	*reports = new;
	return 0;
}

static void see(struct bt_hooks *hooks, const struct bt_hook_report *report)
{
	const char *name = report->hook;
	struct bt_hook *hook;
	unsigned int i;

	for (i = 0; i < hooks->nr; i++) {
		hook = &hooks->all[i];
		if (!hook->btf_id || strcmp(hook->name, name))
			continue;
		hook->bypassed = true;
		if (report->attachable)
			continue;
		hook->btf_id = 0;
		hook->function = NULL;
		hook->module = NULL;
	}
}

int bt_hooks_see_symbols(struct bt_hooks *hooks, const char *path)
{
	struct bt_hook_reports reports = { 0 };
	struct bt_kallsyms symbols = { 0 };
	unsigned int i;
	int err = bt_hook_symbols(&symbols, hooks, path);

	if (!err)
		err = bt_hook_reports_make(&reports, hooks, &symbols, "");
	for (i = 0; i < reports.nr; i++)
		if (!reports.all[i].sees_all)
			see(hooks, &reports.all[i]);
	bt_hook_reports_free(&reports);
	bt_kallsyms_free(&symbols);
	return err;
}

void bt_hook_reports_free(struct bt_hook_reports *reports)
{
	free(reports->all);
	memset(reports, 0, sizeof(*reports));
}

const struct bt_hook_report *bt_hook_report_of(const struct bt_hook_reports *reports,
					       const char *hook)
{
	unsigned int i;

	for (i = 0; i < reports->nr; i++)
		if (!strcmp(reports->all[i].hook, hook))
			return &reports->all[i];
	return NULL;
}
