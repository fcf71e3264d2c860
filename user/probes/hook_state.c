// SPDX-License-Identifier: GPL-2.0-only
/* Chooses the variant of a hook, and describes what this kernel has of its function. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/hooks.h"

const char *bt_hook_state_name(enum bt_hook_state state)
{
	static const char *const names[] = { "whole",  "split",	  "inlined",
					     "absent", "changed", "refused" };

	return names[state];
}

/* ---- symbols ---------------------------------------------------------------- */

static bool listed(const char *const *names, unsigned int nr, const char *name)
{
	while (nr--)
		if (!strcmp(names[nr], name))
			return true;
	return false;
}

int bt_hooks_symbols(struct bt_kallsyms *symbols, const struct bt_hooks *hooks, const char *path)
{
	const size_t max = (size_t)hooks->nr * BT_HOOK_VARIANTS * BT_VARIANT_NAMES + 1;
	const char **names = calloc(max, sizeof(*names)), *variable = NULL, *name;
	const struct bt_hook_row *row;
	unsigned int i, v, n, nr = 0;
	int err;

	if (!names)
		return -ENOMEM;
	for (i = 0; i < hooks->nr; i++) {
		row = hooks->all[i].row;
		if (row->variable)
			variable = row->variable;
		for (v = 0; v < BT_HOOK_VARIANTS && !row->tracepoint; v++)
			for (n = 0; n < BT_VARIANT_NAMES; n++) {
				name = row->variants[v].names[n];
				if (name && !listed(names, nr, name))
					names[nr++] = name;
			}
	}
	err = bt_kallsyms_read(symbols, path, names, variable);
	free(names);
	return err;
}

/* State of one variant. */
struct finding {
	enum bt_hook_state state;
	bool attachable;
	bool sees_all;
	bool plain; /* the function itself has a symbol */
	char copies[160];
	char why[160];
};

static void add_copy(struct finding *finding, const char *name)
{
	size_t used = strlen(finding->copies);

	if (!strstr(finding->copies, name))
		snprintf(finding->copies + used, sizeof(finding->copies) - used, "%s%s",
			 used ? ", " : "", name);
}

/* module: where it must be; NULL: anywhere, "": vmlinux */
static void look_for(struct finding *finding, const struct bt_kallsyms *symbols, const char *module,
		     const char *name)
{
	const struct bt_ksym *symbol;
	unsigned int i;

	for (i = 0; i < symbols->nr; i++) {
		symbol = &symbols->all[i];
		if (module && strcmp(symbol->module, module))
			continue;
		if (bt_ksym_is(symbol, name))
			finding->plain = true;
		else if (bt_ksym_is_copy(symbol, name))
			add_copy(finding, symbol->name);
	}
}

static void look_for_all(struct finding *finding, const struct bt_hook_variant *variant,
			 const struct bt_site *site, const struct bt_kallsyms *symbols)
{
	unsigned int n;

	if (site->btf_id) {
		look_for(finding, symbols, site->module ? site->module : "", site->function);
		return;
	}
	for (n = 0; n < BT_VARIANT_NAMES && variant->names[n]; n++)
		look_for(finding, symbols, NULL, variant->names[n]);
}

/* ---- states ----------------------------------------------------------------- */

static bool is_loaded(const char *module_dir, const char *module)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", module_dir, module);
	return !access(path, F_OK);
}

__attribute__((format(printf, 3, 4))) static void
conclude(struct finding *finding, enum bt_hook_state state, const char *format, ...)
{
	va_list args;

	finding->state = state;
	va_start(args, format);
	vsnprintf(finding->why, sizeof(finding->why), format, args);
	va_end(args);
}

static void conclude_split(struct finding *finding, enum bt_copies copies)
{
	static const char *const words[] = {
		[BT_COPIES_HARMLESS] = "it has no callers in its own file, so none calls the copy",
		[BT_COPIES_UNJUDGED] =
			"calls from its own file may go to the copy, and are not judged",
		[BT_COPIES_TOLD] =
			"calls from its own file may go to the copy, and other hooks see them",
		[BT_COPIES_MISLEAD] = "calls from its own file may go to the copy unseen",
	};

	conclude(finding, BT_HOOK_SPLIT, "%s", words[copies]);
	finding->sees_all = copies != BT_COPIES_MISLEAD;
}

static void conclude_gone(struct finding *finding, enum bt_hook_state state, const char *why)
{
	conclude(finding, state, "%s", why);
	finding->sees_all = finding->attachable = false;
}

/* It has BTF; a probe also needs the address, that is, a symbol. */
static void judge_found(struct finding *finding, const struct bt_hook_row *row,
			const struct bt_hook_variant *variant, const struct bt_kallsyms *symbols)
{
	finding->sees_all = finding->attachable = true;
	if (row->tracepoint)
		return;
	if (!symbols)
		conclude(finding, BT_HOOK_WHOLE, "without symbols copies cannot be detected");
	else if (finding->plain && finding->copies[0])
		conclude_split(finding, variant->copies);
	else if (!finding->plain)
		conclude_gone(finding, finding->copies[0] ? BT_HOOK_SPLIT : BT_HOOK_INLINED,
			      "it has BTF, but no symbol to attach to");
	else if (row->variable && !symbols->has_variable)
		conclude_gone(finding, BT_HOOK_ABSENT,
			      "the variable has BTF, but no symbol (CONFIG_KALLSYMS_ALL)");
}

