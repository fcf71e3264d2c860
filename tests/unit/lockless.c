// SPDX-License-Identifier: GPL-2.0-only
#include "lockless.h"

#include <stdio.h>
#include <string.h>

#define NONE BT_LL_NO_NAME

/* state_machine[][] of 7.3 */
static const uint8_t table[BT_LL_STATES][BT_LL_ACTIONS] = {
	{ 2, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 5, NONE },
	{ 2, NONE, NONE, NONE, NONE, NONE, 0, 3, NONE, NONE },
	{ NONE, NONE, NONE, NONE, 3, 1, 0, 3, NONE, NONE },
	{ NONE, 4, NONE, NONE, NONE, NONE, 0, NONE, NONE, NONE },
	{ NONE, 4, 2, 3, 3, NONE, 0, 3, NONE, NONE },
	{ 3, 6, NONE, 0, 0, NONE, 0, 0, NONE, 0 },
	{ 4, 6, 7, 0, 0, NONE, 0, 0, NONE, 0 },
	{ 2, NONE, NONE, NONE, NONE, NONE, 0, 0, NONE, 0 },
};

static void put_kernel(struct stream *s)
{
	struct bt_event ev = stream_event(s, BT_LL_NAMES, 1);
	unsigned int i;

	for (i = 0; i < BT_LL_STATES; i++)
		ev.ll_names.states[i] = (uint8_t)i;
	for (i = 0; i < BT_LL_ACTIONS; i++)
		ev.ll_names.actions[i] = (uint8_t)i;
	stream_put(s, &ev);
	for (i = 0; i < BT_LL_STATES; i++) {
		ev = stream_event(s, BT_LL_TABLE, 1);
		ev.ll_row.state = (uint8_t)i;
		ev.ll_row.nr = BT_LL_ACTIONS;
		memcpy(ev.ll_row.next, table[i], BT_LL_ACTIONS);
		stream_put(s, &ev);
	}
}

static void put_description(struct stream *s, int level)
{
	struct bt_event ev = stream_event(s, BT_ARRAY, 1);

	snprintf(ev.array.name, sizeof(ev.array.name), "md0");
	stream_put(s, &ev);
	put_kernel(s);
	ev = stream_event(s, BT_LAYOUT, 1);
	ev.layout.bytes = LL_CHUNKS + 1024;
	ev.layout.header_bytes = 1024;
	ev.layout.page_shift = 12;
	ev.layout.block_shift = 9;
	ev.layout.chunk_bits_shift = 3;
	stream_put(s, &ev);
	ev = stream_event(s, BT_BITMAP, 1);
	ev.geometry.chunks = LL_CHUNKS;
	ev.geometry.file_pages = 1;
	ev.geometry.level = (int16_t)level;
	ev.geometry.chunk_shift = CHUNK_SHIFT;
	ev.geometry.backend = BT_BACKEND_INTERNAL;
	ev.geometry.raid_disks = 2;
	ev.geometry.has_sb = 1;
	stream_put(s, &ev);
	ev_members(s, 3);
}

static void init(struct stream *s, int level, enum bt_ll_state state, uint8_t by)
{
	memset(s, 0, sizeof(*s));
	bt_checker_init(&s->checker, true);
	s->impl = BT_IMPL_LLBITMAP;
	s->backend = BT_BACKEND_INTERNAL;
	s->cache = BT_CACHE_NONE;
	s->events = 1;
	put_symbol(s, END_IO_USER, "raid1_end_write_request [raid1]");
	put_symbol(s, END_IO_RAID5, "raid5_end_write_request [raid456]");
	put_description(s, level);
	ll_state(s, 1, 0, LL_CHUNKS, NONE, (uint8_t)state, by, 0);
}

void ll_init_as(struct stream *s, int level, enum bt_ll_state state)
{
	init(s, level, state, BT_LL_BY_LOAD);
	ev_plain(s, BT_LOAD_ENTER, 1);
	ll_enter(s, 1, 0, LL_CHUNKS - 1, BT_LL_RELOAD);
	ll_exit(s, 1, 0, LL_CHUNKS - 1, BT_LL_RELOAD);
	ev_call(s, BT_LOAD_EXIT, 1, 0);
}

void ll_init(struct stream *s)
{
	ll_init_as(s, 1, BT_LL_CLEAN);
}

void ll_init_late(struct stream *s, enum bt_ll_state state)
{
	init(s, 1, state, BT_LL_BY_ATTACH);
}

/* ---- single events -------------------------------------------------------------------- */

static void put_call(struct stream *s, enum bt_event_type type, uint32_t tid, uint64_t first,
		     uint64_t last, uint8_t action)
{
	struct bt_event ev = stream_event(s, type, tid);

	ev.ll_call.first = first;
	ev.ll_call.last = last;
	ev.ll_call.action = action;
	stream_put(s, &ev);
}

void ll_enter(struct stream *s, uint32_t tid, uint64_t first, uint64_t last, uint8_t action)
{
	put_call(s, BT_LL_CALL_ENTER, tid, first, last, action);
}

