/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulator of md's bitmap protocol (Linux 6.12, drivers/md/md-bitmap.c and the
 * personalities), for tests of the checker: from a seed it makes a random history of many
 * arrays and threads, and emits the events that the probes would emit. It shares only the
 * events' definition with the tool.
 *
 * The simulated md keeps every rule. Where stock md does not (two unplugs at a time,
 * overlapping writes of one page, no flush of a bitmap file's disk), it is corrected. A
 * mutation is one bug, and has a name.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/event.h"
#include "steps.h"

#define SIM_ARRAYS_MAX	4
#define SIM_MEMBERS_MAX 6
#define SIM_PAGES_MAX	3
#define SIM_CHUNKS_MAX	(SIM_PAGES_MAX * 32768)
#define SIM_LEGS_MAX	64 /* member bios of one write */
#define SIM_ACTORS_MAX	64
#define SIM_IOS_MAX	1024
#define SIM_WRITES_MAX	16 /* user writes of one array at a time */
#define SIM_TICKETS_MAX 64
#define SIM_WORKS_MAX	64
#define SIM_FILE_DEV	0x700000
#define SIM_MEMBER_DEV	0x800000

struct sim_actor;
struct sim_array;
struct sim;

/* The bugs that the simulated md can have; described in mutation.c. */
enum sim_mutation_id {
	SIM_MUT_NONE = 0,
	SIM_MUT_CONCURRENT_UNPLUG,
	SIM_MUT_DATA_BEFORE_UNPLUG,
	SIM_MUT_DISCARD_WITHOUT_UNPLUG,
	SIM_MUT_COUNT_WITHOUT_BIT,
	SIM_MUT_COUNTER_TOO_LOW,
	SIM_MUT_UNPLUG_NO_WAIT,
	SIM_MUT_UNPLUG_SKIPS_PAGE,
	SIM_MUT_SET_BIT_UNMARKED,
	SIM_MUT_CLEAR_UNMARKED,
	SIM_MUT_STALE_NO_WRITE,
	SIM_MUT_STALE_NO_WAIT,
	SIM_MUT_STALE_NO_SUPERBLOCK,
	SIM_MUT_CLEAR_UNDER_WRITERS,
	SIM_MUT_WRITE_BEHIND,
	SIM_MUT_ONE_PASS_CLEAR,
	SIM_MUT_FORGET_NEEDED,
	SIM_MUT_ABORTED_IS_CLEAN,
	SIM_MUT_UPDATE_SB_NO_WAIT,
	SIM_MUT_MD_SUPERBLOCK_FIRST,
	SIM_MUT_SUPERBLOCK_LAST,
	SIM_MUT_UNPLUG_OVERTAKES_SB,
	SIM_MUT_ERROR_IGNORED,
	SIM_MUT_DATA_BEFORE_RECORD,
	SIM_MUT_FOLIO_LOST,
	SIM_MUT_DIRTY_UNDER_LOCK,
	SIM_MUT_DIRTY_UNLOCKED,
	SIM_MUT_DRY_WRITEBACK,
	SIM_MUT_WRITEBACK_SKIPS,
	SIM_MUT_LOST_ENDWRITE,
	SIM_MUT_DOUBLE_ENDWRITE,
	SIM_MUT_NO_FLUSH,
	SIM_MUT_OVERLAPPING_WRITES,
	SIM_MUT_SET_BIT_NEIGHBOUR,
	SIM_MUT_WRITE_SKIPS_MEMBER,
	SIM_MUT_WRITE_SKIPS_BLOCK,
	SIM_MUT_WRITE_CUT_SHORT,
	SIM_MUT_SET_BIT_IRQS_ON,
	SIM_MUT_COUNTER_STAYS,
	SIM_MUT_NOT_PENDING,
	SIM_MUT_MAX,
};

#define SIM_FOLLOWS_MAX 10

struct sim_mutation {
	enum sim_mutation_id id;
	const char *name;
	const char *what;		      /* description of the bug */
	const char *breaks;		      /* the invariant that must FAIL */
	const char *follows[SIM_FOLLOWS_MAX]; /* rules that may FAIL as a consequence */
	uint8_t one_in;			      /* the bug takes effect once in so many cases */
	uint32_t backends;		      /* bit per enum bt_backend, 0: any */
	uint32_t levels;		      /* bit per level, 0: any */
	bool pages;			      /* needs a bitmap of several pages */
	bool volatile_cache;		      /* needs disks with such a cache */
	bool stale;			      /* needs loads of out-of-date bitmaps */
	bool faults;			      /* needs page writes that fail */
	bool slow_data;			      /* needs slow members */
};

/* Indexed by id; the last has no name. */
extern const struct sim_mutation sim_mutations[];
const struct sim_mutation *sim_mutation_find(const char *name);

/* Receives the events, in stream order. */
typedef void (*sim_sink)(void *to, const struct bt_event *ev);

struct sim_options {
	uint64_t seed;
	uint64_t events; /* how many to emit */
	const struct sim_mutation *mutation;
	sim_sink sink;
	void *sink_to;
};

struct sim_member {
	uint32_t dev;
	bool faulty, in_sync;
};

struct sim_page {
	uint8_t attr;
	unsigned int in_flight;	      /* submissions of all page writes */
	struct sim_actor *submitting; /* the task that may add submissions */
	/* State of its folio, in the page cache. */
	bool dirty, writeback, lost;
	struct sim_actor *locked;
};

struct sim_leg {
	uint64_t sector;
	uint32_t sectors;
	uint16_t disk;
};

/* A user write, from startwrite to endwrite. */
struct sim_write {
	struct sim_array *md;
	bool busy, discard, counted_off;
	uint64_t sector, sectors;	   /* range in startwrite and endwrite */
	struct sim_leg legs[SIM_LEGS_MAX]; /* writes to the members */
	unsigned int legs_nr, remaining;
};

enum sim_io_kind {
	SIM_IO_DATA,
	SIM_IO_PAGE,
	SIM_IO_FOLIO,
	SIM_IO_READ,
	SIM_IO_SB,
	SIM_IO_SYNC,
	SIM_IO_FLUSH
};

struct sim_io {
	enum sim_io_kind kind;
	bool claimed, failed, told;
	struct sim_array *md;
	struct sim_write *write;
	struct sim_actor *waiter;    /* SIM_IO_FLUSH */
	uint64_t key, sector, chunk; /* chunk: SIM_IO_SYNC */
	uint32_t sectors;	     /* of data */
	uint32_t bitmap;	     /* id in the event of its start */
	uint32_t page, dev;
	uint16_t leg;
};

/* An unplug handed to a kworker. */
struct sim_work {
	struct sim_array *md;
	struct sim_actor *owner;
	bool posted, taken;
};

/* State of the probes for a bitmap (struct known_bitmap, bpf/core/bitmap_table.h). */
struct sim_known {
	uint32_t id, daemon_tid;
	uint64_t lastrun, synced;
	uint64_t members; /* that pages of an internal bitmap go to, as emitted last */
};

struct sim_array {
	struct sim *sim;
	unsigned int nr;
	int level;
	uint32_t layout, chunk_sectors;
	uint64_t sectors, dev_sectors;
	uint64_t stride, far_set; /* raid10 */
	unsigned int raid_disks, members_nr;
	struct sim_member members[SIM_MEMBERS_MAX];
	enum bt_backend backend;
	unsigned int bh_per_page;
	bool volatile_cache, uses_fua, split_update_sb;
	unsigned int
		sb_one_in; /* md's superblock is written once in so many iterations of its thread */
	uint64_t bytes;
	uint32_t fs_magic;

	/* struct bitmap */
	bool up, suspended; /* mddev->bitmap exists; no new writes */
	bool load_told;
	struct sim_known known;
	uint16_t flags;
	uint64_t chunks;
	unsigned int chunk_shift, pages_nr;
	uint16_t *counters;
	bool *bits;  /* of the file, as in memory */
	bool *whole; /* all copies that count have the bit since it was set */
	bool pending[SIM_CHUNKS_MAX >> 11];
	struct sim_page pages[SIM_PAGES_MAX];
	bool need_sync, allclean;
	uint64_t events_cleared, events;
	uint64_t daemon_lastrun, daemon_sleep;
	uint64_t passes; /* of the daemon, begun */
	/*
	 * bitmap_startwrite and _endwrite in progress, by whether they began before an even or
	 * an odd pass
	 */
	unsigned int counting[2];
	unsigned int pending_writes;
	uint64_t write_errors; /* of the file's mapping, ever */
	uint64_t failures;     /* ends of page writes with a possible error, in total */
	uint64_t recorded;     /* how many of these md's superblocks on the disks record */
	bool stale_on_disk;

	struct sim_actor *lock;	    /* counts.lock, interrupts off */
	struct sim_actor *mutex;    /* bitmap_info.mutex */
	struct sim_actor *reconfig; /* reconfig_mutex */
	struct sim_actor *scan; /* unplug's walk over the pages, and operations that exclude it */
	uint64_t ticket_last;
	struct {
		uint64_t ticket;    /* 0: free */
	} tickets[SIM_TICKETS_MAX]; /* unplugs that have cleared DIRTY and not waited yet */

	/* struct mddev */
	unsigned int degraded, failing, active_io;
	bool sb_dirty, intr, frozen, recovery_needed, sync_running;
	unsigned int recovery_active;
	bool sync_failed;
	struct sim_write writes[SIM_WRITES_MAX];
	struct sim_write *parked[SIM_WRITES_MAX]; /* for the array's thread to submit */
	unsigned int parked_nr;
	struct sim_write *draining[SIM_WRITES_MAX];
	unsigned int draining_nr;
};

struct sim_actor {
	struct sim *sim;
	struct sim_array *md;
	bool (*run)(struct sim_actor *me);
	uint32_t tid;
	bool irq; /* runs on top of another thread */
	struct sim_actor *victim;
	unsigned int interrupted, spins;
	bool named;
	/* Shared by several of its functions. */
	struct sim_io *io;
	struct sim_write *plug[4];
	unsigned int plug_nr;
	struct sim_work *work;
	uint64_t chunk, ticket, errors_seen, attrs;
	unsigned int slot;
	bool writing, flushed, woken, degraded;
	uint64_t n; /* only for run() */
	struct sim_frame frames[SIM_DEPTH_MAX];
	unsigned int depth;
};

struct sim {
	struct sim_options options;
	uint64_t rng, told, steps_idle;
	uint64_t ts_ns, step_ns;
	bool recording, stock_overlaps, faults;
	unsigned int slow, slow_data; /* page writes and data writes take so many times longer */
	uint64_t attach_at;	      /* steps before the probes are attached */
	uint32_t bitmap_last;
	uint64_t io_last;
	bool symbols_told[8];
	struct sim_array *arrays[SIM_ARRAYS_MAX];
	unsigned int arrays_nr;
	struct sim_actor actors[SIM_ACTORS_MAX];
	unsigned int actors_nr;
	struct sim_io ios[SIM_IOS_MAX];
	struct sim_io *flying[SIM_IOS_MAX]; /* not yet claimed by a completion */
	unsigned int flying_nr;
	struct sim_work works[SIM_WORKS_MAX];
	unsigned int works_waiting; /* queued and not started */
	uint64_t mutated;	    /* how often the bug took effect */
	uint64_t mutated_at;	    /* number of the next event after the first time */
};

/*
 * Runs one history to its end. 0, -ENOMEM, or -EDEADLK if no thread can run, which is a bug of
 * the simulator.
 */
struct sim_outcome {
	uint64_t told, mutated, mutated_at;
	bool whole; /* traced from its beginning */
};
int sim_run(const struct sim_options *options, struct sim_outcome *outcome);
/* Does the history of these options keep the strict rules, too? */
bool sim_is_strict(const struct sim_options *options);

/* ---- random numbers (random.c) ---- */
uint64_t sim_random(struct sim *sim);
uint64_t sim_below(struct sim *sim, uint64_t bound);
static inline bool sim_one_in(struct sim *sim, uint64_t n)
{
	return sim_below(sim, n) == 0;
}
/* Does this mutation take effect now? Draws no random number if it is not the selected one. */
bool sim_mutate(struct sim *sim, enum sim_mutation_id id);

/* ---- events of the probes (probe.c) ---- */
uint64_t sim_jiffies(const struct sim *sim);
bool sim_known(const struct sim_array *md);
bool sim_meet(struct sim_actor *me, struct sim_array *md);
struct bt_event sim_event(struct sim_actor *me, struct sim_array *md, enum bt_event_type type);
void sim_put(struct sim_actor *me, struct bt_event *ev);
void sim_tell(struct sim_actor *me, struct sim_array *md, enum bt_event_type type);
void sim_tell_call(struct sim_actor *me, struct sim_array *md, enum bt_event_type type, int ret);
void sim_tell_loaded(struct sim_actor *me, struct sim_array *md);
void sim_tell_range(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		    uint64_t sector, uint64_t sectors);
void sim_tell_irqs(struct sim_actor *me, struct sim_array *md, bool on_leaving);
void sim_tell_bit(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		  uint64_t chunk, uint8_t attr);
void sim_tell_attr(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		   uint32_t page, uint8_t attr);
void sim_tell_sync(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		   uint64_t sector, uint64_t sectors, bool aborted);
void sim_tell_page(struct sim_actor *me, const struct sim_io *io, enum bt_event_type type);
void sim_tell_folio(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
		    uint32_t page);
void sim_tell_writeback(struct sim_actor *me, struct sim_array *md, enum bt_event_type type,
			int64_t start, int64_t end, int ret);
void sim_tell_data(struct sim_actor *me, const struct sim_io *io, bool start);
void sim_tell_super(struct sim_actor *me, const struct sim_io *io, bool start);
void sim_tell_update_sb(struct sim_actor *me, struct sim_array *md);
void sim_tell_members(struct sim_actor *me, struct sim_array *md, bool again);
void sim_tell_member_error(struct sim_actor *me, struct sim_array *md, unsigned int disk);
void sim_tell_flush(struct sim_actor *me, const struct sim_io *io, bool start);

/* ---- I/O (io.c) ---- */
struct sim_io *sim_io_new(struct sim_actor *me, struct sim_array *md, enum sim_io_kind kind);
void sim_io_submit(struct sim *sim, struct sim_io *io);
bool sim_irq(struct sim_actor *me); /* completes what is in flight */
bool sim_member_fail(struct sim_actor *me, struct sim_array *md, unsigned int disk);
bool sim_member_may_fail(const struct sim_array *md, unsigned int disk);

/* ---- bitmap pages (pages.c, pagecache.c) ---- */
uint32_t sim_page_of(uint64_t chunk);
uint32_t sim_member_bytes(const struct sim_array *md, uint32_t page);
unsigned int sim_blocks_of(const struct sim_array *md, uint32_t page);
bool sim_write_page(struct sim_actor *me, struct sim_array *md, uint32_t page);
bool sim_update_sb(struct sim_actor *me, struct sim_array *md, bool told);
bool sim_folio_dirty(struct sim_actor *me, struct sim_array *md, uint32_t page);
bool sim_folio_write(struct sim_actor *me, struct sim_array *md, uint32_t page);
bool sim_fdatawrite(struct sim_actor *me, struct sim_array *md, uint32_t first, uint32_t last);
bool sim_fdatawait(struct sim_actor *me, struct sim_array *md);
bool sim_flusher(struct sim_actor *me);
static inline bool sim_enabled(const struct sim_array *md)
{
	return !(md->flags & BT_BM_STALE);
}

/* ---- bits and counters (bits.c) ---- */
#define SIM_NEEDED  0x8000
#define SIM_RESYNC  0x4000
#define SIM_COUNTER 0x3fff
bool sim_lock(struct sim_actor *me, struct sim_array *md);
void sim_unlock(struct sim_actor *me, struct sim_array *md);
bool sim_startwrite(struct sim_actor *me, struct sim_array *md, uint64_t sector, uint64_t sectors);
bool sim_endwrite(struct sim_actor *me, struct sim_array *md, uint64_t sector, uint64_t sectors);
bool sim_start_sync(struct sim_actor *me, struct sim_array *md, uint64_t chunk, bool degraded,
		    bool *must);
/* Sets bits on request (bitmap_dirty_bits). */
bool sim_dirty_bit(struct sim_actor *me, struct sim_array *md, uint64_t chunk);
bool sim_end_sync(struct sim_actor *me, struct sim_array *md, uint64_t first, uint64_t chunks,
		  bool aborted);

/* ---- unplug.c, daemon.c ---- */
bool sim_unplug(struct sim_actor *me, struct sim_array *md);
bool sim_unplug_by_worker(struct sim_actor *me, struct sim_array *md);
bool sim_kworker(struct sim_actor *me);
bool sim_daemon_work(struct sim_actor *me, struct sim_array *md);

/* ---- threads (writer.c, thread.c, resync.c, admin.c) ---- */
bool sim_writer(struct sim_actor *me);
bool sim_send(struct sim_actor *me, struct sim_write *write);
bool sim_may_send(struct sim_actor *me, struct sim_write *const *writes, unsigned int nr);
bool sim_write_done(struct sim_actor *me, struct sim_write *write);
bool sim_md_thread(struct sim_actor *me);
bool sim_md_update_sb(struct sim_actor *me, struct sim_array *md);
bool sim_sync_thread(struct sim_actor *me);
bool sim_admin(struct sim_actor *me);

/* ---- members (members.c) ---- */
void sim_place(struct sim_array *md, struct sim_write *write);
void sim_geometry(struct sim_array *md);

#endif /* SIM_SIM_H */
