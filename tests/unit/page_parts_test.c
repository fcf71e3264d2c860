// SPDX-License-Identifier: GPL-2.0-only
/* A page write counts when all its copies or blocks are written, and not before. */
#include "stream.h"

#define INTENT "intent-before-data"
#define UNPLUG "unplug-durable"

/*
 * A write of chunk 5 whose unplug submits these copies or blocks of page 0 and waits for all of
 * them.
 */
static void write_with_legs(struct stream *s, uint64_t legs)
{
	uint64_t io[64];
	int i;

	do_startwrite(s, 7, 5, true);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	for (i = 0; i < 64; i++)
		if (legs >> i & 1)
			io[i] = ev_page_start(s, 7, 0, i);
	for (i = 0; i < 64; i++)
		if (legs >> i & 1)
			ev_page_end(s, 0, io[i], 0);
	ev_plain(s, BT_UNPLUG_EXIT, 7);
	do_data(s, 7, 5);
	ev_endwrite(s, 5);
}

static void expect_pass(struct stream *s)
{
	expect_broken(s, NULL);
	expect(s, INTENT, BT_VERDICT_PASS);
	expect(s, UNPLUG, BT_VERDICT_PASS);
}

static void every_member_is_written(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	write_with_legs(&s, 3);
	expect_pass(&s);
	stream_free(&s);
}

static void a_member_left_out_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	write_with_legs(&s, 1);
	expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
	do_clear(&s, 5);
	write_with_legs(&s, 3);
	expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
	do_clear(&s, 5);
	write_with_legs(&s, 2);
	expect_broken(&s, INTENT, 4, UNPLUG, 2, NULL);
	stream_free(&s);
}

/* More submissions than a page write can have. */
static void many_members_are_all_asked_for(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, UINT64_MAX);
	write_with_legs(&s, UINT64_MAX);
	expect_pass(&s);
	do_clear(&s, 5);
	write_with_legs(&s, UINT64_MAX & ~(UINT64_C(1) << 63));
	expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
	stream_free(&s);
}

/* It failed while the others were submitted, was skipped, and is reported as removed. */
static void a_failed_member_is_not_missed(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_page_end(&s, 0, io, 0);
	ev_members(&s, 1);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	do_data(&s, 7, 5);
	expect_pass(&s);
	stream_free(&s);
}

/* Its write failed, and it is the last member that the array needs: it stays. */
static void a_member_that_is_kept_has_been_tried(void **state)
{
	struct stream s;
	uint64_t io[2];

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io[0] = ev_page_start(&s, 7, 0, 0);
	io[1] = ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, io[0], 0);
	ev_page_end(&s, 0, io[1], 10);
	ev_member_error(&s, 1, false);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, UNPLUG, BT_VERDICT_PASS);
	stream_free(&s);
}

/* The block layer has returned the bio before it was in any queue. */
static void a_write_that_is_refused_at_once_has_been_tried(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, 0x7000000, 10);
	ev_page_end(&s, 0, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, UNPLUG, BT_VERDICT_PASS);
	stream_free(&s);
}

static void a_new_member_is_asked_for_from_then_on(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 1);
	do_startwrite(&s, 7, 5, true);
	ev_members(&s, 3);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	do_data(&s, 7, 5);
	ev_endwrite(&s, 5);
	expect_pass(&s);
	do_clear(&s, 5);
	write_with_legs(&s, 1);
	expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
	stream_free(&s);
}

/* It was removed and added again: the recovery copies what it missed. */
static void one_that_comes_back_begins_anew(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	do_startwrite(&s, 7, 5, true);
	ev_members(&s, 1);
	ev_members(&s, 3);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* Reported twice, as each pass of the daemon does: that does not make a member newer. */
static void telling_again_changes_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	do_startwrite(&s, 7, 5, true);
	ev_members(&s, 3);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, UNPLUG, 1, NULL);
	stream_free(&s);
}

