// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME  "writeback-before-stale-drop"
#define PAGES 4

static void load_begins(struct stream *s)
{
	s->bm_flags = BT_BM_STALE;
	ev_call(s, BT_LOAD_ENTER, 1, 0);
	ev_call(s, BT_INIT_ENTER, 1, 0);
}

static void load_ends(struct stream *s, bool write_sb)
{
	ev_call(s, BT_INIT_EXIT, 1, 0);
	s->bm_flags = 0;
	ev_plain(s, BT_UPDATE_SB_ENTER, 1);
	if (write_sb)
		do_page_write(s, 1, 0);
	ev_plain(s, BT_UPDATE_SB_EXIT, 1);
	ev_call(s, BT_LOAD_EXIT, 1, 0);
}

static void fill_written_first_passes(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER,
						    BT_BACKEND_PAGECACHE };
	struct stream s;
	uint32_t page;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		stream_init_late(&s, backends[i]);
		load_begins(&s);
		for (page = 0; page < PAGES; page++)
			do_page_write(&s, 1, page);
		load_ends(&s, true);
		expect_broken(&s, NULL);
		expect(&s, NAME, BT_VERDICT_PASS);
		do_clear(&s, 5);
		expect_broken(&s, NULL);
		stream_free(&s);
	}
}

static void one_page_missing_fails(void **state)
{
	struct stream s;
	uint32_t page, missing;

	(void)state;
	for (missing = 0; missing < PAGES; missing++) {
		stream_init_late(&s, BT_BACKEND_BUFFER);
		load_begins(&s);
		for (page = 0; page < PAGES; page++)
			if (page != missing)
				do_page_write(&s, 1, page);
		load_ends(&s, true);
		expect_broken(&s, NAME, 1, NULL);
		stream_free(&s);
	}
}

/* All pages are written when the load returns, but the flag was cleared before. */
static void dropped_while_being_filled_fails(void **state)
{
	struct stream s;
	uint32_t page;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	load_begins(&s);
	s.bm_flags = 0;
	for (page = 0; page < PAGES; page++)
		do_page_write(&s, 1, page);
	expect_broken(&s, NAME, 1, NULL);
	load_ends(&s, true);
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* Only the known pages are examined, wherever they are. */
static void pages_without_end_are_counted(void **state)
{
	struct bt_event ev;
	struct stream s;
	int i;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	ev = stream_event(&s, BT_BITMAP, 1);
	ev.geometry.file_pages = BT_FILE_PAGES_MAX;
	ev.geometry.level = 1;
	ev.geometry.backend = BT_BACKEND_FILE;
	stream_put(&s, &ev);
	for (i = 0; i < 1000; i++) {
		load_begins(&s);
		do_page_write(&s, 1, 0);
		do_page_write(&s, 1, 1);
		do_page_write(&s, 1, BT_FILE_PAGES_MAX - 1);
		do_page_write(&s, 1, BT_FILE_PAGES_MAX); /* beyond this bitmap */
		load_ends(&s, true);
	}
	expect_broken(&s, NAME, 1000, NULL);
	assert_string_equal(
		result_of(&s, NAME)->first.message,
		"STALE is cleared; 4194301 of 4194304 bitmap pages have no completed write "
		"of the 0xff fill, the first is page 2");
	stream_free(&s);
}

static void write_still_under_way_fails(void **state)
{
	struct stream s;
	uint32_t page;
	uint64_t io = 0;

	(void)state;
	stream_init_late(&s, BT_BACKEND_PAGECACHE);
	load_begins(&s);
	for (page = 0; page < PAGES; page++) {
		io = ev_page_start(&s, 1, page, 0);
		if (page < PAGES - 1)
			ev_page_end(&s, page, io, 0);
	}
	load_ends(&s, true);
	ev_page_end(&s, PAGES - 1, io, 0);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* A write that began before the page was filled carries the old content. */
static void write_from_before_the_fill_does_not_cover(void **state)
{
	struct stream s;
	uint32_t page;

	(void)state;
	stream_init_late(&s, BT_BACKEND_PAGECACHE);
	load_begins(&s);
	for (page = 0; page < PAGES; page++)
		do_page_write(&s, 2, page);
	for (page = 0; page < PAGES; page++)
		ev_page_dirty(&s, 1, page);
	load_ends(&s, true);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* bitmap_load may call a split-off copy of bitmap_update_sb that has no hook. */
static void drop_first_seen_at_the_superblock_write(void **state)
{
	struct stream s;
	uint32_t page;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	load_begins(&s);
	for (page = 0; page < PAGES; page++)
		do_page_write(&s, 1, page);
	ev_call(&s, BT_INIT_EXIT, 1, 0);
	s.bm_flags = 0;
	do_page_write(&s, 1, 0);
	ev_call(&s, BT_LOAD_EXIT, 1, 0);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void superblock_must_follow(void **state)
{
	struct stream s;
	uint32_t page;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	load_begins(&s);
	for (page = 0; page < PAGES; page++)
		do_page_write(&s, 1, page);
	load_ends(&s, false);
	expect_broken(&s, NAME, 1, "superblock-durable", 1, NULL);
	stream_free(&s);
}

/* The missing flag may be seen only when bitmap_load returns. */
static void superblock_must_follow_unseen_drop(void **state)
{
	struct stream s;
	uint32_t page;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	load_begins(&s);
	for (page = 0; page < PAGES; page++)
		do_page_write(&s, 1, page);
	ev_call(&s, BT_INIT_EXIT, 1, 0);
	s.bm_flags = 0;
	ev_call(&s, BT_LOAD_EXIT, 1, 0);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void stale_bit_dropped_before_its_write_fails(void **state)
{
	struct stream s;
	uint32_t page;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	load_begins(&s);
	for (page = 0; page < PAGES - 1; page++)
		do_page_write(&s, 1, page);
	load_ends(&s, true);
	do_clear(&s, 5);     /* page 0: covered */
	do_clear(&s, 99999); /* page 3: not */
	expect_broken(&s, NAME, 2, NULL);
	stream_free(&s);
}

static void failed_load_drops_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	load_begins(&s);
	ev_call(&s, BT_INIT_EXIT, 1, -5);
	ev_call(&s, BT_LOAD_EXIT, 1, -5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void nothing_stale_is_not_applicable(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fill_written_first_passes),
		cmocka_unit_test(one_page_missing_fails),
		cmocka_unit_test(dropped_while_being_filled_fails),
		cmocka_unit_test(pages_without_end_are_counted),
		cmocka_unit_test(write_still_under_way_fails),
		cmocka_unit_test(write_from_before_the_fill_does_not_cover),
		cmocka_unit_test(drop_first_seen_at_the_superblock_write),
		cmocka_unit_test(superblock_must_follow),
		cmocka_unit_test(superblock_must_follow_unseen_drop),
		cmocka_unit_test(stale_bit_dropped_before_its_write_fails),
		cmocka_unit_test(failed_load_drops_nothing),
		cmocka_unit_test(nothing_stale_is_not_applicable),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
