// SPDX-License-Identifier: GPL-2.0-only
/*
 * One array of two members, internal bitmap. TASKS threads write in batches: bits set,
 * startwrites, one unplug, data to both members; ends come in any order. Half of the writes go
 * to HOT_CHUNKS chunks, the others anywhere. A pass of the daemon clears the bits of chunks
 * that were idle since the pass before.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

#define TASKS	       8
#define BATCH_MAX      32
#define IN_FLIGHT_MAX  1024 /* a power of two */
#define HOT_CHUNKS     512
#define STEPS_PER_PASS 2500
#define MEMBERS	       2
#define CHUNK_SHIFT    7 /* 64 KiB */
#define DAEMON_TID     99
#define TID_FIRST      100
#define MEMBER_DEV     0x800000
#define MD_DEV	       (9U << 20)
#define END_IO	       0xffffffffc0a01000
#define BITS_PER_PAGE  32768
#define SUPER_BYTES    256
#define SUPER_BITS     (SUPER_BYTES * 8)
#define OP_WRITE       1
#define OP_WRITE_FUA   (1 | 1 << 17)

struct chunk {
	bool set;
	uint32_t writers;
	uint32_t end_pass; /* number of the first pass after its last endwrite */
};

enum stage { STAGE_START, STAGE_UNPLUG, STAGE_SUBMIT };

struct task {
	uint32_t tid;
	enum stage stage;
	uint32_t nr;
	uint64_t sectors[BATCH_MAX];
};

/* A user write in flight to the members. */
struct write {
	uint64_t sector;
	uint64_t bios[MEMBERS];
	uint32_t ended;
};

struct gen {
	struct bt_sink *sink;
	int err;
	uint64_t events, ts_ns, random, bio_last;
	uint64_t chunks_nr;
	uint32_t pages_nr, pass;
	struct chunk *chunks;
	bool *dirty, *pending; /* attributes of the pages */
	struct task tasks[TASKS];
	struct write writes[IN_FLIGHT_MAX];
	uint32_t writes_nr;
};

/* xorshift64*, Vigna 2016. */
static uint64_t below(struct gen *gen, uint64_t limit)
{
	gen->random ^= gen->random >> 12;
	gen->random ^= gen->random << 25;
	gen->random ^= gen->random >> 27;
	return (gen->random * UINT64_C(2685821657736338717) >> 32) % limit;
}

static uint32_t page_of(uint64_t chunk)
{
	return (uint32_t)((chunk + SUPER_BITS) / BITS_PER_PAGE);
}

/* ---- events ------------------------------------------------------------------------- */

static struct bt_event event(enum bt_event_type type, uint32_t tid)
{
	return (struct bt_event){ .bitmap = 1,
				  .tid = tid,
				  .stack = -1,
				  .type = (uint16_t)type,
				  .cpu = (uint16_t)(tid & 3),
				  .impl = BT_IMPL_CLASSIC,
				  .member = -1 };
}

static void put(struct gen *gen, struct bt_event *ev)
{
	gen->ts_ns += 200 + below(gen, 1600);
	ev->ts_ns = gen->ts_ns;
	gen->events++;
	if (!gen->err)
		gen->err = bt_sink_event(gen->sink, ev);
}

static void put_plain(struct gen *gen, enum bt_event_type type, uint32_t tid)
{
	struct bt_event ev = event(type, tid);

	put(gen, &ev);
}

static void put_bit(struct gen *gen, enum bt_event_type type, uint32_t tid, uint64_t chunk)
{
	struct bt_event ev = event(type, tid);

	ev.bit.chunk = chunk;
	ev.bit.page = page_of(chunk);
	ev.bit.attr = type == BT_SET_BIT ? BT_ATTR_DIRTY : 0;
	put(gen, &ev);
}

static void put_range(struct gen *gen, enum bt_event_type type, uint32_t tid, uint64_t sector)
{
	struct bt_event ev = event(type, tid);

	ev.range.sector = sector;
	ev.range.sectors = 8;
	if (type == BT_STARTWRITE) {
		ev.range.counter = gen->chunks[sector >> CHUNK_SHIFT].writers + 2;
		ev.range.sampled = 1;
	}
	put(gen, &ev);
}

