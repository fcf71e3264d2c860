// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counterexamples of every rule, reduced from streams with many unrelated events.
 * expect_minimal checks that no remaining event can be left out.
 */
#include "check/minimize.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/slice.h"
#include "stream.h"

#define FAR    40000 /* a chunk of page 1 */
#define OTHERS 70000 /* chunks of page 2, for unrelated events */
#define PAGES  4

/* The same on another bitmap. */
static void echo(struct stream *s, size_t from)
{
	size_t i, to = s->put_nr;
	struct bt_event ev;

	for (i = from; i < to; i++) {
		ev = s->put[i].ev;
		if (ev.bitmap)
			ev.bitmap = 2;
		stream_put(s, &ev);
	}
}

/* Other tasks write elsewhere. */
static void others_write(struct stream *s)
{
	uint8_t cache = s->cache;
	size_t from = s->put_nr;
	uint64_t i;

	s->cache = BT_CACHE_NONE;
	for (i = 0; i < 10; i++)
		do_write(s, (uint32_t)(30 + i % 3), OTHERS + (s->put_nr + i) % 9000);
	s->cache = cache;
	echo(s, from);
}

/* ... and the daemon has run two passes meanwhile. */
static void others_go_on(struct stream *s)
{
	size_t from = s->put_nr;

	do_write(s, 30, OTHERS + 9999);
	do_clear(s, OTHERS + 9999);
	echo(s, from);
	others_write(s);
}

static void begin(struct stream *s, enum bt_backend backend)
{
	stream_init(s, backend);
	echo(s, 0);
	others_go_on(s);
}

/* ---- one finding each ------------------------------------------------------------ */

static void intent_unwritten(struct stream *s)
{
	begin(s, BT_BACKEND_BUFFER);
	do_write(s, 7, 5);
	do_clear(s, 5);
	others_go_on(s);
	do_startwrite(s, 7, 5, true);
	others_write(s);
	ev_data_start(s, 7, 5, 1, END_IO_USER);
}

static void intent_under_way(struct stream *s)
{
	uint64_t io;

	begin(s, BT_BACKEND_INTERNAL);
	do_startwrite(s, 7, 5, true);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	io = ev_page_start(s, 7, 0, 0);
	ev_page_start(s, 7, 0, 1);
	others_write(s);
	ev_page_end(s, 0, io, 0);
	do_data(s, 8, 5);
}

static void intent_not_set(struct stream *s)
{
	begin(s, BT_BACKEND_PAGECACHE);
	do_write(s, 7, 5);
	do_clear(s, 5);
	do_write(s, 7, 6);
	do_clear(s, 6);
	others_go_on(s);
	do_data(s, 7, 5);
}

static void recorded_not_set(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	do_write(s, 7, 5);
	do_clear(s, 5);
	others_go_on(s);
	ev_startwrite(s, 7, 5);
}

static void recorded_not_counted(struct stream *s)
{
	struct bt_event ev;

	begin(s, BT_BACKEND_INTERNAL);
	ev = stream_event(s, BT_STARTWRITE, 7);
	ev.range.sector = 5 << CHUNK_SHIFT;
	ev.range.sectors = 8;
	ev.range.sampled = 1;
	ev.range.counter = 2;
	stream_put(s, &ev);
}

static void unplug_early(struct stream *s)
{
	uint64_t io;

	begin(s, BT_BACKEND_PAGECACHE);
	do_write(s, 7, 4);
	do_startwrite(s, 7, 5, true);
	others_write(s);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	io = ev_page_start(s, 7, 0, 0);
	ev_plain(s, BT_UNPLUG_EXIT, 7);
	ev_page_end(s, 0, io, 0);
}

static void unplug_last_pays(struct stream *s)
{
	begin(s, BT_BACKEND_BUFFER);
	do_startwrite(s, 7, 5, true);
	ev_plain(s, BT_UNPLUG_ENTER, 8);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	ev_plain(s, BT_UNPLUG_EXIT, 7);
	others_write(s);
	ev_plain(s, BT_UNPLUG_EXIT, 8);
}

static void set_unmarked(struct stream *s)
{
	begin(s, BT_BACKEND_PAGECACHE);
	ev_set_bit_enter(s, 7, 5);
	ev_set_bit(s, 7, 5, BT_ATTR_DIRTY);
	others_go_on(s);
	do_clear(s, 5);
}

static void clear_unmarked(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	do_write(s, 7, 5);
	do_pass(s);
	ev_daemon_enter(s, false);
	ev_clear_bit(s, 99, 5);
	others_write(s);
	ev_plain(s, BT_DAEMON_EXIT, 99);
}

