/* SPDX-License-Identifier: GPL-2.0-only */
/* The model's state of one bitmap. */
#ifndef BT_BITMAP_STATE_H
#define BT_BITMAP_STATE_H

#include <assert.h>
#include <stddef.h>

#include "base/hash.h"
#include "model/classic/classic.h"
#include "model/core/event_ref.h"
#include "model/core/limits.h"
#include "model/llbitmap/llbitmap.h"

/* Why a chunk that was written while degraded stays protected (NEEDED_MASK, RESYNC_MASK). */
enum bt_needed {
	BT_NEEDED_NOT = 0,
	BT_NEEDED = 1,	      /* until its resync begins */
	BT_NEEDED_RESYNC = 2, /* until its resync ends without error */
	BT_NEEDED_SYNCED = 3, /* no more: it was resynced, unless a member fails */
};

struct bt_chunk {
	uint8_t state;		 /* as the implementation numbers them; classic: enum bt_bit */
	uint8_t needed;		 /* enum bt_needed */
	bool end_degraded;	 /* the array was degraded at the last endwrite */
	uint32_t writers;	 /* startwrites seen and not ended */
	uint32_t data_in_flight; /* user writes at members */
	union {			 /* state of one implementation: 12 bytes */
		struct bt_classic_chunk classic;
		struct bt_ll_chunk ll;
		uint32_t words[3];
	} own;
	uint64_t end_seq;	    /* last endwrite (its entry) */
	uint64_t start_sync_seq;    /* last start_sync of the chunk */
	struct bt_event_ref *ended; /* the endwrite that made it needed; NULL: not needed */
	/* The last change that made it protected; classic: set_bit, entry and exit. */
	uint64_t set_from_seq;
	struct bt_event_ref set; /* evidence, rarely read */
};

static_assert(sizeof(struct bt_chunk) == 128, "two cache lines");
static_assert(offsetof(struct bt_chunk, set.ev) == 64, "the second is the event");

/*
 * Chunks are kept in groups. A group is allocated when one of its chunks is first touched, and
 * found by its index through a tree that is as high as the largest index requires.
 */
struct bt_chunk_group {
	uint64_t index; /* first chunk / BT_GROUP_CHUNKS */
	struct bt_chunk_group *next;
	_Alignas(64) struct bt_chunk chunks[BT_GROUP_CHUNKS];
};

struct bt_chunk_node {
	void *slots[1 << BT_NODE_SHIFT]; /* nodes, or groups at the lowest level; NULL: none */
};

/*
 * One write of one block: all submissions of the same content to the members (internal bitmap),
 * or to the buffer heads of a page.
 */
struct bt_page_write {
	uint64_t id;
	struct bt_event_ref start; /* the first submission */
	bool open;		   /* the submitting task may still add submissions */
	uint32_t in_flight;
	uint32_t ok;
	uint32_t failed;
	uint8_t submissions_nr;
	uint64_t targets[BT_SUBMISSIONS_MAX]; /* of each submission: device, or buffer head */
	uint32_t bytes;			      /* page cache: carried by bios so far */
	uint32_t bio_dev;		      /* device of these bios; bios to others are copies */
	bool without_bio;		      /* it has ended, and no bio has carried it */
	uint64_t end_seq;		      /* last end of one of its submissions so far */
	uint8_t volatile_nr; /* number of devices whose cache may hold it when completed */
	uint32_t volatile_devs[BT_SUBMISSIONS_MAX];
};

/* A completed page write that is in a volatile cache until these devices are flushed. */
struct bt_unflushed {
	uint64_t start_seq, end_seq;
	uint32_t devs[BT_SUBMISSIONS_MAX];
	uint8_t devs_nr;
};

/* A member's copy of a block, or one of the buffer heads of a block. */
struct bt_copy {
	uint64_t key;	   /* rdev->desc_nr, or the buffer head */
	uint64_t done_seq; /* newest start of a write of it that has ended */
};

