/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stream has told so far, bitmap by bitmap: which bits are set, which
 * page writes are on their way, who is inside which function. Pure: no I/O,
 * no clock, no kernel; memory grows with the chunks and pages touched, never
 * with the length of the stream.
 *
 * Observers (invariants, latencies) look at each event twice: before it
 * changes the model, and after.
 */
#ifndef BT_MODEL_H
#define BT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "event/type_set.h"
#include "shared/event.h"

/* Bounds on what one bitmap may hold; beyond them the state is given up as unknown. */
#define BT_PAGE_WRITES_MAX	4096	   /* page writes of one page at the same time */
#define BT_SUBMISSIONS_MAX	32	   /* submissions that make up one page write */
#define BT_COPIES_MAX		64	   /* members, or blocks, that one page is written to */
#define BT_TASKS_MAX		16384	   /* threads remembered; idle ones are forgotten beyond */
#define BT_UNPLUGS_MAX		256	   /* unplug calls at the same time */
#define BT_UNFLUSHED_MAX	4	   /* page writes waiting for a flush */
#define BT_FILE_PAGES_MAX	(1U << 22) /* 16 GiB of bitmap */
#define BT_CHUNKS_PER_EVENT_MAX (1U << 20)
#define BT_GROUP_CHUNKS		256
#define BT_NODE_SHIFT		9	   /* log2 of slots in a node of the tree of blocks */
#define BT_RUNS_MAX		(1U << 24) /* of bits that a load has found set */
#define BT_MEMBERS_MAX		4096
#define BT_STRETCHES_MAX	4096 /* of the array that one write of a member consists of */
#define BT_FLUSHES_MAX		4096
#define BT_BITMAPS_MAX		4096  /* a bitmap that is gone does not count */
#define BT_SYMBOLS_MAX		65536 /* callbacks with a name; further ones have none */
#define BT_MODEL_BYTES_MAX	(UINT64_C(1) << 30) /* of all bitmaps together */

/*
 * Sets of types, BT_TYPE_BIT. What is lost of one of the small ones leaves the
 * state that the others make as it is, exactly; of the core, nothing is known
 * any more.
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
/* interrupts around set_bit, which nothing else is told by */
#define BT_TYPES_IRQS BT_TYPE_BIT(BT_SET_BIT_LEFT)
/* bits, pages, unplugs, passes, the life of a bitmap: all rests on these */
#define BT_TYPES_CORE                                                                              \
	(BT_TYPES_ALL & ~(BT_TYPES_NAMES | BT_TYPES_DATA | BT_TYPES_COUNTERS | BT_TYPES_SUPER |    \
			  BT_TYPES_FLUSH | BT_TYPES_IRQS))

/* An event and its place in the stream; seq 0: none. */
struct bt_event_ref {
	uint64_t seq;
	struct bt_event ev;
};

enum bt_bit {
	BT_BIT_UNKNOWN = 0, /* not seen: set or clear, durable or not */
	BT_BIT_LOADED = 1,  /* set, as read from disk: durable */
	BT_BIT_SET = 2,	    /* set_bit seen */
	BT_BIT_CLEAR = 3,   /* clear_bit seen, or clear as read from disk */
};

/* What keeps the bit of a chunk that was written while degraded (NEEDED_MASK, RESYNC_MASK). */
enum bt_needed {
	BT_NEEDED_NOT = 0,
	BT_NEEDED = 1,	      /* until a resync of it begins */
	BT_NEEDED_RESYNC = 2, /* until it ends well */
};

enum bt_tri { BT_NO = 0, BT_YES = 1, BT_MAYBE = 2 };

/* From when to when something came about; a write that began inside may carry it or not. */
struct bt_window {
	uint64_t from_seq; /* not yet before this */
	uint64_t seq;	   /* surely after this */
};

