/* SPDX-License-Identifier: GPL-2.0-only */
/* A live kernel as the source of events: load, attach, poll, drain, detach. */
#ifndef BT_LIVE_H
#define BT_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "live/session.h"
#include "stream/sink.h"
#include "stream/stacks.h"
#include "trace/trace.h"

struct bt_live;

/*
 * Loads and attaches. A hook that the kernel lacks, has in another form or refuses is left out,
 * and the missing capabilities are in info->missing. On failure a message is on stderr, *live
 * is unchanged, and the return value is -errno: -EPERM no privilege, -ENOENT md_mod not loaded
 * or no BTF, ...
 */
int bt_live_open(const struct bt_live_config *config, struct bt_live **live,
		 struct bt_trace_info *info);

/*
 * Passes events to the sink until *stop becomes non-zero or, if argv is not NULL, until that
 * command has ended; then drains the buffer. argv: started once everything is attached,
 * NULL-terminated, with the privileges that the tool was called with. The tool itself drops all
 * capabilities before that (bt_privileges_drop), so anything that needs them, such as opening
 * files of other users, must be done before. A sink that returns BT_SINK_DONE ends the run,
 * too, but not the command. On an error the command gets SIGTERM, and SIGKILL later. stacks:
 * filled with the stacks of the events so far before each tick of the sink. *command_status:
 * wait(2) status, -1 if there was no command. 0 or -errno (message on stderr).
 */
int bt_live_run(struct bt_live *live, struct bt_sink *sink, struct bt_stacks *stacks,
		char *const *argv, const volatile int *stop, int *command_status);

/* After the run: fills in the totals; passes a BT_LOST to the sink for a loss without a mark. */
int bt_live_stats(struct bt_live *live, struct bt_sink *sink, struct bt_stream_stats *stats);

/*
 * Symbolises the stacks in the probes' stack map that are not in the table yet; an id keeps its
 * stack for the whole run. If there is nothing new this costs one system call per stack. 0 or
 * -errno.
 */
int bt_live_stacks(struct bt_live *live, struct bt_stacks *stacks);

/* The state of the hooks; valid as long as live is. */
const struct bt_hooks *bt_live_hooks(const struct bt_live *live);

/* Detaches, as bt_session_close does, and frees; NULL is allowed. */
void bt_live_close(struct bt_live *live, bool behind);

#endif /* BT_LIVE_H */
