// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/minimize.h"
#include "event/event_desc.h"

#define DAEMON_TID 99
#define LEGS	   2

uint32_t member_dev(int leg)
{
	return 0x800000 + (uint32_t)leg;
}

struct bt_event stream_event(struct stream *s, enum bt_event_type type, uint32_t tid)
{
	s->ts_ns += 1000;
	return (struct bt_event){
		.ts_ns = s->ts_ns,
		.bitmap = 1,
		.tid = tid,
		.type = (uint16_t)type,
		.stack = -1,
		.member = -1,
		.bm_flags = s->bm_flags,
		.impl = s->impl ? s->impl : BT_IMPL_CLASSIC,
	};
}

void stream_put(struct stream *s, const struct bt_event *ev)
{
	if (s->put_nr == s->put_cap) {
		s->put_cap = s->put_cap ? 2 * s->put_cap : 256;
		s->put = realloc(s->put, s->put_cap * sizeof(*s->put));
		assert_non_null(s->put);
	}
	s->put[s->put_nr] = (struct bt_event_ref){ .seq = s->put_nr + 1, .ev = *ev };
	s->put_nr++;
	assert_int_equal(bt_sink_event(&s->checker.sink, ev), 0);
}

void ev_plain(struct stream *s, enum bt_event_type type, uint32_t tid)
{
	struct bt_event ev = stream_event(s, type, tid);

	stream_put(s, &ev);
}

void ev_lost(struct stream *s, uint64_t count)
{
	struct bt_event ev = stream_event(s, BT_LOST, 0);

	ev.bitmap = 0;
	ev.lost.count = count;
	ev.lost.channel = BT_LOSS_RING_FULL;
	stream_put(s, &ev);
}

void ev_call(struct stream *s, enum bt_event_type type, uint32_t tid, int ret)
{
	struct bt_event ev = stream_event(s, type, tid);

	ev.call.ret = ret;
	stream_put(s, &ev);
}

void ev_loaded_bits(struct stream *s, uint64_t chunk, uint64_t chunks, bool unknown)
{
	struct bt_event ev = stream_event(s, BT_LOADED_BITS, 1);

	ev.run.chunk = chunk;
	ev.run.chunks = chunks;
	ev.run.unknown = unknown;
	stream_put(s, &ev);
}

void ev_update_sb(struct stream *s, uint32_t tid)
{
	struct bt_event ev = stream_event(s, BT_UPDATE_SB_ENTER, tid);

	ev.super.events = s->events;
	stream_put(s, &ev);
}

void ev_sb_write(struct stream *s, uint32_t tid, uint64_t events)
{
	struct bt_event ev = stream_event(s, BT_SB_WRITE_START, tid);

	ev.member = 0;
	ev.super.bio = 0x4000000 + ++s->io_last;
	ev.super.events = events;
	stream_put(s, &ev);
	ev.type = BT_SB_WRITE_END;
	ev.super.events = 0;
	stream_put(s, &ev);
}

void ev_sync(struct stream *s, enum bt_event_type type, uint64_t chunk, uint64_t chunks,
	     bool aborted)
{
	struct bt_event ev = stream_event(s, type, 98);

	ev.sync.sector = chunk << CHUNK_SHIFT;
	ev.sync.sectors = chunks << CHUNK_SHIFT;
	ev.sync.aborted = aborted;
	stream_put(s, &ev);
}

void ev_daemon_enter(struct stream *s, bool need_sync)
{
	struct bt_event ev = stream_event(s, BT_DAEMON_ENTER, DAEMON_TID);

	ev.pass.need_sync = need_sync;
	stream_put(s, &ev);
}

void ev_daemon_exit(struct stream *s, enum bt_ran ran)
{
	struct bt_event ev = stream_event(s, BT_DAEMON_EXIT, DAEMON_TID);

	ev.pass.ran = (uint8_t)ran;
	stream_put(s, &ev);
}

void ev_member_error(struct stream *s, int leg, bool faulty)
{
	struct bt_event ev = stream_event(s, BT_MEMBER_ERROR, 0);

	ev.member = (int16_t)leg;
	ev.member_error.dev = member_dev(leg);
	ev.member_error.faulty = faulty;
	stream_put(s, &ev);
}

void ev_members(struct stream *s, uint64_t active)
{
	struct bt_event ev = stream_event(s, BT_MEMBERS, 0);

	ev.members.active = active;
	stream_put(s, &ev);
}