static void put_attr(struct gen *gen, enum bt_event_type type, uint32_t tid, uint32_t page,
		     uint8_t attr)
{
	struct bt_event ev = event(type, tid);

	ev.attr.page = page;
	ev.attr.attr = attr;
	put(gen, &ev);
}

static void put_data(struct gen *gen, enum bt_event_type type, uint32_t tid,
		     const struct write *write, uint32_t leg)
{
	struct bt_event ev = event(type, tid);

	ev.member = (int16_t)leg;
	ev.opf = OP_WRITE;
	ev.data.bio = write->bios[leg];
	ev.data.sector = write->sector;
	ev.data.sectors = 8;
	ev.data.end_io = type == BT_DATA_START ? END_IO : 0;
	ev.data.dev = MEMBER_DEV + leg;
	put(gen, &ev);
}

/* A write of the page to all members, from the first start to the last end. */
static void put_page_write(struct gen *gen, uint32_t tid, uint32_t page)
{
	struct bt_event ev = event(BT_PAGE_WRITE_START, tid);
	uint64_t bio = gen->bio_last;
	uint32_t leg;

	ev.opf = OP_WRITE_FUA;
	ev.page.page = page;
	ev.page.nr_pages = 1;
	ev.page.backend = BT_BACKEND_INTERNAL;
	ev.page.cache = BT_CACHE_NONE;
	for (leg = 0; leg < 2 * MEMBERS; leg++) {
		if (leg == MEMBERS) {
			ev.type = BT_PAGE_WRITE_END;
			ev.tid = 0;
			ev.opf = 0;
		}
		ev.member = (int16_t)(leg % MEMBERS);
		ev.page.dev = MEMBER_DEV + leg % MEMBERS;
		ev.page.io = (bio + 1 + leg % MEMBERS) * 64;
		put(gen, &ev);
	}
	gen->bio_last += MEMBERS;
}

/* ---- a bitmap is loaded ---------------------------------------------------------------- */

static void put_names(struct gen *gen)
{
	struct bt_event ev = event(BT_SYMBOL, 1);
	unsigned int i;

	ev.bitmap = 0;
	ev.symbol.addr = END_IO;
	memcpy(ev.symbol.name, "raid1_end_write_request", sizeof(ev.symbol.name));
	put(gen, &ev);
	for (i = 0; i <= TASKS; i++) {
		ev = event(BT_TASK, DAEMON_TID + i);
		ev.bitmap = 0;
		snprintf(ev.task.comm, sizeof(ev.task.comm), "%s", i ? "fio" : "md0_raid1");
		put(gen, &ev);
	}
}

static void put_description(struct gen *gen)
{
	struct bt_event ev = event(BT_ARRAY, 1);

	snprintf(ev.array.name, sizeof(ev.array.name), "md0");
	put(gen, &ev);
	ev = event(BT_LAYOUT, 1);
	ev.layout.dev_sectors = gen->chunks_nr << CHUNK_SHIFT;
	ev.layout.bytes = SUPER_BYTES + (gen->chunks_nr + 7) / 8;
	ev.layout.header_bytes = SUPER_BYTES;
	ev.layout.page_shift = ev.layout.block_shift = 12;
	put(gen, &ev);
	ev = event(BT_BITMAP, 1);
	ev.geometry.chunks = gen->chunks_nr;
	ev.geometry.dev = MD_DEV;
	ev.geometry.file_pages = gen->pages_nr;
	ev.geometry.level = 1;
	ev.geometry.chunk_shift = CHUNK_SHIFT;
	ev.geometry.backend = BT_BACKEND_INTERNAL;
	ev.geometry.raid_disks = MEMBERS;
	ev.geometry.has_sb = 1;
	put(gen, &ev);
}