/* A bitmap that is out of date is loaded; all its pages but one are written. */
static void stale_load(struct stream *s, uint32_t missing)
{
	uint32_t page;

	stream_init_late(s, BT_BACKEND_BUFFER);
	s->bm_flags = BT_BM_STALE;
	ev_call(s, BT_LOAD_ENTER, 1, 0);
	ev_call(s, BT_INIT_ENTER, 1, 0);
	for (page = 0; page < PAGES; page++)
		if (page != missing)
			do_page_write(s, 1, page);
	ev_loaded_bits(s, 0, CHUNKS, false);
	ev_call(s, BT_INIT_EXIT, 1, 0);
	s->bm_flags = 0;
}

static void stale_dropped(struct stream *s)
{
	stale_load(s, 1);
	ev_update_sb(s, 1);
	do_page_write(s, 1, 0);
	ev_plain(s, BT_UPDATE_SB_EXIT, 1);
	ev_call(s, BT_LOAD_EXIT, 1, 0);
	others_go_on(s);
}

static void stale_dropped_in_fill(struct stream *s)
{
	begin(s, BT_BACKEND_BUFFER);
	s->bm_flags = BT_BM_STALE;
	ev_call(s, BT_LOAD_ENTER, 1, 0);
	ev_call(s, BT_INIT_ENTER, 1, 0);
	s->bm_flags = 0;
	others_go_on(s);
}

static void stale_not_submitted(struct stream *s)
{
	stale_load(s, PAGES);
	ev_call(s, BT_LOAD_EXIT, 1, 0);
	others_go_on(s);
}

static void clear_in_startwrite(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	do_write(s, 7, 5);
	do_startwrite(s, 7, 5, false);
	others_go_on(s);
	do_startwrite(s, 8, 5, false);
	ev_endwrite(s, 5);
	do_clear(s, 5);
}

static void clear_in_data(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	do_startwrite(s, 7, 5, true);
	do_unplug(s, 7, 0);
	ev_data_start(s, 7, 5, 0, END_IO_USER);
	ev_endwrite(s, 5);
	others_go_on(s);
	do_clear(s, 5);
}

static void one_pass(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	do_pass(s);
	others_go_on(s);
	do_write(s, 7, 5);
	others_write(s);
	ev_daemon_enter(s, false);
	ev_clear_bit(s, 99, 5);
	ev_daemon_page(s, 99, 0, BT_ATTR_PENDING);
	ev_plain(s, BT_DAEMON_EXIT, 99);
}

static void degraded_cleared(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	s->degraded = true;
	do_write(s, 7, 5);
	s->degraded = false;
	others_go_on(s);
	ev_sync(s, BT_START_SYNC, 5, 1, false);
	ev_sync(s, BT_END_SYNC, 5, 1, true);
	others_write(s);
	do_clear(s, 5);
}

static void superblock_early(struct stream *s)
{
	begin(s, BT_BACKEND_PAGECACHE);
	ev_update_sb(s, 7);
	ev_page_dirty(s, 7, 0);
	ev_page_start(s, 7, 0, 0);
	others_write(s);
	ev_plain(s, BT_UPDATE_SB_EXIT, 7);
}

static void superblock_overtaken(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	ev_update_sb(s, 7);
	do_page_write(s, 7, 0);
	ev_plain(s, BT_UPDATE_SB_EXIT, 7);
	others_go_on(s);
	ev_sb_write(s, 7, 9);
}

static void clears_overtake(struct stream *s)
{
	begin(s, BT_BACKEND_BUFFER);
	do_write(s, 7, FAR);
	do_pass(s);
	ev_daemon_enter(s, true);
	ev_clear_bit(s, 99, FAR);
	ev_daemon_page(s, 99, 1, BT_ATTR_PENDING);
	ev_plain(s, BT_DAEMON_EXIT, 99);
	ev_page_start(s, 8, 1, 0);
}

static void unplug_fails(struct stream *s, enum bt_backend backend, bool late)
{
	uint64_t io;

	begin(s, backend);
	do_startwrite(s, 7, 5, true);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	io = ev_page_start(s, 7, 0, 0);
	others_write(s);
	if (late)
		ev_plain(s, BT_UNPLUG_EXIT, 7);
	ev_page_end(s, 0, io, -5);
	if (!late)
		ev_plain(s, BT_UNPLUG_EXIT, 7);
}

