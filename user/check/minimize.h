/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The least part of a stream that shows a broken rule: judged on its own it
 * gives the same finding, and without any one of its events it does not: the
 * rule is not broken then, or it is in a way that is not true of the stream (a
 * page seems not to have been written, because its write was cut out).
 * Pure: no I/O, no clock.
 */
#ifndef BT_MINIMIZE_H
#define BT_MINIMIZE_H

#include <stddef.h>

#include "invariants/invariant.h"
#include "trace/trace.h"

/*
 * Reduces events, in place, to those that the finding in broken->first needs.
 *
 * events: in stream order; the last is the one that broke the rule. What
 *   cannot matter (other bitmaps) may be missing already. At least 1.
 * info: of the stream; which hooks are missing has a say in the verdict. May be NULL.
 *
 * The same finding is: the same rule, broken first by the last event, for the
 * same reason (kind), about the same bitmap and chunk or page. Events go oldest
 * first, so that what happened is not turned into something else: as long as
 * an older event is tried all that came after it is still there, and a page
 * write does not seem under way because its end was cut out.
 *
 * 0; -ESRCH when not even all of the events show the finding; -ENOMEM. *nr is
 * valid in each case.
 */
int bt_minimize(const struct bt_result *broken, const struct bt_trace_info *info,
		struct bt_event_ref *events, size_t *nr);

/*
 * Does the event tell what is so for good: a geometry, a symbol? A stream that
 * begins after the others, but has these, is one from when tracing began later:
 * what it does not tell is not known, and no finding comes of it.
 */
bool bt_event_describes(const struct bt_event *ev);

#endif /* BT_MINIMIZE_H */
