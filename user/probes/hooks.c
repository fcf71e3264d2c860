// SPDX-License-Identifier: GPL-2.0-only
#include "probes/hooks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hook_names.h"

#define TRACEPOINT_PREFIX "btf_trace_"
#define NAME_MAX_LEN	  128

const char *const bt_hook_modules[BT_HOOK_MODULES_NR] = { BT_BTF_MODULE, "raid1", "raid10",
							  "raid456" };

/* What comes after the slash in "fentry/NAME", "fexit/NAME", "tp_btf/NAME". */
static const char *hook_name(const char *section, bool *tracepoint)
{
	const char *slash = strchr(section, '/');

	if (!slash)
		return NULL;
	*tracepoint = !strncmp(section, "tp_btf/", 7);
	if (!*tracepoint && strncmp(section, "fentry/", 7) && strncmp(section, "fexit/", 6))
		return NULL;
	return slash + 1;
}

static unsigned int count_programs(struct bpf_object *object)
{
	struct bpf_program *program;
	unsigned int nr = 0;

	bpf_object__for_each_program(program, object) nr++;
	return nr;
}

/* A function or tracepoint that a program could sit on. */
struct candidate {
	struct bt_hook *hook;
	const char *function;
	char type_name[NAME_MAX_LEN]; /* in BTF */
};

/* All there are; queries[i] is about all[i]. */
struct candidates {
	struct candidate *all;
	struct bt_btf_query *queries;
	unsigned int nr;
};

static int candidates_init(struct candidates *candidates, unsigned int programs)
{
	const size_t max = (size_t)programs * (1 + BT_HOOK_OTHER_NAMES_MAX) + 2;

	candidates->all = calloc(max, sizeof(*candidates->all));
	candidates->queries = calloc(max, sizeof(*candidates->queries));
	candidates->nr = 0;
	return candidates->all && candidates->queries ? 0 : -ENOMEM;
}

static void candidates_free(struct candidates *candidates)
{
	free(candidates->all);
	free(candidates->queries);
}

static void add_candidate(struct candidates *candidates, struct bt_hook *hook, const char *function)
{
	struct candidate *candidate = &candidates->all[candidates->nr];
	struct bt_btf_query *query = &candidates->queries[candidates->nr++];

	candidate->hook = hook;
	candidate->function = function;
	snprintf(candidate->type_name, sizeof(candidate->type_name), "%s%s",
		 hook->tracepoint ? TRACEPOINT_PREFIX : "", function);
	query->name = candidate->type_name;
	query->kinds = 1u << (hook->tracepoint ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
}

/* What each program is written for comes before the other names of that. */
static void collect(struct bt_hooks *hooks, struct candidates *candidates,
		    struct bpf_object *object)
{
	struct bpf_program *program;
	const char *function, *other;
	struct bt_hook *hook;
	unsigned int n;

	bpf_object__for_each_program(program, object)
	{
		hook = &hooks->all[hooks->nr];
		function = hook_name(bpf_program__section_name(program), &hook->tracepoint);
		if (!function)
			continue;
		hooks->nr++;
		hook->variable = bt_program_reads_variable(program);
		hook->name = hook->variable ? BT_HOOK_IRQS : bt_hook_of_function(function);
		hook->program = program;
		hook->written_for = function;
		add_candidate(candidates, hook, function);
		for (n = 0; (other = bt_hook_other_name(function, n)); n++)
			add_candidate(candidates, hook, other);
	}
}

/* Takes over what has been found since the last time; a hook keeps what it has. */
static void take_answers(const struct candidates *candidates, const char *module)
{
	const struct bt_btf_query *query;
	struct bt_hook *hook;
	unsigned int i;

	for (i = 0; i < candidates->nr; i++) {
		query = &candidates->queries[i];
		hook = candidates->all[i].hook;
		if (hook->btf_id || !query->id)
			continue;
		hook->btf_id = query->id;
		hook->function = candidates->all[i].function;
		hook->module = query->in_module ? module : NULL;
	}
}

static void leave_out(struct bt_hook *hook)
{
	hook->btf_id = 0;
	hook->function = NULL;
	hook->module = NULL;
}

static void take_variable(struct bt_hooks *hooks, const struct bt_btf_query *variable)
{
	struct bt_hook *hook;
	unsigned int i;

	for (i = 0; i < hooks->nr; i++) {
		hook = &hooks->all[i];
		if (!hook->variable)
			continue;
		hook->variable_id = variable->in_module ? 0 : variable->id;
		if (!hook->variable_id)
			leave_out(hook);
	}
}

/* The walk that finds the functions finds the variable, too. */
static int look_up(struct bt_hooks *hooks, const struct candidates *candidates,
		   const struct bt_kernel_btf *btf)
{
	struct bt_btf_query *variable = &candidates->queries[candidates->nr];
	unsigned int i;
	int err;

	*variable = (struct bt_btf_query){ .name = BT_HOOK_IRQS, .kinds = 1u << BTF_KIND_VAR };
	err = bt_kernel_btf_find(btf, candidates->queries, candidates->nr + 1);
	if (!err)
		take_answers(candidates, BT_BTF_MODULE);
	/* md_mod is answered for; bt_hook_modules[0] is that. */
	for (i = 1; i < BT_HOOK_MODULES_NR && !err; i++) {
		err = bt_kernel_btf_find_in(btf, BT_BTF_DIR, bt_hook_modules[i],
					    candidates->queries, candidates->nr);
		if (!err)
			take_answers(candidates, bt_hook_modules[i]);
	}
	if (!err)
		take_variable(hooks, variable);
	return err;
}

static bool stands_in(const struct bt_hook *hook)
{
	return !hook->variable && strcmp(hook->written_for, hook->name) != 0;
}

static bool has_its_own(const struct bt_hooks *hooks, const char *name)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++)
		if (!stands_in(&hooks->all[i]) && hooks->all[i].btf_id &&
		    !strcmp(hooks->all[i].name, name))
			return true;
	return false;
}

