// SPDX-License-Identifier: GPL-2.0-only
/* The events that the probes (the .bpf.c files) emit for the simulated md. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

/* The callbacks of member writes, by the address that stands for them. */
static const char *const end_io_names[] = {
	"raid1_end_write_request [raid1]",
	"raid10_end_write_request [raid10]",
	"raid10_end_discard_request [raid10]",
	"raid5_end_write_request [raid456]",
	"end_sync_write [raid1]",
	"end_sync_write [raid10]",
};
#define END_IO_BASE UINT64_C(0xffffffffc0a01000)

enum { END_IO_RAID1, END_IO_RAID10, END_IO_DISCARD, END_IO_RAID5, END_IO_SYNC1, END_IO_SYNC10 };

#define OP_WRITE   1
#define OP_DISCARD 3
#define REQ_FUA	   (1U << 17)

uint64_t sim_jiffies(const struct sim *sim)
{
	return sim->ts_ns / (sim->step_ns * 4);
}

static uint32_t tid_of(const struct sim_actor *me)
{
	if (!me->irq)
		return me->tid;
	return me->victim ? me->victim->tid : 0;
}

static void emit(struct sim *sim, struct bt_event *ev)
{
	if (!sim->recording)
		return;
	ev->ts_ns = sim->ts_ns += 1 + sim_below(sim, 2 * sim->step_ns);
	sim->told++;
	sim->steps_idle = 0;
	sim->options.sink(sim->options.sink_to, ev);
}

static void note_task(struct sim_actor *me)
{
	struct sim_actor *thread = me->irq ? me->victim : me;
	struct bt_event ev = { .type = BT_TASK, .stack = -1, .member = -1 };

	if (!thread || thread->named || !me->sim->recording)
		return;
	thread->named = true;
	ev.tid = thread->tid;
	snprintf(ev.task.comm, sizeof(ev.task.comm), "sim/%u", thread->tid);
	emit(me->sim, &ev);
}

void sim_put(struct sim_actor *me, struct bt_event *ev)
{
	note_task(me);
	emit(me->sim, ev);
}

struct bt_event sim_event(struct sim_actor *me, struct sim_array *md, enum bt_event_type type)
{
	return (struct bt_event){
		.type = (uint16_t)type,
		.bitmap = md ? md->known.id : 0,
		.tid = tid_of(me),
		.stack = -1,
		.member = -1,
		.cpu = (uint16_t)(tid_of(me) & 3),
		.bm_flags = md ? md->flags : 0,
		.impl = md ? BT_IMPL_CLASSIC : BT_IMPL_NONE,
	};
}

bool sim_known(const struct sim_array *md)
{
	return md->sim->recording && md->up && md->known.id;
}

/* again: emit even if they have not changed. */
void sim_tell_members(struct sim_actor *me, struct sim_array *md, bool again)
{
	struct bt_event ev;
	uint64_t members = 0;
	unsigned int i;

	if (!sim_known(md) || md->backend != BT_BACKEND_INTERNAL)
		return;
	for (i = 0; i < md->members_nr; i++)
		if (!md->members[i].faulty)
			members |= UINT64_C(1) << i;
	if (!again && members == md->known.members)
		return;
	md->known.members = members;
	ev = sim_event(me, md, BT_MEMBERS);
	ev.members.active = members;
	sim_put(me, &ev);
}

static void describe(struct sim_actor *me, struct sim_array *md)
{
	struct bt_event ev = sim_event(me, md, BT_ARRAY);

	snprintf(ev.array.name, sizeof(ev.array.name), "md%u", md->nr);
	sim_put(me, &ev);
	ev = sim_event(me, md, BT_LAYOUT);
	ev.bm_flags = 0;
	ev.layout.dev_sectors = md->dev_sectors;
	ev.layout.bytes = md->bytes;
	ev.layout.fs_magic = md->fs_magic;
	ev.layout.header_bytes = 256;
	ev.layout.page_shift = ev.layout.block_shift = 12;
	sim_put(me, &ev);
	ev = sim_event(me, md, BT_BITMAP);
	ev.geometry.chunks = md->chunks;
	ev.geometry.dev = 9U << 20 | md->nr;
	ev.geometry.file_pages = md->pages_nr;
	ev.geometry.level = (int16_t)md->level;
	ev.geometry.chunk_shift = (uint8_t)md->chunk_shift;
	ev.geometry.backend =
		md->backend == BT_BACKEND_INTERNAL ? BT_BACKEND_INTERNAL : BT_BACKEND_FILE;
	ev.geometry.layout = md->layout;
	ev.geometry.chunk_sectors = md->chunk_sectors;
	ev.geometry.raid_disks = (uint16_t)md->raid_disks;
	ev.geometry.has_sb = 1;
	sim_put(me, &ev);
	sim_tell_members(me, md, true);
}

