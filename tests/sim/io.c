// SPDX-License-Identifier: GPL-2.0-only
/* I/O in flight, and its end: in interrupts, on top of any thread. */
#include "sim.h"

#include <string.h>

/* Owned by the caller until it is submitted. NULL: too much in flight. */
struct sim_io *sim_io_new(struct sim_actor *me, struct sim_array *md, enum sim_io_kind kind)
{
	struct sim *sim = me->sim;
	unsigned int i, at = (unsigned int)sim_below(sim, SIM_IOS_MAX);

	for (i = 0; i < SIM_IOS_MAX; i++) {
		struct sim_io *io = &sim->ios[(at + i) % SIM_IOS_MAX];

		if (io->claimed)
			continue;
		*io = (struct sim_io){
			.kind = kind,
			.claimed = true,
			.md = md,
			.bitmap = md->known.id,
			.key = UINT64_C(0xffff888100000000) + (++sim->io_last << 6),
		};
		return io;
	}
	return NULL;
}

void sim_io_submit(struct sim *sim, struct sim_io *io)
{
	sim->flying[sim->flying_nr++] = io;
}

/* A slow page write delays the others: that is when the races happen. */
static struct sim_io *land(struct sim *sim)
{
	unsigned int i;
	struct sim_io *io;

	if (!sim->flying_nr)
		return NULL;
	i = (unsigned int)sim_below(sim, sim->flying_nr);
	io = sim->flying[i];
	if (!sim_one_in(sim, io->kind == SIM_IO_DATA ? sim->slow_data : sim->slow))
		return NULL;
	sim->flying[i] = sim->flying[--sim->flying_nr];
	return io;
}

/* The context of the interrupt: idle, or a thread with interrupts enabled. */
static struct sim_actor *meet(struct sim *sim)
{
	struct sim_actor *thread = &sim->actors[sim_below(sim, sim->actors_nr)];

	if (sim_one_in(sim, 2) || thread->irq || thread->spins || thread->interrupted)
		return NULL;
	thread->interrupted++;
	return thread;
}

/* Would the array survive? Members fail one at a time. */
bool sim_member_may_fail(const struct sim_array *md, unsigned int disk)
{
	unsigned int spare = md->level == 1 ? md->raid_disks - 1 : 1;

	return !md->members[disk].faulty && md->members[disk].in_sync && !md->failing &&
	       md->degraded < spare;
}

/* raid1_error() and the like. */
bool sim_member_fail(struct sim_actor *me, struct sim_array *md, unsigned int disk)
{
	struct sim_member *member = &md->members[disk];

	SIM_BEGIN(me);
	if (member->faulty)
		SIM_RETURN(); /* md_error() */
	if (member->in_sync)
		md->degraded++;
	member->in_sync = false;
	member->faulty = true;
	md->intr = true;
	md->sb_dirty = true;
	/* No step here: an endwrite that began before and ends here would seem degraded. */
	sim_tell_member_error(me, md, disk);
	SIM_END();
}

/* Should this I/O fail? If so, the member fails next. */
static bool fate(struct sim *sim, struct sim_io *io)
{
	struct sim_array *md = io->md;
	bool member = io->kind == SIM_IO_DATA || io->kind == SIM_IO_SB ||
		      (io->kind == SIM_IO_PAGE && md->backend == BT_BACKEND_INTERNAL);

	if (!sim->faults || io->kind == SIM_IO_READ || io->kind == SIM_IO_FLUSH)
		return false;
	if (io->kind == SIM_IO_SYNC)
		return sim_one_in(sim, 20);
	if (!sim_one_in(sim, io->kind == SIM_IO_DATA || io->kind == SIM_IO_SB ? 500 : 100))
		return false;
	if (!member)
		return md->up && sim_one_in(sim, 4);
	return sim_member_may_fail(md, io->leg);
}

/* A superblock must record it before more data is on the members. */
static void sim_page_failed(struct sim_array *md)
{
	md->failures++;
	md->sb_dirty = true;
}