static void judge_missing(struct finding *finding, const struct bt_hook_row *row,
			  const struct bt_hook_variant *variant, const struct bt_site *site,
			  const char *module_dir)
{
	if (site->function && row->variable && !site->takes[0])
		conclude(finding, BT_HOOK_ABSENT, "the kernel's BTF has no variable of this name");
	else if (site->takes[0])
		conclude(finding, BT_HOOK_CHANGED, "%s(%s) here, expected (%s)", site->function,
			 site->takes, variant->takes);
	else if (finding->plain)
		conclude(finding, BT_HOOK_ABSENT,
			 "the function is there, but the kernel has no BTF of it; was its module "
			 "built without?");
	else if (finding->copies[0])
		conclude(finding, BT_HOOK_SPLIT, "only copies of it exist, which have no BTF");
	else if (row->module && strcmp(row->module, BT_BTF_MODULE) &&
		 !is_loaded(module_dir, row->module))
		conclude(finding, BT_HOOK_ABSENT, "%s is not loaded", row->module);
	else if (row->absent)
		conclude(finding, BT_HOOK_ABSENT, "%s", row->absent);
	else if (variant->inlinable)
		conclude(finding, BT_HOOK_INLINED,
			 "neither symbol nor BTF: inlined into its callers or removed; these "
			 "cannot be distinguished");
	else
		conclude(finding, BT_HOOK_ABSENT, "none of its known names is in this kernel");
}

static void judge(struct finding *finding, const struct bt_hook *hook, unsigned int nth,
		  const struct bt_kallsyms *symbols, const char *module_dir)
{
	const struct bt_hook_variant *variant = &hook->row->variants[nth];
	const struct bt_site *site = &hook->sites[nth];

	memset(finding, 0, sizeof(*finding));
	if (symbols)
		look_for_all(finding, variant, site, symbols);
	if (site->btf_id)
		judge_found(finding, hook->row, variant, symbols);
	else
		judge_missing(finding, hook->row, variant, site, module_dir);
}

/* ---- the choice ---------------------------------------------------------------- */

/* Order of preference: sees all calls, then can be attached, then explains most if it cannot. */
static int rank(const struct finding *finding)
{
	if (finding->attachable)
		return finding->sees_all ? 4 : 3;
	return finding->state == BT_HOOK_CHANGED ? 2 : finding->copies[0] != '\0';
}

static void take_finding(struct bt_hook *hook, unsigned int nth, const struct finding *finding)
{
	hook->state = finding->state;
	hook->sees_all = finding->sees_all;
	memcpy(hook->copies, finding->copies, sizeof(hook->copies));
	snprintf(hook->why, sizeof(hook->why), "%s", finding->why);
	hook->variant = finding->attachable ? &hook->row->variants[nth] : NULL;
	hook->site = finding->attachable ? &hook->sites[nth] : NULL;
}

/* Which function it replaces, and which calls that leaves out. */
static void tell_stand_in(struct bt_hook *hook, const struct finding *first)
{
	hook->copies[0] = '\0';
	snprintf(hook->why, sizeof(hook->why), "stands in for %s (%s%s%s): %s", hook->row->name,
		 bt_hook_state_name(first->state), first->copies[0] ? ": " : "", first->copies,
		 hook->variant->stands_in);
}

static void not_built(struct bt_hook *hook)
{
	hook->state = BT_HOOK_ABSENT;
	hook->variant = NULL;
	hook->site = NULL;
	hook->sees_all = false;
	snprintf(hook->why, sizeof(hook->why), "only on %s: these programs were not built",
		 hook->row->arch);
}

static void choose(struct bt_hook *hook, const struct bt_kallsyms *symbols, const char *module_dir)
{
	struct finding findings[BT_HOOK_VARIANTS];
	unsigned int i, first = BT_HOOK_VARIANTS, best = 0;

	for (i = 0; i < BT_HOOK_VARIANTS; i++) {
		if (!hook->sites[i].programs)
			continue;
		judge(&findings[i], hook, i, symbols, module_dir);
		if (first == BT_HOOK_VARIANTS)
			first = best = i;
		else if (rank(&findings[i]) > rank(&findings[best]))
			best = i;
	}
	if (first == BT_HOOK_VARIANTS) {
		not_built(hook);
		return;
	}
	take_finding(hook, best, &findings[best]);
	if (hook->variant && hook->variant->stands_in)
		tell_stand_in(hook, &findings[first]);
}

void bt_hooks_choose(struct bt_hooks *hooks, const struct bt_kallsyms *symbols,
		     const char *module_dir)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++)
		choose(&hooks->all[i], symbols, module_dir);
}

void bt_hooks_refuse(struct bt_hook *hook, const char *why)
{
	hook->state = BT_HOOK_REFUSED;
	hook->variant = NULL;
	hook->site = NULL;
	hook->sees_all = false;
	hook->copies[0] = '\0';
	snprintf(hook->why, sizeof(hook->why), "%s", why);
}

void bt_hooks_refuse_all(struct bt_hooks *hooks, const char *why)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++)
		bt_hooks_refuse(&hooks->all[i], why);
}
