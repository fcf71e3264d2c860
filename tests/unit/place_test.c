// SPDX-License-Identifier: GPL-2.0-only
/* Where chunks are, by the layout that the probe reports, and which blocks a write covers. */
#include "stream.h"

#include <string.h>

#define BYTE_HEADER 1024 /* before the first chunk, in layouts with one byte per chunk */

/* A page of 4 KiB, blocks of 512 bytes, one byte per chunk. */
static void put_byte_layout(struct stream *s)
{
	struct bt_event ev = stream_event(s, BT_LAYOUT, 1);

	ev.layout.header_bytes = BYTE_HEADER;
	ev.layout.page_shift = 12;
	ev.layout.block_shift = 9;
	ev.layout.chunk_bits_shift = 3;
	stream_put(s, &ev);
}

static void classic_has_a_bit_a_chunk_and_blocks_of_a_page(void **state)
{
	struct stream s;
	const struct bt_bitmap *bitmap;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	bitmap = s.checker.model.bitmaps;
	assert_int_equal(bt_block_of_chunk(bitmap, 0), 0);
	assert_int_equal(bt_block_of_chunk(bitmap, 32768 - 256 * 8 - 1), 0);
	assert_int_equal(bt_block_of_chunk(bitmap, 32768 - 256 * 8), 1);
	assert_int_equal(bt_page_of_block(bitmap, 3), 3);
	stream_free(&s);
}

static void a_layout_moves_chunks(void **state)
{
	struct stream s;
	const struct bt_bitmap *bitmap;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	put_byte_layout(&s);
	bitmap = s.checker.model.bitmaps;
	assert_int_equal(bt_block_of_chunk(bitmap, 0), 2);
	assert_int_equal(bt_block_of_chunk(bitmap, 511), 2);
	assert_int_equal(bt_block_of_chunk(bitmap, 512), 3);
	assert_int_equal(bt_block_of_chunk(bitmap, 4096 - BYTE_HEADER), 8);
	assert_int_equal(bt_page_of_block(bitmap, 7), 0);
	assert_int_equal(bt_page_of_block(bitmap, 8), 1);
	assert_int_equal(bt_block_of_page(bitmap, 2), 16);
	stream_free(&s);
}

static void a_damaged_layout_moves_nothing(void **state)
{
	static const uint8_t bad[][3] = { /* page_shift, block_shift, chunk_bits_shift */
					  { 0, 0, 0 },	 { 12, 13, 0 }, { 12, 8, 0 },
					  { 63, 63, 0 }, { 20, 9, 0 },	{ 12, 12, 7 }
	};
	struct stream s;
	struct bt_event ev;
	size_t i;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ev = stream_event(&s, BT_LAYOUT, 1);
		ev.layout.header_bytes = 1 << 20;
		ev.layout.page_shift = bad[i][0];
		ev.layout.block_shift = bad[i][1];
		ev.layout.chunk_bits_shift = bad[i][2];
		stream_put(&s, &ev);
		assert_int_equal(bt_block_of_chunk(s.checker.model.bitmaps, 32768), 1);
	}
	stream_free(&s);
}

static void expect_blocks(const struct bt_bitmap *bitmap, const struct bt_event *ev, uint32_t first,
			  uint32_t nr)
{
	uint32_t got;

	assert_int_equal(bt_event_blocks(bitmap, ev, &got), nr);
	assert_int_equal(got, first);
}

static void a_write_covers_what_it_carries(void **state)
{
	struct stream s;
	struct bt_event ev;
	const struct bt_bitmap *bitmap;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	put_byte_layout(&s);
	bitmap = s.checker.model.bitmaps;
	ev = stream_event(&s, BT_PAGE_WRITE_START, 7);
	ev.page.page = 1;
	ev.page.nr_pages = 1;
	expect_blocks(bitmap, &ev, 8, 8); /* its length is not reported */
	ev.page.bytes = 512;
	expect_blocks(bitmap, &ev, 8, 1);
	ev.page.offset = 3;
	expect_blocks(bitmap, &ev, 11, 1);
	ev.page.bytes = 1024;
	expect_blocks(bitmap, &ev, 11, 2);
	ev.page.bytes = 513;
	expect_blocks(bitmap, &ev, 11, 2);
	ev.page.offset = 0;
	ev.page.bytes = 4096;
	expect_blocks(bitmap, &ev, 8, 8);
	/* Damaged: beyond the page, more pages than there are. */
	ev.page.offset = 7;
	expect_blocks(bitmap, &ev, 15, 8);
	ev.page.offset = 0;
	ev.page.bytes = 0;
	ev.page.nr_pages = 1000;
	expect_blocks(bitmap, &ev, 8, 8);
	stream_free(&s);
}