struct bt_chunk {
	uint8_t bit;		 /* enum bt_bit */
	uint8_t attr_dirty;	 /* enum bt_tri: DIRTY seen on the page at set_bit's exit */
	bool unconfirmed;	 /* set_bit seen, but it may have been set before we looked */
	bool marked;		 /* set_page_dirty by the same task right before set_bit's exit */
	uint32_t writers;	 /* startwrites seen and not ended */
	uint64_t end_seq;	 /* last endwrite, its entry */
	bool end_degraded;	 /* the array was degraded then */
	uint8_t needed;		 /* enum bt_needed */
	uint64_t start_sync_seq; /* last start_sync of it */
	struct bt_event_ref *ended; /* the endwrite that made it needed; NULL when it is not */
	uint32_t data_in_flight;    /* user writes at members */
	uint64_t set_from_seq;	    /* last set_bit, its entry */
	struct bt_event_ref set; /* its exit; the event itself is evidence, and seldom looked at */
};

static_assert(sizeof(struct bt_chunk) == 128, "two cache lines");
static_assert(offsetof(struct bt_chunk, set.ev) == 64, "the second is the event");

/*
 * Chunks are kept in blocks, allocated when first touched and found by their
 * index through a tree of nodes as high as the largest index asks for.
 */
struct bt_chunk_group {
	uint64_t index; /* first chunk / BT_BLOCK_CHUNKS */
	struct bt_chunk_group *next;
	_Alignas(64) struct bt_chunk chunks[BT_GROUP_CHUNKS];
};

struct bt_chunk_node {
	void *slots[1 << BT_NODE_SHIFT]; /* nodes, at the lowest level blocks; NULL: none */
};

/*
 * One write of one page: all submissions that carry the same content to the
 * members (internal bitmap) or to the blocks of the page (buffer heads).
 */
struct bt_page_write {
	uint64_t id;
	struct bt_event_ref start; /* the first submission */
	bool open;		   /* the submitting task may still add submissions */
	uint32_t in_flight;
	uint32_t ok;
	uint32_t failed;
	uint8_t submissions_nr;
	uint64_t targets[BT_SUBMISSIONS_MAX]; /* who is part of it: device, or buffer head */
	uint32_t bytes;			      /* page cache: carried by bios so far */
	uint32_t bio_dev;		      /* and to which device; others are copies */
	bool without_bio;		      /* it has ended, and no bio had carried it */
	uint64_t end_seq;		      /* the last end of a submission of it so far */
	uint8_t volatile_nr;		      /* devices whose cache may hold it when it is done */
	uint32_t volatile_devs[BT_SUBMISSIONS_MAX];
};

/* A page write that is done, but in a volatile cache until these devices are flushed. */
struct bt_unflushed {
	uint64_t start_seq, end_seq;
	uint32_t devs[BT_SUBMISSIONS_MAX];
	uint8_t devs_nr;
};

/* A member's copy of a page, or a block of it. */
struct bt_copy {
	uint64_t key;	   /* rdev->desc_nr, or the buffer head */
	uint64_t done_seq; /* newest start of a write of it that has ended */
};

/* The members that each page of an internal bitmap has to go to, as told last. */
struct bt_active {
	bool told;			 /* ever: there are traces that do not */
	bool known;			 /* all of them, and nothing was lost since */
	uint64_t members;		 /* bit n: the one with desc_nr n */
	uint64_t since[BT_MEMBERS_TOLD]; /* told to be one from here on */
};

