// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "stream.h"

#define NAME "balanced-counters"

static void each_end_has_its_start(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_startwrite(&s, 7, 5, false);
	do_startwrite(&s, 8, 5, false);
	ev_endwrite(&s, 5);
	ev_endwrite(&s, 5);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	assert_int_equal(result_of(&s, NAME)->held, 4);
	stream_free(&s);
}

static void an_end_too_many_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	ev_endwrite(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void an_end_of_another_chunk_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_endwrite(&s, 6);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* BT_STARTWRITE or BT_ENDWRITE of a range. */
static void ev_range(struct stream *s, enum bt_event_type type, uint64_t chunk, uint64_t chunks)
{
	struct bt_event ev = stream_event(s, type, 7);

	ev.range.sector = chunk << CHUNK_SHIFT;
	ev.range.sectors = chunks << CHUNK_SHIFT;
	stream_put(s, &ev);
}

static void each_chunk_of_a_range_is_judged(void **state)
{
	struct stream s;
	uint64_t chunk;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	for (chunk = 5; chunk < 9; chunk++) {
		ev_set_bit_enter(&s, 7, chunk);
		ev_set_bit(&s, 7, chunk, BT_ATTR_DIRTY);
	}
	ev_range(&s, BT_STARTWRITE, 5, 4);
	ev_range(&s, BT_ENDWRITE, 5, 4);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 4);
	ev_range(&s, BT_STARTWRITE, 5, 3);
	ev_range(&s, BT_ENDWRITE, 5, 4); /* of chunk 8 one too many */
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 7);
	assert_non_null(strstr(result_of(&s, NAME)->first.message, "chunk 8 "));
	stream_free(&s);
}

static void a_start_left_over_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* An array from before tracing is the usual one to be checked. */
static void writes_seen_whole_are_judged_late_too(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	expect(&s, NAME, BT_VERDICT_PASS);
	do_clear(&s, 5);
	expect_overall(&s, BT_VERDICT_PASS);
	do_startwrite(&s, 7, 6, true);
	do_unplug(&s, 7, 0);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void late_attach_cannot_tell(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	ev_endwrite(&s, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_has_its_start),
		cmocka_unit_test(an_end_too_many_fails),
		cmocka_unit_test(an_end_of_another_chunk_fails),
		cmocka_unit_test(each_chunk_of_a_range_is_judged),
		cmocka_unit_test(a_start_left_over_fails),
		cmocka_unit_test(writes_seen_whole_are_judged_late_too),
		cmocka_unit_test(late_attach_cannot_tell),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
