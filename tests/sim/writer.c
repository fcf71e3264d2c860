// SPDX-License-Identifier: GPL-2.0-only
/* Threads that write to an array, and their writes in flight to the members. */
#include "sim.h"

/* A few chunks are written again and again: some neighbours, some at the edge of a page. */
static uint64_t hot_chunk(struct sim_array *md)
{
	static const uint64_t spots[] = { 0, 1, 2, 7, 30718, 30719, 30720, 30721, 63487, 63488 };
	uint64_t chunk = spots[sim_below(md->sim, sizeof(spots) / sizeof(spots[0]))];

	if (md->pages_nr > 1 && sim_one_in(md->sim, 2))
		chunk = 30720 + sim_below(md->sim, 30);
	if (sim_one_in(md->sim, 16))
		chunk = sim_below(md->sim, md->chunks);
	return chunk < md->chunks ? chunk : sim_below(md->sim, 4) % md->chunks;
}

static struct sim_write *write_new(struct sim_array *md)
{
	unsigned int i;

	for (i = 0; i < SIM_WRITES_MAX; i++) {
		if (md->writes[i].busy)
			continue;
		md->writes[i] = (struct sim_write){ .md = md, .busy = true };
		md->active_io++;
		return &md->writes[i];
	}
	return NULL;
}

static void choose(struct sim_array *md, struct sim_write *write)
{
	uint64_t left;

	write->sector = hot_chunk(md) << md->chunk_shift;
	if (md->level == 5) { /* raid5_bitmap_sector(): whole rows */
		write->sector -= write->sector % md->chunk_sectors;
		write->sectors = md->chunk_sectors;
		return;
	}
	write->sector += sim_below(md->sim, UINT64_C(1) << md->chunk_shift) & ~UINT64_C(7);
	write->sectors = 8 + 8 * sim_below(md->sim, 4);
	if (write->sector >= md->sectors)
		write->sector = md->sectors - 8;
	if (write->sector + write->sectors > md->sectors)
		write->sectors = md->sectors - write->sector;
	left = md->level == 10 ? md->chunk_sectors - write->sector % md->chunk_sectors
			       : write->sectors;
	if (write->sectors > left)
		write->sectors = left;
	write->discard = md->level == 10 && sim_one_in(md->sim, 8);
}

static struct sim_io *leg_io(struct sim_actor *me, struct sim_write *write, unsigned int i)
{
	struct sim_io *io = sim_io_new(me, write->md, SIM_IO_DATA);

	if (!io)
		return NULL;
	io->write = write;
	io->leg = write->legs[i].disk;
	io->dev = write->md->members[io->leg].dev;
	io->sector = write->legs[i].sector;
	io->sectors = write->legs[i].sectors;
	return io;
}

/* Submits to the member; if it has failed meanwhile, the write ends at once. */
static bool send_leg(struct sim_actor *me, struct sim_write *write, unsigned int i)
{
	SIM_BEGIN(me);
	SIM_WAIT((me->io = leg_io(me, write, i)) != NULL);
	if (!write->md->members[me->io->leg].faulty) {
		sim_tell_data(me, me->io, true);
		sim_io_submit(me->sim, me->io);
		SIM_RETURN();
	}
	me->io->failed = true;
	if (write->md->level != 5)
		sim_tell_data(me, me->io, false);
	me->io->claimed = false;
	SIM_CALL(me, sim_write_done(me, write));
	SIM_END();
}

bool sim_send(struct sim_actor *me, struct sim_write *write)
{
	SIM_BEGIN(me);
	sim_place(write->md, write);
	write->remaining = write->legs_nr + 1;
	for (f->i = 0; f->i < write->legs_nr; f->i++) {
		SIM_STEP();
		SIM_CALL(me, send_leg(me, write, (unsigned int)f->i));
	}
	SIM_CALL(me, sim_write_done(me, write));
	SIM_END();
}

static bool count_off(struct sim_actor *me, struct sim_write *write)
{
	SIM_BEGIN(me);
	write->counted_off = true;
	SIM_CALL(me, sim_endwrite(me, write->md, write->sector, write->sectors));
	if (sim_mutate(me->sim, SIM_MUT_DOUBLE_ENDWRITE))
		SIM_CALL(me, sim_endwrite(me, write->md, write->sector, write->sectors));
	SIM_END();
}

