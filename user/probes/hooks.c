// SPDX-License-Identifier: GPL-2.0-only
/* The programs of an object, and the functions of the kernel that match them. */
#include "probes/hooks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/signature.h"

#define TRACEPOINT_PREFIX "btf_trace_"
#define NAME_MAX_LEN	  128

/* ---- programs ----------------------------------------------------------------- */

static unsigned int add_programs(struct bt_hooks *hooks, struct bt_hook *hook,
				 struct bpf_object *object, const struct bt_hook_variant *variant)
{
	const struct bt_probe *probe = variant->probes;
	struct bpf_program *program;
	unsigned int i, nr = 0;

	for (i = 0; i < BT_VARIANT_PROBES && probe[i].program; i++) {
		program = bpf_object__find_program_by_name(object, probe[i].program);
		if (!program)
			continue;
		hooks->programs[hooks->programs_nr++] = (struct bt_program){
			.program = program, .probe = &probe[i], .hook = hook, .variant = variant
		};
		nr++;
	}
	return nr;
}

/* A hook of another architecture is listed without programs: it is missing. */
static void add_hook(struct bt_hooks *hooks, struct bpf_object *object,
		     const struct bt_hook_row *row)
{
	struct bt_hook *hook = &hooks->all[hooks->nr];
	unsigned int variant, programs = 0;

	for (variant = 0; variant < BT_HOOK_VARIANTS; variant++) {
		hook->sites[variant].programs =
			add_programs(hooks, hook, object, &row->variants[variant]);
		programs += hook->sites[variant].programs;
	}
	if (!programs && !row->arch)
		return;
	hook->row = row;
	hooks->nr++;
}

static int add_hooks(struct bt_hooks *hooks, struct bpf_object *object)
{
	const size_t programs = (size_t)bt_hook_table_nr * BT_HOOK_VARIANTS * BT_VARIANT_PROBES;
	unsigned int i;

	hooks->all = calloc(bt_hook_table_nr, sizeof(*hooks->all));
	hooks->programs = calloc(programs, sizeof(*hooks->programs));
	if (!hooks->all || !hooks->programs)
		return -ENOMEM;
	for (i = 0; i < bt_hook_table_nr; i++)
		add_hook(hooks, object, &bt_hook_table[i]);
	return 0;
}

/* ---- functions ---------------------------------------------------------------- */

/* A function that a hook could attach to. */
struct candidate {
	struct bt_hook *hook;
	unsigned int variant;
	const char *function;
	bool taken;		      /* its answer is used */
	char type_name[NAME_MAX_LEN]; /* in BTF */
};

/* queries[i] belongs to all[i]; those from nr on belong to the hooks' variables. */
struct candidates {
	struct candidate *all;
	struct bt_btf_query *queries;
	unsigned int nr, variables;
};

static int candidates_init(struct candidates *candidates, unsigned int hooks)
{
	const size_t max = (size_t)hooks * (BT_HOOK_VARIANTS * BT_VARIANT_NAMES + 1) + 1;

	*candidates = (struct candidates){ .all = calloc(max, sizeof(*candidates->all)),
					   .queries = calloc(max, sizeof(*candidates->queries)) };
	return candidates->all && candidates->queries ? 0 : -ENOMEM;
}

static void candidates_free(struct candidates *candidates)
{
	free(candidates->all);
	free(candidates->queries);
}