void ev_page_bio(struct stream *s, uint32_t tid, uint32_t page, uint32_t bytes)
{
	struct bt_event ev = stream_event(s, BT_PAGE_BIO, tid);

	ev.page.io = 0x5000000 + ++s->io_last;
	ev.page.page = page;
	ev.page.nr_pages = 1;
	ev.page.dev = FILE_DEV;
	ev.page.backend = BT_BACKEND_PAGECACHE;
	ev.page.cache = s->cache;
	ev.page.bytes = bytes;
	stream_put(s, &ev);
}

uint64_t ev_flush_start(struct stream *s, uint32_t dev)
{
	struct bt_event ev = stream_event(s, BT_FLUSH_START, 50);

	ev.bitmap = 0;
	ev.flush.bio = 0x6000000 + ++s->io_last;
	ev.flush.dev = dev;
	stream_put(s, &ev);
	return ev.flush.bio;
}

void ev_flush_end(struct stream *s, uint64_t bio, int error)
{
	struct bt_event ev = stream_event(s, BT_FLUSH_END, 0);

	ev.bitmap = 0;
	ev.flush.bio = bio;
	ev.status = error ? BT_STATUS_IOERR : 0;
	stream_put(s, &ev);
}

static void put_range(struct stream *s, enum bt_event_type type, uint32_t tid, uint64_t chunk)
{
	struct bt_event ev = stream_event(s, type, tid);

	ev.range.sector = chunk << CHUNK_SHIFT;
	ev.range.sectors = 8;
	ev.range.sampled = type == BT_STARTWRITE;
	ev.range.counter = type == BT_STARTWRITE ? 3 : 0;
	if (s->degraded && type != BT_STARTWRITE)
		ev.bm_flags |= BT_BM_DEGRADED;
	stream_put(s, &ev);
}

void ev_startwrite(struct stream *s, uint32_t tid, uint64_t chunk)
{
	put_range(s, BT_STARTWRITE, tid, chunk);
}

void ev_startwrite_counted(struct stream *s, uint32_t tid, uint64_t chunk, uint32_t counter)
{
	struct bt_event ev = stream_event(s, BT_STARTWRITE, tid);

	ev.range.sector = chunk << CHUNK_SHIFT;
	ev.range.sectors = 8;
	ev.range.counter = counter;
	ev.range.sampled = 1;
	stream_put(s, &ev);
}

void ev_endwrite(struct stream *s, uint64_t chunk)
{
	put_range(s, BT_ENDWRITE, 0, chunk);
	if (s->degraded)
		put_range(s, BT_ENDWRITE_EXIT, 0, chunk);
}

uint32_t page_of(uint64_t chunk)
{
	return (uint32_t)((chunk + 2048) >> 15);
}

static void put_bit(struct stream *s, enum bt_event_type type, uint32_t tid, uint64_t chunk,
		    uint8_t attr)
{
	struct bt_event ev = stream_event(s, type, tid);

	ev.bit.chunk = chunk;
	ev.bit.page = page_of(chunk);
	ev.bit.attr = attr;
	ev.bit.on_page = type == BT_SET_BIT ? BT_ON_PAGE_SET : BT_ON_PAGE_UNREAD;
	stream_put(s, &ev);
}

void ev_set_bit_enter(struct stream *s, uint32_t tid, uint64_t chunk)
{
	put_bit(s, BT_SET_BIT_ENTER, tid, chunk, 0);
}

void ev_set_bit(struct stream *s, uint32_t tid, uint64_t chunk, uint8_t attr)
{
	put_bit(s, BT_SET_BIT, tid, chunk, attr);
}

void ev_clear_bit(struct stream *s, uint32_t tid, uint64_t chunk)
{
	put_bit(s, BT_CLEAR_BIT, tid, chunk, 0);
}

static void put_attr(struct stream *s, enum bt_event_type type, uint32_t tid, uint32_t page,
		     uint8_t attr)
{
	struct bt_event ev = stream_event(s, type, tid);

	ev.attr.page = page;
	ev.attr.attr = attr;
	stream_put(s, &ev);
}

void ev_unplug_page(struct stream *s, uint32_t tid, uint32_t page)
{
	put_attr(s, BT_UNPLUG_PAGE, tid, page, BT_ATTR_DIRTY);
}

void ev_daemon_page(struct stream *s, uint32_t tid, uint32_t page, uint8_t attr)
{
	put_attr(s, BT_DAEMON_PAGE, tid, page, attr);
}

