// SPDX-License-Identifier: GPL-2.0-only
/* Each stage from synthetic streams: exactly these durations, and no others. */
#include <stdlib.h>
#include <string.h>

#include "hist/latency_internal.h"
#include "stream.h"

#define MEMBER_A 0x800010
#define MEMBER_B 0x800020

/* One array's latencies, and the stream that they are measured from. */
struct test {
	struct bt_latency latency;
	struct stream s;
	uint64_t now_ns;
};

/* ---- events ------------------------------------------------------------------------- */

static void put(struct test *t, const struct bt_event *ev)
{
	assert_int_equal(bt_sink_event(&t->latency.sink, ev), 0);
}

static struct bt_event event(struct test *t, enum bt_event_type type, uint32_t tid)
{
	struct bt_event ev = stream_event(&t->s, type, tid);

	ev.ts_ns = t->now_ns;
	return ev;
}

/* Later events happen at this time. */
static struct test *at(struct test *t, uint64_t now_ns)
{
	t->now_ns = now_ns;
	return t;
}

static void describe(struct test *t, int16_t level, uint32_t layout)
{
	struct bt_event ev = event(t, BT_BITMAP, 1);

	ev.geometry.chunks = CHUNKS;
	ev.geometry.chunk_shift = CHUNK_SHIFT;
	ev.geometry.file_pages = 4;
	ev.geometry.has_sb = 1;
	ev.geometry.level = level;
	ev.geometry.layout = layout;
	ev.geometry.chunk_sectors = level == 10 ? 128 : 0;
	ev.geometry.raid_disks = level == 10 ? 4 : 2;
	put(t, &ev);
}

static void begin(struct test *t, enum bt_backend backend)
{
	struct bt_event ev;

	memset(t, 0, sizeof(*t));
	stream_init_late(&t->s, backend);
	bt_latency_init(&t->latency);
	ev = event(t, BT_ARRAY, 1);
	strcpy(ev.array.name, "md0");
	put(t, &ev);
	describe(t, 1, 0);
}

static void end(struct test *t)
{
	bt_latency_free(&t->latency);
	assert_int_equal(t->latency.waiting_nr, 0);
	assert_int_equal(t->latency.writes_nr, 0);
	stream_free(&t->s);
}

static void plain(struct test *t, enum bt_event_type type, uint32_t tid)
{
	struct bt_event ev = event(t, type, tid);

	put(t, &ev);
}

static void bit(struct test *t, enum bt_event_type type, uint32_t tid, uint64_t chunk, uint8_t attr)
{
	struct bt_event ev = event(t, type, tid);

	ev.bit.chunk = chunk;
	ev.bit.page = page_of(chunk);
	ev.bit.attr = attr;
	put(t, &ev);
}

static void set_bit(struct test *t, uint32_t tid, uint64_t chunk)
{
	bit(t, BT_SET_BIT, tid, chunk, BT_ATTR_DIRTY);
}

/* A submission of a page write; distinguished by dev for an internal bitmap, by io for a file. */
static void part(struct test *t, enum bt_event_type type, uint32_t tid, uint32_t page, uint64_t io,
		 uint32_t dev, int error)
{
	struct bt_event ev = event(t, type, tid);

	ev.page.io = io;
	ev.page.page = page;
	ev.page.nr_pages = 1;
	ev.page.dev = dev;
	ev.status = error ? BT_STATUS_IOERR : 0;
	ev.page.backend = t->s.backend;
	put(t, &ev);
}

static void range(struct test *t, enum bt_event_type type, uint32_t tid, uint64_t sector,
		  uint64_t sectors)
{
	struct bt_event ev = event(t, type, tid);

	ev.range.sector = sector;
	ev.range.sectors = sectors;
	put(t, &ev);
}

static void data(struct test *t, uint32_t tid, uint64_t sector, int16_t leg)
{
	struct bt_event ev = event(t, BT_DATA_START, tid);

	ev.member = leg;
	ev.data.bio = ++t->s.io_last;
	ev.data.sector = sector;
	ev.data.sectors = 8;
	ev.data.end_io = END_IO_USER;
	put(t, &ev);
}

static void pass(struct test *t, enum bt_event_type type, uint32_t tid, bool allclean)
{
	struct bt_event ev = event(t, type, tid);

	ev.pass.allclean = allclean;
	put(t, &ev);
}

/* ---- expectations --------------------------------------------------------------- */

