// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "intent-before-data"

static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER,
					    BT_BACKEND_PAGECACHE, BT_BACKEND_FILEIO };
#define BACKENDS (sizeof(backends) / sizeof(backends[0]))

static void legal_writes_pass(void **state)
{
	struct stream s;
	unsigned int i;
	uint64_t chunk;

	(void)state;
	for (i = 0; i < BACKENDS; i++) {
		stream_init(&s, backends[i]);
		for (chunk = 0; chunk < CHUNKS; chunk += 997) {
			do_write(&s, 7, chunk);
			do_clear(&s, chunk);
		}
		expect_broken(&s, NULL);
		expect(&s, NAME, BT_VERDICT_PASS);
		expect_overall(&s, BT_VERDICT_PASS);
		stream_free(&s);
	}
}

static void data_before_any_write_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* The race of two unplugs: the second finds no dirty page and continues. */
static void second_writer_overtakes(void **state)
{
	const struct bt_counterexample *cx;
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	do_startwrite(&s, 8, 5, false);
	ev_plain(&s, BT_UNPLUG_ENTER, 8);
	ev_plain(&s, BT_UNPLUG_EXIT, 8);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);

	ev_page_end(&s, 0, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);

	/* set_bit, unplug 7 in, write start, unplug 8 in, out, data, write end */
	cx = &result_of(&s, NAME)->first;
	assert_int_equal(cx->nr, 7);
	assert_int_equal(cx->events[0].ev.type, BT_SET_BIT);
	assert_int_equal(cx->events[1].ev.type, BT_UNPLUG_ENTER);
	assert_int_equal(cx->events[2].ev.type, BT_PAGE_WRITE_START);
	assert_int_equal(cx->events[4].ev.type, BT_UNPLUG_EXIT);
	assert_int_equal(cx->events[4].ev.tid, 8);
	assert_int_equal(cx->events[5].seq, cx->offending);
	assert_int_equal(cx->events[6].ev.type, BT_PAGE_WRITE_END);
	assert_false(cx->watching);
	stream_free(&s);
}

static void write_from_before_set_bit_does_not_cover(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	io = ev_page_start(&s, 9, 0, 0);
	do_startwrite(&s, 7, 5, true);
	ev_page_end(&s, 0, io, 0);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void every_member_must_have_the_bit(void **state)
{
	struct stream s;
	uint64_t io0, io1;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	io0 = ev_page_start(&s, 7, 0, 0);
	io1 = ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, io0, 0);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);
	ev_page_end(&s, 0, io1, 0);
	ev_data_start(&s, 8, 5, 1, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void failed_member_is_out_of_the_array(void **state)
{
	struct stream s;
	uint64_t io0, io1;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	io0 = ev_page_start(&s, 7, 0, 0);
	io1 = ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, io1, 10);
	ev_page_end(&s, 0, io0, 0);
	ev_sb_write(&s, 9, 1); /* failure-recorded */
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void failed_file_write_does_not_cover(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), -5);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* md_update_sb and unplug may have the same buffer head in flight. */
static void buffer_submitted_twice_ends_with_the_last(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_plain(&s, BT_UPDATE_SB_ENTER, 9);
	io = ev_page_start(&s, 9, 0, 0);
	do_startwrite(&s, 7, 5, true);
	assert_int_equal(ev_page_start(&s, 7, 0, 0), io);
	ev_page_end(&s, 0, io, 0);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, "no-overlapping-writes", 1, NULL);
	ev_page_end(&s, 0, io, 0);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, "no-overlapping-writes", 1, NULL);
	stream_free(&s);
}

static void data_after_clear_needs_a_new_bit(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	do_startwrite(&s, 7, 5, false);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, "intent-recorded", 1, NULL);
	stream_free(&s);
}

/* In a damaged trace an event may name a page that is not the chunk's. */
static void data_after_a_clear_of_another_page(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev = stream_event(&s, BT_CLEAR_BIT, 99);
	ev.bit.chunk = 99999;
	ev.bit.page = 0;
	stream_put(&s, &ev);
	ev_data_start(&s, 7, 99999, 0, END_IO_USER);
	assert_int_equal(result_of(&s, NAME)->broken, 1);
	assert_int_equal(result_of(&s, NAME)->first.nr, 2); /* the load and the data */
	stream_free(&s);
}

