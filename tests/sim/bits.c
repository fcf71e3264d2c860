// SPDX-License-Identifier: GPL-2.0-only
/* Bits and counters: what md-bitmap.c does under counts.lock. */
#include "sim.h"

uint32_t sim_page_of(uint64_t chunk)
{
	return (uint32_t)((chunk + (256 << 3)) >> 15);
}

bool sim_lock(struct sim_actor *me, struct sim_array *md)
{
	if (md->lock)
		return false;
	md->lock = me;
	me->spins++;
	return true;
}

void sim_unlock(struct sim_actor *me, struct sim_array *md)
{
	md->lock = NULL;
	me->spins--;
}

/* md_bitmap_file_set_bit(), under counts.lock */
static bool file_set_bit(struct sim_actor *me, struct sim_array *md, uint64_t chunk)
{
	struct sim_page *page = &md->pages[sim_page_of(chunk)];

	SIM_BEGIN(me);
	sim_tell_bit(me, md, BT_SET_BIT_ENTER, chunk, page->attr);
	SIM_STEP();
	/* ^ 1 may be beyond the last chunk, where there is memory but no array. */
	md->bits[chunk ^ sim_mutate(me->sim, SIM_MUT_SET_BIT_NEIGHBOUR)] = true;
	SIM_STEP();
	if (!sim_mutate(me->sim, SIM_MUT_SET_BIT_UNMARKED))
		page->attr |= BT_ATTR_DIRTY;
	if (md->backend == BT_BACKEND_PAGECACHE && sim_mutate(me->sim, SIM_MUT_DIRTY_UNDER_LOCK)) {
		sim_tell_folio(me, md, BT_PAGE_DIRTY, sim_page_of(chunk));
		page->dirty = true;
	}
	SIM_STEP();
	me->attrs = page->attr;
	SIM_STEP();
	sim_tell_bit(me, md, BT_SET_BIT, chunk, (uint8_t)me->attrs);
	sim_tell_irqs(me, md, sim_mutate(me->sim, SIM_MUT_SET_BIT_IRQS_ON));
	SIM_END();
}

static bool count_up(struct sim_actor *me, struct sim_array *md, uint64_t chunk)
{
	SIM_BEGIN(me);
	SIM_WAIT(sim_lock(me, md));
	if (md->counters[chunk] == 0 && !sim_mutate(me->sim, SIM_MUT_COUNT_WITHOUT_BIT))
		SIM_CALL(me, file_set_bit(me, md, chunk));
	if (md->counters[chunk] <= 1)
		md->counters[chunk] = 2;
	if (!sim_mutate(me->sim, SIM_MUT_COUNTER_TOO_LOW))
		md->counters[chunk]++;
	sim_unlock(me, md);
	SIM_END();
}

bool sim_startwrite(struct sim_actor *me, struct sim_array *md, uint64_t sector, uint64_t sectors)
{
	uint64_t last = (sector + sectors - 1) >> md->chunk_shift;

	SIM_BEGIN(me);
	f->n = md->passes & 1;
	md->counting[f->n]++;
	for (f->i = sector >> md->chunk_shift; f->i <= last; f->i++) {
		SIM_CALL(me, count_up(me, md, f->i));
		SIM_STEP();
	}
	sim_tell_range(me, md, BT_STARTWRITE, sector, sectors);
	md->counting[f->n]--;
	SIM_END();
}

/*
 * bitmap_dirty_bits(), corrected. Stock md sets the counter and then, without counts.lock, the
 * bit: a write in between would be submitted without it. It also makes 1|NEEDED of 1, which the
 * next startwrite raises to 2|NEEDED.
 */
bool sim_dirty_bit(struct sim_actor *me, struct sim_array *md, uint64_t chunk)
{
	SIM_BEGIN(me);
	SIM_WAIT(sim_lock(me, md));
	if ((md->counters[chunk] & SIM_COUNTER) < 2) {
		md->counters[chunk] = (uint16_t)((md->counters[chunk] & ~SIM_COUNTER) | 2);
		md->pending[chunk >> 11] = true;
		md->allclean = false;
	}
	md->counters[chunk] |= SIM_NEEDED;
	SIM_CALL(me, file_set_bit(me, md, chunk));
	sim_unlock(me, md);
	SIM_END();
}

