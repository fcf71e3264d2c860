// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where chunks are on disk, and which blocks a page write covers: all from the layout that the
 * probe reports. An implementation with one byte per chunk and blocks of 512 bytes is only
 * another layout.
 */
#include "model/core/internal.h"

#define SECTOR_SHIFT	      9
#define PAGE_SHIFT_MAX	      21  /* a folio is at most 2 MiB */
#define PAGE_BLOCKS_SHIFT_MAX 7	  /* pages of 64 KiB, blocks of 512 bytes */
#define EVENT_BLOCKS_MAX      512 /* a folio of 2 MiB in pages; more is a damaged record */

/* A damaged record: the implementation's own values stay. */
static bool layout_is_sane(const struct bt_event *ev)
{
	return ev->layout.page_shift >= SECTOR_SHIFT && ev->layout.page_shift <= PAGE_SHIFT_MAX &&
	       ev->layout.block_shift >= SECTOR_SHIFT &&
	       ev->layout.block_shift <= ev->layout.page_shift &&
	       ev->layout.page_shift - ev->layout.block_shift <= PAGE_BLOCKS_SHIFT_MAX &&
	       ev->layout.chunk_bits_shift <= 6;
}

void bt_place_set(struct bt_bitmap *bitmap)
{
	const struct bt_event *ev = &bitmap->layout;

	if (bitmap->ops)
		bitmap->ops->shape(&bitmap->geometry, &bitmap->shape);
	if (!layout_is_sane(ev))
		return;
	bitmap->shape = (struct bt_layout_shape){
		.header_bits = (uint64_t)ev->layout.header_bytes << 3,
		.chunk_bits_shift = ev->layout.chunk_bits_shift,
		.page_shift = ev->layout.page_shift,
		.block_shift = ev->layout.block_shift,
	};
}

uint32_t bt_block_of_chunk(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	const struct bt_layout_shape *shape = &bitmap->shape;
	uint64_t bit = shape->header_bits + (chunk << shape->chunk_bits_shift);

	return (uint32_t)(bit >> (shape->block_shift + 3));
}

uint32_t bt_block_of_page(const struct bt_bitmap *bitmap, uint32_t page)
{
	return page << (bitmap->shape.page_shift - bitmap->shape.block_shift);
}

uint32_t bt_page_of_block(const struct bt_bitmap *bitmap, uint32_t block)
{
	return block >> (bitmap->shape.page_shift - bitmap->shape.block_shift);
}

uint32_t bt_blocks_nr(const struct bt_bitmap *bitmap)
{
	return bt_block_of_page(bitmap, bitmap->geometry.geometry.file_pages);
}

/* A page that is one block is written completely, or up to the end of the bitmap. */
uint32_t bt_event_blocks(const struct bt_bitmap *bitmap, const struct bt_event *ev, uint32_t *first)
{
	unsigned int shift = bitmap->shape.block_shift;
	uint32_t page_blocks = bt_block_of_page(bitmap, 1), blocks = page_blocks, last;

	if (ev->page.nr_pages && ev->page.nr_pages <= EVENT_BLOCKS_MAX / page_blocks)
		blocks = ev->page.nr_pages * page_blocks;
	*first = bt_block_of_page(bitmap, ev->page.page);
	if (page_blocks == 1 || !ev->page.bytes)
		return blocks;
	last = ((uint32_t)ev->page.offset << SECTOR_SHIFT) + ev->page.bytes - 1;
	*first += (uint32_t)ev->page.offset << SECTOR_SHIFT >> shift;
	last = bt_block_of_page(bitmap, ev->page.page) + (last >> shift);
	if (last < *first || last - *first >= blocks)
		return blocks; /* beyond the page: a damaged record */
	return last - *first + 1;
}

uint32_t bt_block_bytes_of(const struct bt_bitmap *bitmap, uint64_t bytes, uint32_t block)
{
	uint64_t size = UINT64_C(1) << bitmap->shape.block_shift;
	uint64_t before = (uint64_t)block << bitmap->shape.block_shift;

	if (bytes <= before)
		return 0;
	return (uint32_t)(bytes - before < size ? bytes - before : size);
}

uint32_t bt_block_bytes(const struct bt_bitmap *bitmap, uint32_t block)
{
	const uint32_t btrfs_magic = 0x9123683e, inline_max = 2048;
	uint64_t bytes = bitmap->layout.layout.bytes;

	if (bitmap->layout.layout.fs_magic == btrfs_magic && bytes <= inline_max)
		return 0;
	if (!bytes)
		return 1; /* not reported: at least 1 */
	return bt_block_bytes_of(bitmap, bytes, block);
}
