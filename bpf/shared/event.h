/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the probes and user space, and the format of the records in a trace.
 *
 * One event is one fixed-size record. All records of a run pass through one BPF ring buffer,
 * so their order in the stream is one total order. Each probe is placed so that this order is
 * the true one. An event that releases a waiter (a page write has ended, a bit is set) is
 * emitted once it is true but before any waiter can run. An event that must come later (a data
 * write is submitted, a bit is cleared) is emitted before it takes effect. The argument for
 * each hook stands beside the hook.
 *
 * Rules for changing this file: values are explicit and append-only, a
 * payload never changes its meaning, and a change of layout raises
 * BT_EVENT_VERSION.
 */
#ifndef BITMAP_TRACE_EVENT_H
#define BITMAP_TRACE_EVENT_H

/* <linux/types.h>, which libbpf's headers bring, defines __u64 and the like its own way. */
#ifdef __VMLINUX_H__
typedef __u8 uint8_t;
typedef __s16 int16_t;
typedef __u16 uint16_t;
typedef __s32 int32_t;
typedef __u32 uint32_t;
typedef __s64 int64_t;
typedef __u64 uint64_t;
#else
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#endif

#define BT_EVENT_VERSION 3

enum bt_event_type {
	/* About the stream itself. */
	BT_LOST = 1,   /* records were lost here; payload lost */
	BT_ARRAY = 2,  /* name of the array of this bitmap; payload array */
	BT_BITMAP = 3, /* geometry of this bitmap; payload geometry */
	BT_TASK = 4,   /* command name of a thread; payload task */
	BT_SYMBOL = 5, /* name of a kernel address; payload symbol */
	BT_LAYOUT = 6, /* further fields that map data and bits to disks; payload layout */
	/* A personality was loaded, and from here on its hooks are there; payload probes */
	BT_PROBES = 7,

	/* Life of a bitmap (drivers/md/md-bitmap.c). */
	BT_LOAD_ENTER = 10, /* bitmap_load; payload call */
	BT_LOAD_EXIT = 11,
	BT_INIT_ENTER = 12, /* md_bitmap_init_from_disk; payload call */
	BT_INIT_EXIT = 13,
	BT_GONE = 14, /* md_bitmap_free; no payload */
	/*
	 * Bits that md_bitmap_init_from_disk has read as set, emitted right before
	 * BT_INIT_EXIT; it has read all others as clear. payload run
	 */
	BT_LOADED_BITS = 15,

	/* Bits and counters. */
	BT_STARTWRITE = 20,    /* bitmap_startwrite has raised the counters; payload range */
	BT_ENDWRITE = 21,      /* bitmap_endwrite is about to lower the counters; payload range */
	BT_SET_BIT = 22,       /* the file bit is set; payload bit */
	BT_CLEAR_BIT = 23,     /* the file bit is about to be cleared; payload bit */
	BT_SET_BIT_ENTER = 24, /* the file bit is about to be set; payload bit */
	BT_ENDWRITE_EXIT = 25, /* it has lowered them; only while degraded; payload range */

	/* What resync and recovery report to the bitmap. */
	BT_START_SYNC = 26, /* bitmap_start_sync has marked a range; payload sync */
	BT_END_SYNC = 27,   /* bitmap_end_sync, _cond_end_sync, _close_sync begin; payload sync */

	/*
	 * Emitted after BT_SET_BIT when md_bitmap_file_set_bit returns with interrupts not as
	 * at its entry; x86 only; payload irqs
	 */
	BT_SET_BIT_LEFT = 28,

	/* Functions that write the bitmap out. */
	BT_UNPLUG_ENTER = 30, /* __bitmap_unplug; no payload */
	BT_UNPLUG_PAGE = 31,  /* a DIRTY page on entry to it; payload attr */
	BT_UNPLUG_EXIT = 32,
	BT_UNPLUG_WORK_ENTER = 33, /* bitmap_unplug(sync=false): hands the work to a kworker */
	BT_UNPLUG_WORK_EXIT = 34,  /* ... and has waited for it */
	BT_DAEMON_ENTER = 35,	   /* bitmap_daemon_work, only when a pass is due; payload pass */
	BT_DAEMON_PAGE = 36,	   /* a page with attributes when the pass ends; payload attr */
	BT_DAEMON_EXIT = 37,	   /* payload pass, ran alone */
	BT_UPDATE_SB_ENTER = 38,   /* bitmap_update_sb; payload super */
	BT_UPDATE_SB_EXIT = 39,