static void add_candidate(struct candidates *candidates, struct bt_hook *hook, unsigned int variant,
			  const char *function)
{
	struct candidate *candidate = &candidates->all[candidates->nr];
	struct bt_btf_query *query = &candidates->queries[candidates->nr++];

	*candidate = (struct candidate){ .hook = hook, .variant = variant, .function = function };
	snprintf(candidate->type_name, sizeof(candidate->type_name), "%s%s",
		 hook->row->tracepoint ? TRACEPOINT_PREFIX : "", function);
	query->name = candidate->type_name;
	query->kinds = 1u << (hook->row->tracepoint ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
}

static void collect(struct candidates *candidates, const struct bt_hooks *hooks)
{
	const struct bt_hook_variant *variant;
	struct bt_hook *hook;
	unsigned int i, v, n;

	for (i = 0; i < hooks->nr; i++) {
		hook = &hooks->all[i];
		for (v = 0; v < BT_HOOK_VARIANTS; v++) {
			variant = &hook->row->variants[v];
			for (n = 0; n < BT_VARIANT_NAMES && hook->sites[v].programs; n++)
				if (variant->names[n])
					add_candidate(candidates, hook, v, variant->names[n]);
		}
	}
	for (i = 0; i < hooks->nr; i++)
		if (hooks->all[i].row->variable)
			candidates->queries[candidates->nr + candidates->variables++] =
				(struct bt_btf_query){ .name = hooks->all[i].row->variable,
						       .kinds = 1u << BTF_KIND_VAR };
}

/*
 * The first name that matches is the function; of those with another signature, the last is
 * kept for the message.
 */
static void take_answer(struct candidate *candidate, const struct btf *btf, uint32_t id,
			const char *module)
{
	const struct bt_hook_variant *variant = &candidate->hook->row->variants[candidate->variant];
	struct bt_site *site = &candidate->hook->sites[candidate->variant];

	if (site->btf_id)
		return;
	site->function = candidate->function;
	site->module = module;
	if (bt_signature_fits(btf, id, variant->takes)) {
		site->btf_id = id;
		site->takes[0] = '\0';
	} else {
		bt_signature_print(btf, id, site->takes, sizeof(site->takes));
	}
}

/* Handles the answers found since the last call. */
static void take_answers(struct candidates *candidates, const struct btf *btf, const char *module)
{
	const struct bt_btf_query *query;
	unsigned int i;

	for (i = 0; i < candidates->nr; i++) {
		query = &candidates->queries[i];
		if (!query->id || candidates->all[i].taken)
			continue;
		candidates->all[i].taken = true;
		take_answer(&candidates->all[i], btf, query->id, query->in_module ? module : NULL);
	}
}

/* Programs that read a variable that the kernel lacks cannot be loaded. */
static void take_variables(struct bt_hooks *hooks, const struct candidates *candidates)
{
	const struct bt_btf_query *query = &candidates->queries[candidates->nr];
	unsigned int i, v;

	for (i = 0; i < hooks->nr; i++) {
		if (!hooks->all[i].row->variable)
			continue;
		for (v = 0; v < BT_HOOK_VARIANTS && (!query->id || query->in_module); v++)
			hooks->all[i].sites[v].btf_id = 0;
		query++;
	}
}

static int look_up_in(struct candidates *candidates, const struct bt_kernel_btf *btf,
		      const char *dir, const char *module)
{
	struct btf *opened;
	int err = bt_kernel_btf_module(btf, dir, module, &opened);

	if (err || !opened)
		return err;
	err = bt_kernel_btf_find_in(btf, opened, candidates->queries, candidates->nr);
	if (!err)
		take_answers(candidates, opened, module);
	btf__free(opened);
	return err;
}

static int look_up(struct bt_hooks *hooks, struct candidates *candidates,
		   const struct bt_kernel_btf *btf, const char *dir)
{
	unsigned int i;
	int err;

	err = bt_kernel_btf_find(btf, candidates->queries, candidates->nr + candidates->variables);
	if (!err)
		take_answers(candidates, btf->module ? btf->module : btf->vmlinux, BT_BTF_MODULE);
	for (i = 0; i < BT_BTF_PERSONALITIES_NR && !err; i++)
		err = look_up_in(candidates, btf, dir, bt_btf_personalities[i]);
	if (!err)
		take_variables(hooks, candidates);
	return err;
}

int bt_hooks_find(struct bt_hooks *hooks, struct bpf_object *object,
		  const struct bt_kernel_btf *btf, const char *dir)
{
	struct candidates candidates = { 0 };
	struct bt_hooks new = { 0 };
	int err = add_hooks(&new, object);

	if (!err)
		err = candidates_init(&candidates, new.nr);
	if (!err) {
		collect(&candidates, &new);
		err = look_up(&new, &candidates, btf, dir);
	}
	candidates_free(&candidates);
	if (err)
		bt_hooks_free(&new);
	else
		*hooks = new;
	return err;
}

void bt_hooks_free(struct bt_hooks *hooks)
{
	free(hooks->all);
	free(hooks->programs);
	memset(hooks, 0, sizeof(*hooks));
}

void bt_hooks_bind(struct bt_hooks *hooks, struct bpf_object *object)
{
	unsigned int i;

	for (i = 0; i < hooks->programs_nr; i++)
		hooks->programs[i].program =
			bpf_object__find_program_by_name(object, hooks->programs[i].probe->program);
}

/* ---- queries ---------------------------------------------------------------- */

struct bt_program *bt_hooks_program(const struct bt_hooks *hooks, const struct bpf_program *program)
{
	unsigned int i;

	for (i = 0; i < hooks->programs_nr; i++)
		if (hooks->programs[i].program == program)
			return &hooks->programs[i];
	return NULL;
}

bool bt_program_wanted(const struct bt_program *program)
{
	return program->hook->variant == program->variant && !program->left_out;
}

const struct bt_hook *bt_hooks_of(const struct bt_hooks *hooks, const char *name)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++)
		if (!strcmp(hooks->all[i].row->name, name))
			return &hooks->all[i];
	return NULL;
}