static void load(struct gen *gen)
{
	put_names(gen);
	put_description(gen);
	put_plain(gen, BT_LOAD_ENTER, 1);
	put_plain(gen, BT_INIT_ENTER, 1);
	put_plain(gen, BT_INIT_EXIT, 1);
	put_plain(gen, BT_UPDATE_SB_ENTER, 1);
	put_page_write(gen, 1, 0);
	put_plain(gen, BT_UPDATE_SB_EXIT, 1);
	put_plain(gen, BT_LOAD_EXIT, 1);
}

/* ---- writers ----------------------------------------------------------------------------- */

static void start_write(struct gen *gen, struct task *task, uint64_t sector)
{
	struct chunk *chunk = &gen->chunks[sector >> CHUNK_SHIFT];

	if (!chunk->set) {
		put_bit(gen, BT_SET_BIT_ENTER, task->tid, sector >> CHUNK_SHIFT);
		chunk->set = true;
		gen->dirty[page_of(sector >> CHUNK_SHIFT)] = true;
		put_bit(gen, BT_SET_BIT, task->tid, sector >> CHUNK_SHIFT);
	}
	chunk->writers++;
	put_range(gen, BT_STARTWRITE, task->tid, sector);
}

static void start_batch(struct gen *gen, struct task *task)
{
	uint64_t chunk;
	uint32_t i;

	task->nr = 1 + (uint32_t)below(gen, BATCH_MAX);
	for (i = 0; i < task->nr; i++) {
		chunk = below(gen, below(gen, 2) ? HOT_CHUNKS : gen->chunks_nr);
		if (chunk >= gen->chunks_nr)
			chunk = 0;
		task->sectors[i] = (chunk << CHUNK_SHIFT) + 8 * below(gen, 16);
		start_write(gen, task, task->sectors[i]);
	}
}

static void unplug(struct gen *gen, const struct task *task)
{
	uint32_t i;

	put_plain(gen, BT_UNPLUG_ENTER, task->tid);
	for (i = 0; i < gen->pages_nr; i++)
		if (gen->dirty[i])
			put_attr(gen, BT_UNPLUG_PAGE, task->tid, i, BT_ATTR_DIRTY);
	for (i = 0; i < gen->pages_nr; i++) {
		if (!gen->dirty[i])
			continue;
		gen->dirty[i] = false;
		gen->pending[i] = false;
		put_page_write(gen, task->tid, i);
	}
	put_plain(gen, BT_UNPLUG_EXIT, task->tid);
}

static void submit(struct gen *gen, const struct task *task)
{
	uint32_t i, leg;

	for (i = 0; i < task->nr; i++) {
		struct write *write = &gen->writes[gen->writes_nr++];

		*write = (struct write){ .sector = task->sectors[i] };
		for (leg = 0; leg < MEMBERS; leg++) {
			write->bios[leg] = ++gen->bio_last * 64;
			put_data(gen, BT_DATA_START, task->tid, write, leg);
		}
	}
}

/* Any member write of any user write ends; with the last one the user write ends. */
static void end_some(struct gen *gen)
{
	uint32_t i = (uint32_t)below(gen, gen->writes_nr);
	struct write *write = &gen->writes[i];
	struct chunk *chunk = &gen->chunks[write->sector >> CHUNK_SHIFT];

	put_data(gen, BT_DATA_END, 0, write, write->ended);
	if (++write->ended < MEMBERS)
		return;
	put_range(gen, BT_ENDWRITE, 0, write->sector);
	chunk->writers--;
	chunk->end_pass = gen->pass + 1;
	*write = gen->writes[--gen->writes_nr];
}

static void advance(struct gen *gen, struct task *task)
{
	uint64_t ends = below(gen, 2 * BATCH_MAX);

	switch (task->stage) {
	case STAGE_START:
		start_batch(gen, task);
		task->stage = STAGE_UNPLUG;
		break;
	case STAGE_UNPLUG:
		unplug(gen, task);
		task->stage = STAGE_SUBMIT;
		break;
	case STAGE_SUBMIT:
		while (gen->writes_nr + task->nr > IN_FLIGHT_MAX)
			end_some(gen);
		submit(gen, task);
		task->stage = STAGE_START;
		break;
	}
	while (gen->writes_nr && ends--)
		end_some(gen);
}