	/* The members' health and caches. */
	BT_MEMBER_ERROR = 40, /* raid1_error, raid10_error, raid5_error return; payload member */
	/* With --strict only: a REQ_PREFLUSH at a device that bitmap pages go to; payload flush */
	BT_FLUSH_START = 41,
	BT_FLUSH_END = 42,
	/*
	 * The members that pages of an internal bitmap go to: emitted when they differ from
	 * those emitted last, and at each daemon pass; payload members. It may come from an
	 * interrupt, so its thread means nothing.
	 */
	BT_MEMBERS = 43,

	/* A bitmap page on its way to disk, whatever the backend. */
	BT_PAGE_DIRTY = 50,	  /* folio_mark_dirty on a bitmap page; payload page */
	BT_PAGE_WRITE_START = 51, /* one copy or block of a page write is submitted; payload page */
	BT_PAGE_WRITE_END = 52,	  /* ... and has ended; payload page */
	BT_PAGE_READ_START = 53,  /* one block of a page read (buffer heads only); payload page */
	BT_WRITEBACK_ENTER =
		54, /* filemap_fdatawrite_wbc on the file's mapping; payload writeback */
	BT_WRITEBACK_EXIT = 55,
	BT_WAIT_ENTER = 56, /* filemap_fdatawait_range, _keep_errors; payload writeback */
	BT_WAIT_EXIT = 57,
	BT_WRITEBACK_ERROR = 58, /* __filemap_set_wb_err; payload writeback */
	BT_PAGE_BIO = 59,	 /* page cache: a bio with the page enters a disk; payload page */

	/* Writes at the members (block layer). */
	BT_DATA_START = 60,	/* a write of array data enters the member's queue; payload data */
	BT_DATA_END = 61,	/* ... and has ended, at entry of md's callback; payload data */
	BT_SB_WRITE_START = 62, /* md superblock write at a member; payload super */
	BT_SB_WRITE_END = 63,

	/*
	 * The lockless bitmap (drivers/md/md-llbitmap.c), where it has no counterpart above. Of the
	 * types above it uses those of arrays, loads, writes (BT_STARTWRITE, BT_ENDWRITE),
	 * unplugs, superblocks, resync, pages and data; a page write has bytes and offset of its
	 * blocks there. BT_UNPLUG_* are the writer's own call; its worker is below.
	 */
	BT_LL_NAMES = 70,      /* numbers of states and actions in this kernel; payload ll_names */
	BT_LL_TABLE = 71,      /* a row of the kernel's state machine; payload ll_row */
	BT_LL_CALL_ENTER = 72, /* llbitmap_state_machine; payload ll_call */
	BT_LL_STATE = 73,      /* bytes are others than reported before; payload ll_state */
	BT_LL_CALL_EXIT = 74,  /* payload ll_call */
	BT_LL_MARK = 75,       /* llbitmap_set_page_dirty has marked a block; payload ll_mark */
	BT_LL_BARRIER_WAIT =
		76,		/* a writer waits for the daemon to leave a page; payload ll_page */
	BT_LL_BARRIER = 77,	/* a writer has the reference of a page; payload ll_page */
	BT_LL_WORK_ENTER = 78,	/* llbitmap_unplug_fn, the worker of an unplug; no payload */
	BT_LL_WORK_EXIT = 79,	/* ... has returned; its caller may have before */
	BT_LL_FLUSH_ENTER = 80, /* __llbitmap_flush; no payload */
	BT_LL_FLUSH_EXIT = 81,
	BT_LL_DISCARD_START = 82, /* llbitmap_start_discard has returned; payload range */
	BT_LL_DISCARD_END = 83,	  /* llbitmap_end_discard is entered; payload range */
	BT_LL_SYNC_SKIP = 84,	  /* resync or recovery leaves a chunk out; payload sync */
	BT_PAGE_QUEUED = 85,	  /* a worker is about to write a bitmap page; payload page */
};
#define BT_EVENT_TYPE_MAX 128 /* size of tables indexed by type */