void ll_exit(struct stream *s, uint32_t tid, uint64_t first, uint64_t last, uint8_t action)
{
	put_call(s, BT_LL_CALL_EXIT, tid, first, last, action);
}

void ll_state(struct stream *s, uint32_t tid, uint64_t chunk, uint32_t chunks, uint8_t before,
	      uint8_t after, uint8_t action, uint8_t flags)
{
	struct bt_event ev = stream_event(s, BT_LL_STATE, tid);

	ev.ll_state.chunk = chunk;
	ev.ll_state.chunks = chunks;
	ev.ll_state.before = before;
	ev.ll_state.after = after;
	ev.ll_state.action = action;
	ev.ll_state.flags = flags;
	stream_put(s, &ev);
}

void ll_barrier(struct stream *s, uint32_t tid, uint32_t page)
{
	struct bt_event ev = stream_event(s, BT_LL_BARRIER, tid);

	ev.ll_page.page = page;
	stream_put(s, &ev);
}

void ll_skip(struct stream *s, uint64_t chunk)
{
	ev_sync(s, BT_LL_SYNC_SKIP, chunk, 1, false);
}

static void put_block(struct stream *s, enum bt_event_type type, uint32_t tid, uint32_t block,
		      uint64_t io, int member)
{
	struct bt_event ev = stream_event(s, type, tid);

	ev.member = (int16_t)member;
	ev.page.io = io;
	ev.page.page = block / 8;
	ev.page.nr_pages = 1;
	ev.page.dev = member_dev(member);
	ev.page.backend = BT_BACKEND_INTERNAL;
	ev.page.desc_nr = (uint8_t)member;
	ev.page.cache = s->cache;
	if (type == BT_PAGE_WRITE_START) {
		ev.page.bytes = 512;
		ev.page.offset = (uint16_t)(block % 8);
	}
	stream_put(s, &ev);
}

uint64_t ll_block_start(struct stream *s, uint32_t tid, uint32_t block, int member)
{
	uint64_t io = 0x1000000 + ++s->io_last;

	put_block(s, BT_PAGE_WRITE_START, tid, block, io, member);
	return io;
}

uint64_t ll_discard(struct stream *s, uint32_t tid, uint64_t chunk, int member)
{
	struct bt_event ev = stream_event(s, BT_DATA_START, tid);

	ev.member = (int16_t)member;
	ev.opf = BT_OP_DISCARD;
	ev.data.bio = 0x3000000 + ++s->io_last;
	ev.data.sector = chunk << CHUNK_SHIFT;
	ev.data.sectors = 1 << CHUNK_SHIFT;
	ev.data.end_io = END_IO_USER;
	stream_put(s, &ev);
	return ev.data.bio;
}

/* ---- legal steps --------------------------------------------------------------------------- */

void ll_change(struct stream *s, uint32_t tid, uint64_t chunk, uint8_t before, uint8_t after,
	       uint8_t action)
{
	uint8_t marked = after == BT_LL_DIRTY || after == BT_LL_NEED_SYNC ? LL_MARKED : 0;

	ll_enter(s, tid, chunk, chunk, action);
	ll_state(s, tid, chunk, 1, before, after, action, marked | BT_LL_OWN);
	ll_exit(s, tid, chunk, chunk, action);
}

void ll_start(struct stream *s, uint32_t tid, uint64_t chunk, uint8_t before)
{
	ll_barrier(s, tid, 0);
	ll_change(s, tid, chunk, before, BT_LL_DIRTY, BT_LL_STARTWRITE);
	ev_startwrite(s, tid, chunk);
}

void ll_block(struct stream *s, uint32_t tid, uint32_t block)
{
	uint64_t io[2];
	int i;

	for (i = 0; i < 2; i++)
		io[i] = ll_block_start(s, tid, block, i);
	for (i = 0; i < 2; i++)
		put_block(s, BT_PAGE_WRITE_END, 0, block, io[i], i);
}

void ll_unplug(struct stream *s, uint32_t tid, uint32_t block)
{
	ev_plain(s, BT_UNPLUG_ENTER, tid);
	ev_unplug_page(s, tid, 0);
	ev_plain(s, BT_LL_WORK_ENTER, LL_WORKER);
	ll_block(s, LL_WORKER, block);
	ev_plain(s, BT_LL_WORK_EXIT, LL_WORKER);
	ev_plain(s, BT_UNPLUG_EXIT, tid);
}

void ll_write(struct stream *s, uint32_t tid, uint64_t chunk)
{
	ll_start(s, tid, chunk, BT_LL_CLEAN);
	ll_unplug(s, tid, (uint32_t)(chunk + 1024) / 512);
	do_data(s, tid, chunk);
	ev_endwrite(s, chunk);
}

void ll_clean(struct stream *s, uint64_t chunk)
{
	ll_change(s, LL_DAEMON_T, chunk, BT_LL_DIRTY, BT_LL_CLEAN, BT_LL_DAEMON);
}