/* registering a bitmap (bpf/trace/register.h) */
bool sim_meet(struct sim_actor *me, struct sim_array *md)
{
	if (!md->sim->recording || !md->up)
		return false;
	if (md->known.id)
		return true;
	md->known = (struct sim_known){ .id = ++md->sim->bitmap_last };
	describe(me, md);
	return true;
}

void sim_tell(struct sim_actor *me, struct sim_array *md, enum bt_event_type type)
{
	struct bt_event ev;

	if (!sim_known(md))
		return;
	ev = sim_event(me, md, type);
	sim_put(me, &ev);
}

void sim_tell_call(struct sim_actor *me, struct sim_array *md, enum bt_event_type type, int ret)
{
	struct bt_event ev;

	if (!sim_known(md))
		return;
	ev = sim_event(me, md, type);
	ev.call.ret = ret;
	sim_put(me, &ev);
}

/* Runs of counters that are not 0, before BT_INIT_EXIT. */
void sim_tell_loaded(struct sim_actor *me, struct sim_array *md)
{
	uint64_t i = 0, first;
	struct bt_event ev;

	while (sim_known(md) && i < md->chunks) {
		for (; i < md->chunks && !md->counters[i];)
			i++;
		first = i;
		for (; i < md->chunks && md->counters[i];)
			i++;
		if (i == first)
			break;
		ev = sim_event(me, md, BT_LOADED_BITS);
		ev.bm_flags = 0;
		ev.run.chunk = first;
		ev.run.chunks = i - first;
		sim_put(me, &ev);
	}
}

static uint32_t sampled(const struct sim_array *md, uint64_t sector, uint64_t sectors)
{
	uint64_t first = sector >> md->chunk_shift,
		 last = (sector + sectors - 1) >> md->chunk_shift;
	uint32_t a = md->counters[first] & SIM_COUNTER, b = md->counters[last] & SIM_COUNTER;

	return a < b ? a : b;
}

void sim_tell_range(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		    uint64_t sector, uint64_t sectors)
{
	bool degraded = md->degraded > 0;
	struct bt_event ev;

	if (type == BT_STARTWRITE ? !sim_meet(me, md) : !sim_known(md))
		return;
	if (type == BT_ENDWRITE_EXIT && !degraded)
		return;
	if (type != BT_STARTWRITE && degraded)
		md->known.synced = 0;
	ev = sim_event(me, md, type);
	ev.range.sector = sector;
	ev.range.sectors = sectors;
	if (type == BT_STARTWRITE) {
		ev.range.counter = sampled(md, sector, sectors);
		ev.range.sampled = 1;
	} else if (degraded) {
		ev.bm_flags |= BT_BM_DEGRADED;
	}
	sim_put(me, &ev);
}

/* The attributes are sampled before the record is reserved. */
void sim_tell_bit(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		  uint64_t chunk, uint8_t attr)
{
	struct bt_event ev;

	if (type == BT_SET_BIT_ENTER ? !sim_meet(me, md) : !sim_known(md))
		return;
	ev = sim_event(me, md, type);
	ev.bit.chunk = chunk;
	ev.bit.page = sim_page_of(chunk);
	ev.bit.attr = attr;
	if (type != BT_CLEAR_BIT)
		ev.bit.on_page = md->bits[chunk] ? BT_ON_PAGE_SET : BT_ON_PAGE_CLEAR;
	sim_put(me, &ev);
}

/*
 * Called only under counts.lock, so interrupts are off at entry. Emitted if they are not at
 * exit.
 */
void sim_tell_irqs(struct sim_actor *me, struct sim_array *md, bool on_leaving)
{
	struct bt_event ev;

	if (!on_leaving || !sim_known(md))
		return;
	ev = sim_event(me, md, BT_SET_BIT_LEFT);
	ev.irqs.on_leaving = on_leaving;
	sim_put(me, &ev);
}

