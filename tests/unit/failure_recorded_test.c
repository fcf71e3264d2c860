// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "failure-recorded"

/* A write of chunk 5 whose page fails at member 1, or of its second block, then the unplug's
 * return. */
static void unplug_fails(struct stream *s, enum bt_backend backend)
{
	uint64_t io[2];

	stream_init(s, backend);
	do_startwrite(s, 7, 5, true);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	io[0] = ev_page_start(s, 7, 0, 0);
	io[1] = ev_page_start(s, 7, 0, 1);
	ev_page_end(s, 0, io[0], 0);
	ev_page_end(s, 0, io[1], -5);
	if (backend == BT_BACKEND_INTERNAL)
		ev_member_error(s, 1, true);
	else
		s->bm_flags = BT_BM_STALE | BT_BM_WRITE_ERROR;
	ev_plain(s, BT_UNPLUG_EXIT, 7);
}

static void data_goes(struct stream *s, uint64_t chunk)
{
	ev_data_end(s, ev_data_start(s, 7, chunk, 0, END_IO_USER));
}

static void data_before_the_superblock_fails(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER };
	struct stream s;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		unplug_fails(&s, backends[i]);
		data_goes(&s, 5);
		expect_broken(&s, NAME, 1, NULL);
		stream_free(&s);
	}
}

static void data_after_the_superblock_passes(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER };
	struct stream s;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		unplug_fails(&s, backends[i]);
		ev_sb_write(&s, 9, 1);
		data_goes(&s, 5);
		expect_broken(&s, NULL);
		stream_free(&s);
	}
}

/* A superblock that was in flight when the page failed does not record the failure. */
static void a_superblock_from_before_is_not_enough(void **state)
{
	struct bt_event start, end;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	start = stream_event(&s, BT_SB_WRITE_START, 9);
	start.super.bio = 0x77;
	start.super.dev = member_dev(0);
	start.super.events = 1;
	stream_put(&s, &start);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), 0);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 1), -5);
	ev_member_error(&s, 1, true);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	end = stream_event(&s, BT_SB_WRITE_END, 0);
	end.super.bio = start.super.bio;
	end.super.dev = start.super.dev;
	stream_put(&s, &end);
	data_goes(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* The page is written to the remaining member once more; the other's copy stays without the bit. */
static void a_write_to_the_members_left_is_not_enough(void **state)
{
	struct stream s;

	(void)state;
	unplug_fails(&s, BT_BACKEND_INTERNAL);
	ev_page_end(&s, 0, ev_page_start(&s, 9, 0, 0), 0);
	ev_plain(&s, BT_UPDATE_SB_EXIT, 9);
	data_goes(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	ev_sb_write(&s, 9, 1);
	data_goes(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* Chunk 6 had its bit in each copy before: it is resynced in any case. */
static void a_bit_that_all_copies_have_is_enough(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 8, 6, true);
	do_unplug(&s, 8, 0);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 1), -5);
	ev_member_error(&s, 1, true);
	ev_page_end(&s, 0, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	data_goes(&s, 6);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	data_goes(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void without_a_failure_there_is_nothing_to_check(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_before_the_superblock_fails),
		cmocka_unit_test(data_after_the_superblock_passes),
		cmocka_unit_test(a_superblock_from_before_is_not_enough),
		cmocka_unit_test(a_write_to_the_members_left_is_not_enough),
		cmocka_unit_test(a_bit_that_all_copies_have_is_enough),
		cmocka_unit_test(without_a_failure_there_is_nothing_to_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