static bool end_page(struct sim_actor *me, struct sim_io *io)
{
	struct sim_array *md = io->md;
	bool ignored;

	SIM_BEGIN(me);
	if (io->failed)
		sim_page_failed(md);
	sim_tell_page(me, io, BT_PAGE_WRITE_END);
	SIM_STEP();
	ignored = io->failed && sim_mutate(me->sim, SIM_MUT_ERROR_IGNORED);
	if (io->failed && !ignored && md->backend != BT_BACKEND_INTERNAL)
		md->flags |= BT_BM_WRITE_ERROR;
	if (io->failed && !ignored && md->backend == BT_BACKEND_INTERNAL)
		SIM_CALL(me, sim_member_fail(me, md, io->leg));
	SIM_STEP();
	if (io->kind == SIM_IO_PAGE)
		md->pages[io->page].in_flight--;
	md->pending_writes--;
	SIM_END();
}

/* File systems record the error in the mapping, then end the writeback. */
static bool end_folio(struct sim_actor *me, struct sim_io *io)
{
	struct sim_array *md = io->md;

	SIM_BEGIN(me);
	if (io->failed && !md->pages[io->page].lost) {
		sim_tell_writeback(me, md, BT_WRITEBACK_ERROR, 0, 0, -5);
		md->write_errors++;
		SIM_STEP();
	}
	if (md->write_errors)
		sim_page_failed(md);
	sim_tell_folio(me, md, BT_PAGE_WRITE_END, io->page);
	SIM_STEP();
	md->pages[io->page].in_flight--;
	md->pages[io->page].writeback = false;
	SIM_END();
}

static bool end_data(struct sim_actor *me, struct sim_io *io)
{
	SIM_BEGIN(me);
	sim_tell_data(me, io, false);
	SIM_STEP();
	if (io->failed)
		SIM_CALL(me, sim_member_fail(me, io->md, io->leg));
	SIM_CALL(me, sim_write_done(me, io->write));
	SIM_END();
}

static bool end_super(struct sim_actor *me, struct sim_io *io)
{
	SIM_BEGIN(me);
	sim_tell_super(me, io, false);
	SIM_STEP();
	if (io->failed)
		SIM_CALL(me, sim_member_fail(me, io->md, io->leg));
	io->md->pending_writes--;
	SIM_END();
}

static bool end_sync(struct sim_actor *me, struct sim_io *io)
{
	SIM_BEGIN(me);
	sim_tell_data(me, io, false);
	SIM_STEP();
	if (io->failed) {
		SIM_CALL(me, sim_end_sync(me, io->md, io->chunk, 1, true));
		io->md->intr = true; /* md_done_sync() */
	}
	io->md->recovery_active--;
	SIM_END();
}

static bool end_flush(struct sim_actor *me, struct sim_io *io)
{
	SIM_BEGIN(me);
	sim_tell_flush(me, io, false);
	SIM_STEP();
	io->waiter->flushed = true;
	SIM_END();
}

static bool end(struct sim_actor *me, struct sim_io *io)
{
	SIM_BEGIN(me);
	if (io->kind == SIM_IO_DATA)
		SIM_CALL(me, end_data(me, io));
	if (io->kind == SIM_IO_PAGE || io->kind == SIM_IO_READ)
		SIM_CALL(me, end_page(me, io));
	if (io->kind == SIM_IO_FOLIO)
		SIM_CALL(me, end_folio(me, io));
	if (io->kind == SIM_IO_SB)
		SIM_CALL(me, end_super(me, io));
	if (io->kind == SIM_IO_SYNC)
		SIM_CALL(me, end_sync(me, io));
	if (io->kind == SIM_IO_FLUSH)
		SIM_CALL(me, end_flush(me, io));
	SIM_END();
}

bool sim_irq(struct sim_actor *me)
{
	SIM_BEGIN(me);
	SIM_WAIT((me->io = land(me->sim)) != NULL);
	me->io->failed = fate(me->sim, me->io);
	f->flag = me->io->failed && me->io->kind != SIM_IO_SYNC && me->io->kind != SIM_IO_FOLIO;
	if (f->flag)
		me->io->md->failing++;
	me->victim = meet(me->sim);
	SIM_CALL(me, end(me, me->io));
	if (f->flag)
		me->io->md->failing--;
	if (me->victim)
		me->victim->interrupted--;
	me->victim = NULL;
	me->io->claimed = false;
	SIM_END();
}
