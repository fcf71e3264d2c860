/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of all bitmaps whose signs are others in a lockless one: their part for that. */
#ifndef BT_INVARIANTS_LOCKLESS_H
#define BT_INVARIANTS_LOCKLESS_H

#include "invariants/invariant.h"

/* intent-recorded */
void bt_ll_intent_recorded(struct bt_result *result, const struct bt_view *view);
/* writeback-before-stale-drop */
void bt_ll_stale_written(struct bt_result *result, const struct bt_view *view);

#endif /* BT_INVARIANTS_LOCKLESS_H */
