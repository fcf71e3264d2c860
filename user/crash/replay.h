/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds the disk as it is at a crash point of the completed model. */
#ifndef BT_CRASH_REPLAY_H
#define BT_CRASH_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "crash/log.h"

/*
 * Writes the first entries of the log to path (atomic_file.h), a new file that is sparse where
 * nothing was written and ends after the last written sector. Returns 0, or -errno or -EINVAL
 * with a message in problem; then path is unchanged, unless it is a device.
 */
int bt_replay(struct bt_log *log, uint64_t entries, const char *path, char *problem, size_t size);

#endif /* BT_CRASH_REPLAY_H */
