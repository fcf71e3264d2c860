// SPDX-License-Identifier: GPL-2.0-only
#include "perturb/perturb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/place.h"
#include "live/session.h"
#include "skel/spin.skel.h"

struct bt_perturb {
	struct bt_session session;
	struct spin *skel;
	struct bt_perturb_plan plan;
	struct bt_hooks *hooks; /* while it is being loaded */
	struct bpf_link *entries[BT_PLACES * 4];
	unsigned int entries_nr;
};

/* ---- which programs ---------------------------------------------------------------- */

/* The places of each program that has one; bio_queue has two. */
static const struct {
	const char *program;
	enum bt_place place;
} programs[] = {
	{ "startwrite_exit", BT_PLACE_STARTWRITE_EXIT },
	{ "md_startwrite_exit", BT_PLACE_STARTWRITE_EXIT },
	{ "ll_start_write_exit", BT_PLACE_STARTWRITE_EXIT },
	{ "endwrite", BT_PLACE_ENDWRITE_ENTER },
	{ "md_endwrite", BT_PLACE_ENDWRITE_ENTER },
	{ "ll_end_write", BT_PLACE_ENDWRITE_ENTER },
	{ "set_bit", BT_PLACE_SET_BIT_ENTER },
	{ "set_bit_exit", BT_PLACE_SET_BIT_EXIT },
	{ "clear_bit", BT_PLACE_CLEAR_BIT_ENTER },
	{ "unplug", BT_PLACE_UNPLUG_ENTER },
	{ "ops_unplug", BT_PLACE_UNPLUG_ENTER },
	{ "ll_unplug", BT_PLACE_UNPLUG_ENTER },
	{ "unplug_exit", BT_PLACE_UNPLUG_EXIT },
	{ "ops_unplug_exit", BT_PLACE_UNPLUG_EXIT },
	{ "ll_unplug_exit", BT_PLACE_UNPLUG_EXIT },
	{ "unplug_work", BT_PLACE_WORK_ENTER },
	{ "md_unplug_work", BT_PLACE_WORK_ENTER },
	{ "ll_unplug_fn", BT_PLACE_WORK_ENTER },
	{ "unplug_work_exit", BT_PLACE_WORK_EXIT },
	{ "md_unplug_work_exit", BT_PLACE_WORK_EXIT },
	{ "ll_unplug_fn_exit", BT_PLACE_WORK_EXIT },
	{ "daemon_work", BT_PLACE_DAEMON_ENTER },
	{ "ll_daemon", BT_PLACE_DAEMON_ENTER },
	{ "daemon_work_exit", BT_PLACE_DAEMON_EXIT },
	{ "ll_daemon_exit", BT_PLACE_DAEMON_EXIT },
	{ "update_sb", BT_PLACE_UPDATE_SB_ENTER },
	{ "ll_update_sb", BT_PLACE_UPDATE_SB_ENTER },
	{ "update_sb_exit", BT_PLACE_UPDATE_SB_EXIT },
	{ "ll_update_sb_exit", BT_PLACE_UPDATE_SB_EXIT },
	{ "bio_queue", BT_PLACE_PAGE_WRITE_START },
	{ "bio_queue", BT_PLACE_DATA_START },
	{ "super_written", BT_PLACE_PAGE_WRITE_END },
	{ "end_bitmap_write", BT_PLACE_PAGE_WRITE_END },
	{ "end_bitmap_bio", BT_PLACE_PAGE_WRITE_END },
	{ "raid1_end_write", BT_PLACE_DATA_END },
	{ "raid10_end_write", BT_PLACE_DATA_END },
	{ "raid5_end_write", BT_PLACE_DATA_END },
	{ "ll_raise_barrier", BT_PLACE_BARRIER_ENTER },
	{ "ll_raise_barrier_exit", BT_PLACE_BARRIER_EXIT },
	{ "ll_state_machine", BT_PLACE_STATE_ENTER },
	{ "ll_state_machine_exit", BT_PLACE_STATE_EXIT },
	{ "ll_set_page_dirty_enter", BT_PLACE_MARK_ENTER },
	{ "ll_set_page_dirty", BT_PLACE_MARK_EXIT },
	{ "ll_infect_enter", BT_PLACE_INFECT_ENTER },
	{ "start_sync_exit", BT_PLACE_START_SYNC_EXIT },
	{ "md_start_sync_exit", BT_PLACE_START_SYNC_EXIT },
	{ "ll_start_sync", BT_PLACE_START_SYNC_EXIT },
	{ "end_sync", BT_PLACE_END_SYNC_ENTER },
	{ "md_end_sync", BT_PLACE_END_SYNC_ENTER },
	{ "ll_end_sync", BT_PLACE_END_SYNC_ENTER },
};

#define PROGRAMS_NR (sizeof(programs) / sizeof(programs[0]))

static bool perturb_needs(const struct bt_perturb_plan *plan, const char *program)
{
	unsigned int i;

	for (i = 0; i < PROGRAMS_NR; i++)
		if (!strcmp(programs[i].program, program) &&
		    (plan->slice_ms
			     ? !plan->places || plan->places >> programs[i].place & 1
			     : bt_perturb_chance(plan->seed, plan->places, programs[i].place)))
			return true;
	return false;
}

static bool perturb_is_entry(const struct bpf_program *program)
{
	return bpf_program__expected_attach_type(program) == BPF_TRACE_FENTRY;
}