/* The implementation of the bitmap that an event is about. */
enum bt_impl {
	BT_IMPL_NONE = 0,     /* about no bitmap, or not known */
	BT_IMPL_CLASSIC = 1,  /* drivers/md/md-bitmap.c */
	BT_IMPL_LLBITMAP = 2, /* drivers/md/md-llbitmap.c */
};

/*
 * What a probe leaves out, because emitting each record would cost too much: one bit each in
 * the trace's info block. A rule that needs such records judges their absence only where the
 * bit says what absence means.
 */
enum bt_feature {
	/* BT_DAEMON_ENTER, _EXIT only of calls that make a pass (daemon_sleep is over) */
	BT_FEATURE_DUE_PASSES_ONLY = 1 << 0,
	/* BT_START_SYNC once per chunk, until an end or a degraded endwrite */
	BT_FEATURE_START_SYNC_ONCE = 1 << 1,
	/* BT_SET_BIT_LEFT only when interrupts were changed */
	BT_FEATURE_IRQS_CHANGED_ONLY = 1 << 2,
	/* BT_ENDWRITE_EXIT only while the array is degraded */
	BT_FEATURE_ENDWRITE_EXIT_DEGRADED = 1 << 3,
	/* stacks only for events that may break a rule */
	BT_FEATURE_STACKS_OF_SUSPECTS = 1 << 4,
	/*
	 * BT_LL_CALL_ENTER, _EXIT, BT_LL_STATE not of a Startwrite that finds the chunks it is
	 * about Dirty, NeedSync or Syncing, and leaves them as reported before
	 */
	BT_FEATURE_LL_CHANGES_ONLY = 1 << 5,
	/* BT_LL_MARK not twice in a row of one block, unless a worker or a flush began between */
	BT_FEATURE_LL_MARK_ONCE = 1 << 6,
};

/*
 * bm_flags: bitmap->flags as sampled by the probe (enum bitmap_state in
 * drivers/md/md-bitmap.h), low 16 bits. Bits 10 to 14, which the kernel does
 * not use, are ours; 10 to 13 are set in the events named only.
 */
enum bt_bm_flag {
	BT_BM_STALE = 1 << 1,
	BT_BM_WRITE_ERROR = 1 << 2,
	BT_BM_STRIPE_USER = 1 << 10, /* BT_DATA_START, raid456: the stripe carries user writes */
	BT_BM_STRIPE_SYNC = 1 << 11, /* BT_DATA_START, raid456: the stripe carries none */
	BT_BM_RESHAPE = 1 << 12,     /* BT_DATA_START: the array is being reshaped */
	BT_BM_DEGRADED = 1 << 13,    /* BT_ENDWRITE, _EXIT, BT_MEMBER_ERROR: mddev->degraded */
	BT_BM_NO_FILEMAP = 1 << 14,  /* storage.filemap is NULL: there is no bitmap on disk */
};

/* attr: the nibble of storage.filemap_attr (enum bitmap_page_attr). */
enum bt_page_attr {
	BT_ATTR_DIRTY = 1 << 0,
	BT_ATTR_PENDING = 1 << 1,
	BT_ATTR_NEEDWRITE = 1 << 2,
};

/* pass.ran: bitmap_daemon_work looks at the clock after its entry was emitted. */
enum bt_ran {
	BT_RAN_UNKNOWN = 0,
	BT_RAN_YES = 1,
	BT_RAN_NO = 2, /* it was not yet time */
};

/* bit.on_page: the bit itself, in the bitmap page in memory. */
enum bt_on_page {
	BT_ON_PAGE_UNREAD = 0, /* not looked at, or the page's address is not known */
	BT_ON_PAGE_SET = 1,
	BT_ON_PAGE_CLEAR = 2,
};