struct bt_block {
	uint32_t index;
	UT_hash_handle hh;
	struct bt_event_ref set;   /* last set_bit on this page, its exit */
	uint64_t set_from_seq;	   /* its entry */
	struct bt_event_ref dirty; /* last BT_PAGE_DIRTY */
	struct bt_event_ref clear; /* last clear_bit on this page */
	uint64_t clear_pass;	   /* daemon pass of that clear */
	uint8_t pass_attr;	   /* attributes told at the end of the running pass */
	uint64_t start_seq;	   /* start of the newest write, done or not */
	uint64_t
		done_seq; /* newest start of a write that has ended well; page writes come on top */
	uint64_t done_before_seq; /* done_seq before the write that ended last */
	uint64_t whole_seq;	 /* as done_seq, of a write that has failed nowhere, not even at one
				    member */
	struct bt_event_ref end; /* end of that write */
	uint64_t fill_seq;	 /* stale load: the write must have started after this */
	uint64_t durable_seq;	 /* newest start of a write that no power cut takes back */
	struct bt_unflushed unflushed[BT_UNFLUSHED_MAX]; /* newer than that; oldest first */
	uint8_t unflushed_nr;
	uint64_t evicted_seq; /* newest start of those that had no room: durable or not */
	struct bt_event_ref
		without_bio; /* page cache: end of a write that no bio has carried, 0: none */
	uint32_t writes_nr, writes_cap;
	struct bt_page_write *writes; /* oldest first */
	uint8_t buffers;	      /* buffer heads: that it consists of, 0: not reported */
	uint32_t copies_nr, copies_cap;
	struct bt_copy *copies; /* that have been written */
};

/* A submission on its way, by what identifies it from start to end. */
struct bt_io {
	uint64_t key; /* bio, buffer head or folio */
	UT_hash_handle hh;
	bool data;	      /* a write of array data; else of bitmap pages */
	bool failed;	      /* one of the ends so far was an error */
	uint32_t outstanding; /* starts without an end: md may submit a buffer head again */
	bool in_unplug;	      /* submitted inside an unplug, which answers for it */
	uint32_t page, nr_pages;
	uint32_t writes_nr, writes_cap;
	uint64_t *writes;   /* ids; page n of a folio has id + n */
	uint64_t first, nr; /* data: the chunks, if they are one stretch; nr 0: bt_data_walk */
	struct bt_event_ref start;
	struct bt_io *next_idle;
};

/* A page write of an unplug that failed. */
struct bt_failure {
	uint64_t start_seq;
	struct bt_event_ref end;
	uint32_t dev;
};

/* A page that an unplug call answers for. */
struct bt_must_write {
	uint32_t page;
	struct bt_window need; /* the covering write must have started after this */
};

struct bt_unplug {
	uint32_t tid;
	bool worked; /* found a page to write */
	struct bt_event_ref enter;
	struct bt_must_write *must_write;
	uint32_t must_write_nr, must_write_cap;
	struct bt_failure *failures;
	uint32_t failures_nr, failures_cap;
};

/* The last time a personality dealt with an error of this member. */
struct bt_member {
	uint32_t dev;
	struct bt_event_ref error;
};

/* Chunks whose bits a load has found set. */
struct bt_loaded_run {
	uint64_t chunk, chunks;
	bool unknown; /* or perhaps not */
};

/* A write of md's superblock on its way. */
struct bt_sb_io {
	uint64_t bio;
	uint64_t start_seq;
};

#define BT_SB_IOS_MAX 16 /* more than members that are written at once; the oldest goes */

/* What a thread has last done on this bitmap. */
struct bt_task {
	uint32_t tid;
	UT_hash_handle hh;
	uint32_t open_block;		  /* page whose newest page write it may still add to */
	uint64_t open_write;		  /* id, 0: none */
	uint32_t dirty_page, dirty_pages; /* what it marked dirty, not yet followed by set_bit */
	uint64_t set_from_seq;		  /* entry of the set_bit it is in, 0: none */
	bool set_before;		  /* at that entry the page had the bit */
	struct bt_event_ref unplug_enter,
		unplug_exit;			   /* its last unplug call, or a kworker's for it */
	struct bt_event_ref work_enter, work_exit; /* its last unplug through a kworker */
	struct bt_event_ref writeback;		   /* its last filemap_fdatawrite, entry */
	struct bt_event_ref update_sb;		   /* entry of its last bitmap_update_sb */
};