/* ---- loading ------------------------------------------------------------------------ */

static struct bpf_object *open_object(void *ctx, const struct bpf_object_open_opts *opts)
{
	struct bt_perturb *perturb = ctx;

	perturb->skel = spin__open_opts(opts);
	return perturb->skel ? perturb->skel->obj : NULL;
}

static void leave_out(void *ctx, struct bt_hooks *hooks)
{
	struct bt_perturb *perturb = ctx;
	unsigned int i;

	perturb->hooks = hooks;
	for (i = 0; i < hooks->programs_nr; i++)
		if (!perturb_needs(&perturb->plan, hooks->programs[i].probe->program))
			hooks->programs[i].left_out = "the plan leaves its place alone";
}

static int set_up(void *ctx, const struct bt_kernel_btf *btf)
{
	const struct bt_perturb *perturb = ctx;
	const struct bt_perturb_plan *plan = &perturb->plan;

	(void)btf;
	perturb->skel->rodata->seed = plan->seed;
	perturb->skel->rodata->slice_ns = plan->slice_ms * UINT64_C(1000000);
	perturb->skel->rodata->places = plan->places;
	memcpy((void *)perturb->skel->rodata->ns_max, plan->ns_max, sizeof(plan->ns_max));
	return 0;
}

static int load(void *ctx)
{
	const struct bt_perturb *perturb = ctx;

	return spin__load(perturb->skel);
}

static void close_object(void *ctx)
{
	struct bt_perturb *perturb = ctx;
	unsigned int i;

	for (i = 0; i < perturb->entries_nr; i++)
		bpf_link__destroy(perturb->entries[i]);
	perturb->entries_nr = 0;
	spin__destroy(perturb->skel);
	perturb->skel = NULL;
}

static void warn_of_missing(const struct bt_perturb *perturb)
{
	const struct bt_hooks *hooks = perturb->hooks;
	bool there[BT_PLACES] = { false };
	unsigned int i, n;

	for (i = 0; i < hooks->programs_nr; i++)
		for (n = 0; n < PROGRAMS_NR && bt_program_wanted(&hooks->programs[i]); n++)
			if (!strcmp(programs[n].program, hooks->programs[i].probe->program))
				there[programs[n].place] = true;
	for (i = 0; i < BT_PLACES; i++)
		if (perturb->plan.places >> i & 1 && !there[i])
			fprintf(stderr, "bitmap-trace: --perturb: this kernel has no hook for %s\n",
				bt_place_name((enum bt_place)i));
}

/* Between load and attach: the entries are left to bt_perturb_enter. */
static int hold_back_entries(void *ctx)
{
	struct bt_perturb *perturb = ctx;
	struct bt_program *program;
	unsigned int i;

	warn_of_missing(perturb);
	for (i = 0; i < perturb->hooks->programs_nr; i++) {
		program = &perturb->hooks->programs[i];
		if (bt_program_wanted(program) && perturb_is_entry(program->program))
			program->left_out = "attached later";
	}
	perturb->hooks = NULL; /* it moves to the session */
	return 0;
}

int bt_perturb_open(const struct bt_perturb_plan *plan, bool verbose, struct bt_perturb **perturb)
{
	struct bt_perturb *new = calloc(1, sizeof(*new));
	const struct bt_loader_object object = { .open = open_object,
						 .leave_out = leave_out,
						 .set_up = set_up,
						 .load = load,
						 .close = close_object,
						 .ctx = new };
	int err;

	if (!new)
		return -ENOMEM;
	new->plan = *plan;
	err = bt_session_open(&new->session, &object, hold_back_entries, verbose);
	if (err)
		bt_perturb_close(new, false);
	else
		*perturb = new;
	return err;
}

int bt_perturb_enter(struct bt_perturb *perturb)
{
	struct bpf_program *program;
	struct bpf_link *link;

	bpf_object__for_each_program(program, perturb->skel->obj)
	{
		if (bpf_program__fd(program) < 0 || !perturb_is_entry(program))
			continue;
		link = bpf_program__attach_trace(program);
		if (!link)
			return bt_loader_fail(-errno, "cannot attach the programs of --perturb");
		perturb->entries[perturb->entries_nr++] = link;
	}
	return 0;
}

/* ---- running ------------------------------------------------------------------------- */

uint64_t bt_perturb_begin(struct bt_perturb *perturb)
{
	return perturb->skel->bss->begun_ns = bt_now_ns();
}

void bt_perturb_switch(struct bt_perturb *perturb, bool on)
{
	__atomic_store_n(&perturb->skel->bss->perturbing, on, __ATOMIC_SEQ_CST);
}

void bt_perturb_counts(const struct bt_perturb *perturb, struct bt_perturb_count counts[BT_PLACES])
{
	static_assert(sizeof(perturb->skel->bss->counts) ==
			      BT_PLACES * sizeof(struct bt_perturb_count),
		      "likewise");
	memcpy(counts, perturb->skel->bss->counts, sizeof(perturb->skel->bss->counts));
}

void bt_perturb_close(struct bt_perturb *perturb, bool behind)
{
	if (!perturb)
		return;
	if (perturb->skel)
		bt_perturb_switch(perturb, false);
	bt_session_close(&perturb->session, behind);
	free(perturb);
}