static void resync_needs_no_bit(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	ev_data_end(&s, ev_data_start(&s, 7, 5, 1, END_IO_RESYNC));
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void stale_bitmap_promises_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	s.bm_flags = BT_BM_STALE;
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void loaded_bits_are_durable_but_prove_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, false);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void late_attach_is_unknown_then_judges(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	do_write(&s, 7, 6);
	expect(&s, NAME, BT_VERDICT_PASS);
	do_startwrite(&s, 7, 7, true);
	ev_data_start(&s, 7, 7, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void loss_is_never_a_pass(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	ev_lost(&s, 3); /* the page write may be among them */
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NULL);
	do_write(&s, 7, 6);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	/* Evidence from after the loss is still valid. */
	do_startwrite(&s, 7, 8, true);
	ev_data_start(&s, 7, 8, 0, END_IO_USER);
	expect(&s, NAME, BT_VERDICT_FAIL);
	stream_free(&s);
}

/* It is not known whether that write carries the bit: it proves neither held nor broken. */
static void write_that_begins_inside_set_bit_is_open(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_set_bit_enter(&s, 7, 5);
	io = ev_page_start(&s, 8, 0, 0);
	ev_set_bit(&s, 7, 5, 0);
	ev_startwrite(&s, 7, 5);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL); /* not ended either */
	ev_page_end(&s, 0, io, 0);
	ev_plain(&s, BT_UNPLUG_ENTER, 8);
	ev_data_start(&s, 7, 5, 1, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->unjudged, 1);
	assert_int_equal(result_of(&s, NAME)->held, 0);
	stream_free(&s);
}

/* The first member has the page, the second was not even submitted to. */
static void half_submitted_write_is_no_proof(void **state)
{
	struct stream s;
	uint64_t io0, io1;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	io0 = ev_page_start(&s, 7, 0, 0);
	ev_page_end(&s, 0, io0, 0);
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	assert_int_equal(result_of(&s, NAME)->held, 0);
	assert_int_equal(result_of(&s, NAME)->unjudged, 1);
	io1 = ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, io1, 0);
	/*
	 * As many submissions as the last time: complete, although its task has not done
	 * anything else.
	 */
	ev_data_start(&s, 8, 5, 0, END_IO_USER);
	assert_int_equal(result_of(&s, NAME)->held, 1);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* All wait for the write in flight, then all submit the page at once. */
static void many_writers_at_once_are_followed(void **state)
{
	static const enum bt_backend kinds[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER };
	uint64_t io[200][2];
	struct stream s;
	uint32_t i, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		stream_init(&s, kinds[k]);
		for (i = 0; i < 200; i++) {
			do_startwrite(&s, 100 + i, i, true);
			ev_plain(&s, BT_UNPLUG_ENTER, 100 + i);
			ev_unplug_page(&s, 100 + i, 0);
			io[i][0] = ev_page_start(&s, 100 + i, 0, 0);
			io[i][1] = ev_page_start(&s, 100 + i, 0, 1);
		}
		for (i = 0; i < 200; i++) {
			ev_page_end(&s, 0, io[i][0], 0);
			ev_page_end(&s, 0, io[i][1], 0);
		}
		for (i = 0; i < 200; i++) {
			ev_plain(&s, BT_UNPLUG_EXIT, 100 + i);
			do_data(&s, 100 + i, i);
			ev_endwrite(&s, i);
		}
		expect_broken(&s, "no-overlapping-writes", 398, NULL);
		expect(&s, NAME, BT_VERDICT_PASS);
		expect(&s, "unplug-durable", BT_VERDICT_PASS);
		stream_free(&s);
	}
}

/* bitmap_dirty_bits sets a bit that is set: nothing changes on disk. */
static void bit_set_again_stays_durable(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	ev_set_bit(&s, 9, 5, BT_ATTR_DIRTY);
	ev_data_start(&s, 7, 5, 1, END_IO_USER);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* The load found the bit clear; no set_bit since. */
static void data_for_a_bit_loaded_clear_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	ev_call(&s, BT_INIT_ENTER, 1, 0);
	ev_loaded_bits(&s, 6, 1, false);
	ev_call(&s, BT_INIT_EXIT, 1, 0);
	ev_data_start(&s, 7, 6, 0, END_IO_USER);
	expect_broken(&s, NULL);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void put_stripe_write(struct stream *s, uint16_t flags)
{
	struct bt_event ev = stream_event(s, BT_DATA_START, 7);

	ev.member = 2;
	ev.bm_flags |= flags;
	ev.data.bio = 0x3000000 + ++s->io_last;
	ev.data.sector = 5 << CHUNK_SHIFT;
	ev.data.sectors = 8;
	ev.data.end_io = END_IO_RAID5;
	stream_put(s, &ev);
}

/* raid5 has one callback for all writes: the stripe shows which are of users. */
static void raid5_writes_are_told_apart_by_their_stripe(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	put_stripe_write(&s, BT_BM_STRIPE_SYNC);
	expect_broken(&s, NULL);
	put_stripe_write(&s, 0);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->unjudged, 1);
	put_stripe_write(&s, BT_BM_STRIPE_USER);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void put_chained(struct stream *s, uint32_t opf)
{
	struct bt_event ev = stream_event(s, BT_DATA_START, 7);

	ev.opf = opf;
	ev.data.bio = 0x3000000 + ++s->io_last;
	ev.data.sector = 5 << CHUNK_SHIFT;
	ev.data.sectors = 8;
	ev.data.end_io = END_IO_CHAIN;
	stream_put(s, &ev);
}

/* raid10 sends a large discard to its members in parts chained to a bio of its own. */
static void chained_discards_are_users(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	put_chained(&s, BT_OP_DISCARD);
	expect_broken(&s, NAME, 1, NULL);
	do_unplug(&s, 7, 0);
	put_chained(&s, BT_OP_DISCARD);
	do_data(&s, 7, 5);
	ev_endwrite(&s, 5);
	do_clear(&s, 5); /* their ends are not emitted, and no rule waits for them */
	expect_broken(&s, NAME, 1, NULL);
	expect(&s, "no-clear-in-flight", BT_VERDICT_PASS);
	stream_free(&s);
}

static void a_callback_nobody_knows_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	put_chained(&s, 1); /* not a discard */
	ev_data_start(&s, 7, 5, 0, 0x1234);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->unjudged, 2);
	stream_free(&s);
}