static const struct bt_histogram *stage(struct test *t, enum bt_stage which)
{
	struct bt_stage_array *array;

	HASH_FIND_STR(t->latency.set.arrays, "md0", array);
	assert_non_null(array);
	return &array->stages[which];
}

/* So many new durations of this stage since the last call, with these extremes. */
static void expect_stage(struct test *t, enum bt_stage which, uint64_t count, uint64_t min_ns,
			 uint64_t max_ns, uint64_t total_ns)
{
	const struct bt_histogram *histogram = stage(t, which);

	assert_int_equal(histogram->count, count);
	assert_int_equal(histogram->min_ns, min_ns);
	assert_int_equal(histogram->max_ns, max_ns);
	assert_int_equal(histogram->total_ns, total_ns);
	bt_histogram_reset((struct bt_histogram *)histogram);
}

static void expect_one(struct test *t, enum bt_stage which, uint64_t ns)
{
	expect_stage(t, which, 1, ns, ns, ns);
}

/* No other durations. */
static void expect_no_more(struct test *t)
{
	struct bt_stage_array *array;
	unsigned int which;

	HASH_FIND_STR(t->latency.set.arrays, "md0", array);
	for (which = 0; array && which < BT_STAGES; which++)
		assert_int_equal(array->stages[which].count, 0);
	assert_int_equal(t->latency.set.lost, 0);
}

/* ---- bits and pages ------------------------------------------------------------------------- */

static void a_bit_is_on_disk_with_the_last_part(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	set_bit(at(&t, 1000), 7, 5);
	set_bit(at(&t, 1500), 7, 6);
	plain(at(&t, 2000), BT_UNPLUG_ENTER, 7);
	part(at(&t, 3000), BT_PAGE_WRITE_START, 7, page_of(5), 11, MEMBER_A, 0);
	expect_one(&t, BT_STAGE_DIRTY_TO_WRITE, 2000);
	part(at(&t, 3100), BT_PAGE_WRITE_START, 7, page_of(5), 12, MEMBER_B, 0);
	part(at(&t, 8000), BT_PAGE_WRITE_END, 0, page_of(5), 11, MEMBER_A, 0);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 5000);
	expect_no_more(&t);
	part(at(&t, 9100), BT_PAGE_WRITE_END, 0, page_of(5), 12, MEMBER_B, 0);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 6000);
	expect_no_more(&t); /* a third submission may come until the call returns */
	plain(at(&t, 9500), BT_UNPLUG_EXIT, 7);
	expect_one(&t, BT_STAGE_UNPLUG, 7500);
	expect_stage(&t, BT_STAGE_SET_TO_DISK, 2, 7600, 8100, 15700);
	expect_no_more(&t);
	end(&t);
}

/* A member that completes at once, before the other is written to, as RAM does. */
static void parts_may_end_before_others_begin(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	set_bit(at(&t, 1000), 7, 5);
	plain(at(&t, 2000), BT_UNPLUG_ENTER, 7);
	part(at(&t, 2100), BT_PAGE_WRITE_START, 7, page_of(5), 11, MEMBER_A, 0);
	part(at(&t, 2200), BT_PAGE_WRITE_END, 7, page_of(5), 11, MEMBER_A, 0);
	set_bit(at(&t, 2250), 8,
		6); /* carried by the next write, not by the second copy of this one */
	part(at(&t, 2300), BT_PAGE_WRITE_START, 7, page_of(5), 11, MEMBER_B, 0);
	part(at(&t, 2400), BT_PAGE_WRITE_END, 7, page_of(5), 11, MEMBER_B, 0);
	plain(at(&t, 2500), BT_UNPLUG_EXIT, 7);
	expect_one(&t, BT_STAGE_SET_TO_DISK, 1400);
	expect_stage(&t, BT_STAGE_DIRTY_TO_WRITE, 2, 50, 1100, 1150);
	plain(at(&t, 3000), BT_UNPLUG_ENTER, 8);
	part(at(&t, 3100), BT_PAGE_WRITE_START, 8, page_of(5), 11, MEMBER_A, 0);
	part(at(&t, 3200), BT_PAGE_WRITE_END, 8, page_of(5), 11, MEMBER_A, 0);
	plain(at(&t, 3500), BT_UNPLUG_EXIT, 8);
	expect_one(&t, BT_STAGE_SET_TO_DISK, 950);
	expect_stage(&t, BT_STAGE_PAGE_WRITE, 3, 100, 100, 300);
	expect_stage(&t, BT_STAGE_UNPLUG, 2, 500, 500, 1000);
	expect_no_more(&t);
	end(&t);
}

