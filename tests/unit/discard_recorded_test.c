// SPDX-License-Identifier: GPL-2.0-only
#include "lockless.h"

#define NAME "discard-recorded"

static void make_unwritten(struct stream *s, uint64_t chunk, uint8_t before)
{
	ll_change(s, 7, chunk, before, BT_LL_UNWRITTEN, BT_LL_DISCARD);
}

static void unwritten_in_memory_only_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	make_unwritten(&s, 5, BT_LL_CLEAN);
	ll_discard(&s, 7, 5, 0);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void part_of_a_clean_chunk_is_broken(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_discard(&s, 7, 5, 0);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void a_written_block_passes(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	make_unwritten(&s, 5, BT_LL_CLEAN);
	ll_unplug(&s, 7, 2);
	ll_discard(&s, 7, 5, 0);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

/* The disk still has it as Dirty: it is resynced. */
static void a_chunk_dirty_on_disk_passes(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	make_unwritten(&s, 5, BT_LL_DIRTY);
	ll_discard(&s, 7, 5, 0);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void a_chunk_never_written_passes(void **state)
{
	struct stream s;

	(void)state;
	ll_init_as(&s, 1, BT_LL_UNWRITTEN);
	ll_discard(&s, 7, 5, 0);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void without_discards_it_does_not_apply(void **state)
{
	struct stream s;

	(void)state;
	ll_init(&s);
	ll_write(&s, 7, 5);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unwritten_in_memory_only_is_broken),
		cmocka_unit_test(part_of_a_clean_chunk_is_broken),
		cmocka_unit_test(a_written_block_passes),
		cmocka_unit_test(a_chunk_dirty_on_disk_passes),
		cmocka_unit_test(a_chunk_never_written_passes),
		cmocka_unit_test(without_discards_it_does_not_apply),
	};

	return cmocka_run_group_tests_name("discard_recorded", tests, NULL, NULL);
}