static void a_reshape_is_not_passed(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	expect(&s, NAME, BT_VERDICT_PASS);
	s.bm_flags = BT_BM_RESHAPE;
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	s.bm_flags = 0;
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	expect(&s, "no-clear-in-flight", BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* bitmap_dirty_bits sets bits that are set: by a load, or before tracing. */
static void a_bit_set_again_under_a_writer_proves_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, false);
	ev_set_bit_enter(&s, 8, 5);
	ev_set_bit(&s, 8, 5, BT_ATTR_DIRTY);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	stream_free(&s);

	stream_init_late(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, false);
	ev_set_bit_enter(&s, 8, 5);
	ev_set_bit(&s, 8, 5, BT_ATTR_DIRTY);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* The write that carried the bit began before the loss and is forgotten, as is the entry. */
static void a_set_bit_whose_entry_was_lost_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_set_bit_enter(&s, 7, 5);
	ev_lost(&s, 1);
	ev_set_bit(&s, 7, 5, 0);
	ev_startwrite(&s, 7, 5);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/*
 * The same without a loss: the task was inside md_bitmap_file_set_bit when the probes were
 * attached, and the unplug that cleared its page's DIRTY had begun to write it.
 */
static void a_set_bit_that_was_entered_before_the_attach_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	do_page_write(&s, 8, 0);
	ev_set_bit(&s, 7, 5, BT_ATTR_DIRTY);
	ev_startwrite(&s, 7, 5);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	assert_true(result_of(&s, NAME)->unjudged > 0);
	stream_free(&s);
}

/* After a loss, a bit that was set in the page at entry was set and written by an unknown task. */
static void put_write_after_loss(struct stream *s, uint8_t on_page)
{
	struct bt_event enter = stream_event(s, BT_SET_BIT_ENTER, 7);

	enter.bit.chunk = 5;
	enter.bit.page = page_of(5);
	enter.bit.on_page = on_page;
	ev_lost(s, 1);
	stream_put(s, &enter);
	ev_set_bit(s, 7, 5, BT_ATTR_DIRTY);
	ev_startwrite(s, 7, 5);
	do_data(s, 7, 5);
}

static void a_bit_that_is_set_again_after_a_loss_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	put_write_after_loss(&s, BT_ON_PAGE_SET);
	expect_broken(&s, NULL);
	stream_free(&s);
	stream_init(&s, BT_BACKEND_BUFFER);
	put_write_after_loss(&s, BT_ON_PAGE_CLEAR);
	assert_true(result_of(&s, NAME)->broken > 0);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legal_writes_pass),
		cmocka_unit_test(data_before_any_write_fails),
		cmocka_unit_test(second_writer_overtakes),
		cmocka_unit_test(write_from_before_set_bit_does_not_cover),
		cmocka_unit_test(every_member_must_have_the_bit),
		cmocka_unit_test(failed_member_is_out_of_the_array),
		cmocka_unit_test(failed_file_write_does_not_cover),
		cmocka_unit_test(buffer_submitted_twice_ends_with_the_last),
		cmocka_unit_test(data_after_clear_needs_a_new_bit),
		cmocka_unit_test(data_after_a_clear_of_another_page),
		cmocka_unit_test(resync_needs_no_bit),
		cmocka_unit_test(stale_bitmap_promises_nothing),
		cmocka_unit_test(loaded_bits_are_durable_but_prove_nothing),
		cmocka_unit_test(late_attach_is_unknown_then_judges),
		cmocka_unit_test(loss_is_never_a_pass),
		cmocka_unit_test(write_that_begins_inside_set_bit_is_open),
		cmocka_unit_test(half_submitted_write_is_no_proof),
		cmocka_unit_test(many_writers_at_once_are_followed),
		cmocka_unit_test(bit_set_again_stays_durable),
		cmocka_unit_test(data_for_a_bit_loaded_clear_fails),
		cmocka_unit_test(raid5_writes_are_told_apart_by_their_stripe),
		cmocka_unit_test(chained_discards_are_users),
		cmocka_unit_test(a_callback_nobody_knows_is_not_judged),
		cmocka_unit_test(a_reshape_is_not_passed),
		cmocka_unit_test(a_bit_set_again_under_a_writer_proves_nothing),
		cmocka_unit_test(a_set_bit_whose_entry_was_lost_is_not_judged),
		cmocka_unit_test(a_set_bit_that_was_entered_before_the_attach_is_not_judged),
		cmocka_unit_test(a_bit_that_is_set_again_after_a_loss_is_not_judged),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