static void only_a_later_write_covers_a_bit(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_BUFFER);
	part(at(&t, 500), BT_PAGE_WRITE_START, 7, page_of(5), 11, 1, 0);
	set_bit(at(&t, 1000), 8, 5);
	part(at(&t, 1500), BT_PAGE_WRITE_END, 0, page_of(5), 11, 1, 0);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 1000);
	expect_no_more(&t);
	/* By the daemon, which does not wait: the last end counts, the call returns before. */
	pass(at(&t, 2000), BT_DAEMON_ENTER, 9, false);
	part(at(&t, 2100), BT_PAGE_WRITE_START, 9, page_of(5), 11, 1, 0);
	plain(at(&t, 2200), BT_DAEMON_EXIT, 9);
	expect_one(&t, BT_STAGE_DAEMON_PASS, 200);
	expect_one(&t, BT_STAGE_DIRTY_TO_WRITE, 1100);
	part(at(&t, 2700), BT_PAGE_WRITE_END, 0, page_of(5), 11, 1, 0);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 600);
	expect_one(&t, BT_STAGE_SET_TO_DISK, 1700);
	expect_no_more(&t);
	end(&t);
}

/* md_update_sb may submit a buffer head that unplug has in flight: the first start ends first. */
static void a_buffer_head_may_be_submitted_twice(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_BUFFER);
	set_bit(at(&t, 1000), 7, 5);
	plain(at(&t, 1100), BT_UNPLUG_ENTER, 7);
	part(at(&t, 1200), BT_PAGE_WRITE_START, 7, 0, 11, 1, 0);
	set_bit(at(&t, 1300), 7, 6);
	plain(at(&t, 1400), BT_UPDATE_SB_ENTER, 9);
	part(at(&t, 1500), BT_PAGE_WRITE_START, 9, 0, 11, 1, 0);
	part(at(&t, 2000), BT_PAGE_WRITE_END, 0, 0, 11, 1, 0);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 800);
	part(at(&t, 2600), BT_PAGE_WRITE_END, 0, 0, 11, 1, 0);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 1100);
	plain(at(&t, 2700), BT_UNPLUG_EXIT, 7);
	expect_one(&t, BT_STAGE_SET_TO_DISK, 1000);
	plain(at(&t, 2800), BT_UPDATE_SB_EXIT, 9);
	expect_one(&t, BT_STAGE_SET_TO_DISK, 1300);
	expect_stage(&t, BT_STAGE_DIRTY_TO_WRITE, 2, 200, 200, 400);
	expect_one(&t, BT_STAGE_UPDATE_SB, 1400);
	expect_one(&t, BT_STAGE_UNPLUG, 1600);
	expect_no_more(&t);
	end(&t);
}

/*
 * The superblock is written again when a member has failed: a new write, starting with the
 * first copy.
 */
static void the_first_part_again_is_another_write(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	set_bit(at(&t, 1000), 7, 5);
	plain(at(&t, 1100), BT_UPDATE_SB_ENTER, 9);
	part(at(&t, 1200), BT_PAGE_WRITE_START, 9, 0, 11, MEMBER_A, 0);
	part(at(&t, 1300), BT_PAGE_WRITE_START, 9, 0, 12, MEMBER_B, 0);
	part(at(&t, 1400), BT_PAGE_WRITE_END, 0, 0, 11, MEMBER_A, -5);
	part(at(&t, 1600), BT_PAGE_WRITE_END, 0, 0, 12, MEMBER_B, 0);
	set_bit(at(&t, 1650), 7, 6);
	part(at(&t, 1700), BT_PAGE_WRITE_START, 9, 0, 13, MEMBER_A, 0);
	expect_one(&t, BT_STAGE_SET_TO_DISK,
		   600); /* one good copy of an internal bitmap is enough */
	part(at(&t, 1900), BT_PAGE_WRITE_END, 0, 0, 13, MEMBER_A, 0);
	plain(at(&t, 2000), BT_UPDATE_SB_EXIT, 9);
	expect_one(&t, BT_STAGE_SET_TO_DISK, 250);
	expect_one(&t, BT_STAGE_UPDATE_SB, 900);
	expect_stage(&t, BT_STAGE_PAGE_WRITE, 3, 200, 300, 700);
	expect_stage(&t, BT_STAGE_DIRTY_TO_WRITE, 2, 50, 200, 250);
	expect_no_more(&t);
	end(&t);
}

