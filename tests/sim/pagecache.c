// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bitmap file in the page cache, done correctly: pages are marked dirty with the folio
 * locked, outside counts.lock; a task that needs them on disk writes them and waits; errors of
 * the mapping are handled.
 */
#include "sim.h"

static bool folio_lock(struct sim_actor *me, struct sim_page *page)
{
	if (page->locked)
		return false;
	page->locked = me;
	return true;
}

bool sim_folio_dirty(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	struct sim_page *folio = &md->pages[page];

	SIM_BEGIN(me);
	f->flag = !sim_mutate(me->sim, SIM_MUT_DIRTY_UNLOCKED);
	if (f->flag)
		SIM_WAIT(folio_lock(me, folio));
	else
		SIM_WAIT(!folio->locked); /* so that another task's lock does not hide it */
	if (sim_mutate(me->sim, SIM_MUT_FOLIO_LOST))
		folio->lost = true;
	sim_tell_folio(me, md, BT_PAGE_DIRTY, page);
	if (f->flag)
		SIM_STEP();
	folio->dirty = true;
	if (f->flag)
		folio->locked = NULL;
	SIM_END();
}

/* The file system submits the bio that carries the folio. */
static bool submit(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	SIM_BEGIN(me);
	SIM_WAIT((me->io = sim_io_new(me, md, SIM_IO_FOLIO)) != NULL);
	me->io->page = page;
	if (!sim_mutate(me->sim, SIM_MUT_DRY_WRITEBACK))
		sim_tell_folio(me, md, BT_PAGE_BIO, page);
	sim_io_submit(me->sim, me->io);
	SIM_END();
}

/* Writes the folio if it is dirty; does not wait for it. */
bool sim_folio_write(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	struct sim_page *folio = &md->pages[page];

	SIM_BEGIN(me);
	SIM_WAIT(folio_lock(me, folio));
	if (folio->dirty)
		SIM_WAIT(!folio->writeback);
	f->flag = folio->dirty;
	if (f->flag) {
		folio->dirty = false;
		SIM_STEP();
		sim_tell_folio(me, md, BT_PAGE_WRITE_START, page);
		folio->writeback = true;
		folio->in_flight++;
	}
	folio->locked = NULL;
	if (f->flag) {
		SIM_STEP();
		SIM_CALL(me, submit(me, md, page));
	}
	SIM_END();
}

static int64_t first_byte(uint32_t page)
{
	return (int64_t)page << 12;
}

bool sim_fdatawrite(struct sim_actor *me, struct sim_array *md, uint32_t first, uint32_t last)
{
	SIM_BEGIN(me);
	sim_tell_writeback(me, md, BT_WRITEBACK_ENTER, first_byte(first), first_byte(last + 1) - 1,
			   0);
	for (f->i = first; f->i <= last; f->i++) {
		SIM_STEP();
		if (md->pages[f->i].dirty && sim_mutate(me->sim, SIM_MUT_WRITEBACK_SKIPS))
			continue;
		SIM_CALL(me, sim_folio_write(me, md, (uint32_t)f->i));
	}
	SIM_STEP();
	sim_tell_writeback(me, md, BT_WRITEBACK_EXIT, first_byte(first), first_byte(last + 1) - 1,
			   0);
	SIM_END();
}

bool sim_fdatawait(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	f->n = md->write_errors;
	sim_tell_writeback(me, md, BT_WAIT_ENTER, 0, INT64_MAX, 0);
	for (f->i = 0; f->i < md->pages_nr; f->i++)
		SIM_WAIT(!md->pages[f->i].writeback);
	SIM_STEP();
	sim_tell_writeback(me, md, BT_WAIT_EXIT, 0, INT64_MAX, md->write_errors == f->n ? 0 : -5);
	SIM_END();
}

/* The kernel's own writeback: any dirty page at any time. */
bool sim_flusher(struct sim_actor *me)
{
	struct sim_array *md = me->md;

	SIM_BEGIN(me);
	SIM_WAIT(sim_one_in(me->sim, 64));
	for (f->i = 0; f->i < md->pages_nr; f->i++)
		if (md->pages[f->i].dirty && !md->pages[f->i].writeback && sim_one_in(me->sim, 2))
			SIM_CALL(me, sim_folio_write(me, md, (uint32_t)f->i));
	SIM_END();
}