/* One of its member writes has ended, or all are submitted. md_end_clone_io() after the last. */
bool sim_write_done(struct sim_actor *me, struct sim_write *write)
{
	SIM_BEGIN(me);
	if (write->remaining > 1 && !write->counted_off &&
	    sim_mutate(me->sim, SIM_MUT_WRITE_BEHIND))
		SIM_CALL(me, count_off(me, write));
	if (--write->remaining)
		SIM_RETURN();
	if (!write->counted_off && !sim_mutate(me->sim, SIM_MUT_LOST_ENDWRITE))
		SIM_CALL(me, count_off(me, write));
	write->busy = false;
	write->md->active_io--;
	SIM_END();
}

/* ---- the submitters -------------------------------------------------------------- */

static bool begin(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	choose(md, me->plug[me->plug_nr - 1]);
	SIM_CALL(me, sim_startwrite(me, md, me->plug[me->plug_nr - 1]->sector,
				    me->plug[me->plug_nr - 1]->sectors));
	SIM_END();
}

/* Are its bits on all copies that count? After an unplug, unless it may have had a failure. */
static bool is_whole(const struct sim_write *write, bool unplugged)
{
	struct sim_array *md = write->md;
	uint64_t chunk, last = (write->sector + write->sectors - 1) >> md->chunk_shift;

	for (chunk = write->sector >> md->chunk_shift; chunk <= last; chunk++) {
		md->whole[chunk] |= unplugged;
		if (!md->whole[chunk])
			return false;
	}
	return true;
}

/* Do the members' superblocks record the failures that the unplug before may have had? */
bool sim_may_send(struct sim_actor *me, struct sim_write *const *writes, unsigned int nr)
{
	unsigned int i, whole = 0;

	for (i = 0; i < nr; i++)
		whole += is_whole(writes[i], writes[i]->md->recorded == writes[i]->md->failures);
	return whole == nr || sim_mutate(me->sim, SIM_MUT_DATA_BEFORE_RECORD);
}

static bool send_plug(struct sim_actor *me)
{
	SIM_BEGIN(me);
	SIM_WAIT(sim_may_send(me, me->plug, me->plug_nr));
	for (f->i = 0; f->i < me->plug_nr; f->i++)
		SIM_CALL(me, sim_send(me, me->plug[f->i]));
	SIM_END();
}

static void park(struct sim_actor *me, struct sim_array *md)
{
	unsigned int i;

	for (i = 0; i < me->plug_nr; i++)
		md->parked[md->parked_nr++] = me->plug[i];
}

/* raid1_unplug(): runs itself, through a kworker, or in the array's thread; raid5: always there. */
static bool unplug(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	f->n = md->level == 5 ? 2 : sim_below(me->sim, 3);
	if (f->n == 2) {
		park(me, md);
		SIM_RETURN();
	}
	if (sim_mutate(me->sim, SIM_MUT_DATA_BEFORE_UNPLUG)) {
		SIM_CALL(me, send_plug(me));
		SIM_CALL(me, sim_unplug(me, md));
		SIM_RETURN();
	}
	if (f->n == 0)
		SIM_CALL(me, sim_unplug(me, md));
	else
		SIM_CALL(me, sim_unplug_by_worker(me, md));
	SIM_CALL(me, send_plug(me));
	SIM_END();
}

bool sim_writer(struct sim_actor *me)
{
	struct sim_array *md = me->md;

	SIM_BEGIN(me);
	SIM_WAIT(sim_one_in(me->sim, me->n));
	me->plug_nr = 0;
	SIM_WAIT(md->up && !md->suspended && (me->plug[0] = write_new(md)) != NULL);
	for (;;) {
		me->plug_nr++;
		SIM_CALL(me, begin(me, md));
		if (me->plug[me->plug_nr - 1]->discard &&
		    sim_mutate(me->sim, SIM_MUT_DISCARD_WITHOUT_UNPLUG)) {
			SIM_WAIT(md->recorded == md->failures);
			SIM_CALL(me, sim_send(me, me->plug[me->plug_nr - 1]));
			me->plug_nr--;
			break;
		}
		SIM_STEP();
		if (me->plug_nr == 4 || md->suspended || sim_one_in(me->sim, 2))
			break;
		me->plug[me->plug_nr] = write_new(md);
		if (!me->plug[me->plug_nr])
			break;
	}
	SIM_CALL(me, unplug(me, md));
	SIM_END();
}
