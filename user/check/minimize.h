/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The smallest part of a stream that shows a violation: judged alone it gives the same finding,
 * and without any one of its events it does not. Then the rule is not broken, or it is broken
 * in a way that is not true of the stream (a page seems unwritten because its write was cut
 * out). Pure: no I/O, no clock.
 */
#ifndef BT_MINIMIZE_H
#define BT_MINIMIZE_H

#include <stddef.h>

#include "invariants/invariant.h"
#include "trace/trace.h"

/*
 * Reduces events, in place, to those that the finding in broken->first needs.
 *
 * events: in stream order; the last is the one that broke the rule. Events that cannot matter
 * (other bitmaps) may be missing already. At least 1.
 * info: of the stream; missing hooks influence the verdict. May be NULL.
 *
 * The same finding means: the same rule, broken first by the last event, for the same reason
 * (kind), about the same bitmap and chunk or page. Events are dropped oldest first, so that
 * the meaning of later ones does not change: while an older event is tried, all later ones are
 * present, and a page write does not seem in flight because its end was cut out.
 *
 * 0; -ESRCH if not even all of the events show the finding; -ENOMEM. *nr is valid in each
 * case.
 */
int bt_minimize(const struct bt_result *broken, const struct bt_trace_info *info,
		struct bt_event_ref *events, size_t *nr);

/*
 * Does the event describe a permanent fact: a geometry, a symbol? A stream that begins later
 * than the original, but has these events, looks as if tracing had begun later: facts before it
 * are unknown, and no violation follows from them.
 */
bool bt_event_describes(const struct bt_event *ev);

#endif /* BT_MINIMIZE_H */