static void member_kept(struct stream *s)
{
	unplug_fails(s, BT_BACKEND_INTERNAL, false);
}

static void file_kept(struct stream *s)
{
	unplug_fails(s, BT_BACKEND_BUFFER, false);
}

static void failed_late(struct stream *s)
{
	unplug_fails(s, BT_BACKEND_BUFFER, true);
}

static void unrecorded(struct stream *s)
{
	uint64_t io;

	begin(s, BT_BACKEND_INTERNAL);
	do_startwrite(s, 7, 5, true);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	io = ev_page_start(s, 7, 0, 0);
	ev_page_end(s, 0, ev_page_start(s, 7, 0, 1), 10);
	ev_member_error(s, 1, true);
	ev_page_end(s, 0, io, 0);
	ev_plain(s, BT_UNPLUG_EXIT, 7);
	others_write(s);
	ev_data_start(s, 7, 5, 0, END_IO_USER);
}

static void put_dirty(struct stream *s, uint8_t flags)
{
	struct bt_event ev = stream_event(s, BT_PAGE_DIRTY, 7);

	ev.page.io = 0xf000;
	ev.page.nr_pages = 1;
	ev.page.backend = BT_BACKEND_PAGECACHE;
	ev.page.dirty = flags;
	stream_put(s, &ev);
}

static void page_left(struct stream *s)
{
	begin(s, BT_BACKEND_PAGECACHE);
	put_dirty(s, BT_DIRTY_LOCKED | BT_DIRTY_NO_MAPPING);
}

static void dirty_unlocked(struct stream *s)
{
	begin(s, BT_BACKEND_PAGECACHE);
	put_dirty(s, 0);
}

static void dirty_in_set_bit(struct stream *s)
{
	begin(s, BT_BACKEND_PAGECACHE);
	ev_set_bit_enter(s, 7, 5);
	others_write(s);
	ev_page_dirty(s, 7, 0);
}

static void put_writeback(struct stream *s, enum bt_event_type type)
{
	struct bt_event ev = stream_event(s, type, 7);

	ev.writeback.end = INT64_MAX;
	ev.writeback.sync_mode = BT_WB_SYNC_ALL;
	stream_put(s, &ev);
}

static void dirty_to_nowhere(struct stream *s)
{
	begin(s, BT_BACKEND_PAGECACHE);
	ev_page_dirty(s, 7, 1);
	others_write(s);
	put_writeback(s, BT_WRITEBACK_ENTER);
	s->dry = true;
	do_page_write(s, 7, 1);
	s->dry = false;
	put_writeback(s, BT_WRITEBACK_EXIT);
}

static void dirty_left(struct stream *s)
{
	begin(s, BT_BACKEND_PAGECACHE);
	do_page_write(s, 30, 2);
	ev_page_dirty(s, 7, 1);
	put_writeback(s, BT_WRITEBACK_ENTER);
	put_writeback(s, BT_WRITEBACK_EXIT);
}

static void end_too_many(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	do_write(s, 7, 5);
	others_go_on(s);
	do_write(s, 7, 5);
	ev_endwrite(s, 5);
}

static void start_left(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	do_write(s, 7, 5);
	ev_startwrite(s, 7, 5);
	others_go_on(s);
	ev_plain(s, BT_GONE, 1);
}

static void unflushed(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	s->cache = BT_CACHE_VOLATILE;
	do_startwrite(s, 7, 5, true);
	do_unplug(s, 7, 0);
	others_write(s);
	ev_flush_end(s, ev_flush_start(s, member_dev(0)), 0);
	do_data(s, 7, 5);
}

static void overlapping(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	do_page_write(s, 7, 0);
	ev_page_start(s, 7, 0, 0);
	others_write(s);
	ev_page_start(s, 8, 0, 0);
}

static void left_set(struct stream *s)
{
	int i;

	begin(s, BT_BACKEND_INTERNAL);
	do_counted_write(s, 7, 5);
	for (i = 0; i < BT_IDLE_PASSES; i++) {
		others_go_on(s);
		do_pass(s);
	}
}

static void counter_too_low(struct stream *s)
{
	begin(s, BT_BACKEND_INTERNAL);
	ev_startwrite_counted(s, 7, 5, 3);
	ev_startwrite_counted(s, 7, 5, 3);
}

static void counter_too_high(struct stream *s)
{
	int i;

	begin(s, BT_BACKEND_INTERNAL);
	for (i = 0; i < 2; i++) {
		ev_startwrite_counted(s, 7, 5, 3 + (uint32_t)i);
		others_write(s);
		ev_endwrite(s, 5);
		do_pass(s);
		do_pass(s);
		others_go_on(s);
		do_pass(s);
	}
}

