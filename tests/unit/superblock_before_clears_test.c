// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "superblock-before-clears"
#define FAR  40000 /* a chunk of page 1 */

static void clear_in_a_pass(struct stream *s, bool need_sync)
{
	do_pass(s);
	ev_daemon_enter(s, need_sync);
	ev_clear_bit(s, 99, FAR);
	ev_daemon_page(s, 99, 1, BT_ATTR_PENDING);
	ev_plain(s, BT_DAEMON_EXIT, 99);
}

static void page_0_first_passes(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, FAR);
	clear_in_a_pass(&s, true);
	do_page_write(&s, 99, 0);
	do_page_write(&s, 99, 1);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void page_1_first_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, FAR);
	clear_in_a_pass(&s, true);
	ev_page_end(&s, 1, ev_page_start(&s, 8, 1, 0), 0);
	do_page_write(&s, 99, 0);
	do_page_write(&s, 99, 1);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void without_need_sync_any_order_is_right(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, FAR);
	clear_in_a_pass(&s, false);
	do_page_write(&s, 99, 1);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

static void a_page_without_clears_may_go(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, FAR);
	ev_daemon_enter(&s, true);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	do_write(&s, 7, FAR + 1);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* It returns before it looks at need_sync. */
static void an_allclean_pass_owes_nothing(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, FAR);
	ev = stream_event(&s, BT_DAEMON_ENTER, 99);
	ev.pass.need_sync = 1;
	ev.pass.allclean = 1;
	stream_put(&s, &ev);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	clear_in_a_pass(&s, false);
	do_page_write(&s, 99, 1);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_0_first_passes),
		cmocka_unit_test(page_1_first_fails),
		cmocka_unit_test(without_need_sync_any_order_is_right),
		cmocka_unit_test(a_page_without_clears_may_go),
		cmocka_unit_test(an_allclean_pass_owes_nothing),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