static void a_failed_write_brings_no_bit_to_disk(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_BUFFER);
	set_bit(at(&t, 1000), 7, 5);
	plain(at(&t, 1100), BT_UNPLUG_ENTER, 7);
	part(at(&t, 1200), BT_PAGE_WRITE_START, 7, 0, 11, 1, 0);
	part(at(&t, 1200), BT_PAGE_WRITE_START, 7, 0, 12, 1, 0);
	part(at(&t, 1300), BT_PAGE_WRITE_END, 0, 0, 11, 1, -5);
	part(at(&t, 1300), BT_PAGE_WRITE_END, 0, 0, 12, 1, 0);
	plain(at(&t, 1500), BT_UNPLUG_EXIT, 7);
	expect_stage(&t, BT_STAGE_PAGE_WRITE, 2, 100, 100, 200);
	expect_one(&t, BT_STAGE_DIRTY_TO_WRITE, 200);
	expect_one(&t, BT_STAGE_UNPLUG, 400);
	expect_no_more(&t);
	end(&t);
}

/* An unplug cleared the page's DIRTY while set_bit was still inside: which write has the bit? */
static void a_bit_whose_page_was_taken_is_left_out(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	bit(at(&t, 900), BT_SET_BIT_ENTER, 7, 5, 0);
	bit(at(&t, 1000), BT_SET_BIT, 7, 5, 0);
	part(at(&t, 1200), BT_PAGE_WRITE_START, 8, 0, 11, MEMBER_A, 0);
	part(at(&t, 1300), BT_PAGE_WRITE_END, 0, 0, 11, MEMBER_A, 0);
	plain(at(&t, 1400), BT_UNPLUG_ENTER, 8);
	plain(at(&t, 1500), BT_UNPLUG_EXIT, 8);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 100);
	expect_one(&t, BT_STAGE_UNPLUG_IDLE, 100);
	bit(at(&t, 9000), BT_CLEAR_BIT, 9, 5, 0);
	expect_one(&t, BT_STAGE_LIFETIME, 8000);
	expect_no_more(&t);
	end(&t);
}

static void a_folio_is_one_part(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_PAGECACHE);
	set_bit(at(&t, 1000), 7, 5);
	part(at(&t, 1200), BT_PAGE_WRITE_START, 7, 0, 11, 0, 0);
	part(at(&t, 1500), BT_PAGE_WRITE_END, 0, 0, 11, 0, 0);
	expect_one(&t, BT_STAGE_SET_TO_DISK, 500); /* on any thread: no call needs to return */
	expect_one(&t, BT_STAGE_DIRTY_TO_WRITE, 200);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 300);
	expect_no_more(&t);
	end(&t);
}

static void reads_and_what_began_before_are_left_out(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_BUFFER);
	part(at(&t, 100), BT_PAGE_READ_START, 7, 0, 11, 1, 0);
	part(at(&t, 200), BT_PAGE_WRITE_END, 0, 0, 11, 1, 0);
	part(at(&t, 300), BT_PAGE_WRITE_END, 0, 1, 12, 1, 0);
	plain(at(&t, 400), BT_UNPLUG_EXIT, 7);
	plain(at(&t, 400), BT_UPDATE_SB_EXIT, 7);
	plain(at(&t, 400), BT_DAEMON_EXIT, 7);
	plain(at(&t, 400), BT_UNPLUG_WORK_EXIT, 7);
	range(at(&t, 500), BT_ENDWRITE, 0, 64, 8);
	bit(at(&t, 600), BT_CLEAR_BIT, 9, 5, 0);
	expect_no_more(&t);
	assert_int_equal(HASH_COUNT(t.latency.set.arrays), 0);
	end(&t);
}

/* ---- calls --------------------------------------------------------------------------------- */