static const struct finding {
	const char *name;
	void (*happens)(struct stream *s);
	size_t events; /* how many it needs */
} findings[] = {
	{ "intent-before-data", intent_unwritten, 5 },
	{ "intent-before-data", intent_under_way, 5 },
	{ "intent-before-data", intent_not_set, 4 },
	{ "intent-recorded", recorded_not_set, 3 },
	{ "intent-recorded", recorded_not_counted, 2 },
	{ "unplug-durable", unplug_early, 5 },
	{ "unplug-durable", unplug_last_pays, 7 },
	{ "dirty-before-counter-clear", set_unmarked, 4 },
	{ "dirty-before-counter-clear", clear_unmarked, 3 },
	{ "writeback-before-stale-drop", stale_dropped, 6 },
	{ "writeback-before-stale-drop", stale_dropped_in_fill, 3 },
	{ "writeback-before-stale-drop", stale_not_submitted, 12 },
	{ "no-clear-in-flight", clear_in_startwrite, 3 },
	{ "no-clear-in-flight", clear_in_data, 6 },
	{ "two-pass-clear", one_pass, 6 },
	{ "degraded-keeps-bits", degraded_cleared, 4 },
	{ "superblock-durable", superblock_early, 3 },
	{ "superblock-durable", superblock_overtaken, 3 },
	{ "superblock-before-clears", clears_overtake, 4 },
	{ "write-error-kicks", member_kept, 4 },
	{ "write-error-kicks", file_kept, 4 },
	{ "write-error-kicks", failed_late, 4 },
	{ "failure-recorded", unrecorded, 9 },
	{ "page-identity", page_left, 1 },
	{ "dirty-context", dirty_unlocked, 1 },
	{ "dirty-context", dirty_in_set_bit, 2 },
	{ "dirty-reaches-disk", dirty_to_nowhere, 3 },
	{ "dirty-reaches-disk", dirty_left, 3 },
	{ "balanced-counters", end_too_many, 4 },
	{ "balanced-counters", start_left, 3 },
	{ "balanced-counters", counter_too_low, 3 },
	{ "balanced-counters", counter_too_high, 14 },
	{ "cleared-when-idle", left_set, 15 },
	{ "flush-before-data", unflushed, 7 },
	{ "no-overlapping-writes", overlapping, 2 },
};

#define FINDINGS (sizeof(findings) / sizeof(findings[0]))

static void each_finding_is_cut_out(void **state)
{
	struct bt_event_ref *events;
	struct stream s;
	unsigned int i;
	size_t nr;

	(void)state;
	for (i = 0; i < FINDINGS; i++) {
		findings[i].happens(&s);
		expect(&s, findings[i].name, BT_VERDICT_FAIL);
		events = expect_minimal(&s, result_of(&s, findings[i].name), &nr);
		if (nr != findings[i].events)
			fail_msg("finding %u, of %s: %zu events", i, findings[i].name, nr);
		free(events);
		stream_free(&s);
	}
}

/* Every rule about classic bitmaps has one. */
static void every_rule_is_among_them(void **state)
{
	const struct bt_invariant *const *invariant;
	unsigned int i;

	(void)state;
	for (invariant = bt_invariants; *invariant; invariant++) {
		if (!bt_invariant_is_about(*invariant, BT_IMPL_CLASSIC))
			continue;
		for (i = 0; i < FINDINGS; i++)
			if (!strcmp(findings[i].name, (*invariant)->name))
				break;
		if (i == FINDINGS)
			fail_msg("%s", (*invariant)->name);
	}
}

/* The passes between load and write were removed: the load must not replace them. */
static void what_was_cut_out_does_not_convict(void **state)
{
	struct bt_event_ref *events;
	struct stream s;
	size_t nr;

	(void)state;
	one_pass(&s);
	events = expect_minimal(&s, result_of(&s, "two-pass-clear"), &nr);
	assert_int_equal(nr, 6);
	assert_int_equal(events[nr - 3].ev.type, BT_ENDWRITE);
	free(events);
	stream_free(&s);
}

