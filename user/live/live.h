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
 * Loads and attaches. A hook that the kernel lacks, or has in another form, or refuses,
 * is left out, and what it would have seen is listed in info->missing. On failure a message for
 * people is on stderr, *live is untouched, and the return value is -errno: -EPERM no privilege,
 * -ENOENT md_mod not loaded or no BTF, ...
 */
int bt_live_open(const struct bt_live_config *config, struct bt_live **live,
		 struct bt_trace_info *info);

/*
 * Hands events to the sink until *stop becomes non-zero or, if argv is not
 * NULL, until that command has ended; then drains what is in the buffer.
 * argv: started once everything is attached, NULL-terminated, with the rights
 * the tool was called with. The tool itself gives up all capabilities before
 * (bt_privileges_drop): what takes any, such as opening files of other users,
 * is done by then. A sink that has enough (BT_SINK_DONE) ends the run, too,
 * but not the command.
 * On an error the command is asked to end, and after a while made to.
 * stacks: has those of the events so far before each tick of the sink.
 * *command_status: wait(2) status, -1 when there was no command.
 * 0 or -errno (message on stderr).
 */
int bt_live_run(struct bt_live *live, struct bt_sink *sink, struct bt_stacks *stacks,
		char *const *argv, const volatile int *stop, int *command_status);

/* After the run: fills in the totals; adds BT_LOST to the sink for a loss not marked yet. */
int bt_live_stats(struct bt_live *live, struct bt_sink *sink, struct bt_stream_stats *stats);

/*
 * Symbolises the stacks in the probes' stack map that are not in the table
 * yet; an id keeps its stack for the whole run. While nothing is new that
 * costs a system call per stack there is. 0 or -errno.
 */
int bt_live_stacks(struct bt_live *live, struct bt_stacks *stacks);

/* What became of the hooks; it lives as long as live does. */
const struct bt_hooks *bt_live_hooks(const struct bt_live *live);

/* Detaches, as bt_session_close does, and frees; NULL is allowed. */
void bt_live_close(struct bt_live *live, bool behind);

#endif /* BT_LIVE_H */