static void calls_have_their_durations(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	/* A thread hands the work to another one, whose call is measured, too. */
	plain(at(&t, 1000), BT_UNPLUG_WORK_ENTER, 7);
	plain(at(&t, 1100), BT_UNPLUG_ENTER, 20);
	plain(at(&t, 1300), BT_UNPLUG_EXIT, 20);
	plain(at(&t, 1700), BT_UNPLUG_WORK_EXIT, 7);
	expect_one(&t, BT_STAGE_UNPLUG_WORK, 700);
	expect_one(&t, BT_STAGE_UNPLUG_IDLE, 200);
	/* Another thread's page write is not this call's. */
	plain(at(&t, 2000), BT_UNPLUG_ENTER, 7);
	part(at(&t, 2100), BT_PAGE_WRITE_START, 8, 0, 11, MEMBER_A, 0);
	plain(at(&t, 2300), BT_UNPLUG_EXIT, 7);
	expect_one(&t, BT_STAGE_UNPLUG_IDLE, 300);
	/* update_sb inside an unplug: both. */
	plain(at(&t, 3000), BT_UNPLUG_ENTER, 7);
	plain(at(&t, 3100), BT_UPDATE_SB_ENTER, 7);
	part(at(&t, 3150), BT_PAGE_WRITE_START, 7, 0, 12, MEMBER_A, 0);
	plain(at(&t, 3400), BT_UPDATE_SB_EXIT, 7);
	plain(at(&t, 3600), BT_UNPLUG_EXIT, 7);
	expect_one(&t, BT_STAGE_UPDATE_SB, 300);
	expect_one(&t, BT_STAGE_UNPLUG, 600);
	/* A pass without work returns at once. */
	pass(at(&t, 4000), BT_DAEMON_ENTER, 9, true);
	plain(at(&t, 4001), BT_DAEMON_EXIT, 9);
	pass(at(&t, 5000), BT_DAEMON_ENTER, 9, false);
	plain(at(&t, 5900), BT_DAEMON_EXIT, 9);
	expect_one(&t, BT_STAGE_DAEMON_PASS, 900);
	expect_no_more(&t);
	end(&t);
}

static void clocks_that_disagree_give_zero(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	plain(at(&t, 2000), BT_UNPLUG_ENTER, 7);
	plain(at(&t, 1990), BT_UNPLUG_EXIT, 7);
	expect_one(&t, BT_STAGE_UNPLUG_IDLE, 0);
	expect_no_more(&t);
	end(&t);
}

/* ---- users' writes ------------------------------------------------------------------------------
 */

static void the_bitmap_holds_a_write_back(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	range(at(&t, 1000), BT_STARTWRITE, 7, 64, 8);
	plain(at(&t, 1200), BT_UNPLUG_ENTER, 7);
	plain(at(&t, 1900), BT_UNPLUG_EXIT, 7);
	data(at(&t, 2000), 7, 64, 0);
	data(at(&t, 2100), 7, 64, 1);
	range(at(&t, 3000), BT_ENDWRITE, 0, 64, 8);
	expect_one(&t, BT_STAGE_UNPLUG_IDLE, 700);
	expect_one(&t, BT_STAGE_USER_WRITE, 2000);
	expect_one(&t, BT_STAGE_BITMAP_WAIT, 700);
	/* It came while an unplug of another thread was in progress. */
	plain(at(&t, 4000), BT_UNPLUG_WORK_ENTER, 9);
	range(at(&t, 4300), BT_STARTWRITE, 7, 64, 8);
	plain(at(&t, 5000), BT_UNPLUG_WORK_EXIT, 9);
	data(at(&t, 5100), 9, 64, 0);
	range(at(&t, 5300), BT_ENDWRITE, 0, 64, 8);
	expect_one(&t, BT_STAGE_UNPLUG_WORK, 1000);
	expect_one(&t, BT_STAGE_USER_WRITE, 1000);
	expect_one(&t, BT_STAGE_BITMAP_WAIT, 700);
	/* It came after the thread's last unplug: no unplug delayed it. */
	range(at(&t, 6000), BT_STARTWRITE, 7, 64, 8);
	data(at(&t, 6100), 9, 64, 0);
	range(at(&t, 6500), BT_ENDWRITE, 0, 64, 8);
	expect_one(&t, BT_STAGE_USER_WRITE, 500);
	expect_one(&t, BT_STAGE_BITMAP_WAIT, 0);
	expect_no_more(&t);
	end(&t);
}

