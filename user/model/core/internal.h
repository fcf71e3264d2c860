/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal to the model; not for observers. */
#ifndef BT_MODEL_INTERNAL_H
#define BT_MODEL_INTERNAL_H

#include "model/core/model.h"

/* Each returns NULL if out of memory. */
struct bt_chunk *bt_chunk_get(struct bt_bitmap *bitmap, uint64_t chunk);
struct bt_block *bt_block_get(struct bt_bitmap *bitmap, uint32_t block);
struct bt_task *bt_task_get(struct bt_bitmap *bitmap, uint32_t tid);

/* ev ends a write of the chunk while the array is degraded: from now on it needs a resync. 0 or
 * -ENOMEM. */
int bt_chunk_need(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_chunk *chunk,
		  const struct bt_event *ev);

void bt_chunks_free(struct bt_bitmap *bitmap);
void bt_blocks_free(struct bt_bitmap *bitmap);
void bt_tasks_free(struct bt_bitmap *bitmap);
void bt_ios_free(struct bt_bitmap *bitmap);
void bt_unplugs_free(struct bt_bitmap *bitmap);
void bt_members_free(struct bt_bitmap *bitmap);

/* As bt_block_find and bt_io_find, for callers that change the result. */
static inline struct bt_block *bt_block_known(const struct bt_bitmap *bitmap, uint32_t index)
{
	struct bt_block *block;

	HASH_FIND(hh, bitmap->state.blocks, &index, sizeof(index), block);
	return block;
}

static inline struct bt_io *bt_io_known(const struct bt_bitmap *bitmap, uint64_t key)
{
	struct bt_io *io;

	HASH_FIND(hh, bitmap->state.ios, &key, sizeof(key), io);
	return io;
}

/*
 * Accounted memory of a bitmap's state: zeroed malloc() and free() of an object of that size
 * (model.c).
 */
void *bt_mem_alloc(struct bt_bitmap *bitmap, size_t size);
void *bt_mem_alloc_aligned(struct bt_bitmap *bitmap, size_t alignment, size_t size);
void bt_mem_free(struct bt_bitmap *bitmap, void *memory, size_t size);
/*
 * Room for one more at the end of an array of nr: returns the array, perhaps moved, or NULL if
 * out of memory; then it is unchanged. Freed with cap times size.
 */
void *bt_mem_grow(struct bt_bitmap *bitmap, void *array, uint32_t nr, uint32_t *cap, size_t size);

/* Resets the state of all bitmaps, keeps their identity (model.c). */
void bt_model_forget(struct bt_model *model);
/* A BT_LOST: resets the state that the missing records may have changed (loss.c). */
void bt_model_lost(struct bt_model *model, const struct bt_event *ev);
/* A BT_PROBES: what seems to be in flight may have ended (loss.c). */
void bt_model_probes(struct bt_model *model, const struct bt_event *ev);

/* The event reports geometry or layout: updates what follows from them (geometry.c, place.c). */
void bt_geometry_set(struct bt_bitmap *bitmap);
void bt_place_set(struct bt_bitmap *bitmap);
/* How many of these bytes, which start at block 0, lie in the block. */
uint32_t bt_block_bytes_of(const struct bt_bitmap *bitmap, uint64_t bytes, uint32_t block);
/* An event about a page shows which kind of backend it is (model.c). */
void bt_backend_refine(struct bt_bitmap *bitmap, const struct bt_event *ev);

/* Loads (load.c). */
int bt_init_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_init_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_load_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* Called before the event is applied: was STALE cleared? */
void bt_watch_stale(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

/* Forgets the endwrite that made the chunk needed (chunk.c). */
void bt_chunk_not_ended(struct bt_bitmap *bitmap, struct bt_chunk *chunk);

/* A page write has failed; md's superblock is in flight to a member (super.c). */
void bt_super_failure(const struct bt_model *model, struct bt_bitmap *bitmap,
		      const struct bt_event *ev);
int bt_update_sb(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_super_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_super_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* Some members were not reported: the failed write may belong to one of those. */
void bt_super_forget(struct bt_bitmap *bitmap);

/* Members that had errors (member_error.c). */
int bt_member_failed(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

/* Caches of disks (flush.c). 0 or -ENOMEM. */
int bt_flush_start(struct bt_model *model, const struct bt_event *ev);
void bt_flush_end(struct bt_model *model, const struct bt_event *ev);
void bt_flushes_free(struct bt_model *model);
/* A flush may have made earlier writes durable, or not. */
void bt_flush_forget(struct bt_bitmap *bitmap);
/* This write of the block has completed: durable, or waiting for a flush. */
void bt_flush_write_done(struct bt_block *block, const struct bt_page_write *write);

/* Updates the state of the event's thread, before the event itself is applied (task.c). */
int bt_task_moves_on(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

/* The copies of a block, and which of them are on disk (copies.c). */
int bt_members_reported(struct bt_model *model, struct bt_bitmap *bitmap,
			const struct bt_event *ev);
/* ev: the start of a submission of these blocks, or an end without a start. 0 or -ENOMEM. */
int bt_copies_ended(struct bt_bitmap *bitmap, const struct bt_event *ev, uint32_t first,
		    uint32_t nr, uint64_t start_seq, bool failed);
/* Was each of them written since? */
enum bt_tri bt_copies_cover(const struct bt_bitmap *bitmap, const struct bt_block *block,
			    struct bt_window window);
void bt_copies_free(struct bt_bitmap *bitmap, struct bt_block *block);

/* Has this page write ended without error (block.c)? */
enum bt_tri bt_page_write_good(const struct bt_bitmap *bitmap, const struct bt_page_write *write);
bool bt_page_write_whole(const struct bt_bitmap *bitmap, const struct bt_page_write *write);

/* Page writes and reads (page_write.c). */
int bt_page_io_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_page_io_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* Is this the next submission of the page write that its task is submitting? */
bool bt_page_write_continues(const struct bt_bitmap *bitmap, const struct bt_task *task,
			     const struct bt_event *ev);
/* The task does something else: its page write gets no more submissions. */
void bt_page_write_close(struct bt_bitmap *bitmap, struct bt_task *task);
/* The cache of the device of this event may hold the write when it has ended. */
void bt_page_write_cache(struct bt_page_write *write, const struct bt_event *ev);

/* Bitmap files in the page cache (file_write.c). */
int bt_page_dirty(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_page_queued(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_page_bio(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* The mapping got an error: marks the writes that may have failed. */
int bt_page_writeback_error(struct bt_model *model, struct bt_bitmap *bitmap,
			    const struct bt_event *ev);
/* The writeback ends: have bios carried the page? */
void bt_file_write_ended(struct bt_model *model, struct bt_bitmap *bitmap, struct bt_block *block,
			 struct bt_page_write *write, const struct bt_event *ev);

/* Submissions (io.c). A new one with this key; NULL if out of memory. */
struct bt_io *bt_io_new(struct bt_bitmap *bitmap, uint64_t key);
void bt_io_drop(struct bt_bitmap *bitmap, struct bt_io *io);

/* Unplug calls (unplug.c). */
int bt_unplug_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_unplug_page(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* A page write that was submitted inside an unplug has failed. */
int bt_unplug_failure(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_io *io,
		      const struct bt_event *ev);
int bt_unplug_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

/* Data writes at members (data.c). */
int bt_data_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_data_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_symbol_add(struct bt_model *model, const struct bt_event *ev);
void bt_symbols_free(struct bt_model *model);

#endif /* BT_MODEL_INTERNAL_H */
