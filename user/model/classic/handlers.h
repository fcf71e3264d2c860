/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal to the classic bitmap; not for observers. Each handler: 0 or -ENOMEM. */
#ifndef BT_CLASSIC_HANDLERS_H
#define BT_CLASSIC_HANDLERS_H

#include "model/core/internal.h"

/* Bits, and the writers in the counters (bits.c). */
int bt_bit_set(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_bit_clear(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_startwrite(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_endwrite(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* The chunks of a startwrite or endwrite, unless there are too many to follow. */
bool bt_write_chunks(const struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t *first,
		     uint64_t *last);

/*
 * BT_LOADED_BITS: a run of set bits, or a damaged record, after which all state is dropped
 * (loaded.c).
 */
int bt_loaded_add(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
enum bt_bit bt_loaded_bit(const struct bt_bitmap *bitmap, uint64_t chunk);
void bt_loaded_free(struct bt_bitmap *bitmap);

/* What keeps bits set on a degraded array (sync.c). */
int bt_sync_endwrite_exit(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev);
int bt_sync_stretch(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

/* Passes of the daemon (daemon.c). */
int bt_daemon_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_daemon_page(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_daemon_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* A bit of this block is cleared; within a pass, the block must be marked before its end. */
int bt_daemon_cleared(struct bt_bitmap *bitmap, struct bt_block *block, uint32_t tid);
void bt_daemon_free(struct bt_bitmap *bitmap);

/* Chunks that wait for the daemon (idle.c). 0 or -ENOMEM. */
int bt_idle_begins(struct bt_bitmap *bitmap, uint64_t index, struct bt_chunk *chunk);
/* A pass begins or ends: called before the event changes the passes. */
void bt_idle_pass(struct bt_bitmap *bitmap, const struct bt_event *ev);
void bt_idle_free(struct bt_bitmap *bitmap);
/* Passes counted, plus the one that may still be counted. */
uint32_t bt_passes_begun(const struct bt_bitmap *bitmap);

/* Counters that are too high (excess.c). */
void bt_excess_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
void bt_excess_end(struct bt_bitmap *bitmap, uint64_t first, uint64_t last);
void bt_excess_bit(struct bt_bitmap *bitmap, uint64_t chunk);
void bt_excess_pass(struct bt_bitmap *bitmap);

#endif /* BT_CLASSIC_HANDLERS_H */