/* How bitmap pages reach the disk. */
enum bt_backend {
	BT_BACKEND_UNKNOWN = 0,
	BT_BACKEND_INTERNAL = 1, /* md_super_write on the members */
	BT_BACKEND_FILE = 2,	 /* file; the events of page writes show which way */
	BT_BACKEND_BUFFER = 3,	 /* file through buffer heads (write_file_page) */
	BT_BACKEND_PAGECACHE = 4,
	BT_BACKEND_FILEIO = 5, /* file through the file system (md_bitmap_file_write_page) */
};

/* Why records are missing; one BT_LOST names one channel. */
enum bt_loss {
	BT_LOSS_RING_FULL = 1, /* the ring buffer had no room */
	BT_LOSS_MAP_FULL = 2,  /* a map of known bitmaps or pages had no room */
	BT_LOSS_MISSED = 3,    /* the kernel skipped a program (recursion_misses) */
	BT_LOSS_DECODER = 4,   /* the reader met a record it could not understand */
};
#define BT_LOSS_MAX 5

/* opf: the operation is its low byte (enum req_op, include/linux/blk_types.h). */
#define BT_OP_MASK    0xff
#define BT_OP_DISCARD 3

/* writeback.sync_mode: enum writeback_sync_modes, include/linux/writeback.h. */
enum bt_sync_mode {
	BT_WB_SYNC_NONE = 0,
	BT_WB_SYNC_ALL = 1,
};

enum bt_dirty_flag {
	BT_DIRTY_LOCKED = 1 << 0,     /* the folio was locked */
	BT_DIRTY_NO_MAPPING = 1 << 1, /* the folio no longer belongs to a file */
};

/* States of a chunk in the lockless bitmap, and actions: places in ll_names. */
enum bt_ll_state {
	BT_LL_UNWRITTEN = 0,
	BT_LL_CLEAN = 1,
	BT_LL_DIRTY = 2,
	BT_LL_NEED_SYNC = 3,
	BT_LL_SYNCING = 4,
	BT_LL_NEED_SYNC_UNWRITTEN = 5,
	BT_LL_SYNCING_UNWRITTEN = 6,
	BT_LL_CLEAN_UNWRITTEN = 7,
};
#define BT_LL_STATES  8
#define BT_LL_NO_NAME 0xff /* this kernel has none of this name; a byte: not reported before */

enum bt_ll_action {
	BT_LL_STARTWRITE = 0,
	BT_LL_STARTSYNC = 1,
	BT_LL_ENDSYNC = 2,
	BT_LL_ABORTSYNC = 3,
	BT_LL_RELOAD = 4,
	BT_LL_DAEMON = 5,
	BT_LL_DISCARD = 6,
	BT_LL_STALE = 7,
	BT_LL_PROACTIVE_SYNC = 8,
	BT_LL_CLEAR_UNWRITTEN = 9,
};
#define BT_LL_ACTIONS 10

/* ll_state.action: of no call of the state machine */
#define BT_LL_BY_LOAD	0xf0 /* as read from the members by a load */
#define BT_LL_BY_ATTACH 0xf1 /* as found in memory when the bitmap was met, or resized */

/* ll_state.flags, ll_mark.flags: when the bytes were sampled */
enum bt_ll_flag {
	BT_LL_BLOCK_MARKED = 1 << 0, /* the block is to be written (pctl->dirty) */
	BT_LL_PAGE_MARKED = 1 << 1,  /* an unplug looks at the page (LLPageDirty) */
	BT_LL_OWN = 1 << 2,	     /* in the range that the call was given */
	BT_LL_DEGRADED = 1 << 3,     /* mddev->degraded */
	BT_LL_RESHAPE = 1 << 4,	     /* the array is being reshaped */
};

#define BT_MEMBERS_TOLD 64   /* members.active has a bit for each */
#define BT_MEMBER_NONE	0xff /* page.desc_nr: it has none there */

#define BT_STATUS_IOERR 10 /* status: BLK_STS_IOERR, include/linux/blk_types.h */

/* The cache of the disk that a page is written to (bdev_write_cache). */
enum bt_cache {
	BT_CACHE_UNKNOWN = 0,
	BT_CACHE_VOLATILE = 1,
	BT_CACHE_NONE = 2, /* what has ended is durable */
	BT_CACHE_FUA = 3,  /* volatile, but this write goes through it (REQ_FUA, O_DSYNC) */
};