static void put_page(struct stream *s, enum bt_event_type type, uint32_t tid, uint32_t page,
		     uint64_t io, int leg, int error)
{
	struct bt_event ev = stream_event(s, type, tid);

	ev.page.io = io;
	ev.page.page = page;
	ev.page.nr_pages = 1;
	ev.page.dev = s->backend == BT_BACKEND_INTERNAL ? member_dev(leg) : FILE_DEV;
	if (type == BT_PAGE_WRITE_START && s->backend != BT_BACKEND_PAGECACHE)
		ev.page.cache = s->cache;
	if (s->backend == BT_BACKEND_PAGECACHE)
		ev.page.dev = 0;
	ev.status = error ? BT_STATUS_IOERR : 0;
	ev.page.backend = s->backend;
	if (s->backend == BT_BACKEND_INTERNAL)
		ev.page.desc_nr = (uint8_t)leg;
	if (s->backend == BT_BACKEND_INTERNAL && type == BT_PAGE_WRITE_START)
		ev.page.bytes = s->bytes;
	if (type == BT_PAGE_WRITE_START)
		ev.page.blocks = s->blocks;
	if (type == BT_PAGE_DIRTY)
		ev.page.dirty = BT_DIRTY_LOCKED;
	stream_put(s, &ev);
}

void ev_page_dirty(struct stream *s, uint32_t tid, uint32_t page)
{
	put_page(s, BT_PAGE_DIRTY, tid, page, 0xf000 + page, 0, 0);
}

void ev_page_queued(struct stream *s, uint32_t tid, uint32_t page)
{
	put_page(s, BT_PAGE_QUEUED, tid, page, 0, 0, 0);
}

uint64_t ev_page_start(struct stream *s, uint32_t tid, uint32_t page, int leg)
{
	uint64_t io;

	switch (s->backend) {
	case BT_BACKEND_INTERNAL: /* a new bio each time */
		io = 0x1000000 + ++s->io_last;
		break;
	case BT_BACKEND_BUFFER: /* always the same buffer heads */
		io = 0x2000000 + page * 16 + (uint64_t)leg;
		break;
	default: /* the folio */
		io = 0xf000 + page;
		break;
	}
	put_page(s, BT_PAGE_WRITE_START, tid, page, io, leg, 0);
	if (s->backend == BT_BACKEND_PAGECACHE && !s->dry)
		ev_page_bio(s, tid, page, 4096);
	return io;
}

void ev_page_end(struct stream *s, uint32_t page, uint64_t io, int error)
{
	ev_page_end_by(s, 0, page, io, error);
}

void ev_page_end_by(struct stream *s, uint32_t tid, uint32_t page, uint64_t io, int error)
{
	put_page(s, BT_PAGE_WRITE_END, tid, page, io, 0, error);
}

uint64_t ev_data_start(struct stream *s, uint32_t tid, uint64_t chunk, int leg, uint64_t end_io)
{
	struct bt_event ev = stream_event(s, BT_DATA_START, tid);

	ev.member = (int16_t)leg;
	ev.data.bio = 0x3000000 + ++s->io_last;
	ev.data.sector = chunk << CHUNK_SHIFT;
	ev.data.sectors = 8;
	ev.data.end_io = end_io;
	stream_put(s, &ev);
	return ev.data.bio;
}

void ev_data_end(struct stream *s, uint64_t bio)
{
	struct bt_event ev = stream_event(s, BT_DATA_END, 0);

	ev.data.bio = bio;
	stream_put(s, &ev);
}

/* ---- streams ---------------------------------------------------------------- */

void put_symbol(struct stream *s, uint64_t addr, const char *name)
{
	struct bt_event ev = stream_event(s, BT_SYMBOL, 1);

	ev.bitmap = 0;
	ev.symbol.addr = addr;
	memcpy(ev.symbol.name, name, strnlen(name, sizeof(ev.symbol.name)));
	stream_put(s, &ev);
}

static void put_description(struct stream *s)
{
	struct bt_event ev = stream_event(s, BT_ARRAY, 1);

	snprintf(ev.array.name, sizeof(ev.array.name), "md0");
	stream_put(s, &ev);
	ev = stream_event(s, BT_BITMAP, 1);
	ev.geometry.chunks = CHUNKS;
	ev.geometry.file_pages = page_of(CHUNKS - 1) + 1;
	ev.geometry.level = 1;
	ev.geometry.chunk_shift = CHUNK_SHIFT;
	ev.geometry.backend =
		s->backend == BT_BACKEND_INTERNAL ? BT_BACKEND_INTERNAL : BT_BACKEND_FILE;
	ev.geometry.raid_disks = LEGS;
	ev.geometry.has_sb = 1;
	stream_put(s, &ev);
}