/* A kernel that had both would tell everything twice. */
static void drop_stand_ins(struct bt_hooks *hooks)
{
	struct bt_hook *hook;
	unsigned int i;

	for (i = 0; i < hooks->nr; i++) {
		hook = &hooks->all[i];
		if (stands_in(hook) && has_its_own(hooks, hook->name))
			leave_out(hook);
	}
}

int bt_hooks_find(struct bt_hooks *hooks, struct bpf_object *object,
		  const struct bt_kernel_btf *btf)
{
	unsigned int nr = count_programs(object);
	struct bt_hooks new = { .all = calloc(nr + 1, sizeof(*new.all)) };
	struct candidates candidates;
	int err = candidates_init(&candidates, nr);

	if (!err && !new.all)
		err = -ENOMEM;
	if (!err) {
		collect(&new, &candidates, object);
		err = look_up(&new, &candidates, btf);
	}
	candidates_free(&candidates);
	if (err) {
		bt_hooks_free(&new);
		return err;
	}
	drop_stand_ins(&new);
	*hooks = new;
	return 0;
}

void bt_hooks_free(struct bt_hooks *hooks)
{
	free(hooks->all);
	memset(hooks, 0, sizeof(*hooks));
}

const struct bt_hook *bt_hooks_of(const struct bt_hooks *hooks, const struct bpf_program *program)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++)
		if (hooks->all[i].program == program)
			return &hooks->all[i];
	return NULL;
}

bool bt_hooks_repeated(const struct bt_hooks *hooks, unsigned int i)
{
	unsigned int j;

	for (j = 0; j < i; j++)
		if (!strcmp(hooks->all[j].name, hooks->all[i].name))
			return true;
	return false;
}

const struct bt_hook *bt_hooks_found(const struct bt_hooks *hooks, const char *name)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++)
		if (hooks->all[i].btf_id && !strcmp(hooks->all[i].name, name))
			return &hooks->all[i];
	return NULL;
}

static bool is_missing(const struct bt_hooks *hooks, const char *name)
{
	const struct bt_hook *found = bt_hooks_found(hooks, name);

	return !found || found->bypassed;
}

void bt_hooks_missing(const struct bt_hooks *hooks, struct bt_trace_info *info)
{
	unsigned int i;

	info->hooks_missing_nr = 0;
	for (i = 0; i < hooks->nr; i++) {
		if (bt_hooks_repeated(hooks, i) || !is_missing(hooks, hooks->all[i].name))
			continue;
		if (info->hooks_missing_nr == BT_HOOKS_MISSING_MAX) {
			info->more_missing = true;
			return;
		}
		snprintf(info->hooks_missing[info->hooks_missing_nr++],
			 sizeof(info->hooks_missing[0]), "%s", hooks->all[i].name);
	}
}