struct bt_event {
	uint64_t ts_ns;	 /* CLOCK_MONOTONIC, bpf_ktime_get_ns */
	uint32_t bitmap; /* id of the bitmap, 1..., never reused in a run; 0: none */
	uint32_t tid;	 /* thread id (pid in the kernel's sense); 0: idle */
	uint32_t opf;	 /* I/O events: bi_opf (REQ_OP_* and REQ_* flags), else 0 */
	int16_t stack;	 /* id of the kernel stack, < 0: none taken */
	uint16_t type;	 /* enum bt_event_type */
	uint16_t cpu;
	uint16_t bm_flags; /* enum bt_bm_flag */
	int16_t member;	   /* I/O events: raid_disk of the member, -1: none */
	uint8_t impl;	   /* enum bt_impl */
	uint8_t status;	   /* ends of I/O: blk_status_t, 0: no error */
	union {
		struct {
			uint32_t count;	  /* records lost since the last BT_LOST of the channel */
			uint16_t channel; /* enum bt_loss */
			uint16_t first_type; /* type of the first record lost, 0: not known */
			uint64_t since_ns;   /* BT_LOSS_MISSED: lost after this; 0: not known */
			uint64_t types[2];   /* of the records lost, a bit each; 0: not known */
		} lost;
		struct {
			char name[32]; /* gendisk->disk_name, NUL-terminated */
		} array;
		struct {
			uint64_t chunks; /* bits in use */
			uint32_t
				dev; /* dev_t of the array, kernel encoding (major << 20 | minor) */
			uint32_t file_pages;	/* pages of the bitmap, the superblock's included */
			int16_t level;		/* mddev->level */
			uint8_t chunk_shift;	/* log2 of sectors per bit (counts.chunkshift) */
			uint8_t backend;	/* enum bt_backend, INTERNAL or FILE */
			uint32_t layout;	/* mddev->layout */
			uint32_t chunk_sectors; /* mddev->chunk_sectors */
			uint16_t raid_disks;	/* mddev->raid_disks */
			uint8_t has_sb;		/* a superblock of 256 bytes precedes the bits */
			uint8_t external;	/* metadata handled in user space */
		} geometry;
		struct {
			uint64_t dev_sectors;  /* mddev->dev_sectors: used of each member */
			uint64_t bytes;	       /* of the bitmap on disk, with its superblock */
			uint32_t fs_magic;     /* s_magic of a bitmap file's file system, else 0 */
			uint32_t header_bytes; /* before the first chunk's bit or byte */
			uint8_t page_shift;    /* log2 of the bytes of a bitmap page */
			uint8_t block_shift;   /* log2 of the bytes that are written at once */
			uint8_t chunk_bits_shift; /* log2 of the bits that a chunk has on disk */
		} layout;
		struct {
			uint64_t capabilities; /* that they give: a bit each, enum bt_capability */
		} probes;
		struct {
			char comm[16];
		} task;
		struct {
			uint64_t addr;
			char name[24]; /* "%ps", cut off at 24, not NUL-terminated then */
		} symbol;
		struct {
			int32_t ret; /* return value; 0 on entry */
		} call;
		struct {
			uint64_t sector; /* as passed to start/endwrite: array or member sectors by
					 level */
			uint64_t sectors;
			uint32_t counter; /* the smaller of the first and the last chunk's
					     counters, without NEEDED and RESYNC: as startwrite
					     leaves it, as endwrite finds it */
			uint8_t sampled;  /* counter is valid */
		} range;
		struct {
			uint64_t chunk;
			uint64_t chunks;
			uint8_t unknown; /* not known: the counter is shared (hijacked) */
		} run;
		struct {
			uint64_t sector;
			uint64_t sectors;
			uint8_t aborted; /* end: the chunks are not in sync */
		} sync;
		struct {
			uint8_t need_sync; /* the superblock is due before the clears */
			uint8_t allclean;  /* this pass has no work */
			uint8_t ran;	   /* BT_DAEMON_EXIT: enum bt_ran */
		} pass;
		struct {
			uint64_t bio;	 /* BT_SB_WRITE_*; else 0 */
			uint64_t sector; /* on the member */
			uint64_t events; /* start, update_sb: mddev->events; end: 0 */
			uint32_t state;	 /* BT_UPDATE_SB_ENTER: bitmap->flags */
			uint32_t dev;
		} super;
		struct {
			uint32_t dev;
			uint8_t faulty; /* the member is Faulty now */
		} member_error;
		struct {
			uint64_t
				active; /* bit n: the one with rdev->desc_nr n (next_active_rdev) */
			uint8_t unknown; /* there are members without a bit in active */
		} members;
		struct {
			uint64_t bio;
			uint32_t dev;
		} flush;
		struct {
			uint64_t chunk;
			uint32_t page;	 /* index of the bitmap page */
			uint8_t attr;	 /* enum bt_page_attr of that page when sampled */
			uint8_t on_page; /* BT_SET_BIT_ENTER, BT_SET_BIT: enum bt_on_page */
		} bit;
		struct {
			uint8_t on_entering; /* interrupts were on */
			uint8_t on_leaving;
		} irqs;
		struct {
			uint32_t page;
			uint8_t attr;
		} attr;
		struct {
			uint64_t io;   /* bio, buffer_head or folio: joins start and end */
			uint32_t page; /* index of the first bitmap page */
			uint32_t nr_pages;
			uint32_t dev;	 /* dev_t written to; 0: page cache */
			uint32_t bytes;	 /* BT_PAGE_BIO, BT_PAGE_WRITE_START of an internal bitmap:
					    how much of the pages the bio carries; 0: not known */
			uint8_t backend; /* enum bt_backend that wrote it */
			uint8_t dirty;	 /* BT_PAGE_DIRTY: enum bt_dirty_flag */
			uint8_t desc_nr; /* BT_PAGE_WRITE_*, internal: rdev->desc_nr, the copy */
			uint8_t cache;	 /* BT_PAGE_WRITE_START, _BIO: enum bt_cache */
			uint8_t blocks;	 /* BT_PAGE_WRITE_START, buffer heads: that the page
					    consists of (write_file_page); 0: not known */
			uint16_t offset; /* in the page where the write begins, 512 bytes each */
		} page;
		struct {
			int64_t start; /* bytes, as given to the call */
			int64_t end;
			int32_t ret;	    /* on exit: the return value; error events: the errno */
			uint32_t sync_mode; /* enum bt_sync_mode */
		} writeback;
		struct {
			uint64_t bio;
			uint64_t sector; /* on the member, from data_offset */
			uint64_t end_io; /* start: bi_end_io, named by a BT_SYMBOL before; end: 0 */
			uint32_t sectors;
			uint32_t dev; /* dev_t of the member */
		} data;
		struct {
			uint8_t states[BT_LL_STATES];	/* by enum bt_ll_state */
			uint8_t actions[BT_LL_ACTIONS]; /* by enum bt_ll_action */
		} ll_names;
		struct {
			uint8_t state;
			uint8_t nr;	  /* actions that follow */
			uint8_t next[30]; /* the state that each leads to */
		} ll_row;
		struct {
			uint64_t first, last; /* chunks, as given */
			uint8_t action;	      /* as the kernel numbers it */
		} ll_call;
		struct {
			uint64_t chunk;
			uint32_t chunks;
			uint8_t before, after; /* as the kernel numbers them; BT_LL_NO_NAME */
			uint8_t action;	       /* of the call that was looked at */
			uint8_t flags;	       /* enum bt_ll_flag */
		} ll_state;
		struct {
			uint32_t page;
			uint32_t block; /* in the page */
			uint8_t flags;	/* enum bt_ll_flag */
			uint8_t infect; /* as passed */
		} ll_mark;
		struct {
			uint32_t page;
		} ll_page;
		uint64_t raw[4];
	};
};

#ifndef __VMLINUX_H__
static_assert(sizeof(struct bt_event) == 64, "a record is 64 bytes");
static_assert(offsetof(struct bt_event, type) == 22, "the header is fixed");
static_assert(offsetof(struct bt_event, raw) == 32, "the payload starts at 32");
#endif

#endif /* BITMAP_TRACE_EVENT_H */