enum bt_stale_stage {
	BT_STALE_NONE = 0,
	BT_STALE_INIT = 1,    /* inside md_bitmap_init_from_disk, out of date */
	BT_STALE_FILLED = 2,  /* it has returned, the flag still stands */
	BT_STALE_DROPPED = 3, /* seen without the flag, load not yet returned */
};

struct bt_bitmap {
	uint32_t id;
	UT_hash_handle hh;
	char name[33]; /* of the array; "" until told */
	bool described;
	bool from_load;		      /* seen since its load, nothing lost since */
	bool forgotten;		      /* known before, then something was lost */
	bool counters_forgotten;      /* likewise, of the counters alone */
	bool overflow;		      /* a bound was hit: forget the state after this event */
	uint8_t backend;	      /* enum bt_backend, refined by what happens */
	struct bt_event geometry;     /* the BT_BITMAP event */
	struct bt_event layout;	      /* the BT_LAYOUT event */
	struct bt_loaded_run *loaded; /* ascending */
	uint32_t loaded_nr, loaded_cap;

	void *chunks_root;	    /* a node, or at height 0 the block of index 0 */
	unsigned int chunks_height; /* levels of nodes */
	struct bt_chunk_group *groups, **groups_end; /* in the order in which they were touched */
	struct bt_block *blocks;
	struct bt_io *ios;
	struct bt_io *ios_idle; /* over; kept for the next, with their arrays of page writes */
	struct bt_task *tasks;
	struct bt_task *task_last;		   /* got last, or NULL */
	struct bt_unplug *unplugs[BT_UNPLUGS_MAX]; /* active calls */
	unsigned int unplugs_nr;
	struct bt_event_ref unplug_enter, unplug_exit; /* of the call that returned last */
	uint64_t unplug_unseen_seq; /* last exit of a call whose entry was not seen */
	uint64_t write_id_last;
	uint64_t bytes; /* that its state takes; what hash tables take besides is left out */
	uint64_t bytes_counted;	   /* of these, in the model's sum */
	uint32_t submissions_last; /* submissions of the last page write that was complete, 0: none
				      yet */
	uint64_t write_error_seq;  /* last BT_WRITEBACK_ERROR */
	bool data_ends;		   /* ends of user writes are told: what is in flight is known */
	bool unplaced; /* member writes were seen that may be a user's, to chunks not known */
	struct bt_active active;
	struct bt_member *members; /* those that had errors */
	uint32_t members_nr, members_cap;
	struct bt_event_ref sb_due; /* pass that found need_sync, its superblock not submitted */
	struct bt_event_ref sb_updated; /* entry of the last bitmap_update_sb */
	struct bt_sb_io sb_ios[BT_SB_IOS_MAX];
	uint32_t sb_ios_nr;
	/* The first bitmap page that could not be written since an md superblock was on a disk
	 * that may tell of it, 0: none; and the last one */
	struct bt_event_ref failure;
	uint64_t failure_last_seq;
	uint32_t without_bio_nr; /* pages with a dry write */

	uint64_t pass;		/* number of daemon passes begun */
	uint32_t pass_tid;	/* who runs one, 0: nobody */
	uint32_t passes_active; /* entered and not left; more than one wait for a mutex */
	uint32_t pass_last_tid; /* who ran the one before, 0: nobody yet */
	bool pass_taken_over;	/* by another than that: bitmap_flush has set in */
	struct bt_event_ref pass_enter;
	struct bt_event_ref pass_exit; /* of the last pass that is over */
	uint32_t *pass_pages;	       /* pages that had bits cleared in it */
	uint32_t pass_pages_nr, pass_pages_cap;

	enum bt_stale_stage stale_stage;
	bool stale_loaded; /* the last load found it out of date and filled it */
	struct bt_event_ref init_enter, init_exit, stale_drop;
};

/* The callback address of a data write tells what kind of write it is. */
enum bt_data_class {
	BT_DATA_OTHER = 0, /* resync, recovery, repair, ...: needs no bit */
	BT_DATA_USER = 1,
	BT_DATA_UNKNOWN = 2, /* name not seen, or none of those we know */
	BT_DATA_CHAINED = 3, /* a user's, but its own end is not told */
};