/* A block is the unit of writing. Classic: a page. */
struct bt_block {
	uint32_t index;
	UT_hash_handle hh;
	/*
	 * The last changes: one that made a chunk protected (entry and exit), one that made a
	 * chunk unprotected.
	 */
	uint64_t set_from_seq;
	struct bt_event_ref set;
	struct bt_event_ref clear;
	struct bt_event_ref dirty; /* last BT_PAGE_DIRTY */
	uint64_t queued_seq;	   /* last BT_PAGE_QUEUED */
	uint32_t queued_tid; /* of an unplug that has left the write to a worker; 0: of none */
	union {
		struct bt_classic_block classic;
	} own;
	/* Each is the start of the newest write with this property; page writes are in writes. */
	uint64_t start_seq;	  /* any write */
	uint64_t done_seq;	  /* that has completed */
	uint64_t done_before_seq; /* done_seq before the write that ended last */
	uint64_t whole_seq;	  /* that has completed on all members */
	uint64_t durable_seq;	  /* that is durable */
	uint64_t evicted_seq;	  /* that unflushed had no room for: may be durable */
	struct bt_unflushed unflushed[BT_UNFLUSHED_MAX]; /* newer than durable_seq; oldest first */
	uint8_t unflushed_nr;
	struct bt_event_ref end; /* end of the write that ended last */
	uint64_t fill_seq;	 /* stale load: a write of the fill must have started after this */
	struct bt_event_ref without_bio; /* page cache: end of a write that no bio has carried */
	uint32_t writes_nr, writes_cap;
	struct bt_page_write *writes; /* not ended, oldest first */
	uint8_t buffers;	      /* number of its buffer heads, 0: not reported */
	uint32_t copies_nr, copies_cap;
	struct bt_copy *copies; /* copies that were written */
};

/* A submission in flight, by the key that joins start and end. */
struct bt_io {
	uint64_t key; /* bio, buffer head or folio */
	UT_hash_handle hh;
	bool data;	      /* a write of array data; else of bitmap blocks */
	bool failed;	      /* one of the ends so far was an error */
	uint32_t outstanding; /* starts without an end: md may submit a buffer head again */
	bool in_unplug;	      /* submitted inside an unplug, or by a worker for one */
	uint32_t unplug_tid;  /* whose unplug that is */
	uint32_t block, blocks_nr;
	uint32_t writes_nr, writes_cap;
	uint64_t *writes;   /* ids; block n of a submission has id + n */
	uint64_t first, nr; /* data: the chunks, if they are one range; nr 0: bt_data_walk */
	struct bt_event_ref start;
	struct bt_io *next_idle;
};

/* A failed page write of an unplug. */
struct bt_failure {
	uint64_t start_seq;
	struct bt_event_ref end;
	uint32_t dev;
};

/* A block that an unplug call must write. */
struct bt_must_write {
	uint32_t block;
	struct bt_window need; /* the covering write must have started after this */
};

struct bt_unplug {
	uint32_t tid;
	bool worked; /* found a block to write */
	struct bt_event_ref enter;
	struct bt_must_write *must_write;
	uint32_t must_write_nr, must_write_cap;
	struct bt_failure *failures;
	uint32_t failures_nr, failures_cap;
};

/* The last error of this member that a personality has handled. */
struct bt_member {
	uint32_t dev;
	struct bt_event_ref error;
};

/* The members that each block of an internal bitmap must be written to, as last reported. */
struct bt_active {
	bool known;			 /* all members are known, and nothing was lost since */
	uint64_t members;		 /* bit n: the member with desc_nr n */
	uint64_t since[BT_MEMBERS_TOLD]; /* seq from which on it is reported as a member */
};

/* A write of md's superblock in flight. */
struct bt_sb_io {
	uint64_t bio;
	uint64_t start_seq;
};

/* The last calls of a thread on this bitmap. */
struct bt_task {
	uint32_t tid;
	UT_hash_handle hh;
	uint32_t open_block; /* first block whose page write it may still add submissions to */
	uint32_t open_blocks_nr;
	uint64_t open_write;   /* id of the first block's page write, 0: none */
	uint64_t set_from_seq; /* entry of its current set_bit, 0: none */
	bool set_before;       /* the bit was set in the page at that entry */
	struct bt_event_ref unplug_enter, unplug_exit; /* its last unplug, or a kworker's for it */
	struct bt_event_ref work_enter, work_exit;     /* its last unplug through a kworker */
	struct bt_event_ref writeback;		       /* its last filemap_fdatawrite, entry */
	struct bt_ll_task ll;
	struct bt_event_ref update_sb; /* entry of its last bitmap_update_sb */
	uint64_t own_seq;	       /* its last event that an interrupt cannot have emitted */
};

enum bt_stale_stage {
	BT_STALE_NONE = 0,
	BT_STALE_INIT = 1,    /* inside md_bitmap_init_from_disk, out of date */
	BT_STALE_FILLED = 2,  /* it has returned, the flag is still set */
	BT_STALE_DROPPED = 3, /* seen without the flag before the load returned */
};