/* Two threads, each of which writes one member: together they have written the page. */
static void who_writes_a_part_does_not_matter(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_page_end(&s, 0, ev_page_start(&s, 8, 0, 1), 0);
	ev_plain(&s, BT_UNPLUG_ENTER, 8);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* A submission that was in flight when the bit was being set may carry it or not. */
static void a_part_begun_in_between_is_held_for_neither(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	ev_set_bit_enter(&s, 7, 5);
	io = ev_page_start(&s, 9, 0, 1);
	ev_set_bit(&s, 7, 5, BT_ATTR_DIRTY);
	ev_startwrite(&s, 7, 5);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), 0);
	ev_page_end(&s, 0, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, UNPLUG, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void unknown_members_are_neither_pass_nor_fail(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev = stream_event(&s, BT_MEMBERS, 0);
	ev.members.active = 3;
	ev.members.unknown = 1;
	stream_put(&s, &ev);
	write_with_legs(&s, 3);
	expect_broken(&s, NULL);
	expect(&s, INTENT, BT_VERDICT_UNKNOWN);
	expect(&s, UNPLUG, BT_VERDICT_UNKNOWN);
	do_clear(&s, 5);
	ev_members(&s, 3);
	write_with_legs(&s, 3);
	expect_pass(&s);
	stream_free(&s);
}

/* Members reported before a loss are void until they are reported again. */
static void lost_members_come_back_with_the_next_pass(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_members(&s, 3);
	ev_lost(&s, 1);
	write_with_legs(&s, 1);
	expect_broken(&s, NULL);
	do_clear(&s, 5);
	ev_members(&s, 3);
	write_with_legs(&s, 1);
	expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
	stream_free(&s);
}

static void every_block_is_written(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	s.blocks = 8;
	write_with_legs(&s, 0xff);
	expect_pass(&s);
	stream_free(&s);
}

static void a_block_left_out_fails(void **state)
{
	struct stream s;
	int n;

	(void)state;
	for (n = 0; n < 4; n++) {
		stream_init(&s, BT_BACKEND_BUFFER);
		s.blocks = 4;
		write_with_legs(&s, 0xf & ~(1U << n));
		expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
		do_clear(&s, 5);
		write_with_legs(&s, 0xf);
		expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
		stream_free(&s);
	}
}

/* There is no other copy of a block: a failed one is not covered by a later write without it. */
static void a_block_that_failed_is_not_written(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	s.blocks = 2;
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 9, 0, 1);
	ev_page_end(&s, 0, io, -5);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, UNPLUG, 1, NULL);
	stream_free(&s);
}

/* No kernel has both, but a damaged trace may: a buffer head is no member number. */
static void a_buffer_head_is_no_member(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_members(&s, 3);
	write_with_legs(&s, 3);
	expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
	stream_free(&s);
}

/* The bitmap ends in page 1, at 512 bytes of it. */
static void a_write_cut_short_fails(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev = stream_event(&s, BT_LAYOUT, 1);
	ev.layout.bytes = 4096 + 512;
	stream_put(&s, &ev);
	ev_members(&s, 3);
	s.bytes = 4096;
	write_with_legs(&s, 3);
	expect_pass(&s);
	s.bytes = 512;
	do_write(&s, 7, 40000);
	expect_pass(&s);
	do_clear(&s, 5);
	s.bytes = 3584;
	write_with_legs(&s, 3);
	expect_broken(&s, INTENT, 2, UNPLUG, 1, NULL);
	stream_free(&s);
}

/* Older traces have neither members nor blocks. */
static void what_is_not_told_is_not_asked_for(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER };
	struct stream s;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		stream_init(&s, backends[i]);
		write_with_legs(&s, 3);
		expect_pass(&s);
		stream_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_written),
		cmocka_unit_test(a_member_left_out_fails),
		cmocka_unit_test(many_members_are_all_asked_for),
		cmocka_unit_test(a_failed_member_is_not_missed),
		cmocka_unit_test(a_member_that_is_kept_has_been_tried),
		cmocka_unit_test(a_write_that_is_refused_at_once_has_been_tried),
		cmocka_unit_test(a_new_member_is_asked_for_from_then_on),
		cmocka_unit_test(one_that_comes_back_begins_anew),
		cmocka_unit_test(telling_again_changes_nothing),
		cmocka_unit_test(who_writes_a_part_does_not_matter),
		cmocka_unit_test(a_part_begun_in_between_is_held_for_neither),
		cmocka_unit_test(unknown_members_are_neither_pass_nor_fail),
		cmocka_unit_test(lost_members_come_back_with_the_next_pass),
		cmocka_unit_test(every_block_is_written),
		cmocka_unit_test(a_block_left_out_fails),
		cmocka_unit_test(a_block_that_failed_is_not_written),
		cmocka_unit_test(a_buffer_head_is_no_member),
		cmocka_unit_test(a_write_cut_short_fails),
		cmocka_unit_test(what_is_not_told_is_not_asked_for),
	};

	return cmocka_run_group_tests_name("page-parts", tests, NULL, NULL);
}