struct bt_symbol {
	uint64_t addr;
	UT_hash_handle hh;
	uint8_t class; /* enum bt_data_class */
};

/* A flush of a device, on its way. */
struct bt_flush {
	uint64_t bio;
	UT_hash_handle hh;
	uint64_t start_seq;
	uint32_t dev;
};

struct bt_model;

/* What an observer is given. bitmap is NULL for events that concern none. */
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
	struct bt_bitmap *bitmaps;
	struct bt_bitmap *bitmap_last; /* of the last event that was about one, or NULL */
	struct bt_symbol *symbols;
	const struct bt_symbol *symbol_last; /* of the last write of data, or NULL */
	struct bt_flush *flushes;	     /* on their way */
	struct bt_observer *observers[BT_OBSERVERS_MAX];
	unsigned int observers_nr;
	uint64_t bytes, bytes_max; /* that bitmaps take; at most, but for one event more */
	bool out_of_memory;	   /* events were dropped: nothing may pass any more */
	uint64_t given_up; /* times a bound above was hit and a bitmap's state became unknown */
};

void bt_model_init(struct bt_model *model);
void bt_model_free(struct bt_model *model);
/* Observers are not owned; at most BT_OBSERVERS_MAX. */
void bt_model_observe(struct bt_model *model, struct bt_observer *observer);
/* 0, or -ENOMEM (then also out_of_memory). */
int bt_model_event(struct bt_model *model, const struct bt_event *ev);
/* This event will come soon: what it is about may be fetched from memory meanwhile. */
void bt_model_soon(const struct bt_model *model, const struct bt_event *ev);

/* ---- questions, for observers ---- */

/* NULL when nothing is known of it; then see bt_chunk_bit_of. */
const struct bt_chunk *bt_chunk_find(const struct bt_bitmap *bitmap, uint64_t chunk);
/* The state of a chunk's bit, also for chunks never touched. */
enum bt_bit bt_chunk_bit(const struct bt_bitmap *bitmap, uint64_t chunk);
/* The same, with what bt_chunk_find has found. */
enum bt_bit bt_chunk_bit_of(const struct bt_bitmap *bitmap, const struct bt_chunk *known,
			    uint64_t chunk);
const struct bt_block *bt_block_find(const struct bt_bitmap *bitmap, uint32_t page);
/* Index of the page that holds the bit of a chunk (file_page_index, md-bitmap.c). */
uint32_t bt_block_of_chunk(const struct bt_bitmap *bitmap, uint64_t chunk);
/*
 * Has a write of the page, of all its parts, that started after this ended
 * well? MAYBE: one that started while it came about, or one whose last part may
 * not be submitted yet, or it is not known which parts there are. page may be
 * NULL.
 */
enum bt_tri bt_block_covers(const struct bt_bitmap *bitmap, const struct bt_block *block,
			    struct bt_window window);
/* Not, for want of a part: what was submitted of it has ended well. */
bool bt_block_lacks_copy(const struct bt_bitmap *bitmap, const struct bt_block *block,
			 struct bt_window window);
/* As bt_page_covers, of a write that no power cut takes back. */
enum bt_tri bt_block_durable(const struct bt_bitmap *bitmap, const struct bt_block *block,
			     struct bt_window window);
/* The same, of a write that has failed nowhere: all copies have it. page may be NULL. */
enum bt_tri bt_block_whole(const struct bt_bitmap *bitmap, const struct bt_block *block,
			   struct bt_window window);
/* A write of span, not yet done, that this task began; or NULL. */
const struct bt_page_write *bt_block_begun_by(const struct bt_block *block, uint32_t tid,
					      uint64_t since);
/* Found out of date by its last load, or about to lose the mark of that: seldom. */
static inline bool bt_bitmap_stale(const struct bt_bitmap *bitmap)
{
	return bitmap->stale_stage != BT_STALE_NONE || bitmap->stale_loaded;
}