void stream_init_late(struct stream *s, enum bt_backend backend)
{
	memset(s, 0, sizeof(*s));
	bt_checker_init(&s->checker, true);
	s->backend = (uint8_t)backend;
	s->cache = BT_CACHE_NONE;
	s->events = 1;
	put_symbol(s, END_IO_USER, "raid1_end_write_request [raid1]");
	put_symbol(s, END_IO_RESYNC, "end_sync_write [raid1]");
	put_symbol(s, END_IO_CHAIN, "bio_chain_endio");
	put_symbol(s, END_IO_RAID5, "raid5_end_write_request [raid456]");
	put_description(s);
}

void stream_init(struct stream *s, enum bt_backend backend)
{
	stream_init_late(s, backend);
	ev_call(s, BT_LOAD_ENTER, 1, 0);
	ev_call(s, BT_INIT_ENTER, 1, 0);
	ev_loaded_bits(s, 0, CHUNKS, false);
	ev_call(s, BT_INIT_EXIT, 1, 0);
	ev_update_sb(s, 1);
	if (backend == BT_BACKEND_PAGECACHE)
		ev_page_dirty(s, 1, 0);
	do_page_write(s, 1, 0);
	ev_plain(s, BT_UPDATE_SB_EXIT, 1);
	ev_call(s, BT_LOAD_EXIT, 1, 0);
}

void stream_free(struct stream *s)
{
	unsigned int i;
	size_t nr;

	for (i = 0; i < s->checker.results_nr; i++)
		if (s->checker.results[i].broken)
			free(expect_minimal(s, &s->checker.results[i], &nr));
	bt_checker_free(&s->checker);
	free(s->put);
}

/* ---- legal steps ---------------------------------------------------------------- */

static int legs(const struct stream *s)
{
	return s->backend == BT_BACKEND_PAGECACHE || s->backend == BT_BACKEND_FILEIO ? 1 : LEGS;
}

void do_page_write(struct stream *s, uint32_t tid, uint32_t page)
{
	uint64_t io[LEGS];
	int i;

	for (i = 0; i < legs(s); i++)
		io[i] = ev_page_start(s, tid, page, i);
	for (i = 0; i < legs(s); i++)
		ev_page_end(s, page, io[i], 0);
}

void do_startwrite(struct stream *s, uint32_t tid, uint64_t chunk, bool set)
{
	if (set) {
		ev_set_bit_enter(s, tid, chunk);
		ev_set_bit(s, tid, chunk, BT_ATTR_DIRTY);
		if (s->backend == BT_BACKEND_PAGECACHE)
			ev_page_dirty(s, tid, page_of(chunk));
	}
	ev_startwrite(s, tid, chunk);
}

void do_unplug(struct stream *s, uint32_t tid, uint32_t page)
{
	ev_plain(s, BT_UNPLUG_ENTER, tid);
	ev_unplug_page(s, tid, page);
	do_page_write(s, tid, page);
	ev_plain(s, BT_UNPLUG_EXIT, tid);
}

void do_data(struct stream *s, uint32_t tid, uint64_t chunk)
{
	uint64_t bio[LEGS];
	int i;

	for (i = 0; i < LEGS; i++)
		bio[i] = ev_data_start(s, tid, chunk, i, END_IO_USER);
	for (i = 0; i < LEGS; i++)
		ev_data_end(s, bio[i]);
}

void do_write(struct stream *s, uint32_t tid, uint64_t chunk)
{
	do_startwrite(s, tid, chunk, true);
	do_unplug(s, tid, page_of(chunk));
	do_data(s, tid, chunk);
	ev_endwrite(s, chunk);
}

void do_counted_write(struct stream *s, uint32_t tid, uint64_t chunk)
{
	ev_set_bit_enter(s, tid, chunk);
	ev_set_bit(s, tid, chunk, BT_ATTR_DIRTY);
	ev_startwrite_counted(s, tid, chunk, 3);
	do_unplug(s, tid, page_of(chunk));
	do_data(s, tid, chunk);
	ev_endwrite(s, chunk);
}

void do_pass(struct stream *s)
{
	ev_daemon_enter(s, false);
	ev_daemon_exit(s, BT_RAN_YES);
}

void do_clear(struct stream *s, uint64_t chunk)
{
	do_pass(s);		   /* 2 -> 1 */
	ev_daemon_enter(s, false); /* 1 -> 0 */
	ev_clear_bit(s, DAEMON_TID, chunk);
	if (s->backend == BT_BACKEND_PAGECACHE)
		ev_page_dirty(s, DAEMON_TID, page_of(chunk));
	else if (s->backend == BT_BACKEND_FILEIO)
		ev_page_queued(s, DAEMON_TID, page_of(chunk));
	else
		ev_daemon_page(s, DAEMON_TID, page_of(chunk), BT_ATTR_PENDING);
	ev_daemon_exit(s, BT_RAN_YES);
}

