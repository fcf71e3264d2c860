// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "stream.h"

static enum bt_verdict judge(const struct stream *s, const char *name, struct bt_sight sight)
{
	char reason[160] = "";
	enum bt_verdict verdict = bt_verdict_of(result_of(s, name), &sight, reason, sizeof(reason));

	assert_true(reason[0]);
	return verdict;
}

static struct bt_sight sight_of(const struct stream *s, const struct bt_trace_info *info)
{
	return bt_checker_sight(&s->checker, info, 0, NULL);
}

static void missing(struct bt_trace_info *info, enum bt_capability capability)
{
	memset(info, 0, sizeof(*info));
	bt_missing_add(&info->missing, capability, "no hook");
}

static void a_missing_hook_takes_away_what_needs_it(void **state)
{
	struct bt_trace_info info;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	missing(&info, BT_SEES_SET_BIT);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	assert_int_equal(judge(&s, "no-clear-in-flight", sight_of(&s, &info)), BT_VERDICT_PASS);
	/* Another backend's hook does not matter. */
	missing(&info, BT_SEES_PAGE_WRITES_BUFFER);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_PASS);
	missing(&info, BT_SEES_PAGE_WRITES_INTERNAL);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	missing(&info, BT_SEES_WRITE_ENDS_RAID1);
	assert_int_equal(judge(&s, "no-clear-in-flight", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	missing(&info, BT_SEES_WRITE_ENDS_RAID10);
	assert_int_equal(judge(&s, "no-clear-in-flight", sight_of(&s, &info)), BT_VERDICT_PASS);
	missing(&info, BT_SEES_LIFE);
	assert_int_equal(judge(&s, "no-clear-in-flight", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* A file that is written through the file system needs no buffer heads; another one may. */
static void a_bitmap_file_needs_the_hooks_of_its_way(void **state)
{
	struct bt_trace_info info;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_FILEIO);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	missing(&info, BT_SEES_PAGE_WRITES_BUFFER);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_PASS);
	missing(&info, BT_SEES_PAGE_WRITES_FILEIO);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* raid1 is loaded while tracing: what its hooks give. */
static void probes_come(struct stream *s)
{
	struct bt_event ev = stream_event(s, BT_PROBES, 0);

	ev.bitmap = 0;
	ev.probes.capabilities =
		UINT64_C(1) << BT_SEES_WRITE_ENDS_RAID1 | UINT64_C(1) << BT_SEES_ERRORS_RAID1;
	stream_put(s, &ev);
}

static void hooks_that_come_in_time_are_no_loss(void **state)
{
	struct bt_trace_info info;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	missing(&info, BT_SEES_WRITE_ENDS_RAID1);
	probes_come(&s);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	assert_int_equal(judge(&s, "no-clear-in-flight", sight_of(&s, &info)), BT_VERDICT_PASS);
	stream_free(&s);
}

static void hooks_that_come_late_take_away_what_rests_on_them(void **state)
{
	struct bt_trace_info info;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	missing(&info, BT_SEES_WRITE_ENDS_RAID1);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, page_of(5));
	ev_data_start(&s, 7, 5, 0, END_IO_USER); /* its end is not seen */
	ev_endwrite(&s, 5);
	probes_come(&s);
	do_clear(&s, 5);
	do_write(&s, 7, 9);
	do_clear(&s, 9);
	assert_int_equal(judge(&s, "no-clear-in-flight", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_PASS);
	stream_free(&s);
}

/* Without a hook, an event that is not seen looks like one that did not happen. */
static void a_missing_hook_convicts_nobody(void **state)
{
	struct bt_trace_info info;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	missing(&info, BT_SEES_PAGE_WRITES_INTERNAL);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	missing(&info, BT_SEES_UNPLUG_WORK);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_FAIL);
	stream_free(&s);
}

/* A rule with two halves: a violation of one is found without the other's hook, too. */
static void a_hook_needed_to_pass_takes_away_no_finding(void **state)
{
	struct bt_trace_info info;
	struct bt_event left;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	assert_int_equal(judge(&s, "dirty-context", sight_of(&s, NULL)), BT_VERDICT_NA);
	missing(&info, BT_SEES_IRQS);
	assert_int_equal(judge(&s, "dirty-context", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_PASS);
	left = stream_event(&s, BT_SET_BIT_LEFT, 7);
	left.irqs.on_leaving = 1;
	stream_put(&s, &left);
	assert_int_equal(judge(&s, "dirty-context", sight_of(&s, &info)), BT_VERDICT_FAIL);
	/* Without a bitmap in the page cache the hook for marking pages dirty does not matter. */
	missing(&info, BT_SEES_DIRTYING);
	assert_int_equal(judge(&s, "dirty-context", sight_of(&s, &info)), BT_VERDICT_FAIL);
	stream_free(&s);
}

/* A trace may have names that only another version knows. */
static void what_is_not_known_to_be_missing_takes_all(void **state)
{
	struct bt_trace_info info;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	missing(&info, BT_SEES_UNPLUG_WORK);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_PASS);
	strcpy(info.missing.unknown, "second-sight");
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* Violations on the others are still found; but no rule passes. */
static void an_array_that_is_not_traced_passes_nothing(void **state)
{
	struct bt_event array;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, NULL)), BT_VERDICT_PASS);
	array = stream_event(&s, BT_ARRAY, 7);
	array.bitmap = 2;
	array.impl = 3;
	strcpy(array.array.name, "md9");
	stream_put(&s, &array);
	assert_string_equal(sight_of(&s, NULL).untraced,
			    "md9 is not traced: its bitmap is of an unknown implementation");
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, NULL)), BT_VERDICT_UNKNOWN);
	do_startwrite(&s, 7, 6, true);
	ev_data_start(&s, 7, 6, 0, END_IO_USER);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, NULL)), BT_VERDICT_FAIL);
	stream_free(&s);
}