/* After a stale load: the fill of this page came before whatever follows this. */
uint64_t bt_block_fill_seq(const struct bt_bitmap *bitmap, const struct bt_block *block);
/* The newest write of the page still on its way, or NULL. */
const struct bt_page_write *bt_block_in_flight(const struct bt_block *block);
const struct bt_task *bt_task_find(const struct bt_bitmap *bitmap, uint32_t tid);
const struct bt_unplug *bt_unplug_find(const struct bt_bitmap *bitmap, uint32_t tid);
/* The submission this end event belongs to, or NULL. */
const struct bt_io *bt_io_find(const struct bt_bitmap *bitmap, uint64_t key);
enum bt_data_class bt_data_class(const struct bt_model *model, const struct bt_event *ev);
/*
 * Did this end of a submission, or an earlier one of it, tell of an error?
 * The page cache's errors are told of the mapping, before the end.
 */
bool bt_page_write_failed(const struct bt_bitmap *bitmap, const struct bt_io *io,
			  const struct bt_event *ev);
/* What makes two submissions of one page write differ: the device, or the buffer head. */
uint64_t bt_submission_target(const struct bt_event *ev);
/* How many bitmap pages an event on a page is about; 1 or more. */
uint32_t bt_event_pages(const struct bt_event *ev);
/* Types of the records that a BT_LOST is about; all when it does not tell. */
bt_type_set bt_lost_types(const struct bt_event *ev);
/* Does this type carry bm_flags? */
bool bt_event_has_flags(const struct bt_event *ev);
/* No promise while it is stale, or has no storage. */
bool bt_event_enabled(const struct bt_event *ev);

/* Do we know how this level maps members to chunks? */
bool bt_level_mapped(const struct bt_bitmap *bitmap);

/*
 * The chunks of a range of sectors as startwrite and others are given it, cut
 * off at the end of the bitmap; false: there are none.
 */
bool bt_range_chunks(const struct bt_bitmap *bitmap, uint64_t sector, uint64_t sectors,
		     uint64_t *first, uint64_t *last);

/*
 * The chunks that a write at a member touches, stretch by stretch (geometry.c).
 * bt_data_walk is false when they are not known: a level without a mapping, a
 * write outside the bitmap, an array being reshaped. bt_data_next gives the
 * next stretch, false when there is none left.
 */
struct bt_data_walk {
	const struct bt_bitmap *bitmap;
	uint64_t sector, sectors; /* of the member; raid10: still to come */
	int disk;
	uint64_t first, nr; /* other levels: the chunks, if still to come */
};

bool bt_data_walk(struct bt_data_walk *walk, const struct bt_bitmap *bitmap,
		  const struct bt_event *ev);
bool bt_data_next(struct bt_data_walk *walk, uint64_t *first, uint64_t *nr);
/* All of a walk not begun yet, if it is one stretch for sure. */
bool bt_data_stretch(const struct bt_data_walk *walk, uint64_t *first, uint64_t *nr);

/*
 * The sector of the array that the first of a write at a member holds: of
 * raid1, and of raid10 with near copies. False: elsewhere, or not known.
 */
bool bt_data_array_sector(const struct bt_bitmap *bitmap, const struct bt_event *ev,
			  uint64_t *sector);

/* The personality's last word on this member after seq, or NULL. */
const struct bt_member *bt_member_error(const struct bt_bitmap *bitmap, uint32_t dev, uint64_t seq);
/*
 * How much of this page is in use, and must reach a disk with each write of it;
 * 0: perhaps nothing (a file so small that btrfs keeps it in its tree).
 */
uint32_t bt_block_bytes(const struct bt_bitmap *bitmap, uint32_t page);
/* The newest write of the page from the page cache that is under way, or NULL. */
const struct bt_page_write *bt_block_writeback(const struct bt_block *block);

#endif /* BT_MODEL_H */
