// SPDX-License-Identifier: GPL-2.0-only
/* The life of an array: assembled, members failed and re-added, stopped, assembled again. */
#include "sim.h"

#include <string.h>

/* ---- bitmap_load() ------------------------------------------------------------- */

static bool read_blocks(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	for (f->i = 0; f->i < md->pages_nr * md->bh_per_page; f->i++) {
		SIM_WAIT((me->io = sim_io_new(me, md, SIM_IO_READ)) != NULL);
		me->io->page = (uint32_t)(f->i / md->bh_per_page);
		me->io->dev = SIM_FILE_DEV + md->nr;
		md->pending_writes++;
		sim_tell_page(me, me->io, BT_PAGE_READ_START);
		sim_io_submit(me->sim, me->io);
		if (sim_one_in(me->sim, 2))
			SIM_WAIT(md->pending_writes == 0);
	}
	SIM_WAIT(md->pending_writes == 0);
	SIM_END();
}

/* Out of date: sets all bits and writes them before anything relies on them. */
static bool fill_page(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	SIM_BEGIN(me);
	if (sim_mutate(me->sim, SIM_MUT_STALE_NO_WRITE))
		SIM_RETURN();
	f->flag = !sim_mutate(me->sim, SIM_MUT_STALE_NO_WAIT);
	if (md->backend == BT_BACKEND_PAGECACHE) {
		f->n = md->write_errors;
		SIM_CALL(me, sim_folio_dirty(me, md, page));
		SIM_CALL(me, sim_fdatawrite(me, md, page, page));
		if (f->flag)
			SIM_CALL(me, sim_fdatawait(me, md));
		if (md->write_errors != f->n)
			md->flags |= BT_BM_WRITE_ERROR;
		SIM_RETURN();
	}
	SIM_CALL(me, sim_write_page(me, md, page));
	if (f->flag)
		SIM_WAIT(md->pending_writes == 0);
	SIM_END();
}

static bool fill(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	memset(md->bits, 1, md->chunks);
	for (f->i = 0; f->i < md->pages_nr && !(md->flags & BT_BM_WRITE_ERROR); f->i++) {
		SIM_CALL(me, fill_page(me, md, (uint32_t)f->i));
		SIM_STEP();
	}
	SIM_END();
}

/* md_bitmap_set_memory_bits() for each bit; needed: after a crash, or never in sync. */
static void count_loaded(struct sim_array *md, bool needed)
{
	uint64_t i;

	for (i = 0; i < md->chunks; i++) {
		if (!md->bits[i])
			continue;
		md->counters[i] = (uint16_t)(2 | (needed ? SIM_NEEDED : 0));
		md->pending[i >> 11] = true;
		md->allclean = false;
	}
}

/* Under bitmap_info.mutex. */
static bool init_from_disk(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	if (sim_meet(me, md))
		sim_tell_call(me, md, BT_INIT_ENTER, 0);
	SIM_STEP();
	if (md->backend == BT_BACKEND_BUFFER)
		SIM_CALL(me, read_blocks(me, md));
	if (md->flags & BT_BM_STALE)
		SIM_CALL(me, fill(me, md));
	if (!(md->flags & BT_BM_WRITE_ERROR)) {
		count_loaded(md, md->flags & BT_BM_STALE
					 ? md->pages_nr > 1 && sim_one_in(me->sim, 4)
					 : sim_one_in(me->sim, 2));
		sim_tell_loaded(me, md);
	}
	sim_tell_members(me, md, false);
	sim_tell_call(me, md, BT_INIT_EXIT, md->flags & BT_BM_WRITE_ERROR ? -5 : 0);
	SIM_END();
}

/* A new struct bitmap. The bits are those of the last time, perhaps after a crash. */
static void create(struct sim_array *md)
{
	struct sim *sim = md->sim;
	uint64_t i, extra = sim_below(sim, 20);
	bool stale = md->stale_on_disk || sim_one_in(sim, md->pages_nr > 1 ? 12 : 3);

	if (sim->options.mutation && sim->options.mutation->stale)
		stale = true;
	memset(md->counters, 0, md->chunks * sizeof(*md->counters));
	memset(md->whole, 0, md->chunks * sizeof(*md->whole));
	memset(md->pending, 0, sizeof(md->pending));
	memset(md->pages, 0, sizeof(md->pages));
	for (i = 0; i < extra; i++)
		md->bits[sim_below(sim, sim_one_in(sim, 2) ? 12 : md->chunks)] = true;
	md->flags = stale ? BT_BM_STALE : 0;
	md->stale_on_disk = false;
	md->known = (struct sim_known){ .id = 0 };
	md->need_sync = md->allclean = false;
	md->events_cleared = md->events - (sim_one_in(sim, 2) && md->events > 1);
	md->daemon_lastrun = sim_jiffies(sim);
	md->daemon_sleep = 4 + sim_below(sim, sim_one_in(sim, 2) ? 20 : 200);
	md->up = true;
}

static bool drop_stale(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	f->flag = md->flags & BT_BM_STALE && sim_mutate(me->sim, SIM_MUT_STALE_NO_SUPERBLOCK);
	md->flags &= (uint16_t)~BT_BM_STALE;
	SIM_STEP();
	if (!f->flag)
		SIM_CALL(me, sim_update_sb(me, md, !md->split_update_sb));
	SIM_END();
}