static void of_writes_to_one_sector_the_oldest_ends(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	range(at(&t, 1000), BT_STARTWRITE, 7, 64, 8);
	range(at(&t, 1100), BT_STARTWRITE, 7, 64, 16);
	range(at(&t, 1300), BT_STARTWRITE, 7, 64, 8);
	plain(at(&t, 1500), BT_UNPLUG_ENTER, 8);
	plain(at(&t, 1600), BT_UNPLUG_EXIT, 8);
	data(at(&t, 1700), 8, 64, 0); /* of the first write */
	range(at(&t, 2000), BT_ENDWRITE, 0, 64, 8);
	expect_one(&t, BT_STAGE_USER_WRITE, 1000);
	expect_one(&t, BT_STAGE_BITMAP_WAIT, 100);
	range(at(&t, 2000), BT_ENDWRITE, 0, 64, 8);
	expect_one(&t, BT_STAGE_USER_WRITE, 700); /* without data at a member */
	range(at(&t, 2000), BT_ENDWRITE, 0, 64, 16);
	expect_one(&t, BT_STAGE_USER_WRITE, 900);
	expect_one(&t, BT_STAGE_UNPLUG_IDLE, 100);
	expect_no_more(&t);
	end(&t);
}

/* One user write: its data goes to a member at this sector. */
static void write_at(struct test *t, uint64_t sector, uint64_t member_sector, int16_t leg)
{
	range(at(t, 1000), BT_STARTWRITE, 7, sector, 8);
	data(at(t, 1100), 7, member_sector, leg);
	range(at(t, 1500), BT_ENDWRITE, 0, sector, 8);
	expect_one(t, BT_STAGE_USER_WRITE, 500);
}

static void levels_lead_from_member_to_array(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	/* Four disks, two near copies, chunks of 128 sectors: chunk 5 is on disks 2 and 3. */
	describe(&t, 10, 2 | 1 << 8);
	write_at(&t, 5 * 128 + 16, 2 * 128 + 16, 2);
	expect_one(&t, BT_STAGE_BITMAP_WAIT, 0);
	write_at(&t, 5 * 128 + 16, 2 * 128 + 16, 3);
	expect_one(&t, BT_STAGE_BITMAP_WAIT, 0);
	write_at(&t, 5 * 128 + 16, 2 * 128 + 16, 1);
	expect_no_more(&t);
	/* Far copies, and raid5: the write is measured, bitmap_wait is not. */
	describe(&t, 10, 1 | 2 << 8);
	write_at(&t, 128, 0, 1);
	expect_no_more(&t);
	describe(&t, 5, 2);
	write_at(&t, 64, 64, 0);
	expect_no_more(&t);
	end(&t);
}

/* ---- what is forgotten
 * --------------------------------------------------------------------------- */

/* One of each operation in progress. */
static void begin_all(struct test *t)
{
	set_bit(at(t, 1000), 7, 5);
	part(at(t, 1100), BT_PAGE_WRITE_START, 8, 0, 11, MEMBER_A, 0);
	set_bit(at(t, 1200), 7, 6);
	range(at(t, 1300), BT_STARTWRITE, 7, 64, 8);
	plain(at(t, 1400), BT_UNPLUG_ENTER, 7);
	plain(at(t, 1400), BT_UNPLUG_WORK_ENTER, 9);
	pass(at(t, 1400), BT_DAEMON_ENTER, 10, false);
	plain(at(t, 1400), BT_UPDATE_SB_ENTER, 11);
	expect_one(t, BT_STAGE_DIRTY_TO_WRITE, 100);
}

static void end_all(struct test *t)
{
	part(at(t, 2000), BT_PAGE_WRITE_END, 0, 0, 11, MEMBER_A, 0);
	part(at(t, 2100), BT_PAGE_WRITE_START, 12, 0, 11, MEMBER_A, 0);
	range(at(t, 2200), BT_ENDWRITE, 0, 64, 8);
	plain(at(t, 2300), BT_UNPLUG_EXIT, 7);
	plain(at(t, 2300), BT_UNPLUG_WORK_EXIT, 9);
	plain(at(t, 2300), BT_DAEMON_EXIT, 10);
	plain(at(t, 2300), BT_UPDATE_SB_EXIT, 11);
	bit(at(t, 9000), BT_CLEAR_BIT, 9, 5, 0);
	expect_no_more(t);
}

static void loss_forgets_what_is_under_way(void **state)
{
	struct bt_event lost;
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	begin_all(&t);
	lost = event(&t, BT_LOST, 0);
	lost.bitmap = 0;
	lost.lost.count = 3;
	put(&t, &lost);
	end_all(&t);
	assert_int_equal(t.latency.set.lost_records, 3);
	end(&t);
}

