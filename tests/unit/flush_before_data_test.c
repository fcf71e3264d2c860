// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "flush-before-data"

/* A write of chunk 5 up to the point where its data may be submitted, on disks with this cache. */
static void begin(struct stream *s, enum bt_backend backend, enum bt_cache cache)
{
	stream_init(s, backend);
	s->cache = (uint8_t)cache;
	do_startwrite(s, 7, 5, true);
	do_unplug(s, 7, 0);
}

static void fua_or_no_cache_passes(void **state)
{
	struct stream s;

	(void)state;
	begin(&s, BT_BACKEND_INTERNAL, BT_CACHE_FUA);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
	begin(&s, BT_BACKEND_PAGECACHE, BT_CACHE_NONE);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void a_volatile_cache_fails(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER,
						    BT_BACKEND_PAGECACHE };
	struct stream s;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		begin(&s, backends[i], BT_CACHE_VOLATILE);
		do_data(&s, 7, 5);
		expect_broken(&s, NAME, 2, NULL); /* one per member */
		stream_free(&s);
	}
}

static void a_flush_in_between_passes(void **state)
{
	struct stream s;

	(void)state;
	begin(&s, BT_BACKEND_BUFFER, BT_CACHE_VOLATILE);
	ev_flush_end(&s, ev_flush_start(&s, FILE_DEV), 0);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void every_member_must_be_flushed(void **state)
{
	struct stream s;

	(void)state;
	begin(&s, BT_BACKEND_INTERNAL, BT_CACHE_VOLATILE);
	ev_flush_end(&s, ev_flush_start(&s, member_dev(0)), 0);
	do_data(&s, 7, 5);
	expect_broken(&s, NAME, 2, NULL);
	ev_flush_end(&s, ev_flush_start(&s, member_dev(1)), 0);
	do_data(&s, 7, 5);
	expect_broken(&s, NAME, 2, NULL);
	stream_free(&s);
}

static void a_flush_that_is_none_does_not_count(void **state)
{
	uint64_t early, failed, open;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	s.cache = BT_CACHE_VOLATILE;
	do_startwrite(&s, 7, 5, true);
	early = ev_flush_start(&s, FILE_DEV);
	do_unplug(&s, 7, 0);
	ev_flush_end(&s, early, 0); /* began before the write had completed */
	failed = ev_flush_start(&s, FILE_DEV);
	ev_flush_end(&s, failed, 10);
	ev_flush_end(&s, ev_flush_start(&s, 0x123), 0); /* of another disk */
	open = ev_flush_start(&s, FILE_DEV);
	do_data(&s, 7, 5);
	expect_broken(&s, NAME, 2, NULL);
	ev_flush_end(&s, open, 0);
	do_data(&s, 7, 5);
	expect_broken(&s, NAME, 2, NULL);
	stream_free(&s);
}

/* The unplug flushes before any other event shows that its page write is complete. */
static void a_flush_by_who_wrote_passes(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	s.cache = BT_CACHE_VOLATILE;
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_page_end(&s, 0, io, 0);
	io = ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, io, 0);
	ev_flush_end(&s, ev_flush_start(&s, FILE_DEV), 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

/* A newer write of the page is not flushed, but the older carried the bit, too. */
static void an_older_write_may_be_the_durable_one(void **state)
{
	uint64_t older, newer;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	s.cache = BT_CACHE_VOLATILE;
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	older = ev_page_start(&s, 7, 0, 0);
	ev_page_end(&s, 0, older, 0);
	older = ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, older, 0);
	ev_flush_end(&s, ev_flush_start(&s, FILE_DEV), 0);
	newer = ev_page_start(&s, 99, 0, 0);
	ev_page_end(&s, 0, newer, 0);
	newer = ev_page_start(&s, 99, 0, 1);
	ev_page_end(&s, 0, newer, 0);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	do_data(&s, 8, 5); /* while 7 may still add to its write */
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

/* The flushed write began while the bit was being set, the later one is not flushed. */
static void a_write_that_may_carry_the_bit_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	s.cache = BT_CACHE_VOLATILE;
	ev_set_bit_enter(&s, 7, 5);
	do_page_write(&s, 8, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 8);
	ev_set_bit(&s, 7, 5, BT_ATTR_DIRTY);
	ev_flush_end(&s, ev_flush_start(&s, FILE_DEV), 0);
	do_page_write(&s, 8, 0);
	ev_startwrite(&s, 7, 5);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* More writes end during one flush than the model keeps: the flush makes the oldest one durable. */
static void a_write_forgotten_during_a_flush_is_not_judged(void **state)
{
	struct stream s;
	uint64_t flush;
	int i;

	(void)state;
	begin(&s, BT_BACKEND_BUFFER, BT_CACHE_VOLATILE);
	flush = ev_flush_start(&s, FILE_DEV);
	for (i = 0; i <= BT_UNFLUSHED_MAX; i++)
		do_page_write(&s, 8, 0);
	ev_flush_end(&s, flush, 0);
	do_data(&s, 7, 5);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->unjudged, 2);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fua_or_no_cache_passes),
		cmocka_unit_test(a_volatile_cache_fails),
		cmocka_unit_test(a_flush_in_between_passes),
		cmocka_unit_test(every_member_must_be_flushed),
		cmocka_unit_test(a_flush_that_is_none_does_not_count),
		cmocka_unit_test(a_flush_by_who_wrote_passes),
		cmocka_unit_test(an_older_write_may_be_the_durable_one),
		cmocka_unit_test(a_write_that_may_carry_the_bit_is_not_judged),
		cmocka_unit_test(a_write_forgotten_during_a_flush_is_not_judged),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