static void count_down(struct sim_array *md, uint64_t chunk)
{
	uint16_t *counter = &md->counters[chunk];

	if (!md->degraded) {
		if (md->events_cleared < md->events) {
			md->events_cleared = md->events;
			md->need_sync = true;
		}
	} else if (!sim_mutate(md->sim, SIM_MUT_FORGET_NEEDED)) {
		*counter |= SIM_NEEDED;
	}
	if ((*counter & SIM_COUNTER) == 3 && sim_mutate(md->sim, SIM_MUT_COUNTER_STAYS))
		return;
	if (*counter & SIM_COUNTER)
		(*counter)--;
	if (*counter <= 2 && !sim_mutate(md->sim, SIM_MUT_NOT_PENDING)) {
		md->pending[chunk >> 11] = true;
		md->allclean = false;
	}
}

bool sim_endwrite(struct sim_actor *me, struct sim_array *md, uint64_t sector, uint64_t sectors)
{
	uint64_t last = (sector + sectors - 1) >> md->chunk_shift;

	SIM_BEGIN(me);
	f->n = md->passes & 1;
	md->counting[f->n]++;
	sim_tell_range(me, md, BT_ENDWRITE, sector, sectors);
	SIM_STEP();
	for (f->i = sector >> md->chunk_shift; f->i <= last; f->i++) {
		SIM_WAIT(sim_lock(me, md));
		count_down(md, f->i);
		sim_unlock(me, md);
		SIM_STEP();
	}
	sim_tell_range(me, md, BT_ENDWRITE_EXIT, sector, sectors);
	md->counting[f->n]--;
	SIM_END();
}

/* bitmap_start_sync() of one chunk; *must: it must be resynced. */
bool sim_start_sync(struct sim_actor *me, struct sim_array *md, uint64_t chunk, bool degraded,
		    bool *must)
{
	uint16_t *counter = &md->counters[chunk];

	SIM_BEGIN(me);
	SIM_WAIT(sim_lock(me, md));
	*must = *counter & (SIM_NEEDED | SIM_RESYNC);
	if (!(*counter & SIM_RESYNC) && *counter & SIM_NEEDED && !degraded)
		*counter = (uint16_t)((*counter | SIM_RESYNC) & ~SIM_NEEDED);
	sim_unlock(me, md);
	if (!*must)
		SIM_RETURN();
	SIM_STEP();
	if (!degraded)
		sim_tell_sync(me, md, BT_START_SYNC, chunk << md->chunk_shift,
			      UINT64_C(1) << md->chunk_shift, false);
	SIM_END();
}

static void end_sync_one(struct sim_array *md, uint64_t chunk, bool aborted)
{
	uint16_t *counter = &md->counters[chunk];

	if (!(*counter & SIM_RESYNC))
		return;
	*counter &= (uint16_t)~SIM_RESYNC;
	if (!(*counter & SIM_NEEDED) && aborted) {
		*counter |= SIM_NEEDED;
	} else if (*counter <= 2) {
		md->pending[chunk >> 11] = true;
		md->allclean = false;
	}
}

/* The functions that end a range, from their entry on. */
bool sim_end_sync(struct sim_actor *me, struct sim_array *md, uint64_t first, uint64_t chunks,
		  bool aborted)
{
	SIM_BEGIN(me);
	sim_tell_sync(me, md, BT_END_SYNC, first << md->chunk_shift,
		      aborted ? 1 : chunks << md->chunk_shift, aborted);
	SIM_STEP();
	f->flag = aborted && sim_mutate(me->sim, SIM_MUT_ABORTED_IS_CLEAN);
	for (f->i = first; f->i < first + chunks; f->i++) {
		if (!(md->counters[f->i] & SIM_RESYNC))
			continue;
		SIM_WAIT(sim_lock(me, md));
		end_sync_one(md, f->i, aborted && !f->flag);
		sim_unlock(me, md);
	}
	SIM_END();
}
