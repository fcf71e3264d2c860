// SPDX-License-Identifier: GPL-2.0-only
/* bitmap_daemon_work() */
#include "sim.h"

static bool due(const struct sim_array *md, uint64_t slack)
{
	return (int64_t)(sim_jiffies(md->sim) + slack - md->daemon_lastrun - md->daemon_sleep) >= 0;
}

static bool is_cached(const struct sim_array *md)
{
	return md->backend == BT_BACKEND_PAGECACHE;
}

/* Lowers a counter if allowed. True: the bit is to be cleared. */
static bool age(struct sim_array *md, uint64_t chunk)
{
	uint16_t *counter = &md->counters[chunk];

	if (*counter == 1 && !md->need_sync) {
		*counter = 0;
		return true;
	}
	if (*counter == 2 && !md->need_sync && sim_mutate(md->sim, SIM_MUT_ONE_PASS_CLEAR)) {
		*counter = 0;
		return true;
	}
	if (*counter && *counter <= 2) {
		*counter = 1;
		md->pending[chunk >> 11] = true;
		md->allclean = false;
	}
	return false;
}

static void clear_bit(struct sim_actor *me, struct sim_array *md, uint64_t chunk)
{
	struct sim_page *page = &md->pages[sim_page_of(chunk)];

	sim_tell_bit(me, md, BT_CLEAR_BIT, chunk, page->attr);
	md->bits[chunk] = md->whole[chunk] = false;
	if (sim_mutate(me->sim, SIM_MUT_CLEAR_UNMARKED))
		return;
	if (!(page->attr & BT_ATTR_NEEDWRITE)) {
		page->attr |= BT_ATTR_PENDING;
		md->allclean = false;
	}
}

/* Holds counts.lock all the time. */
static bool sweep(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	SIM_WAIT(sim_lock(me, md));
	f->n = 0;
	for (f->i = 0; f->i < md->chunks; f->i++) {
		if (f->i == f->n) {
			f->n += 2048;
			if (!md->pending[f->i >> 11]) {
				f->i |= 2047;
				continue;
			}
			md->pending[f->i >> 11] = false;
		}
		if (md->counters[f->i] == 3 && sim_mutate(me->sim, SIM_MUT_CLEAR_UNDER_WRITERS)) {
			clear_bit(me, md, f->i);
			continue;
		}
		if (!age(md, f->i))
			continue;
		clear_bit(me, md, f->i);
		if (sim_one_in(me->sim, 4))
			SIM_STEP();
	}
	sim_unlock(me, md);
	SIM_END();
}

static void note_pending(struct sim_array *md)
{
	uint32_t i;

	for (i = 0; i < md->pages_nr; i++) {
		if (md->pages[i].attr & BT_ATTR_PENDING)
			md->pages[i].attr |= BT_ATTR_NEEDWRITE;
		md->pages[i].attr &= (uint8_t)~BT_ATTR_PENDING;
	}
}

/* Pages whose bits were cleared must be written: mark them in the page cache. */
static bool mark_dirty(struct sim_actor *me, struct sim_array *md)
{
	const uint8_t mask = BT_ATTR_PENDING | BT_ATTR_NEEDWRITE;

	SIM_BEGIN(me);
	for (f->i = 0; f->i < md->pages_nr; f->i++)
		if (md->pages[f->i].attr & mask)
			SIM_CALL(me, sim_folio_dirty(me, md, (uint32_t)f->i));
	SIM_END();
}

static bool write_out(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	f->flag = sim_mutate(me->sim, SIM_MUT_SUPERBLOCK_LAST);
	SIM_WAIT(md->pending_writes == 0);
	for (f->i = 0; f->i < md->pages_nr && sim_enabled(md); f->i++) {
		f->n = f->flag ? md->pages_nr - 1 - f->i : f->i;
		if (md->pages[f->n].attr & BT_ATTR_DIRTY && !f->flag)
			break; /* an unplug will write the rest */
		if (!(md->pages[f->n].attr & BT_ATTR_NEEDWRITE))
			continue;
		md->pages[f->n].attr &= (uint8_t)~BT_ATTR_NEEDWRITE;
		SIM_CALL(me, sim_write_page(me, md, (uint32_t)f->n));
		SIM_STEP();
	}
	SIM_END();
}

