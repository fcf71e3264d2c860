/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of the lockless bitmap; not for observers. Each handler: 0 or -ENOMEM. */
#ifndef BT_LLBITMAP_HANDLERS_H
#define BT_LLBITMAP_HANDLERS_H

#include "model/core/internal.h"

/* States of chunks (states.c). */
int bt_ll_names(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_ll_table(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_ll_changed(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
/* As found, and not touched since (found.c). */
int bt_ll_found(struct bt_bitmap *bitmap, const struct bt_event *ev);
uint8_t bt_ll_found_state(const struct bt_bitmap *bitmap, uint64_t chunk);
void bt_ll_found_free(struct bt_bitmap *bitmap);

/* Who is inside what (calls.c). */
int bt_ll_call_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_ll_call_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
void bt_ll_call_over(struct bt_bitmap *bitmap, uint32_t tid);
int bt_ll_worker_enter(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_ll_worker_exit(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_ll_page_write_start(struct bt_model *model, struct bt_bitmap *bitmap,
			   const struct bt_event *ev);

/* Writes (writes.c). */
int bt_ll_startwrite(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_ll_endwrite(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);
int bt_ll_barrier(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev);

#endif /* BT_LLBITMAP_HANDLERS_H */