static void a_bitmap_that_goes_takes_it_along(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	begin_all(&t);
	plain(&t, BT_GONE, 1);
	end_all(&t);
	end(&t);
}

/* After a resize it has other chunks; the calls in progress stay valid. */
static void new_storage_takes_bits_and_pages_along(void **state)
{
	struct test t;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	set_bit(at(&t, 1000), 7, 5);
	plain(at(&t, 1400), BT_UNPLUG_ENTER, 7);
	describe(&t, 1, 0);
	part(at(&t, 2000), BT_PAGE_WRITE_START, 7, 0, 11, MEMBER_A, 0);
	part(at(&t, 2100), BT_PAGE_WRITE_END, 0, 0, 11, MEMBER_A, 0);
	plain(at(&t, 2400), BT_UNPLUG_EXIT, 7);
	bit(at(&t, 9000), BT_CLEAR_BIT, 9, 5, 0);
	expect_one(&t, BT_STAGE_PAGE_WRITE, 100);
	expect_one(&t, BT_STAGE_UNPLUG, 1000);
	expect_no_more(&t);
	end(&t);
}

static void bits_that_never_reach_the_disk_are_bounded(void **state)
{
	const uint64_t bits_per_page = 32768;
	struct test t;
	uint64_t page;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	for (page = 0; page < BT_LATENCY_PAGES_MAX + 5; page++)
		set_bit(at(&t, 1000), 7, page * bits_per_page);
	assert_int_equal(t.latency.set.lost, 5);
	part(at(&t, 2000), BT_PAGE_WRITE_START, 7, 0, 11, MEMBER_A, 0);
	part(at(&t, 3000), BT_PAGE_WRITE_END, 0, 0, 11, MEMBER_A, 0);
	plain(at(&t, 3000), BT_UNPLUG_ENTER, 7);
	plain(at(&t, 3000), BT_UNPLUG_EXIT, 7);
	assert_int_equal(t.latency.waiting_nr, BT_LATENCY_PAGES_MAX - 1);
	end(&t);
}

/* Idle threads make room for others; those inside a call stay. */
static void threads_are_bounded(void **state)
{
	struct test t;
	uint32_t tid;

	(void)state;
	begin(&t, BT_BACKEND_INTERNAL);
	plain(at(&t, 1000), BT_UNPLUG_ENTER, 1);
	for (tid = 2; tid < 3 * BT_LATENCY_CALLS_MAX; tid++) {
		plain(at(&t, 2000), BT_UNPLUG_ENTER, tid);
		plain(at(&t, 2000), BT_UNPLUG_EXIT, tid);
	}
	assert_true(HASH_COUNT(t.latency.calls) <= BT_LATENCY_CALLS_MAX);
	plain(at(&t, 6000), BT_UNPLUG_EXIT, 1);
	expect_stage(&t, BT_STAGE_UNPLUG_IDLE, 3 * BT_LATENCY_CALLS_MAX - 1, 0, 5000, 5000);
	expect_no_more(&t);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bit_is_on_disk_with_the_last_part),
		cmocka_unit_test(parts_may_end_before_others_begin),
		cmocka_unit_test(only_a_later_write_covers_a_bit),
		cmocka_unit_test(a_buffer_head_may_be_submitted_twice),
		cmocka_unit_test(the_first_part_again_is_another_write),
		cmocka_unit_test(a_failed_write_brings_no_bit_to_disk),
		cmocka_unit_test(a_bit_whose_page_was_taken_is_left_out),
		cmocka_unit_test(a_folio_is_one_part),
		cmocka_unit_test(reads_and_what_began_before_are_left_out),
		cmocka_unit_test(calls_have_their_durations),
		cmocka_unit_test(clocks_that_disagree_give_zero),
		cmocka_unit_test(the_bitmap_holds_a_write_back),
		cmocka_unit_test(of_writes_to_one_sector_the_oldest_ends),
		cmocka_unit_test(levels_lead_from_member_to_array),
		cmocka_unit_test(loss_forgets_what_is_under_way),
		cmocka_unit_test(a_bitmap_that_goes_takes_it_along),
		cmocka_unit_test(new_storage_takes_bits_and_pages_along),
		cmocka_unit_test(bits_that_never_reach_the_disk_are_bounded),
		cmocka_unit_test(threads_are_bounded),
	};

	return cmocka_run_group_tests_name("latency", tests, NULL, NULL);
}