/* The page cache may write any page at any time: the superblock must precede the clears. */
static bool write_sb_first(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	SIM_CALL(me, sim_folio_dirty(me, md, 0));
	SIM_CALL(me, sim_fdatawrite(me, md, 0, 0));
	SIM_END();
}

/* Nothing may come between need_sync's page 0 and the bits that wait for it. */
static bool pass_locked(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	note_pending(md);
	f->flag = !sim_mutate(me->sim, SIM_MUT_UNPLUG_OVERTAKES_SB);
	if (f->flag) {
		SIM_WAIT(md->scan == NULL);
		md->scan = me;
	}
	if (md->need_sync) {
		md->need_sync = false;
		md->pages[0].attr |= BT_ATTR_NEEDWRITE;
		if (is_cached(md))
			SIM_CALL(me, write_sb_first(me, md));
	}
	SIM_STEP();
	SIM_CALL(me, sweep(me, md));
	if (f->flag)
		md->scan = NULL;
	SIM_STEP();
	if (is_cached(md)) {
		SIM_CALL(me, mark_dirty(me, md));
		SIM_CALL(me, sim_fdatawrite(me, md, 0, md->pages_nr - 1));
	} else {
		SIM_WAIT(md->scan == NULL);
		md->scan = me;
		SIM_CALL(me, write_out(me, md));
		md->scan = NULL;
	}
	SIM_END();
}

static bool pass(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	SIM_WAIT(md->mutex == NULL);
	md->mutex = me;
	if (md->up && due(md, 0)) {
		md->daemon_lastrun = sim_jiffies(me->sim);
		if (!md->allclean) {
			md->allclean = true;
			SIM_CALL(me, pass_locked(me, md));
		}
	}
	md->mutex = NULL;
	SIM_END();
}

static bool tell_enter(struct sim_actor *me, struct sim_array *md)
{
	struct bt_event ev;

	if (!sim_meet(me, md))
		return false;
	md->known.lastrun = md->daemon_lastrun;
	if (!due(md, 2))
		return false;
	md->known.daemon_tid = me->tid;
	sim_tell_members(me, md, true);
	ev = sim_event(me, md, BT_DAEMON_ENTER);
	ev.pass.need_sync = md->need_sync;
	ev.pass.allclean = md->allclean;
	sim_put(me, &ev);
	return true;
}

static void tell_exit(struct sim_actor *me, struct sim_array *md)
{
	bool ran = md->known.lastrun != md->daemon_lastrun;
	struct bt_event ev;
	uint32_t i;

	if (!sim_known(md) || (md->known.daemon_tid != me->tid && !ran))
		return;
	md->known.daemon_tid = 0;
	for (i = 0; i < md->pages_nr; i++)
		if (md->pages[i].attr)
			sim_tell_attr(me, md, BT_DAEMON_PAGE, i, md->pages[i].attr);
	ev = sim_event(me, md, BT_DAEMON_EXIT);
	ev.pass.ran = ran ? BT_RAN_YES : BT_RAN_NO;
	sim_put(me, &ev);
}

/*
 * Passes are seconds apart, an interrupt takes microseconds, and bitmap_flush waits for all
 * writes. So a call that changes a counter may last as long as one pass here, but not as two.
 */
static bool counting_is_over(struct sim_array *md)
{
	if (md->counting[(md->passes + 1) & 1])
		return false;
	md->passes++;
	return true;
}

bool sim_daemon_work(struct sim_actor *me, struct sim_array *md)
{
	SIM_BEGIN(me);
	SIM_WAIT(counting_is_over(md));
	tell_enter(me, md);
	SIM_STEP();
	SIM_CALL(me, pass(me, md));
	SIM_STEP();
	tell_exit(me, md);
	SIM_END();
}
