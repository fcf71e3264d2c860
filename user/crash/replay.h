/* SPDX-License-Identifier: GPL-2.0-only */
/* The disk as it is at a crash point of the completed model. */
#ifndef BT_CRASH_REPLAY_H
#define BT_CRASH_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "crash/log.h"

/*
 * Writes the first entries of the log to path, a new file that is sparse where nothing was
 * written; it ends behind the last sector written. Returns 0, or -errno or -EINVAL with
 * words in problem; path may then be there in part.
 */
int bt_replay(struct bt_log *log, uint64_t entries, const char *path, char *problem, size_t size);

#endif /* BT_CRASH_REPLAY_H */