/* A start with its end; the write in flight is another one. */
static void what_has_ended_is_not_under_way(void **state)
{
	struct bt_event_ref *events;
	struct stream s;
	uint64_t bio;
	int balance = 0;
	size_t nr;

	(void)state;
	begin(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	bio = ev_data_start(&s, 7, 5, 0, END_IO_USER);
	ev_data_start(&s, 8, 5, 1, END_IO_USER);
	ev_data_end(&s, bio);
	do_clear(&s, 5);
	events = expect_minimal(&s, result_of(&s, "no-clear-in-flight"), &nr);
	while (nr--) {
		balance += events[nr].ev.type == BT_DATA_START && events[nr].ev.data.bio == bio;
		balance -= events[nr].ev.type == BT_DATA_END && events[nr].ev.data.bio == bio;
	}
	assert_int_equal(balance, 0);
	free(events);
	stream_free(&s);
}

static void what_does_not_show_it_is_told(void **state)
{
	const struct bt_result *broken;
	struct stream s;
	size_t nr;

	(void)state;
	intent_unwritten(&s);
	broken = result_of(&s, "intent-before-data");
	nr = broken->first.offending - 1;
	assert_int_equal(bt_minimize(broken, NULL, s.put, &nr), -ESRCH);
	nr = 1;
	assert_int_equal(bt_minimize(broken, NULL, s.put + broken->first.offending - 1, &nr),
			 -ESRCH);
	stream_free(&s);
}

/* A missing hook makes the rule UNKNOWN: the record that says it is not needed must stay. */
static void hooks_have_a_say(void **state)
{
	struct bt_trace_info info = { 0 };
	const struct bt_result *broken;
	struct stream s;
	size_t nr;

	(void)state;
	bt_missing_add(&info.missing, BT_SEES_PAGE_WRITES_PAGECACHE, "no hook");
	intent_unwritten(&s);
	broken = result_of(&s, "intent-before-data");
	nr = broken->first.offending;
	assert_int_equal(bt_minimize(broken, &info, s.put, &nr), 0);
	assert_int_equal(nr, 6);  /* a write through buffer heads */
	s.checker.results_nr = 0; /* the results belong to another stream now */
	stream_free(&s);
}

/* ---- collecting the events ------------------------------------------------------------------ */

static void gather(struct bt_slice *slice, const struct stream *s, int want)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < s->put_nr && !ret; i++)
		ret = bt_sink_event(&slice->sink, &s->put[i].ev);
	assert_int_equal(ret, want);
}

static void another_bitmap_is_not_gathered(void **state)
{
	const struct bt_result *broken;
	struct bt_slice slice;
	struct stream s;
	size_t i;

	(void)state;
	intent_unwritten(&s);
	broken = result_of(&s, "intent-before-data");
	bt_slice_init(&slice, broken->first.bitmap, broken->first.offending);
	gather(&slice, &s, -ECANCELED);
	assert_true(slice.complete);
	assert_false(slice.shortened);
	for (i = 0; i < slice.nr; i++)
		assert_int_not_equal(slice.events[i].ev.bitmap, 2);
	assert_int_equal(slice.events[slice.nr - 1].seq, broken->first.offending);
	assert_int_equal(bt_minimize(broken, NULL, slice.events, &slice.nr), 0);
	assert_int_equal(slice.nr, 5);
	bt_slice_free(&slice);
	stream_free(&s);
}

static void the_slice_is_bounded(void **state)
{
	const struct bt_result *broken;
	struct bt_slice slice;
	struct stream s;

	(void)state;
	intent_unwritten(&s);
	broken = result_of(&s, "intent-before-data");
	bt_slice_init(&slice, 1, broken->first.offending);
	slice.max = 256;
	gather(&slice, &s, -ECANCELED);
	assert_true(slice.shortened);
	assert_in_range(slice.nr, 128, 256);
	assert_int_equal(bt_minimize(broken, NULL, slice.events, &slice.nr), 0);
	assert_int_equal(slice.nr, 5); /* including those that describe the bitmap */
	bt_slice_free(&slice);
	bt_slice_init(&slice, 1, s.put_nr);
	slice.max = 4;
	gather(&slice, &s, -EFBIG);
	bt_slice_free(&slice);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_finding_is_cut_out),
		cmocka_unit_test(every_rule_is_among_them),
		cmocka_unit_test(what_was_cut_out_does_not_convict),
		cmocka_unit_test(what_has_ended_is_not_under_way),
		cmocka_unit_test(what_does_not_show_it_is_told),
		cmocka_unit_test(hooks_have_a_say),
		cmocka_unit_test(another_bitmap_is_not_gathered),
		cmocka_unit_test(the_slice_is_bounded),
	};

	return cmocka_run_group_tests_name("minimize", tests, NULL, NULL);
}