void sim_tell_attr(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		   uint32_t page, uint8_t attr)
{
	struct bt_event ev;

	if (!sim_known(md))
		return;
	ev = sim_event(me, md, type);
	ev.bm_flags = 0;
	ev.attr.page = page;
	ev.attr.attr = attr;
	sim_put(me, &ev);
}

void sim_tell_sync(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		   uint64_t sector, uint64_t sectors, bool aborted)
{
	uint64_t chunk = sector >> md->chunk_shift;
	struct bt_event ev;

	if (!sim_known(md))
		return;
	if (type == BT_START_SYNC) {
		if (md->known.synced == chunk + 1)
			return;
		md->known.synced = chunk + 1;
	} else {
		md->known.synced = 0;
	}
	ev = sim_event(me, md, type);
	ev.sync.sector = sector;
	ev.sync.sectors = sectors;
	ev.sync.aborted = aborted;
	sim_put(me, &ev);
}

static uint8_t cache_of(const struct sim_array *md)
{
	if (!md->volatile_cache)
		return BT_CACHE_NONE;
	return md->uses_fua ? BT_CACHE_FUA : BT_CACHE_VOLATILE;
}

/* The bitmap of a start may be gone at its end. */
static bool told_of(const struct sim_io *io)
{
	return sim_known(io->md) && (!io->bitmap || io->bitmap == io->md->known.id);
}

void sim_tell_page(struct sim_actor *me, const struct sim_io *io, enum bt_event_type type)
{
	struct bt_event ev;

	if (!told_of(io))
		return;
	ev = sim_event(me, io->md, type);
	ev.opf = type == BT_PAGE_WRITE_START ? OP_WRITE | (io->md->uses_fua ? REQ_FUA : 0) : 0;
	ev.member = io->md->backend == BT_BACKEND_INTERNAL ? (int16_t)io->leg : -1;
	ev.page.io = io->key;
	ev.page.page = io->page;
	ev.page.nr_pages = 1;
	ev.page.dev = io->dev;
	ev.status = type == BT_PAGE_WRITE_END && io->failed ? BT_STATUS_IOERR : 0;
	ev.page.backend = io->md->backend;
	if (io->md->backend == BT_BACKEND_INTERNAL)
		ev.page.desc_nr = (uint8_t)io->leg;
	if (type == BT_PAGE_WRITE_START) {
		if (io->md->backend == BT_BACKEND_INTERNAL)
			ev.page.bytes = sim_member_bytes(io->md, io->page);
		ev.page.cache = cache_of(io->md);
		if (io->md->backend == BT_BACKEND_BUFFER)
			ev.page.blocks = (uint8_t)sim_blocks_of(io->md, io->page);
	}
	sim_put(me, &ev);
}

static uint64_t folio_key(const struct sim_array *md, uint32_t page)
{
	return UINT64_C(0xffffea0000000000) + (md->nr << 20) + (page << 6);
}

void sim_tell_folio(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		    uint32_t page)
{
	struct bt_event ev;

	if (!sim_known(md) || (md->pages[page].lost && type != BT_PAGE_DIRTY))
		return;
	ev = sim_event(me, md, type);
	ev.page.page = page;
	ev.page.nr_pages = 1;
	ev.page.backend = BT_BACKEND_PAGECACHE;
	if (type == BT_PAGE_BIO) {
		ev.opf = OP_WRITE | (md->uses_fua ? REQ_FUA : 0);
		ev.page.io = ++md->sim->io_last;
		ev.page.dev = SIM_FILE_DEV + md->nr;
		ev.page.cache = cache_of(md);
		ev.page.bytes = 4096;
	} else {
		ev.page.io = folio_key(md, page);
		if (md->pages[page].locked)
			ev.page.dirty |= BT_DIRTY_LOCKED;
		if (md->pages[page].lost)
			ev.page.dirty |= BT_DIRTY_NO_MAPPING;
	}
	sim_put(me, &ev);
}

void sim_tell_writeback(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
			int64_t start, int64_t end, int ret)
{
	struct bt_event ev;

	if (!sim_known(md))
		return;
	ev = sim_event(me, md, type);
	ev.writeback.start = start;
	ev.writeback.end = end;
	ev.writeback.ret = ret;
	if (type == BT_WRITEBACK_ENTER || type == BT_WRITEBACK_EXIT)
		ev.writeback.sync_mode = BT_WB_SYNC_ALL;
	sim_put(me, &ev);
}

