// SPDX-License-Identifier: GPL-2.0-only
/* The crash oracle's incremental judgement, compared with one that rebuilds each disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crash/oracle.h"
#include "crash_history.h"

#define HISTORIES	10000
#define CACHE_HISTORIES 4000

#define CHUNKS_MAX 1000 /* that are counted one by one */
#define COUNT_EACH 8	/* entries */

struct tally {
	uint64_t points, unsafe, skipped;
	uint64_t counted, resyncing, differing;
};

static void feed(struct bt_oracle *oracle, const struct history_entry *entry, uint32_t nr)
{
	struct bt_log_entry logged = {
		.nr = nr,
		.sector = entry->sector,
		.sectors = entry->sectors,
		.flags = entry->flags,
	};
	bool discard = entry->flags & BT_LOG_DISCARD;

	bt_oracle_begin(oracle, &logged);
	assert_int_equal(bt_oracle_data(oracle, entry->sector, entry->sectors,
					discard ? NULL : entry->data[0]),
			 0);
	bt_oracle_end(oracle);
}

static void check_example(const struct bt_oracle *oracle)
{
	const struct bt_example *example = &oracle->example;

	if (!oracle->stats.unsafe.points)
		return;
	assert_true(example->found.chunk < oracle->layout->chunks);
	assert_int_equal(example->array_sector, example->found.chunk);
	assert_true(example->sides[0].member != example->sides[1].member);
	assert_true(example->sides[0].many || example->sides[1].many ||
		    example->sides[0].digest != example->sides[1].digest);
}

/* The list has all of them, in order, with a gap between each two. */
static void check_stretches(const struct bt_stretches *stretches)
{
	uint64_t i, points = 0, longest = 0;
	const struct bt_stretch *stretch;

	assert_true(stretches->nr <= BT_STRETCHES_MAX);
	for (i = 0; i < stretches->nr; i++) {
		stretch = &stretches->list[i];
		assert_int_equal(stretch->points, stretch->last - stretch->first + 1);
		assert_true(!i || stretch->first > stretches->list[i - 1].last + 1);
		points += stretch->points;
		if (stretch->points > longest)
			longest = stretch->points;
	}
	assert_int_equal(stretches->points, points);
	assert_int_equal(stretches->longest.points, longest);
}

/* What md resyncs, and where members differ, counted chunk by chunk */
static void check_resync(const struct history *history, const struct bt_oracle *oracle, uint32_t nr,
			 struct tally *tally)
{
	struct bt_resync resync;

	if (oracle->cache || history->layout.chunks > CHUNKS_MAX ||
	    (nr % COUNT_EACH && nr != history->nr))
		return;
	resync = history_resync(history, nr);
	assert_int_equal(oracle->resync.resynced, resync.resynced);
	assert_int_equal(oracle->resync.differ, resync.differ);
	tally->counted++;
	tally->resyncing += resync.resynced && resync.resynced < history->layout.chunks;
	tally->differing += resync.differ != 0;
}

static void run_history(uint64_t seed, bool cache, bool lockless, struct tally *tally)
{
	static struct history history;
	static struct bt_oracle oracle;
	char problem[256];
	uint32_t i;
	int unsafe;

	history_make(&history, seed, cache, lockless);
	assert_int_equal(bt_oracle_init(&oracle, &history.layout, cache, problem, sizeof(problem)),
			 0);
	for (i = 0; i < history.nr; i++) {
		feed(&oracle, &history.entries[i], i + 1);
		unsafe = history_unsafe(&history, i + 1, cache);
		if (unsafe < 0 || oracle.point == BT_POINT_UNJUDGED) {
			tally->skipped++;
			continue;
		}
		tally->points++;
		tally->unsafe += (uint64_t)unsafe;
		if ((oracle.point == BT_POINT_UNSAFE) != unsafe)
			fail_msg("seed %llu, %s%s, after entry %u: oracle says %d, the disk %d",
				 (unsigned long long)seed, cache ? "cache" : "completed",
				 lockless ? ", lockless" : "", i + 1, oracle.point, unsafe);
		check_resync(&history, &oracle, i + 1, tally);
	}
	bt_oracle_finish(&oracle);
	check_example(&oracle);
	check_stretches(&oracle.stats.tested);
	check_stretches(&oracle.stats.unsafe);
	bt_oracle_free(&oracle);
	history_free(&history);
}

static void run_histories(uint32_t nr, bool cache, bool lockless)
{
	struct tally tally = { 0 };
	uint64_t seed;

	for (seed = 1; seed <= nr; seed++)
		run_history(seed, cache, lockless, &tally);
	print_message("# %u histories, %llu crash points, %llu unsafe, %llu skipped\n", nr,
		      (unsigned long long)tally.points, (unsigned long long)tally.unsafe,
		      (unsigned long long)tally.skipped);
	/* Enough of both kinds that equal results are significant */
	assert_true(tally.unsafe > tally.points / 20);
	assert_true(tally.unsafe < tally.points - tally.points / 20);
	assert_true(tally.skipped < tally.points / 10);
	if (!cache) {
		assert_true(tally.resyncing > tally.counted / 10);
		assert_true(tally.differing > tally.counted / 10);
	}
}

static void completed_model_is_exact(void **state)
{
	(void)state;
	run_histories(HISTORIES, false, false);
}

static void cache_model_is_exact(void **state)
{
	(void)state;
	run_histories(CACHE_HISTORIES, true, false);
}

static void completed_model_is_exact_for_lockless_bitmaps(void **state)
{
	(void)state;
	run_histories(HISTORIES / 2, false, true);
}

static void cache_model_is_exact_for_lockless_bitmaps(void **state)
{
	(void)state;
	run_histories(CACHE_HISTORIES / 2, true, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completed_model_is_exact),
		cmocka_unit_test(cache_model_is_exact),
		cmocka_unit_test(completed_model_is_exact_for_lockless_bitmaps),
		cmocka_unit_test(cache_model_is_exact_for_lockless_bitmaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
