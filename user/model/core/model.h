/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stream has reported so far, for each bitmap: which chunks are protected, which page
 * writes are in flight, which task is inside which function. Pure: no I/O, no clock, no
 * kernel. Memory grows with the chunks and pages touched, never with the length of the stream.
 *
 * Observers (invariants, latencies) get each event twice: before it changes the model, and
 * after.
 */
#ifndef BT_MODEL_H
#define BT_MODEL_H

#include "event/type_set.h"
#include "model/core/bitmap.h"
#include "model/core/impl.h"
#include "model/core/limits.h"

/*
 * Sets of types, BT_TYPE_BIT. A loss in one of the small sets leaves the state that depends on
 * the other sets unchanged. After a loss in the core set nothing is known.
 */
#define BT_TYPES_NAMES (BT_TYPE_BIT(BT_ARRAY) | BT_TYPE_BIT(BT_TASK))
/* writes of array data at members */
#define BT_TYPES_DATA                                                                              \
	(BT_TYPE_BIT(BT_SYMBOL) | BT_TYPE_BIT(BT_DATA_START) | BT_TYPE_BIT(BT_DATA_END))
/* counters of chunks: writers, and what a degraded array needs */
#define BT_TYPES_COUNTERS                                                                          \
	(BT_TYPE_BIT(BT_STARTWRITE) | BT_TYPE_BIT(BT_ENDWRITE) | BT_TYPE_BIT(BT_ENDWRITE_EXIT) |   \
	 BT_TYPE_BIT(BT_START_SYNC) | BT_TYPE_BIT(BT_END_SYNC))
/* superblocks, the bitmap's and md's */
#define BT_TYPES_SUPER                                                                             \
	(BT_TYPE_BIT(BT_UPDATE_SB_ENTER) | BT_TYPE_BIT(BT_UPDATE_SB_EXIT) |                        \
	 BT_TYPE_BIT(BT_SB_WRITE_START) | BT_TYPE_BIT(BT_SB_WRITE_END))
#define BT_TYPES_FLUSH (BT_TYPE_BIT(BT_FLUSH_START) | BT_TYPE_BIT(BT_FLUSH_END))
/* interrupts around set_bit, which no other event reports */
#define BT_TYPES_IRQS BT_TYPE_BIT(BT_SET_BIT_LEFT)
/* bits, pages, unplugs, passes, the life of a bitmap: all state depends on these */
#define BT_TYPES_CORE                                                                              \
	(BT_TYPES_ALL & ~(BT_TYPES_NAMES | BT_TYPES_DATA | BT_TYPES_COUNTERS | BT_TYPES_SUPER |    \
			  BT_TYPES_FLUSH | BT_TYPES_IRQS))

/* The origin of a data write, from its callback. */
enum bt_data_class {
	BT_DATA_OTHER = 0, /* resync, recovery, repair, ...: needs no bit */
	BT_DATA_USER = 1,
	BT_DATA_UNKNOWN = 2, /* name not seen, or not known */
	BT_DATA_CHAINED = 3, /* of a user, but its own end is not reported */
};

struct bt_symbol {
	uint64_t addr;
	UT_hash_handle hh;
	uint8_t class; /* enum bt_data_class */
};

/* A flush of a device, in flight. */
struct bt_flush {
	uint64_t bio;
	UT_hash_handle hh;
	uint64_t start_seq;
	uint32_t dev;
};

struct bt_model;

/* What an observer gets. bitmap is NULL for events without a bitmap. */
struct bt_view {
	const struct bt_model *model;
	const struct bt_bitmap *bitmap;
	const struct bt_event *ev;
	uint64_t seq; /* of ev; the first event has 1 */
};

struct bt_observer {
	void (*before)(struct bt_observer *observer, const struct bt_view *view); /* may be NULL */
	void (*after)(struct bt_observer *observer, const struct bt_view *view);  /* may be NULL */
};

#define BT_OBSERVERS_MAX 32

struct bt_model {
	uint64_t seq;
	uint64_t ts_ns; /* of the last event */
	struct bt_bitmap *bitmaps;
	struct bt_bitmap *bitmap_last; /* of the last event that had one, or NULL */
	struct bt_symbol *symbols;
	const struct bt_symbol *symbol_last; /* callback of the last data write, or NULL */
	struct bt_flush *flushes;	     /* in flight */
	struct bt_observer *observers[BT_OBSERVERS_MAX];
	unsigned int observers_nr;
	uint64_t bytes,
		bytes_max;  /* memory of the bitmaps; its limit, exceeded by one event at most */
	bool out_of_memory; /* events were dropped: no rule may PASS */
	uint64_t given_up;  /* bitmaps whose state was dropped at a bound
			     */
};