/* Leaves md->up false if it fails. */
static bool load(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	create(md);
	md->load_told = sim_meet(me, md);
	if (md->load_told)
		sim_tell_call(me, md, BT_LOAD_ENTER, 0);
	SIM_STEP();
	if (!md->split_update_sb) /* bitmap_close_sync, if it was not inlined */
		sim_tell_sync(me, md, BT_END_SYNC, 0, md->chunks << md->chunk_shift, false);
	SIM_WAIT(md->mutex == NULL);
	md->mutex = me;
	SIM_CALL(me, init_from_disk(me, md));
	md->mutex = NULL;
	if (!(md->flags & BT_BM_WRITE_ERROR))
		SIM_CALL(me, drop_stale(me, md));
	sim_tell_call(me, md, BT_LOAD_EXIT, md->flags & BT_BM_WRITE_ERROR ? -5 : 0);
	SIM_END();
}

/* ---- stopping -------------------------------------------------------------------- */

/* bitmap_destroy() */
static bool destroy(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	SIM_WAIT(md->mutex == NULL);
	md->mutex = me;
	SIM_WAIT(md->pending_writes == 0);
	sim_tell(me, md, BT_GONE);
	md->up = false;
	md->mutex = NULL;
	for (f->i = 0; f->i < md->pages_nr; f->i++)
		SIM_WAIT(!md->pages[f->i].writeback && !md->pages[f->i].locked);
	SIM_END();
}

/* bitmap_flush() */
static bool flush(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	for (f->i = 0; f->i < 3; f->i++) {
		md->daemon_lastrun -= 2 * md->daemon_sleep;
		SIM_CALL(me, sim_daemon_work(me, md));
	}
	SIM_CALL(me, sim_update_sb(me, md, !md->split_update_sb));
	SIM_END();
}

/* do_md_stop() */
static bool stop(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	md->suspended = true;
	SIM_WAIT(md->active_io == 0);
	md->frozen = true;
	md->intr = true;
	SIM_WAIT(!md->sync_running && !md->reconfig);
	md->reconfig = me;
	SIM_CALL(me, flush(me, md));
	SIM_CALL(me, sim_md_update_sb(me, md));
	SIM_CALL(me, destroy(me, md));
	md->reconfig = NULL;
	md->frozen = false;
	SIM_END();
}

/* ---- events while the array is up
 * ------------------------------------------------------------------ */

static void readd(struct sim_array *md)
{
	unsigned int i;

	for (i = 0; i < md->members_nr && !md->members[i].faulty; i++)
		;
	if (i == md->members_nr)
		return;
	md->members[i].faulty = false;
	md->members[i].in_sync = false;
	md->sb_dirty = true;
	md->recovery_needed = true;
	if (md->backend != BT_BACKEND_INTERNAL)
		return;
	/* bitmap_write_all(): the member may have missed some pages */
	for (i = 0; i < md->pages_nr; i++)
		md->pages[i].attr |= BT_ATTR_NEEDWRITE;
	md->allclean = false;
}

/* bits_store(): the administrator sets bits of chunks that are out of sync. */
static bool set_bits(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	f->n = sim_below(me->sim, md->chunks);
	for (f->i = 0; f->i < 3 && f->n + f->i < md->chunks; f->i++)
		SIM_CALL(me, sim_dirty_bit(me, md, f->n + f->i));
	SIM_CALL(me, sim_unplug(me, md));
	SIM_END();
}

static bool act(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	f->n = sim_below(me->sim, 6);
	f->i = sim_below(me->sim, md->members_nr);
	if (f->n == 0 && me->sim->faults && sim_member_may_fail(md, (unsigned int)f->i)) {
		md->failing++;
		SIM_CALL(me, sim_member_fail(me, md, (unsigned int)f->i));
		md->failing--;
	}
	/*
	 * Not on an array that existed before the attach: a bit that is set again under a write
	 * that began before would look as if it were set for the first time.
	 */
	if (f->n == 1 && md->load_told)
		SIM_CALL(me, set_bits(me, md));
	if (f->n >= 4 && !md->sync_running && !md->reconfig && !md->failing)
		readd(md);
	if (f->n == 2)
		md->recovery_needed = true;
	SIM_END();
}

bool sim_admin(struct sim_actor *me)
{
	struct sim_array *md = me->md;

	SIM_BEGIN(me);
	SIM_WAIT(!md->reconfig);
	md->reconfig = me;
	SIM_CALL(me, load(me, md));
	f->flag = md->flags & BT_BM_WRITE_ERROR;
	if (f->flag)
		SIM_CALL(me, destroy(me, md));
	md->reconfig = NULL;
	if (f->flag)
		SIM_RETURN();
	md->suspended = false;
	md->recovery_needed = true;
	me->n = 1 + sim_below(me->sim, 20);
	for (f->i = 0; f->i < me->n; f->i++) {
		SIM_WAIT(sim_one_in(me->sim, 300));
		SIM_CALL(me, act(me, md));
	}
	SIM_CALL(me, stop(me, md));
	SIM_END();
}