/* Both members, one write of `sectors` from this sector of the page on. */
static void write_sectors(struct stream *s, uint32_t page, uint16_t offset, uint32_t sectors)
{
	struct bt_event ev[2];
	int i;

	for (i = 0; i < 2; i++) {
		ev[i] = stream_event(s, BT_PAGE_WRITE_START, 7);
		ev[i].page.io = 0x7000000 + ++s->io_last;
		ev[i].page.page = page;
		ev[i].page.nr_pages = 1;
		ev[i].page.dev = member_dev(i);
		ev[i].page.desc_nr = (uint8_t)i;
		ev[i].page.offset = offset;
		ev[i].page.bytes = sectors * 512;
		ev[i].page.backend = BT_BACKEND_INTERNAL;
		ev[i].page.cache = BT_CACHE_NONE;
		stream_put(s, &ev[i]);
	}
	for (i = 0; i < 2; i++) {
		ev[i].type = BT_PAGE_WRITE_END;
		stream_put(s, &ev[i]);
	}
}

/* The verdict on data after such a write of the page, starting at the chunk's block. */
static void expect_covered(uint16_t offset, uint32_t sectors, enum bt_verdict verdict)
{
	const uint64_t chunk = 4096 - BYTE_HEADER;
	struct bt_event ev;
	struct stream s;

	memset(&s, 0, sizeof(s));
	stream_init(&s, BT_BACKEND_INTERNAL);
	put_byte_layout(&s);
	ev_clear_bit(&s, 99, chunk);
	ev = stream_event(&s, BT_SET_BIT_ENTER, 7);
	ev.bit.chunk = chunk;
	ev.bit.page = 1;
	stream_put(&s, &ev);
	ev = stream_event(&s, BT_SET_BIT, 7);
	ev.bit.chunk = chunk;
	ev.bit.page = 1;
	stream_put(&s, &ev);
	write_sectors(&s, 1, offset, sectors);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_data_start(&s, 7, chunk, 0, END_IO_USER);
	expect(&s, "intent-before-data", verdict);
	stream_free(&s);
}

static void another_block_of_the_page_covers_nothing(void **state)
{
	(void)state;
	expect_covered(0, 1, BT_VERDICT_PASS);
	expect_covered(0, 8, BT_VERDICT_PASS);
	expect_covered(1, 1, BT_VERDICT_FAIL);
	expect_covered(1, 7, BT_VERDICT_FAIL);
}

/* One write of several blocks has one submission per member, and each block waits for all. */
static void blocks_of_one_submission_end_together(void **state)
{
	const struct bt_bitmap *bitmap;
	const struct bt_block *block;
	struct bt_event ev;
	struct stream s;
	uint32_t i;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	put_byte_layout(&s);
	bitmap = s.checker.model.bitmaps;
	write_sectors(&s, 1, 2, 3);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	for (i = 8; i < 16; i++) {
		block = bt_block_find(bitmap, i);
		assert_int_equal(block && block->done_seq, i >= 10 && i < 13);
		assert_int_equal(block ? block->copies_nr : 0, i >= 10 && i < 13 ? 2 : 0);
		assert_int_equal(block ? block->writes_nr : 0, 0);
	}
	ev = stream_event(&s, BT_GONE, 1);
	stream_put(&s, &ev);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classic_has_a_bit_a_chunk_and_blocks_of_a_page),
		cmocka_unit_test(a_layout_moves_chunks),
		cmocka_unit_test(a_damaged_layout_moves_nothing),
		cmocka_unit_test(a_write_covers_what_it_carries),
		cmocka_unit_test(another_block_of_the_page_covers_nothing),
		cmocka_unit_test(blocks_of_one_submission_end_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