void bt_model_init(struct bt_model *model);
void bt_model_free(struct bt_model *model);
/* Observers are not owned; at most BT_OBSERVERS_MAX. */
void bt_model_observe(struct bt_model *model, struct bt_observer *observer);
/* 0, or -ENOMEM (then also out_of_memory). */
int bt_model_event(struct bt_model *model, const struct bt_event *ev);
/* This event comes soon: prefetches the state that it needs. */
void bt_model_soon(const struct bt_model *model, const struct bt_event *ev);

#define bt_for_each_bitmap(model, bitmap)                                                          \
	for ((bitmap) = (model)->bitmaps; (bitmap); (bitmap) = (bitmap)->hh.next)

/* ---- chunks, for observers ---- */

/* NULL if nothing was reported about it. */
const struct bt_chunk *bt_chunk_find(const struct bt_bitmap *bitmap, uint64_t chunk);
/* Its state, also for a chunk without any event: known is the result of bt_chunk_find. */
uint8_t bt_chunk_state(const struct bt_bitmap *bitmap, const struct bt_chunk *known,
		       uint64_t chunk);
enum bt_protection bt_chunk_protection(const struct bt_bitmap *bitmap, const struct bt_chunk *known,
				       uint64_t chunk);

/* When it became protected. */
static inline struct bt_window bt_chunk_window(const struct bt_chunk *chunk)
{
	return (struct bt_window){ .from_seq = chunk->set_from_seq, .seq = chunk->set.seq };
}

/* The chunks with events; start with a zeroed one. */
struct bt_chunk_iter {
	const struct bt_chunk_group *group;
	unsigned int at;
	const struct bt_chunk *chunk;
	uint64_t index;
};

bool bt_chunk_next(const struct bt_bitmap *bitmap, struct bt_chunk_iter *iter);

/*
 * The chunks of a range of sectors as in startwrite and others, cut off at the end of the
 * bitmap; false: none.
 */
bool bt_range_chunks(const struct bt_bitmap *bitmap, uint64_t sector, uint64_t sectors,
		     uint64_t *first, uint64_t *last);

/* ---- blocks and their writes, for observers ---- */

const struct bt_block *bt_block_find(const struct bt_bitmap *bitmap, uint32_t block);

#define bt_for_each_block(bitmap, block)                                                           \
	for ((block) = (bitmap)->state.blocks; (block); (block) = (block)->hh.next)

/* Its writes that have not ended, oldest first. */
#define bt_for_each_page_write(block, write)                                                       \
	for ((write) = (block)->writes; (write) != bt_block_writes_end(block); (write)++)

/* A block that was never written has no memory for writes, and NULL takes no offset. */
static inline const struct bt_page_write *bt_block_writes_end(const struct bt_block *block)
{
	return block->writes_nr ? block->writes + block->writes_nr : block->writes;
}

/* Where a chunk is on disk, and how pages and blocks relate (place.c). */
uint32_t bt_block_of_chunk(const struct bt_bitmap *bitmap, uint64_t chunk);
uint32_t bt_block_of_page(const struct bt_bitmap *bitmap, uint32_t page);
uint32_t bt_page_of_block(const struct bt_bitmap *bitmap, uint32_t block);
/* Of the whole bitmap. */
uint32_t bt_blocks_nr(const struct bt_bitmap *bitmap);
/* How many blocks an event about pages covers, 1 or more, and the first of them. */
uint32_t bt_event_blocks(const struct bt_bitmap *bitmap, const struct bt_event *ev,
			 uint32_t *first);
/*
 * How many bytes of the block are in use, and must reach a disk with each write of it; 0:
 * perhaps none (a file so small that btrfs keeps it in its tree).
 */
uint32_t bt_block_bytes(const struct bt_bitmap *bitmap, uint32_t block);

/* When a chunk of the block last became protected. */
static inline struct bt_window bt_block_window(const struct bt_block *block)
{
	return (struct bt_window){ .from_seq = block->set_from_seq, .seq = block->set.seq };
}

/*
 * Has a write of the block, of all its copies, that started after the window completed? MAYBE:
 * one that started inside the window, or one whose last copy may not be submitted yet, or the
 * copies are not known. block may be NULL.
 */
enum bt_tri bt_block_covers(const struct bt_bitmap *bitmap, const struct bt_block *block,
			    struct bt_window window);
/* Not covered because a copy is missing: all submissions have ended without error. */
bool bt_block_lacks_copy(const struct bt_bitmap *bitmap, const struct bt_block *block,
			 struct bt_window window);