/* ---- the daemon --------------------------------------------------------------------------- */

/* Bits of chunks that were idle for a whole pass. */
static void clear_bits(struct gen *gen, bool *cleared)
{
	uint64_t i;

	for (i = 0; i < gen->chunks_nr; i++) {
		if (!gen->chunks[i].set || gen->chunks[i].writers ||
		    gen->chunks[i].end_pass >= gen->pass)
			continue;
		put_bit(gen, BT_CLEAR_BIT, DAEMON_TID, i);
		gen->chunks[i].set = false;
		cleared[page_of(i)] = true;
	}
}

/* Pages with bits cleared in the pass before are written, after the superblock. */
static void daemon_pass(struct gen *gen, bool *cleared)
{
	struct bt_event ev = event(BT_DAEMON_ENTER, DAEMON_TID);
	uint32_t i;

	gen->pass++;
	memset(cleared, 0, gen->pages_nr * sizeof(*cleared));
	ev.pass.need_sync = 1;
	put(gen, &ev);
	clear_bits(gen, cleared);
	for (i = 0; i < gen->pages_nr && !gen->dirty[i]; i++)
		if (i == 0 || gen->pending[i])
			put_page_write(gen, DAEMON_TID, i);
	for (; i < gen->pages_nr; i++)
		cleared[i] |= gen->pending[i];
	memcpy(gen->pending, cleared, gen->pages_nr * sizeof(*cleared));
	for (i = 0; i < gen->pages_nr; i++)
		if (gen->pending[i] || gen->dirty[i])
			put_attr(gen, BT_DAEMON_PAGE, DAEMON_TID, i,
				 (gen->pending[i] ? BT_ATTR_PENDING : 0) |
					 (gen->dirty[i] ? BT_ATTR_DIRTY : 0));
	put_plain(gen, BT_DAEMON_EXIT, DAEMON_TID);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void finish(struct gen *gen, bool *cleared)
{
	unsigned int i;

	for (i = 0; i < TASKS; i++)
		while (gen->tasks[i].stage != STAGE_START)
			advance(gen, &gen->tasks[i]);
	while (gen->writes_nr)
		end_some(gen);
	for (i = 0; i < 3; i++)
		daemon_pass(gen, cleared);
	put_plain(gen, BT_GONE, 1);
}

static int generate(struct gen *gen, uint64_t events)
{
	bool *cleared = calloc(gen->pages_nr, sizeof(*cleared));
	uint64_t steps;
	unsigned int i;

	gen->chunks = calloc(gen->chunks_nr, sizeof(*gen->chunks));
	gen->dirty = calloc(gen->pages_nr, sizeof(*gen->dirty));
	gen->pending = calloc(gen->pages_nr, sizeof(*gen->pending));
	if (!cleared || !gen->chunks || !gen->dirty || !gen->pending)
		gen->err = -ENOMEM;
	for (i = 0; i < TASKS; i++)
		gen->tasks[i].tid = TID_FIRST + i;
	if (!gen->err) {
		load(gen);
		for (steps = 1; gen->events < events && !gen->err; steps++) {
			advance(gen, &gen->tasks[below(gen, TASKS)]);
			if (steps % STEPS_PER_PASS == 0)
				daemon_pass(gen, cleared);
		}
		finish(gen, cleared);
	}
	free(cleared);
	free(gen->chunks);
	free(gen->dirty);
	free(gen->pending);
	return gen->err;
}

int bench_history(struct bt_sink *sink, uint64_t events, uint32_t chunks)
{
	struct gen gen = {
		.sink = sink,
		.random = 1,
		.ts_ns = UINT64_C(1000000000000),
		.chunks_nr = chunks,
		.pages_nr = page_of(chunks - 1) + 1,
	};

	return generate(&gen, events);
}
