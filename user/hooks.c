// SPDX-License-Identifier: GPL-2.0-only
#include "hooks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void collect(struct bt_hooks *hooks, struct bpf_object *object)
{
	struct bpf_program *program;
	struct bt_hook *hook;

	bpf_object__for_each_program(program, object)
	{
		hook = &hooks->all[hooks->nr];
		hook->name = hook_name(bpf_program__section_name(program), &hook->tracepoint);
		hook->program = program;
		if (hook->name)
			hooks->nr++;
	}
}

/* Takes over what has been found since the last time. */
static void take_answers(struct bt_hooks *hooks, const struct bt_btf_query *queries,
			 const char *module)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++) {
		if (hooks->all[i].btf_id || !queries[i].id)
			continue;
		hooks->all[i].btf_id = queries[i].id;
		hooks->all[i].module = queries[i].in_module ? module : NULL;
	}
}

/* names: room for the tracepoints' type names, one each. */
static int look_up(struct bt_hooks *hooks, const struct bt_kernel_btf *btf,
		   char (*names)[NAME_MAX_LEN], struct bt_btf_query *queries)
{
	struct bt_hook *hook;
	unsigned int i;
	int err;

	for (i = 0; i < hooks->nr; i++) {
		hook = &hooks->all[i];
		snprintf(names[i], NAME_MAX_LEN, "%s%s", hook->tracepoint ? TRACEPOINT_PREFIX : "",
			 hook->name);
		queries[i].name = names[i];
		queries[i].kinds = 1u << (hook->tracepoint ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
	}
	err = bt_kernel_btf_find(btf, queries, hooks->nr);
	if (!err)
		take_answers(hooks, queries, BT_BTF_MODULE);
	/* md_mod is answered for; bt_hook_modules[0] is that. */
	for (i = 1; i < BT_HOOK_MODULES_NR && !err; i++) {
		err = bt_kernel_btf_find_in(btf, BT_BTF_DIR, bt_hook_modules[i], queries,
					    hooks->nr);
		if (!err)
			take_answers(hooks, queries, bt_hook_modules[i]);
	}
	return err;
}

int bt_hooks_find(struct bt_hooks *hooks, struct bpf_object *object,
		  const struct bt_kernel_btf *btf)
{
	unsigned int nr = count_programs(object);
	struct bt_hooks new = { .all = calloc(nr + 1, sizeof(*new.all)) };
	char(*names)[NAME_MAX_LEN] = calloc(nr + 1, sizeof(*names));
	struct bt_btf_query *queries = calloc(nr + 1, sizeof(*queries));
	int err = -ENOMEM;

	if (new.all && names &&queries) {
		collect(&new, object);
		err = look_up(&new, btf, names, queries);
	}
	free(queries);
	free(names);
	if (err)
		bt_hooks_free(&new);
	else
		*hooks = new;
	return err;
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

void bt_hooks_missing(const struct bt_hooks *hooks, struct bt_trace_info *info)
{
	const unsigned int max = sizeof(info->hooks_missing) / sizeof(info->hooks_missing[0]);
	unsigned int i;

	info->hooks_missing_nr = 0;
	for (i = 0; i < hooks->nr && info->hooks_missing_nr < max; i++) {
		if (hooks->all[i].btf_id || bt_hooks_repeated(hooks, i))
			continue;
		snprintf(info->hooks_missing[info->hooks_missing_nr++],
			 sizeof(info->hooks_missing[0]), "%s", hooks->all[i].name);
	}
}