/* As bt_block_covers, for a durable write. block is not NULL. */
enum bt_tri bt_block_durable(const struct bt_bitmap *bitmap, const struct bt_block *block,
			     struct bt_window window);
/* As bt_block_covers, for a write that has completed on all copies. */
enum bt_tri bt_block_whole(const struct bt_bitmap *bitmap, const struct bt_block *block,
			   struct bt_window window);
/* A write in flight that this task began after since; or NULL. */
const struct bt_page_write *bt_block_begun_by(const struct bt_block *block, uint32_t tid,
					      uint64_t since);
/* The newest write of the block in flight, or NULL. */
const struct bt_page_write *bt_block_in_flight(const struct bt_block *block);
/* The newest write of the block from the page cache in flight, or NULL. */
const struct bt_page_write *bt_block_writeback(const struct bt_block *block);
/* After a stale load: the fill of this block happened before this seq. */
uint64_t bt_block_fill_seq(const struct bt_bitmap *bitmap, const struct bt_block *block);
/* The key by which two submissions of one page write differ: the device, or the buffer head. */
uint64_t bt_submission_target(const struct bt_event *ev);
/* Is this submission the whole page write? A folio, or a page that the file system writes. */
bool bt_submits_once(const struct bt_event *ev);
/*
 * Did this end of a submission, or an earlier one of it, report an error? Errors of the page
 * cache are recorded in the mapping, before the end.
 */
bool bt_page_write_failed(const struct bt_bitmap *bitmap, const struct bt_io *io,
			  const struct bt_event *ev);

/* ---- the rest of a bitmap, for observers ---- */

/* Found out of date by its last load, or about to lose STALE: rare. */
static inline bool bt_bitmap_stale(const struct bt_bitmap *bitmap)
{
	return bitmap->state.stale_stage != BT_STALE_NONE || bitmap->state.stale_loaded;
}

const struct bt_task *bt_task_find(const struct bt_bitmap *bitmap, uint32_t tid);
const struct bt_unplug *bt_unplug_find(const struct bt_bitmap *bitmap, uint32_t tid);
/* The submission this end event belongs to, or NULL. */
const struct bt_io *bt_io_find(const struct bt_bitmap *bitmap, uint64_t key);

#define bt_for_each_io(bitmap, io) for ((io) = (bitmap)->state.ios; (io); (io) = (io)->hh.next)

/* The personality's last report on this member after seq, or NULL. */
const struct bt_member *bt_member_error(const struct bt_bitmap *bitmap, uint32_t dev, uint64_t seq);

/* Has any member had an error since? */
bool bt_member_failed_since(const struct bt_bitmap *bitmap, uint64_t seq);

/* ---- events, for observers ---- */

enum bt_data_class bt_data_class(const struct bt_model *model, const struct bt_event *ev);
/*
 * A BT_PROBES: is this bitmap of an array whose ends of writes were not reported so far, and did
 * it get writes?
 */
bool bt_bitmap_missed_ends(const struct bt_bitmap *bitmap, const struct bt_event *ev);

/* Types of the records that a BT_LOST is about; all if it does not say. */
bt_type_set bt_lost_types(const struct bt_event *ev);
/* Does this type carry bm_flags? */
bool bt_event_has_flags(const struct bt_event *ev);
/* No rule applies while the bitmap is stale, or has no storage. */
bool bt_event_enabled(const struct bt_event *ev);

/*
 * The chunks that a write to a member touches, range by range (geometry.c). bt_data_walk is
 * false if they are not known: a level without a mapping, a write outside the bitmap, an array
 * being reshaped. bt_data_next returns the next range, false if there is none left.
 */
struct bt_data_walk {
	const struct bt_bitmap *bitmap;
	uint64_t sector, sectors; /* of the member; raid10: remaining */
	int disk;
	uint64_t first, nr; /* other levels: the chunks, if remaining */
};

bool bt_data_walk(struct bt_data_walk *walk, const struct bt_bitmap *bitmap,
		  const struct bt_event *ev);
bool bt_data_next(struct bt_data_walk *walk, uint64_t *first, uint64_t *nr);
/* All chunks of a walk that has not begun, if they are certainly one range. */
bool bt_data_stretch(const struct bt_data_walk *walk, uint64_t *first, uint64_t *nr);

/*
 * The array sector of the first sector of a write to a member: for raid1, and for raid10 with
 * near copies. False: other layouts, or not known.
 */
bool bt_data_array_sector(const struct bt_bitmap *bitmap, const struct bt_event *ev,
			  uint64_t *sector);

#endif /* BT_MODEL_H */