static unsigned int end_io_of(const struct sim_io *io)
{
	bool sync = io->kind == SIM_IO_SYNC;

	if (io->md->level == 1)
		return sync ? END_IO_SYNC1 : END_IO_RAID1;
	if (io->md->level == 5)
		return END_IO_RAID5;
	if (sync)
		return END_IO_SYNC10;
	return io->write->discard ? END_IO_DISCARD : END_IO_RAID10;
}

static void note_symbol(struct sim_actor *me, unsigned int nr)
{
	struct bt_event ev = sim_event(me, NULL, BT_SYMBOL);
	const char *name = end_io_names[nr];

	if (me->sim->symbols_told[nr])
		return;
	me->sim->symbols_told[nr] = true;
	ev.symbol.addr = END_IO_BASE + nr * 64;
	memcpy(ev.symbol.name, name, strnlen(name, sizeof(ev.symbol.name)));
	emit(me->sim, &ev);
}

void sim_tell_data(struct sim_actor *me, const struct sim_io *io, bool start)
{
	struct bt_event ev;

	if (!told_of(io))
		return;
	/* The callback of raid1's and raid10's resync has no hook. */
	if (!start && io->kind == SIM_IO_SYNC && io->md->level != 5)
		return;
	if (start)
		note_symbol(me, end_io_of(io));
	ev = sim_event(me, io->md, start ? BT_DATA_START : BT_DATA_END);
	ev.member = (int16_t)io->leg;
	ev.opf = io->write && io->write->discard ? OP_DISCARD : OP_WRITE;
	ev.data.bio = io->key;
	ev.data.dev = io->dev;
	if (start) {
		if (io->md->level == 5)
			ev.bm_flags |=
				io->kind == SIM_IO_SYNC ? BT_BM_STRIPE_SYNC : BT_BM_STRIPE_USER;
		ev.data.sector = io->sector;
		ev.data.sectors = io->sectors;
		ev.data.end_io = END_IO_BASE + end_io_of(io) * 64;
	} else {
		ev.status = io->failed ? BT_STATUS_IOERR : 0;
	}
	sim_put(me, &ev);
}

void sim_tell_super(struct sim_actor *me, const struct sim_io *io, bool start)
{
	struct bt_event ev;

	if (!told_of(io))
		return;
	ev = sim_event(me, io->md, start ? BT_SB_WRITE_START : BT_SB_WRITE_END);
	ev.opf = OP_WRITE | REQ_FUA;
	ev.member = (int16_t)io->leg;
	ev.super.bio = io->key;
	ev.super.dev = io->dev;
	ev.super.sector = start ? 8 : 0;
	ev.super.events = start ? io->md->events : 0;
	ev.status = !start && io->failed ? BT_STATUS_IOERR : 0;
	sim_put(me, &ev);
}

void sim_tell_update_sb(struct sim_actor *me, struct sim_array *md)
{
	struct bt_event ev;

	if (!sim_meet(me, md))
		return;
	ev = sim_event(me, md, BT_UPDATE_SB_ENTER);
	ev.super.events = md->events;
	ev.super.state = md->flags;
	sim_put(me, &ev);
}

void sim_tell_member_error(struct sim_actor *me, struct sim_array *md, unsigned int disk)
{
	struct bt_event ev;

	if (!sim_known(md))
		return;
	sim_tell_members(me, md, false);
	ev = sim_event(me, md, BT_MEMBER_ERROR);
	ev.member = (int16_t)disk;
	ev.member_error.dev = md->members[disk].dev;
	ev.member_error.faulty = md->members[disk].faulty;
	if (md->degraded)
		ev.bm_flags |= BT_BM_DEGRADED;
	sim_put(me, &ev);
}

void sim_tell_flush(struct sim_actor *me, const struct sim_io *io, bool start)
{
	struct bt_event ev = sim_event(me, NULL, start ? BT_FLUSH_START : BT_FLUSH_END);

	if (!me->sim->recording)
		return;
	ev.flush.bio = io->key;
	ev.flush.dev = io->dev;
	sim_put(me, &ev);
}
