// SPDX-License-Identifier: GPL-2.0-only
/* The array's own thread: raid1d, raid10d, raid5d; and md's superblocks. */
#include "sim.h"

static bool write_superblocks(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	for (f->i = 0; f->i < md->members_nr; f->i++) {
		if (md->members[f->i].faulty)
			continue;
		SIM_WAIT((me->io = sim_io_new(me, md, SIM_IO_SB)) != NULL);
		me->io->leg = (uint16_t)f->i;
		me->io->dev = md->members[f->i].dev;
		md->pending_writes++;
		sim_tell_super(me, me->io, true);
		sim_io_submit(me->sim, me->io);
		SIM_STEP();
	}
	SIM_END();
}

/* md_update_sb(), under reconfig_mutex */
bool sim_md_update_sb(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	md->sb_dirty = false;
	if (sim_one_in(me->sim, 8) && md->events > 2)
		md->events--; /* back to the last clean state */
	else
		md->events++;
	SIM_STEP();
	if (sim_mutate(me->sim, SIM_MUT_MD_SUPERBLOCK_FIRST))
		SIM_CALL(me, write_superblocks(me, md));
	SIM_CALL(me, sim_update_sb(me, md, true));
	f->n = md->failures;
	SIM_CALL(me, write_superblocks(me, md));
	SIM_WAIT(md->pending_writes == 0);
	md->recorded = f->n;
	SIM_END();
}

static bool take_parked(struct sim_array *md)
{
	unsigned int i;

	md->draining_nr = md->parked_nr;
	for (i = 0; i < md->parked_nr; i++)
		md->draining[i] = md->parked[i];
	md->parked_nr = 0;
	return md->draining_nr;
}

/* Stock md lets data be submitted before that (S6, S7). */
static bool record_failures(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	SIM_WAIT(!md->reconfig);
	md->reconfig = me;
	SIM_CALL(me, sim_md_update_sb(me, md));
	md->reconfig = NULL;
	SIM_END();
}

/* flush_pending_writes() */
static bool drain(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	if (!take_parked(md))
		SIM_RETURN();
	SIM_CALL(me, sim_unplug(me, md));
	while (!sim_may_send(me, md->draining, md->draining_nr))
		SIM_CALL(me, record_failures(me, md));
	for (f->i = 0; f->i < md->draining_nr; f->i++)
		SIM_CALL(me, sim_send(me, md->draining[f->i]));
	SIM_END();
}

bool sim_md_thread(struct sim_actor *me)
{
	struct sim_array *md = me->md;

	SIM_BEGIN(me);
	SIM_WAIT(md->up && sim_one_in(me->sim, 4));
	SIM_CALL(me, sim_daemon_work(me, md));
	SIM_STEP();
	if (md->up && !md->reconfig && (md->sb_dirty || sim_one_in(me->sim, md->sb_one_in))) {
		md->reconfig = me;
		SIM_CALL(me, sim_md_update_sb(me, md));
		md->reconfig = NULL;
	}
	SIM_CALL(me, drain(me, md));
	SIM_END();
}
