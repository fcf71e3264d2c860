// SPDX-License-Identifier: GPL-2.0-only
/*
 * __bitmap_unplug(), corrected: one that finds a page being written by another call waits for
 * it.
 */
#include "sim.h"

static bool is_file(const struct sim_array *md)
{
	return md->backend != BT_BACKEND_INTERNAL;
}

/* No call that cleared DIRTY of pages up to my position is still writing them. */
static bool others_done(const struct sim_actor *me, const struct sim_array *md)
{
	unsigned int i;

	for (i = 0; i < SIM_TICKETS_MAX; i++)
		if (md->tickets[i].ticket && md->tickets[i].ticket <= me->ticket)
			return false;
	return true;
}

static bool ticket_take(struct sim_actor *me, struct sim_array *md)
{
	for (me->slot = 0; me->slot < SIM_TICKETS_MAX; me->slot++) {
		if (md->tickets[me->slot].ticket)
			continue;
		md->tickets[me->slot].ticket = ++md->ticket_last;
		return true;
	}
	return false;
}

/* A page of the walk whose bits must be written. */
static bool push_page(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	SIM_BEGIN(me);
	if (md->backend == BT_BACKEND_PAGECACHE) {
		SIM_CALL(me, sim_folio_dirty(me, md, page));
		SIM_RETURN();
	}
	if (!me->writing)
		SIM_WAIT(md->pending_writes == 0); /* md_bitmap_wait_writes() */
	SIM_CALL(me, sim_write_page(me, md, page));
	SIM_END();
}

/* A pass has marked page 0, which we have passed, and has cleared bits of this one. */
static bool overtakes(const struct sim_array *md, uint64_t page)
{
	return md->pages[0].attr & BT_ATTR_NEEDWRITE && md->pages[page].attr & BT_ATTR_PENDING;
}

static bool walk(struct sim_actor *me, struct sim_array *md)
{
	const uint8_t mask = BT_ATTR_DIRTY | BT_ATTR_NEEDWRITE;

	SIM_BEGIN(me);
	for (f->i = 0; f->i < md->pages_nr; f->i++) {
		SIM_STEP();
		/* Nothing is excluded: be preempted here until the worst moment. */
		if (md->scan != me && f->i && md->pages[f->i].attr & BT_ATTR_DIRTY)
			SIM_WAIT(overtakes(md, f->i) || sim_one_in(me->sim, 3000));
		if (!(md->pages[f->i].attr & mask))
			continue;
		md->pages[f->i].attr &= (uint8_t) ~(mask | BT_ATTR_PENDING);
		if (sim_mutate(me->sim, SIM_MUT_UNPLUG_SKIPS_PAGE))
			continue;
		SIM_CALL(me, push_page(me, md, (uint32_t)f->i));
		me->writing = true;
	}
	SIM_END();
}

static bool flush(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	me->flushed = false;
	SIM_WAIT((me->io = sim_io_new(me, md, SIM_IO_FLUSH)) != NULL);
	me->io->dev = SIM_FILE_DEV + md->nr;
	me->io->waiter = me;
	sim_tell_flush(me, me->io, true);
	sim_io_submit(me->sim, me->io);
	SIM_WAIT(me->flushed);
	SIM_END();
}

/* Brings the pages to disk that were submitted or marked dirty. */
static bool wait_written(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	if (md->backend == BT_BACKEND_PAGECACHE) {
		SIM_CALL(me, sim_fdatawrite(me, md, 0, md->pages_nr - 1));
		if (!sim_mutate(me->sim, SIM_MUT_UNPLUG_NO_WAIT))
			SIM_CALL(me, sim_fdatawait(me, md));
	} else if (!sim_mutate(me->sim, SIM_MUT_UNPLUG_NO_WAIT)) {
		SIM_WAIT(md->pending_writes == 0);
	}
	if (is_file(md) && md->volatile_cache && !md->uses_fua &&
	    !sim_mutate(me->sim, SIM_MUT_NO_FLUSH))
		SIM_CALL(me, flush(me, md));
	SIM_END();
}

