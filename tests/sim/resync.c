// SPDX-License-Identifier: GPL-2.0-only
/* md_do_sync() and the personalities' sync_request: resync, and recovery of re-added members. */
#include "sim.h"

static bool recovering(const struct sim_array *md)
{
	unsigned int i;

	for (i = 0; i < md->members_nr; i++)
		if (!md->members[i].faulty && !md->members[i].in_sync)
			return true;
	return false;
}

/* Is a member missing that this recovery does not restore? */
static bool still_degraded(const struct sim_array *md)
{
	unsigned int i;

	for (i = 0; i < md->members_nr; i++)
		if (md->members[i].faulty)
			return true;
	return false;
}

static bool sync_write(struct sim_actor *me, struct sim_array *md, uint64_t chunk)
{
	SIM_BEGIN(me);
	f->n = sim_below(me->sim, md->members_nr);
	if (md->members[f->n].faulty)
		SIM_RETURN();
	SIM_WAIT((me->io = sim_io_new(me, md, SIM_IO_SYNC)) != NULL);
	me->io->leg = (uint16_t)f->n;
	me->io->dev = md->members[f->n].dev;
	me->io->chunk = chunk;
	me->io->sector = md->level == 10 ? 0 : chunk << md->chunk_shift;
	me->io->sectors = 8;
	md->recovery_active++;
	sim_tell_data(me, me->io, true);
	sim_io_submit(me->sim, me->io);
	SIM_END();
}

static bool one_chunk(struct sim_actor *me, struct sim_array *md, uint64_t chunk)
{
	SIM_BEGIN(me);
	if (!(md->counters[chunk] & (SIM_NEEDED | SIM_RESYNC)))
		SIM_RETURN();
	f->n = 1 +
	       (md->level == 5 ? sim_below(me->sim, 3) : 0); /* raid5 calls it for each stripe */
	for (f->i = 0; f->i < f->n; f->i++) {
		me->degraded = still_degraded(md);
		SIM_CALL(me, sim_start_sync(me, md, chunk, me->degraded, &f->flag));
		SIM_STEP();
		if (f->flag)
			SIM_CALL(me, sync_write(me, md, chunk));
	}
	SIM_WAIT(md->recovery_active < 4);
	SIM_END();
}

/* bitmap_cond_end_sync() */
static bool checkpoint(struct sim_actor *me, struct sim_array *md, uint64_t chunk)
{
	SIM_BEGIN(me);
	/* Emitted at entry, with slack; md may find that it is not due. */
	if (sim_one_in(me->sim, 4)) {
		sim_tell_sync(me, md, BT_END_SYNC, 0, chunk << md->chunk_shift, false);
		SIM_RETURN();
	}
	SIM_WAIT(md->recovery_active == 0);
	SIM_CALL(me, sim_end_sync(me, md, 0, chunk, false));
	md->sb_dirty = true;
	SIM_END();
}

static bool finish(struct sim_actor *me, struct sim_array *md)
{
	unsigned int i;

	SIM_BEGIN(me);
	SIM_WAIT(md->recovery_active == 0);
	if (me->chunk < md->chunks) /* aborted */
		SIM_CALL(me, sim_end_sync(me, md, me->chunk, 1, true));
	SIM_CALL(me, sim_end_sync(me, md, 0, md->chunks, false));
	SIM_STEP();
	if (me->chunk == md->chunks && !md->intr) {
		for (i = 0; i < md->members_nr; i++) {
			if (md->members[i].faulty || md->members[i].in_sync)
				continue;
			md->members[i].in_sync = true; /* spare_active() */
			md->degraded--;
		}
	}
	md->sb_dirty = true;
	SIM_END();
}

bool sim_sync_thread(struct sim_actor *me)
{
	struct sim_array *md = me->md;

	SIM_BEGIN(me);
	SIM_WAIT(md->up && md->recovery_needed && !md->frozen);
	md->recovery_needed = false;
	md->sync_running = true;
	md->intr = false;
	for (me->chunk = 0; me->chunk < md->chunks && !md->intr; me->chunk++) {
		SIM_CALL(me, one_chunk(me, md, me->chunk));
		if (me->chunk && md->counters[me->chunk] && sim_one_in(me->sim, 16))
			SIM_CALL(me, checkpoint(me, md, me->chunk));
	}
	SIM_CALL(me, finish(me, md));
	md->sync_running = false;
	md->recovery_needed = !md->frozen && recovering(md) && sim_one_in(me->sim, 2);
	SIM_END();
}
