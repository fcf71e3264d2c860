/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Synthetic streams for the tests of model and invariants: one function per event, and complete
 * legal steps made of them. One raid1 array "md0" with two members, bitmap id 1, 128 sectors
 * per chunk, CHUNKS chunks.
 */
#ifndef BT_TEST_STREAM_H
#define BT_TEST_STREAM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/checker.h"

#define CHUNKS	      100000 /* pages 0 to 3 */
#define CHUNK_SHIFT   7
#define FILE_DEV      0x900000 /* of a bitmap file */
#define END_IO_USER   0xffffffffc0001000
#define END_IO_RESYNC 0xffffffffc0002000
#define END_IO_RAID5  0xffffffffc0003000
#define END_IO_CHAIN  0xffffffff80004000

struct stream {
	struct bt_checker checker;
	uint8_t impl; /* enum bt_impl; 0: classic */
	uint8_t backend;
	uint64_t ts_ns;
	uint64_t io_last; /* last bio number */
	uint16_t bm_flags;
	uint8_t cache;		  /* enum bt_cache of the disks; none */
	uint64_t events;	  /* mddev->events; 1 */
	bool dry;		  /* page cache: no bio carries a writeback */
	uint8_t blocks;		  /* buffer heads: blocks reported for a page; 0 */
	uint32_t bytes;		  /* internal: bytes reported for a page's writes; 0 */
	bool degraded;		  /* the array is degraded at endwrites */
	struct bt_event_ref *put; /* all events so far */
	size_t put_nr, put_cap;
};

/* dev_t of a member. */
uint32_t member_dev(int leg);

/* A stream that has seen the bitmap, its load and the symbols. */
void stream_init(struct stream *s, enum bt_backend backend);
/* Also checks every broken rule with expect_minimal. */
void stream_free(struct stream *s);
/* A stream that begins in the middle of the bitmap's life. */
void stream_init_late(struct stream *s, enum bt_backend backend);

/* ---- single events ---- */
struct bt_event stream_event(struct stream *s, enum bt_event_type type, uint32_t tid);
void stream_put(struct stream *s, const struct bt_event *ev);
/* The name of a kernel address: BT_SYMBOL. */
void put_symbol(struct stream *s, uint64_t addr, const char *name);
void ev_plain(struct stream *s, enum bt_event_type type, uint32_t tid);
void ev_lost(struct stream *s, uint64_t count);
void ev_call(struct stream *s, enum bt_event_type type, uint32_t tid, int ret);
void ev_loaded_bits(struct stream *s, uint64_t chunk, uint64_t chunks, bool unknown);
void ev_update_sb(struct stream *s, uint32_t tid);
/* The md superblock at member 0, start and end. */
void ev_sb_write(struct stream *s, uint32_t tid, uint64_t events);
/* BT_START_SYNC or BT_END_SYNC. */
void ev_sync(struct stream *s, enum bt_event_type type, uint64_t chunk, uint64_t chunks,
	     bool aborted);
void ev_daemon_enter(struct stream *s, bool need_sync);
void ev_daemon_exit(struct stream *s, enum bt_ran ran);
void ev_member_error(struct stream *s, int leg, bool faulty);
void ev_members(struct stream *s, uint64_t active);
void ev_page_bio(struct stream *s, uint32_t tid, uint32_t page, uint32_t bytes);
/* Returns the io that ends it. */
uint64_t ev_flush_start(struct stream *s, uint32_t dev);
void ev_flush_end(struct stream *s, uint64_t bio, int error);
void ev_startwrite(struct stream *s, uint32_t tid, uint64_t chunk);
/* The same, with its counter. */
void ev_startwrite_counted(struct stream *s, uint32_t tid, uint64_t chunk, uint32_t counter);
void ev_endwrite(struct stream *s, uint64_t chunk);
void ev_set_bit_enter(struct stream *s, uint32_t tid, uint64_t chunk);
void ev_set_bit(struct stream *s, uint32_t tid, uint64_t chunk, uint8_t attr);
void ev_clear_bit(struct stream *s, uint32_t tid, uint64_t chunk);
void ev_unplug_page(struct stream *s, uint32_t tid, uint32_t page);
void ev_daemon_page(struct stream *s, uint32_t tid, uint32_t page, uint8_t attr);
void ev_page_dirty(struct stream *s, uint32_t tid, uint32_t page);
void ev_page_queued(struct stream *s, uint32_t tid, uint32_t page);
/* leg: member 0 or 1 (internal), block 0, 1, ... (buffer heads); returns the io that ends it. */
uint64_t ev_page_start(struct stream *s, uint32_t tid, uint32_t page, int leg);
void ev_page_end(struct stream *s, uint32_t page, uint64_t io, int error);
void ev_page_end_by(struct stream *s, uint32_t tid, uint32_t page, uint64_t io, int error);
uint64_t ev_data_start(struct stream *s, uint32_t tid, uint64_t chunk, int leg, uint64_t end_io);
void ev_data_end(struct stream *s, uint64_t bio);

/* ---- legal steps ---- */
uint32_t page_of(uint64_t chunk);
/* All copies or blocks of a write of the page, started and ended. */
void do_page_write(struct stream *s, uint32_t tid, uint32_t page);
/* set_bit as the backend does it, inside startwrite. */
void do_startwrite(struct stream *s, uint32_t tid, uint64_t chunk, bool set);
void do_unplug(struct stream *s, uint32_t tid, uint32_t page);
void do_data(struct stream *s, uint32_t tid, uint64_t chunk);
/* A complete user write of a chunk whose bit is clear. */
void do_write(struct stream *s, uint32_t tid, uint64_t chunk);
/* The same, with the chunk's counter: it was 0. */
void do_counted_write(struct stream *s, uint32_t tid, uint64_t chunk);
/* A daemon pass that clears nothing. */
void do_pass(struct stream *s);
/* One such pass, and one that clears the bit of chunk and marks its page. */
void do_clear(struct stream *s, uint64_t chunk);

/* ---- expectations ---- */
/* The verdict of one invariant. */
void expect(struct stream *s, const char *name, enum bt_verdict verdict);
/* Exactly these rules are broken, each so many times: names and counts in turn, then NULL. */
void expect_broken(struct stream *s, ...);
void expect_overall(struct stream *s, enum bt_verdict verdict);
/*
 * Reduces the counterexample of a broken rule: the result gives the same finding, and not
 * without any one of the events. Returns the events, for the caller to free.
 */
struct bt_event_ref *expect_minimal(struct stream *s, const struct bt_result *broken, size_t *nr);
const struct bt_result *result_of(const struct stream *s, const char *name);

#endif /* BT_TEST_STREAM_H */