/* ---- expectations ----------------------------------------------------------------- */

const struct bt_result *result_of(const struct stream *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->checker.results_nr; i++)
		if (!strcmp(s->checker.results[i].invariant->name, name))
			return &s->checker.results[i];
	fail_msg("no invariant %s", name);
	return NULL;
}

static enum bt_verdict verdict_of(const struct stream *s, const struct bt_result *result)
{
	struct bt_sight sight = bt_checker_sight(&s->checker, NULL, 0, NULL);
	char reason[160];

	return bt_verdict_of(result, &sight, reason, sizeof(reason));
}

void expect(struct stream *s, const char *name, enum bt_verdict verdict)
{
	const struct bt_result *result = result_of(s, name);
	enum bt_verdict got = verdict_of(s, result);

	if (got != verdict)
		fail_msg("%s: %s instead of %s (held %llu, broken %llu, unjudged %llu; %s)", name,
			 bt_verdict_name(got), bt_verdict_name(verdict),
			 (unsigned long long)result->held, (unsigned long long)result->broken,
			 (unsigned long long)result->unjudged, result->first.message);
}

void expect_broken(struct stream *s, ...)
{
	uint64_t wanted[BT_INVARIANTS_MAX] = { 0 };
	const char *name;
	unsigned int i;
	va_list args;

	va_start(args, s);
	while ((name = va_arg(args, const char *)))
		wanted[result_of(s, name) - s->checker.results] = (uint64_t)va_arg(args, int);
	va_end(args);
	for (i = 0; i < s->checker.results_nr; i++)
		if (s->checker.results[i].broken != wanted[i])
			fail_msg("%s: broken %llu times instead of %llu: %s",
				 s->checker.results[i].invariant->name,
				 (unsigned long long)s->checker.results[i].broken,
				 (unsigned long long)wanted[i],
				 s->checker.results[i].first.message);
}

void expect_overall(struct stream *s, enum bt_verdict verdict)
{
	enum bt_verdict verdicts[BT_INVARIANTS_MAX];
	unsigned int i;

	for (i = 0; i < s->checker.results_nr; i++)
		verdicts[i] = verdict_of(s, &s->checker.results[i]);
	assert_string_equal(bt_verdict_name(bt_verdict_join(verdicts, i)),
			    bt_verdict_name(verdict));
}

/* ---- counterexamples --------------------------------------------------------------- */

/* Is the finding still the same, for a checker with all rules, without one of the events? */
static bool is_found_without(const struct bt_result *broken, const struct bt_event_ref *events,
			     size_t nr, size_t without)
{
	struct bt_checker checker;
	const struct bt_result *result;
	const struct bt_counterexample *want = &broken->first, *got;
	bool found;
	size_t i;

	bt_checker_init(&checker, true);
	for (i = 0; i < nr; i++)
		if (i != without)
			assert_int_equal(bt_sink_event(&checker.sink, &events[i].ev), 0);
	for (result = checker.results; result->invariant != broken->invariant; result++)
		assert_ptr_not_equal(result, &checker.results[checker.results_nr]);
	got = &result->first;
	found = result->broken && got->offending == nr - (without < nr) &&
		!strcmp(got->kind, want->kind) && got->bitmap == want->bitmap &&
		got->about == want->about && without != nr - 1;
	bt_checker_free(&checker);
	return found;
}

static void print_slice(const struct bt_result *broken, const struct bt_event_ref *events,
			size_t nr)
{
	size_t i;

	print_message("# %s: %s\n", broken->invariant->name, broken->first.message);
	for (i = 0; i < nr; i++)
		print_message("#   %s, seq %" PRIu64 ", tid %u\n",
			      bt_event_type_name(events[i].ev.type), events[i].seq,
			      events[i].ev.tid);
}

struct bt_event_ref *expect_minimal(struct stream *s, const struct bt_result *broken, size_t *nr)
{
	struct bt_event_ref *events = calloc(s->put_nr, sizeof(*events));
	size_t i;

	assert_non_null(events);
	*nr = broken->first.offending;
	assert_in_range(*nr, 1, s->put_nr);
	memcpy(events, s->put, *nr * sizeof(*events));
	assert_int_equal(bt_minimize(broken, NULL, events, nr), 0);
	for (i = 0; i <= *nr; i++) {
		if (is_found_without(broken, events, *nr, i) == (i == *nr))
			continue;
		print_slice(broken, events, *nr);
		fail_msg("%s", i < *nr ? "an event is not needed" : "it is not shown");
	}
	return events;
}
