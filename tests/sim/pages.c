// SPDX-License-Identifier: GPL-2.0-only
/* Writes of bitmap pages to the members, or to the blocks of a bitmap file. */
#include "sim.h"

/* The simulated md does not write a page again while a write of it is in flight. */
static bool page_free(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	if (md->sim->stock_overlaps)
		return true;
	if ((md->pages[page].in_flight || md->pages[page].submitting) &&
	    !sim_mutate(me->sim, SIM_MUT_OVERLAPPING_WRITES))
		return false;
	md->pages[page].submitting = me;
	return true;
}

static void leg_start(struct sim_actor *me, struct sim_array *md, uint32_t page, struct sim_io *io)
{
	io->page = page;
	md->pages[page].in_flight++;
	md->pending_writes++;
	sim_tell_page(me, io, BT_PAGE_WRITE_START);
	sim_io_submit(me->sim, io);
}

/* __write_sb_page(): of the last page only the used part, in whole sectors. */
uint32_t sim_member_bytes(const struct sim_array *md, uint32_t page)
{
	uint32_t bytes = page == md->pages_nr - 1 ? (uint32_t)(md->bytes - (page << 12)) : 4096;

	bytes = (bytes + 511) & ~511U;
	if (bytes > 512 && sim_mutate(md->sim, SIM_MUT_WRITE_CUT_SHORT))
		bytes -= 512;
	return bytes;
}

/* write_sb_page(): every member that is not faulty. */
static bool write_members(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	SIM_BEGIN(me);
	f->n = 0;
	for (f->i = 0; f->i < md->members_nr; f->i++) {
		if (md->members[f->i].faulty ||
		    (f->n && sim_mutate(me->sim, SIM_MUT_WRITE_SKIPS_MEMBER)))
			continue;
		f->n++;
		SIM_WAIT((me->io = sim_io_new(me, md, SIM_IO_PAGE)) != NULL);
		me->io->leg = (uint16_t)f->i;
		me->io->dev = md->members[f->i].dev;
		leg_start(me, md, page, me->io);
		SIM_STEP();
	}
	SIM_END();
}

unsigned int sim_blocks_of(const struct sim_array *md, uint32_t page)
{
	uint64_t block = 4096 / md->bh_per_page, left = md->bytes - ((uint64_t)page << 12);

	if (left >= 4096)
		return md->bh_per_page;
	return (unsigned int)((left + block - 1) / block);
}

static uint64_t bh_key(const struct sim_array *md, uint32_t page, uint64_t n)
{
	return UINT64_C(0xffff888000000000) + (md->nr << 20) + (page << 12) + (n << 7);
}

/* write_file_page(): every block of the page. */
static bool write_blocks(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	SIM_BEGIN(me);
	for (f->i = 0; f->i < sim_blocks_of(md, page); f->i++) {
		if (f->i && sim_mutate(me->sim, SIM_MUT_WRITE_SKIPS_BLOCK))
			continue;
		SIM_WAIT((me->io = sim_io_new(me, md, SIM_IO_PAGE)) != NULL);
		me->io->key = bh_key(md, page, f->i);
		me->io->dev = SIM_FILE_DEV + md->nr;
		leg_start(me, md, page, me->io);
		SIM_STEP();
	}
	SIM_END();
}

/* filemap_write_page(); does not wait. Not for the page cache. */
bool sim_write_page(struct sim_actor *me, struct sim_array *md, uint32_t page)
{
	SIM_BEGIN(me);
	SIM_WAIT(page_free(me, md, page));
	if (md->backend == BT_BACKEND_INTERNAL)
		SIM_CALL(me, write_members(me, md, page));
	if (md->backend == BT_BACKEND_BUFFER)
		SIM_CALL(me, write_blocks(me, md, page));
	if (md->pages[page].submitting == me)
		md->pages[page].submitting = NULL;
	SIM_END();
}

static bool update_cached(struct sim_actor *me, struct sim_array *md, bool wait)
{
	SIM_BEGIN(me);
	f->n = md->write_errors;
	SIM_CALL(me, sim_folio_dirty(me, md, 0));
	SIM_CALL(me, sim_fdatawrite(me, md, 0, 0));
	if (wait)
		SIM_CALL(me, sim_fdatawait(me, md));
	if (md->write_errors != f->n)
		md->flags |= BT_BM_WRITE_ERROR;
	SIM_END();
}

/* bitmap_update_sb(); told: not through a copy of it that has no hook. */
bool sim_update_sb(struct sim_actor *me, struct sim_array *md, bool told)
{
	SIM_BEGIN(me);
	if (told)
		sim_tell_update_sb(me, md);
	SIM_STEP();
	f->flag = !sim_mutate(me->sim, SIM_MUT_UPDATE_SB_NO_WAIT);
	if (md->backend == BT_BACKEND_PAGECACHE) {
		SIM_CALL(me, update_cached(me, md, f->flag));
	} else {
		SIM_CALL(me, sim_write_page(me, md, 0));
		if (f->flag)
			SIM_WAIT(md->pending_writes == 0);
	}
	SIM_STEP();
	if (told) {
		sim_tell_members(me, md, false);
		sim_tell(me, md, BT_UPDATE_SB_EXIT);
	}
	SIM_END();
}
