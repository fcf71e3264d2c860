// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "dirty-context"

static void put_dirty(struct stream *s, uint8_t flags)
{
	struct bt_event ev = stream_event(s, BT_PAGE_DIRTY, 7);

	ev.page.io = 0xf000;
	ev.page.nr_pages = 1;
	ev.page.backend = BT_BACKEND_PAGECACHE;
	ev.page.dirty = flags;
	stream_put(s, &ev);
}

static void good_marks_pass(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void a_bad_mark_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	put_dirty(&s, BT_DIRTY_LOCKED);
	put_dirty(&s, 0);
	put_dirty(&s, BT_DIRTY_LOCKED);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void inside_set_bit_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	ev_set_bit_enter(&s, 7, 5);
	ev_page_dirty(&s, 7, 0);
	ev_set_bit(&s, 7, 5, BT_ATTR_DIRTY);
	expect_broken(&s, NAME, 1, NULL);
	/* Another thread's set_bit does not matter for this one. */
	ev_set_bit_enter(&s, 8, 6);
	ev_page_dirty(&s, 7, 0);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void put_left(struct stream *s, bool on_entering, bool on_leaving)
{
	struct bt_event ev = stream_event(s, BT_SET_BIT_LEFT, 7);

	ev.irqs.on_entering = on_entering;
	ev.irqs.on_leaving = on_leaving;
	stream_put(s, &ev);
}

static void interrupts_are_left_as_they_were(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	put_left(&s, false, false);
	put_left(&s, true, true);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_NA);
	put_left(&s, false, true);
	expect_broken(&s, NAME, 1, NULL);
	put_left(&s, true, false);
	expect_broken(&s, NAME, 2, NULL);
	stream_free(&s);
}

static void other_backends_have_no_such_rule(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_marks_pass),
		cmocka_unit_test(a_bad_mark_fails),
		cmocka_unit_test(inside_set_bit_fails),
		cmocka_unit_test(interrupts_are_left_as_they_were),
		cmocka_unit_test(other_backends_have_no_such_rule),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