void bt_hooks_leave_out(struct bt_hooks *hooks, enum bt_capability capability, const char *why)
{
	const enum bt_capability *gives;
	unsigned int i;

	for (i = 0; i < hooks->programs_nr; i++) {
		gives = hooks->programs[i].probe->gives;
		if (gives[0] == capability && gives[1] == BT_SEES_END)
			hooks->programs[i].left_out = why;
	}
}

/* ---- what is missing ----------------------------------------------------------- */

static void why_not(const struct bt_hook *hook, char *why, size_t len)
{
	const char *state = bt_hook_state_name(hook->state);

	/* "absent" says no more than "no hook". */
	if (hook->state == BT_HOOK_ABSENT)
		snprintf(why, len, "no hook on %s", hook->row->name);
	else if (hook->state == BT_HOOK_REFUSED)
		snprintf(why, len, "no hook on %s (%s: %.70s)", hook->row->name, state, hook->why);
	else
		snprintf(why, len, "no hook on %s (%s)", hook->row->name, state);
}

static void add_missing(struct bt_missing *missing, const struct bt_probe *probe, const char *why)
{
	unsigned int i;

	for (i = 0; i < BT_PROBE_CAPABILITIES && probe->gives[i] != BT_SEES_END; i++)
		bt_missing_add(missing, probe->gives[i], why);
}

static void hook_missing(const struct bt_hook *hook, struct bt_missing *missing)
{
	char why[BT_MISSING_WHY_LEN];
	unsigned int v, i;

	why_not(hook, why, sizeof(why));
	for (v = 0; v < BT_HOOK_VARIANTS; v++)
		for (i = 0; i < BT_VARIANT_PROBES; i++)
			add_missing(missing, &hook->row->variants[v].probes[i], why);
}

static void no_program_missing(const struct bt_hooks *hooks, struct bt_missing *missing)
{
	bool given[BT_CAPABILITIES] = { false };
	unsigned int i, n;

	for (i = 0; i < hooks->programs_nr; i++)
		for (n = 0; n < BT_PROBE_CAPABILITIES; n++)
			given[hooks->programs[i].probe->gives[n]] = true;
	for (i = BT_SEES_END + 1; i < BT_CAPABILITIES; i++)
		if (!given[i])
			bt_missing_add(missing, (enum bt_capability)i, "no probe for it");
}

void bt_hooks_missing(const struct bt_hooks *hooks, struct bt_missing *missing)
{
	unsigned int i;

	/* The kernel may lack a hook that is left out; that does not matter. */
	for (i = 0; i < hooks->programs_nr; i++)
		if (hooks->programs[i].left_out)
			add_missing(missing, hooks->programs[i].probe, hooks->programs[i].left_out);
	for (i = 0; i < hooks->nr; i++)
		if (!hooks->all[i].variant || !hooks->all[i].sees_all)
			hook_missing(&hooks->all[i], missing);
	no_program_missing(hooks, missing);
}
