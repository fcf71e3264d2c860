/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What became of each hook's function in the running kernel: there to be
 * probed, split by the compiler, inlined, or absent; and what that costs.
 */
#ifndef BT_HOOK_STATE_H
#define BT_HOOK_STATE_H

#include "probes/hooks.h"
#include "probes/kallsyms.h"

enum bt_hook_state {
	BT_HOOK_WHOLE,	 /* the function is there, and all calls go through it */
	BT_HOOK_SPLIT,	 /* there are copies or split-off parts that callers may reach past it */
	BT_HOOK_INLINED, /* neither symbol nor BTF, of a function that can be inlined everywhere */
	BT_HOOK_ABSENT,	 /* not in this kernel, or not loaded */
};

const char *bt_hook_state_name(enum bt_hook_state state);

struct bt_hook_report {
	const char *hook;	     /* its name, as invariants need it */
	const struct bt_hook *found; /* the program with a place to sit; NULL: none */
	enum bt_hook_state state;
	bool attachable;  /* found, and the function has an address */
	bool sees_all;	  /* no call that a rule stands on can go past it */
	char copies[160]; /* "bitmap_update_sb.part.0", comma-separated */
	char why[192]; /* for people: what the state comes from; "" when there is no more to say */
};

struct bt_hook_reports {
	struct bt_hook_report *all; /* one per hook, in the order of the probes */
	unsigned int nr;
};

/*
 * symbols: from bt_hook_symbols(), NULL when they could not be read: copies
 * are not known then. module_dir: /sys/module. 0 or -ENOMEM. The reports point
 * into hooks.
 */
int bt_hook_reports_make(struct bt_hook_reports *reports, const struct bt_hooks *hooks,
			 const struct bt_kallsyms *symbols, const char *module_dir);
void bt_hook_reports_free(struct bt_hook_reports *reports);

/* The report on a hook, or NULL. */
const struct bt_hook_report *bt_hook_report_of(const struct bt_hook_reports *reports,
					       const char *hook);

/* Reads the symbols of all functions of these hooks, under all their names. 0 or -errno. */
int bt_hook_symbols(struct bt_kallsyms *symbols, const struct bt_hooks *hooks, const char *path);

/*
 * Makes the hooks bear what the symbols say: one whose function has no address
 * is not there, and one that calls may go past is bypassed. path: BT_KALLSYMS.
 * 0 or -errno.
 */
int bt_hooks_see_symbols(struct bt_hooks *hooks, const char *path);

/* What a hook that no rule needs is for; NULL: not known, or a rule needs it. */
const char *bt_hook_purpose(const char *hook);

/* Is it known where the hook's function lives, and who calls it? For the tests. */
bool bt_hook_is_described(const char *hook);

#endif /* BT_HOOK_STATE_H */
