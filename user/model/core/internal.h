/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of the model; not for observers. */
#ifndef BT_MODEL_INTERNAL_H
#define BT_MODEL_INTERNAL_H

#include "model/core/model.h"

/* Each returns NULL on lack of memory. */
struct bt_chunk *bt_chunk_get(struct bt_bitmap *bitmap, uint64_t chunk);
struct bt_block *bt_block_get(struct bt_bitmap *bitmap, uint32_t page);
struct bt_task *bt_task_get(struct bt_bitmap *bitmap, uint32_t tid);

void bt_chunks_free(struct bt_bitmap *bitmap);
void bt_blocks_free(struct bt_bitmap *bitmap);
void bt_tasks_free(struct bt_bitmap *bitmap);
void bt_ios_free(struct bt_bitmap *bitmap);
void bt_unplugs_free(struct bt_bitmap *bitmap);
void bt_loaded_free(struct bt_bitmap *bitmap);
void bt_members_free(struct bt_bitmap *bitmap);
void bt_daemon_free(struct bt_bitmap *bitmap);

static inline void bt_event_ref_set(struct bt_event_ref *ref, uint64_t seq,
				    const struct bt_event *ev)
{
	ref->seq = seq;
	ref->ev = *ev;
}

/*
 * What the state of a bitmap takes is counted where it is taken: these are
 * malloc() of zeroes, and free(), of something of that size (model.c).
 */
void *bt_mem_alloc(struct bt_bitmap *bitmap, size_t size);
void *bt_mem_alloc_aligned(struct bt_bitmap *bitmap, size_t alignment, size_t size);
void bt_mem_free(struct bt_bitmap *bitmap, void *memory, size_t size);
/*
 * Room for one more at the end of an array of nr: the array, perhaps moved, or
 * NULL on lack of memory, when it is untouched. Given back with cap times size.
 */
void *bt_mem_grow(struct bt_bitmap *bitmap, void *array, uint32_t nr, uint32_t *cap, size_t size);

/* Forgets all state of all bitmaps but who they are (model.c). */
void bt_model_forget(struct bt_model *model);
/* A BT_LOST: forgets what the records that are missing may have changed (loss.c). */
void bt_model_lost(struct bt_model *model, const struct bt_event *ev);

/* Bits and counters (bits.c). 0 or -ENOMEM. */
int bt_bit_set(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_bit_clear(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* The chunks of a startwrite or endwrite, if they are not too many to follow. */
bool bt_write_chunks(const struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t *first,
		     uint64_t *last);
int bt_writers_count(struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t seq, bool start);

/* Bits as a load has found them (loaded.c). 0 or -ENOMEM. */
int bt_loaded_add(struct bt_bitmap *bitmap, const struct bt_event *ev);
enum bt_bit bt_loaded_bit(const struct bt_bitmap *bitmap, uint64_t chunk);

/* What keeps bits of a degraded array, and failed members (sync.c). 0 or -ENOMEM. */
int bt_sync_endwrite_exit(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev);
/* Forgets the endwrite that made the chunk needed. */
void bt_chunk_not_ended(struct bt_bitmap *bitmap, struct bt_chunk *chunk);
/* A page write has failed; md's superblock on its way to a member (super.c). */
void bt_super_failure(const struct bt_model *model, struct bt_bitmap *bitmap,
		      const struct bt_event *ev);
void bt_super_start(const struct bt_model *model, struct bt_bitmap *bitmap,
		    const struct bt_event *ev);
void bt_super_end(struct bt_bitmap *bitmap, const struct bt_event *ev);
/* Some were not told: what has failed may be on one of those. */
void bt_super_forget(struct bt_bitmap *bitmap);

/* BT_START_SYNC or BT_END_SYNC of a stretch. */
void bt_sync_stretch(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_member_failed(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

/* Caches of disks (flush.c). 0 or -ENOMEM. */
int bt_flush_start(struct bt_model *model, const struct bt_event *ev);
void bt_flush_end(struct bt_model *model, const struct bt_event *ev);
void bt_flushes_free(struct bt_model *model);
/* A flush may have made what was written before now durable, or not. */
void bt_flush_forget(struct bt_bitmap *bitmap);
/* This write of the page is done: durable, or waiting for a flush. */
void bt_flush_write_done(struct bt_block *block, const struct bt_page_write *write);

/* The daemon (daemon.c). 0 or -ENOMEM. */
void bt_daemon_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_daemon_page(struct bt_bitmap *bitmap, const struct bt_event *ev);
void bt_daemon_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* A bit of this page is cleared; in a pass, the page is one to be marked by its end. */
int bt_daemon_cleared(struct bt_bitmap *bitmap, struct bt_block *block, uint32_t tid);

/* What the thread of this event is at now, before the event itself is taken in (task.c). */
int bt_task_moves_on(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

/* The parts of a page, and what of them is on disk (parts.c). */
void bt_members_reported(const struct bt_model *model, struct bt_bitmap *bitmap,
			 const struct bt_event *ev);
void bt_members_forget(struct bt_bitmap *bitmap);
/* ev: its start, or an end that has none. 0 or -ENOMEM. */
int bt_copy_ended(struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t start_seq,
		  bool failed);
/* Has each of them been written since? Old traces, which do not tell the parts: always. */
enum bt_tri bt_copies_cover(const struct bt_bitmap *bitmap, const struct bt_block *block,
			    struct bt_window window);
void bt_copies_free(struct bt_bitmap *bitmap, struct bt_block *block);

/* Page writes and reads (page.c). 0 or -ENOMEM. */
int bt_page_io_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_page_io_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* Its dry write is judged, or excused. */
void bt_block_clear_without_bio(struct bt_bitmap *bitmap, struct bt_block *block);
/* A bio carries pages of a bitmap file to a disk. */
void bt_page_bio(struct bt_bitmap *bitmap, const struct bt_event *ev);
/* The mapping got an error: which of its writes were not good after all? */
void bt_page_writeback_error(struct bt_bitmap *bitmap, const struct bt_event *ev);
/* Is this the next submission of the page write its task is at? */
bool bt_page_write_continues(const struct bt_bitmap *bitmap, const struct bt_task *task,
			     const struct bt_event *ev);
/* A submission of this key; NULL on lack of memory. */
struct bt_io *bt_io_new(struct bt_bitmap *bitmap, uint64_t key);
void bt_io_drop(struct bt_bitmap *bitmap, struct bt_io *io);
/* The task does something else: the page write it was submitting has all its submissions. */
void bt_page_write_close(struct bt_bitmap *bitmap, struct bt_task *task);

/* Unplug calls (unplug.c). 0 or -ENOMEM. */
int bt_unplug_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_unplug_page(struct bt_bitmap *bitmap, const struct bt_event *ev);
/* A page write that was submitted inside an unplug has failed. */
int bt_unplug_failure(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_io *io,
		      const struct bt_event *ev);
int bt_unplug_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

/* Data writes at members (data.c). 0 or -ENOMEM. */
int bt_data_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_data_end(struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_symbol_add(struct bt_model *model, const struct bt_event *ev);
void bt_symbols_free(struct bt_model *model);

#endif /* BT_MODEL_INTERNAL_H */
