/* SPDX-License-Identifier: GPL-2.0-only */
/* Which hooks an invariant needs: always, or where a backend or level is in use. */
#ifndef BT_HOOK_NEEDS_H
#define BT_HOOK_NEEDS_H

#include "invariants/invariant.h"

/* A hook that tells of page writes of a backend, or of data writes of a level. */
struct bt_hook_need {
	const char *hook;
	uint32_t backends; /* bit per enum bt_backend */
	uint32_t levels;   /* bit per level */
	bool errors;	   /* the level's error handler, not its data writes */
	const char *where; /* "raid10": those backends or levels, for people */
};

/* Ends with one without a hook. */
extern const struct bt_hook_need bt_hook_needs[];

/* Does it concern this invariant, where those backends or levels are in use? */
bool bt_hook_need_is_of(const struct bt_hook_need *need, const struct bt_invariant *invariant);

/*
 * What every rule about bits stands on: when a bitmap begins and when it is
 * gone. NULL-terminated.
 */
extern const char *const bt_hooks_needed_by_all[];
bool bt_hook_needed_by_all(const char *hook);

/* Among those that the invariant cannot do without anywhere? */
bool bt_hook_always_needed(const struct bt_invariant *invariant, const char *hook);

/* Where else it needs the hook; NULL: nowhere. */
const struct bt_hook_need *bt_hook_needed_where(const struct bt_invariant *invariant,
						const char *hook);

#endif /* BT_HOOK_NEEDS_H */