/* md_bitmap_file_kick() */
static bool kick(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	if (md->flags & BT_BM_STALE)
		SIM_RETURN();
	md->flags |= BT_BM_STALE;
	md->stale_on_disk = true;
	SIM_CALL(me, sim_update_sb(me, md, !md->split_update_sb));
	SIM_END();
}

static bool work(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	f->flag = !sim_mutate(me->sim, SIM_MUT_UNPLUG_OVERTAKES_SB);
	if (f->flag) {
		SIM_WAIT(md->scan == NULL);
		md->scan = me;
	}
	me->writing = false;
	me->errors_seen = md->write_errors;
	SIM_WAIT(ticket_take(me, md));
	SIM_CALL(me, walk(me, md));
	if (f->flag)
		md->scan = NULL;
	if (me->writing)
		SIM_CALL(me, wait_written(me, md));
	/* Before the tasks that wait for this one can continue. */
	if (md->backend == BT_BACKEND_PAGECACHE && md->write_errors != me->errors_seen)
		md->flags |= BT_BM_WRITE_ERROR;
	me->ticket = md->tickets[me->slot].ticket;
	md->tickets[me->slot].ticket = 0;
	if (!sim_mutate(me->sim, SIM_MUT_CONCURRENT_UNPLUG))
		SIM_WAIT(others_done(me, md));
	if (md->flags & BT_BM_WRITE_ERROR && is_file(md) &&
	    !sim_mutate(me->sim, SIM_MUT_ERROR_IGNORED))
		SIM_CALL(me, kick(me, md));
	SIM_END();
}

bool sim_unplug(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	if (sim_meet(me, md))
		sim_tell(me, md, BT_UNPLUG_ENTER);
	me->attrs = 0;
	for (f->i = 0; f->i < md->pages_nr; f->i++)
		me->attrs |= (uint64_t)md->pages[f->i].attr << (f->i << 2);
	for (f->i = 0; f->i < md->pages_nr; f->i++) {
		f->n = me->attrs >> (f->i << 2) & 15;
		if (f->n & BT_ATTR_DIRTY)
			sim_tell_attr(me, md, BT_UNPLUG_PAGE, (uint32_t)f->i, (uint8_t)f->n);
	}
	SIM_STEP();
	if (sim_enabled(md))
		SIM_CALL(me, work(me, md));
	SIM_STEP();
	sim_tell_members(me, md, false);
	sim_tell(me, md, BT_UNPLUG_EXIT);
	SIM_END();
}

/* ---- bitmap_unplug_async() --------------------------------------------------- */

static struct sim_work *work_post(struct sim_actor *me, struct sim_array *md)
{
	unsigned int i;

	for (i = 0; i < SIM_WORKS_MAX; i++) {
		if (me->sim->works[i].posted)
			continue;
		me->sim->works[i] = (struct sim_work){ .md = md, .owner = me, .posted = true };
		me->sim->works_waiting++;
		return &me->sim->works[i];
	}
	return NULL;
}

bool sim_unplug_by_worker(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	sim_tell(me, md, BT_UNPLUG_WORK_ENTER);
	SIM_STEP();
	me->woken = false;
	SIM_WAIT(work_post(me, md) != NULL);
	SIM_WAIT(me->woken);
	SIM_STEP();
	sim_tell(me, md, BT_UNPLUG_WORK_EXIT);
	SIM_END();
}

static struct sim_work *work_take(struct sim *sim)
{
	unsigned int i, at = (unsigned int)sim_below(sim, SIM_WORKS_MAX);

	/* Most iterations of a kworker find none. */
	for (i = 0; sim->works_waiting && i < SIM_WORKS_MAX; i++) {
		struct sim_work *found = &sim->works[(at + i) % SIM_WORKS_MAX];

		if (!found->posted || found->taken)
			continue;
		found->taken = true;
		sim->works_waiting--;
		return found;
	}
	return NULL;
}

bool sim_kworker(struct sim_actor *me)
{
	SIM_BEGIN(me);
	SIM_WAIT((me->work = work_take(me->sim)) != NULL);
	SIM_CALL(me, sim_unplug(me, me->work->md));
	SIM_STEP();
	me->work->posted = false;
	me->work->owner->woken = true;
	SIM_END();
}