static void file_of_unknown_kind_needs_both_kinds_of_hooks(void **state)
{
	struct bt_trace_info info;
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	missing(&info, BT_SEES_PAGE_WRITES_BUFFER);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void lose_types(struct stream *s, uint64_t types)
{
	struct bt_event lost = stream_event(s, BT_LOST, 0);

	lost.bitmap = 0;
	lost.lost.count = 1;
	lost.lost.channel = BT_LOSS_RING_FULL;
	bt_type_set_store(types, lost.lost.types);
	stream_put(s, &lost);
}

/* Whatever happened to the data, the unplugs before and after are judged completely. */
static void a_loss_takes_away_what_rests_on_it(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	lose_types(&s, BT_TYPE_BIT(BT_DATA_END));
	do_write(&s, 7, 6);
	expect(&s, "unplug-durable", BT_VERDICT_PASS);
	expect(&s, "balanced-counters", BT_VERDICT_PASS);
	expect(&s, "intent-before-data", BT_VERDICT_UNKNOWN);
	expect(&s, "no-clear-in-flight", BT_VERDICT_UNKNOWN);
	lose_types(&s, BT_TYPE_BIT(BT_STARTWRITE));
	expect(&s, "unplug-durable", BT_VERDICT_PASS);
	expect(&s, "balanced-counters", BT_VERDICT_UNKNOWN);
	lose_types(&s, BT_TYPE_BIT(BT_DATA_END) | BT_TYPE_BIT(BT_PAGE_WRITE_END));
	expect(&s, "unplug-durable", BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void a_loss_that_tells_no_types_takes_away_all(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	lose_types(&s, 0);
	expect(&s, "unplug-durable", BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* An unplug that spans the mark is judged by its dirty pages, not dropped. */
static void what_a_loss_does_not_concern_is_broken_across_it(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_set_bit(&s, 7, 5, BT_ATTR_DIRTY);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, page_of(5));
	lose_types(&s, BT_TYPES_DATA | BT_TYPES_COUNTERS | BT_TYPES_SUPER | BT_TYPES_FLUSH);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect(&s, "unplug-durable", BT_VERDICT_FAIL);
	stream_free(&s);
}

static void lose_missed(struct stream *s)
{
	struct bt_event lost = stream_event(s, BT_LOST, 0);

	lost.bitmap = 0;
	lost.lost.count = 1;
	lost.lost.channel = BT_LOSS_MISSED;
	stream_put(s, &lost);
}

static void skipped_probes_make_recent_findings_suspect(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	lose_missed(&s);
	expect(&s, "intent-before-data", BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* The mark has the time of the previous reading: a reader that was stopped reads late. */
static void skipped_probes_put_all_since_the_last_reading_in_doubt(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	ev = stream_event(&s, BT_LOST, 0);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	ev.bitmap = 0;
	ev.lost.count = 1;
	ev.lost.channel = BT_LOSS_MISSED;
	ev.lost.since_ns = s.ts_ns - 1;
	ev.ts_ns = s.ts_ns + 10 * BT_MISSED_WINDOW_NS;
	stream_put(&s, &ev);
	expect(&s, "intent-before-data", BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void skipped_probes_leave_old_findings_standing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	ev_data_start(&s, 7, 5, 0, END_IO_USER);
	s.ts_ns += 2 * BT_MISSED_WINDOW_NS;
	lose_missed(&s);
	expect(&s, "intent-before-data", BT_VERDICT_FAIL);
	stream_free(&s);
}

static void an_array_we_cannot_judge_spoils_the_pass(void **state)
{
	struct bt_event other;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	expect(&s, "intent-before-data", BT_VERDICT_PASS);
	other = stream_event(&s, BT_BITMAP, 1);
	other.bitmap = 2;
	other.geometry.level = 10;
	other.geometry.chunks = CHUNKS;
	other.geometry.chunk_shift = CHUNK_SHIFT;
	stream_put(&s, &other);
	other = stream_event(&s, BT_DATA_START, 7);
	other.bitmap = 2;
	other.data.sectors = 8;
	other.data.end_io = END_IO_USER;
	stream_put(&s, &other);
	expect(&s, "intent-before-data", BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void external_metadata_is_not_applicable(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	memset(&s, 0, sizeof(s));
	bt_checker_init(&s.checker, false);
	ev = stream_event(&s, BT_BITMAP, 1);
	ev.geometry.external = 1;
	ev.geometry.level = 1;
	stream_put(&s, &ev);
	expect(&s, "intent-before-data", BT_VERDICT_NA);
	expect(&s, "unplug-durable", BT_VERDICT_NA);
	expect_overall(&s, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* An array beside a judged one, with a bitmap of an unknown implementation. */
static void put_untraced(struct stream *s, uint8_t impl)
{
	struct bt_event ev = stream_event(s, BT_BITMAP, 1);

	ev.bitmap = 2;
	ev.impl = impl;
	ev.geometry.level = 1;
	ev.geometry.chunks = CHUNKS;
	ev.geometry.chunk_shift = CHUNK_SHIFT;
	stream_put(s, &ev);
	/* Would break intent-before-data, if it were judged. */
	ev = stream_event(s, BT_CLEAR_BIT, 99);
	ev.bitmap = 2;
	ev.impl = impl;
	ev.bit.chunk = 5;
	stream_put(s, &ev);
	ev = stream_event(s, BT_DATA_START, 7);
	ev.bitmap = 2;
	ev.impl = impl;
	ev.data.sector = 5 << CHUNK_SHIFT;
	ev.data.sectors = 8;
	ev.data.end_io = END_IO_USER;
	stream_put(s, &ev);
}

static void expect_untraced(uint8_t impl, const char *text)
{
	char reason[160] = "";
	struct bt_sight sight;
	struct stream s;
	unsigned int i;

	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	expect(&s, "intent-before-data", BT_VERDICT_PASS);
	put_untraced(&s, impl);
	sight = bt_checker_sight(&s.checker, NULL, 0, NULL);
	for (i = 0; i < s.checker.results_nr; i++) {
		assert_int_equal(
			bt_verdict_of(&s.checker.results[i], &sight, reason, sizeof(reason)),
			BT_VERDICT_UNKNOWN);
		assert_string_equal(reason, text);
	}
	/* A known violation stays one. */
	ev_data_start(&s, 7, 6, 0, END_IO_USER);
	ev_clear_bit(&s, 99, 6);
	expect(&s, "no-clear-in-flight", BT_VERDICT_FAIL);
	stream_free(&s);
}

static void an_unknown_implementation_is_not_judged(void **state)
{
	(void)state;
	expect_untraced(3, "an array is not traced: its bitmap is of an unknown implementation");
	expect_untraced(BT_IMPL_NONE,
			"an array is not traced: its bitmap is of an unknown implementation");
	expect_untraced(77, "an array is not traced: its bitmap is of an unknown implementation");
}

static void a_trace_that_ends_early_says_where(void **state)
{
	const char *name = "intent-before-data";
	char reason[192] = "";
	struct bt_sight sight;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	sight = bt_checker_sight(&s.checker, NULL, 0, "cut off at offset 4096");
	assert_int_equal(sight.lost, 0);
	assert_int_equal(bt_verdict_of(result_of(&s, name), &sight, reason, sizeof(reason)),
			 BT_VERDICT_UNKNOWN);
	assert_string_equal(reason, "trace incomplete: cut off at offset 4096");
	sight = bt_checker_sight(&s.checker, NULL, 3, "cut off at offset 4096");
	bt_verdict_of(result_of(&s, name), &sight, reason, sizeof(reason));
	assert_string_equal(reason, "3 records lost");
	stream_free(&s);
}

/* A missing capability without a name in this version may be any. */
static void what_is_missing_without_a_name_leaves_all_unknown(void **state)
{
	struct bt_trace_info info = { .missing.unknown = "of a newer version: x" };
	const struct bt_invariant *const *invariant;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_data(&s, 7, 6);
	for (invariant = bt_invariants; *invariant; invariant++)
		assert_int_equal(judge(&s, (*invariant)->name, sight_of(&s, &info)),
				 bt_invariant_is_about(*invariant, BT_IMPL_CLASSIC)
					 ? BT_VERDICT_UNKNOWN
					 : BT_VERDICT_NA);
	stream_free(&s);
}

static void what_was_recorded_without_strict_blames_no_hook(void **state)
{
	struct bt_trace_info info = { .missing.why[BT_SEES_FLUSHES] = "recorded without --strict" };
	struct bt_sight sight;
	char reason[192] = "";
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	sight = sight_of(&s, &info);
	assert_int_equal(
		bt_verdict_of(result_of(&s, "flush-before-data"), &sight, reason, sizeof(reason)),
		BT_VERDICT_UNKNOWN);
	assert_string_equal(reason, "recorded without --strict");
	assert_int_equal(judge(&s, "intent-before-data", sight), BT_VERDICT_PASS);
	assert_int_equal(judge(&s, "no-overlapping-writes", sight), BT_VERDICT_PASS);
	stream_free(&s);
}

static void two_bitmaps_do_not_mix(void **state)
{
	struct bt_event other;
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	/* The same page number, written for another array. */
	other = stream_event(&s, BT_PAGE_WRITE_START, 7);
	other.bitmap = 2;
	other.page.io = 0x77;
	other.page.nr_pages = 1;
	other.page.backend = BT_BACKEND_INTERNAL;
	stream_put(&s, &other);
	io = other.page.io;
	other = stream_event(&s, BT_PAGE_WRITE_END, 0);
	other.bitmap = 2;
	other.page.io = io;
	other.page.nr_pages = 1;
	stream_put(&s, &other);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, "unplug-durable", 1, NULL);
	stream_free(&s);
}

static void a_resize_forgets_the_old_numbers(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	ev = stream_event(&s, BT_BITMAP, 1);
	ev.geometry.chunks = CHUNKS / 2;
	ev.geometry.file_pages = 2;
	ev.geometry.level = 1;
	ev.geometry.chunk_shift = CHUNK_SHIFT + 1;
	ev.geometry.has_sb = 1;
	stream_put(&s, &ev);
	/* Chunk 5 was clear; the chunk with that number is now another one. */
	ev_data_start(&s, 7, 10, 0, END_IO_USER);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* The removed events may have been a defence: a slice proves nothing about the other rules. */
static void a_slice_is_about_one_rule(void **state)
{
	struct bt_trace_info info = { .slice_of = "unplug-durable" };
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_startwrite(&s, 7, 6, true);
	ev_data_start(&s, 7, 6, 0, END_IO_USER);
	assert_int_equal(judge(&s, "intent-before-data", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	assert_int_equal(judge(&s, "balanced-counters", sight_of(&s, &info)), BT_VERDICT_UNKNOWN);
	assert_int_equal(judge(&s, "unplug-durable", sight_of(&s, &info)), BT_VERDICT_PASS);
	stream_free(&s);
}

static void rules_are_in_the_order_of_severity(void **state)
{
	const struct bt_invariant *const *invariant;
	enum bt_severity last = BT_SEVERITY_DATA;

	(void)state;
	for (invariant = bt_invariants; *invariant && !(*invariant)->strict; invariant++) {
		assert_true((*invariant)->severity >= last);
		last = (*invariant)->severity;
	}
	assert_int_equal(last, BT_SEVERITY_CONTEXT);
	for (; *invariant; invariant++)
		assert_true((*invariant)->strict);
	assert_string_equal(bt_severity_name(BT_SEVERITY_DATA), "data");
	assert_string_equal(bt_severity_name(BT_SEVERITY_CONTEXT), "context");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_hook_takes_away_what_needs_it),
		cmocka_unit_test(a_bitmap_file_needs_the_hooks_of_its_way),
		cmocka_unit_test(a_missing_hook_convicts_nobody),
		cmocka_unit_test(hooks_that_come_in_time_are_no_loss),
		cmocka_unit_test(hooks_that_come_late_take_away_what_rests_on_them),
		cmocka_unit_test(an_array_that_is_not_traced_passes_nothing),
		cmocka_unit_test(what_is_not_known_to_be_missing_takes_all),
		cmocka_unit_test(a_hook_needed_to_pass_takes_away_no_finding),
		cmocka_unit_test(file_of_unknown_kind_needs_both_kinds_of_hooks),
		cmocka_unit_test(skipped_probes_make_recent_findings_suspect),
		cmocka_unit_test(skipped_probes_put_all_since_the_last_reading_in_doubt),
		cmocka_unit_test(skipped_probes_leave_old_findings_standing),
		cmocka_unit_test(an_array_we_cannot_judge_spoils_the_pass),
		cmocka_unit_test(external_metadata_is_not_applicable),
		cmocka_unit_test(an_unknown_implementation_is_not_judged),
		cmocka_unit_test(rules_are_in_the_order_of_severity),
		cmocka_unit_test(a_trace_that_ends_early_says_where),
		cmocka_unit_test(what_is_missing_without_a_name_leaves_all_unknown),
		cmocka_unit_test(what_was_recorded_without_strict_blames_no_hook),
		cmocka_unit_test(a_loss_takes_away_what_rests_on_it),
		cmocka_unit_test(a_loss_that_tells_no_types_takes_away_all),
		cmocka_unit_test(what_a_loss_does_not_concern_is_broken_across_it),
		cmocka_unit_test(two_bitmaps_do_not_mix),
		cmocka_unit_test(a_slice_is_about_one_rule),
		cmocka_unit_test(a_resize_forgets_the_old_numbers),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