/* What the stream has reported so far. A loss makes all of it void: one assignment resets it. */
struct bt_state {
	bool overflow;		 /* a bound was hit: forget all after this event */
	bool from_load;		 /* seen since its load, nothing lost since */
	bool counters_forgotten; /* counters were lost since */

	void *chunks_root;	    /* a node; at height 0 the group with index 0 */
	unsigned int chunks_height; /* levels of nodes */
	struct bt_chunk_group *groups, **groups_end; /* in the order in which they were touched */
	struct bt_block *blocks;
	struct bt_io *ios;
	struct bt_io *ios_idle; /* free list, with their arrays of page writes */
	struct bt_task *tasks;
	struct bt_task *task_last; /* last result of a lookup, or NULL */

	struct bt_unplug *unplugs[BT_UNPLUGS_MAX]; /* active calls */
	unsigned int unplugs_nr;
	struct bt_event_ref unplug_enter, unplug_exit; /* of the call that returned last */
	uint64_t unplug_unseen_seq; /* last exit of a call whose entry was not seen */

	uint64_t write_id_last;
	uint32_t submissions_last; /* submissions of the last complete page write, 0: none yet */
	uint64_t write_error_seq;  /* last BT_WRITEBACK_ERROR */
	uint32_t without_bio_nr;   /* number of blocks with a write that no bio has carried */
	bool data_ends; /* ends of user writes are reported: the writes in flight are known */
	bool unplaced;	/* some member writes that may be of users went to unknown chunks */
	struct bt_active active;
	struct bt_member *members; /* members that had errors */
	uint32_t members_nr, members_cap;

	struct bt_event_ref sb_updated; /* entry of the last bitmap_update_sb */
	struct bt_sb_io sb_ios[BT_SB_IOS_MAX];
	uint32_t sb_ios_nr;
	/*
	 * The first bitmap block that could not be written since an md superblock was on a disk
	 * that may record it (0: none), and the last one
	 */
	struct bt_event_ref failure;
	uint64_t failure_last_seq;

	enum bt_stale_stage stale_stage;
	bool stale_loaded; /* the last load found it out of date and filled it */
	struct bt_event_ref init_enter, init_exit, stale_drop;

	union { /* state of one implementation */
		struct bt_classic_state classic;
		struct bt_ll_bitmap_state ll;
	} own;
};

/* How raid10 maps data to members (setup_geo(), drivers/md/raid10.c). */
struct bt_raid10 {
	uint64_t raid_disks;
	uint64_t near_copies, far_copies;
	uint64_t chunk_sectors;
	uint64_t stride;       /* far: sectors from one copy's section of a member to the next */
	uint64_t far_set_size; /* number of members that share far copies */
	bool far_offset;       /* copies follow chunk by chunk, not section by section */
};

/* How chunks are laid out on disk (BT_LAYOUT). */
struct bt_layout_shape {
	uint64_t header_bits;	  /* bits before the first chunk */
	uint8_t chunk_bits_shift; /* log2 of the bits of a chunk */
	uint8_t page_shift;	  /* log2 of the bytes of a page */
	uint8_t block_shift;	  /* log2 of the bytes of a block */
};

struct bt_impl_ops;

/* Identity and geometry of the bitmap: not affected by a loss. */
struct bt_bitmap {
	uint32_t id;
	UT_hash_handle hh;
	const struct bt_impl_ops *ops; /* NULL: unknown implementation, not traced */
	char name[33];		       /* of the array; "" until reported */
	bool described;
	uint8_t backend;	  /* enum bt_backend, refined by later events */
	struct bt_event geometry; /* the BT_BITMAP event */
	struct bt_event layout;	  /* the BT_LAYOUT event */
	struct bt_layout_shape shape;
	struct bt_ll_kernel ll_kernel; /* lockless bitmaps */
	struct bt_raid10 raid10;
	bool mapped;		/* the mapping from members to chunks is known for this level */
	bool members_reported;	/* BT_MEMBERS was seen: its page writes have copies */
	bool forgotten;		/* known before, then records were lost */
	uint64_t bytes;		/* of its state, without the overhead of hash tables */
	uint64_t bytes_counted; /* of these, included in the model's sum */
	struct bt_state state;
};

#endif /* BT_BITMAP_STATE_H */
