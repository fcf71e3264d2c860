/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only table of the probes: for each BPF program where it attaches, which arguments the
 * function must have, which events the program emits and which capability it gives. Everything
 * else that lists hooks or programs is derived from it.
 *
 * A hook is a place in the kernel, named after its function in 6.12. Kernels have it in
 * variants: a function with one of some names and one signature. At most one variant is
 * loaded, the first in the row with which the hook sees all calls.
 */
#ifndef BT_HOOK_TABLE_H
#define BT_HOOK_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/capability.h"

#define BT_PROBE_CAPABILITIES 3
#define BT_PROBE_TYPES	      5
#define BT_VARIANT_PROBES     3
#define BT_VARIANT_NAMES      3
#define BT_HOOK_VARIANTS      3

/* How a copy of a function (NAME.part.0, NAME.isra.0) affects the probe on the function. */
enum bt_copies {
	/* Called by address or from other files only: all calls reach the function itself. */
	BT_COPIES_HARMLESS = 0,
	/*
	 * Calls from its own file may go to the copy; the rules judge only the calls that are
	 * seen.
	 */
	BT_COPIES_UNJUDGED,
	/* The calls that may go to the copy are seen by the hooks on the callers. */
	BT_COPIES_TOLD,
	/* Calls from its own file may go to the copy, and an unseen call misleads the rules. */
	BT_COPIES_MISLEAD,
};

/* A BPF program. One that only --perturb has gives nothing and emits nothing. */
struct bt_probe {
	const char *program;
	enum bt_capability gives[BT_PROBE_CAPABILITIES];
	/* enum bt_event_type; first the one whose loss affects most rules. */
	uint16_t types[BT_PROBE_TYPES];
};

struct bt_hook_variant {
	/* Of the function; the first one is in the SEC() of the programs. */
	const char *names[BT_VARIANT_NAMES];
	/*
	 * The arguments that the programs read, as "mddev*, u64, bool" (signature.h). "-> int"
	 * at the end: they read the return value, too.
	 */
	const char *takes;
	struct bt_probe probes[BT_VARIANT_PROBES]; /* at its entry and exit */
	enum bt_copies copies;
	bool inlinable; /* static, and its address is not taken */
	/* It replaces the variants before it. Describes what it does not see. */
	const char *stands_in;
};

struct bt_hook_row {
	const char *name;
	const char *module; /* module of the function; NULL: none */
	bool tracepoint;
	const char *variable; /* variable of vmlinux that the programs read */
	const char *arch;     /* architecture that the programs are built for; NULL: all */
	const char *absent;   /* what a missing function means */
	struct bt_hook_variant variants[BT_HOOK_VARIANTS];
};

extern const struct bt_hook_row bt_hook_table[];
extern const unsigned int bt_hook_table_nr;

/* The probe with this program name; NULL: none. */
const struct bt_probe *bt_probe_of(const char *program);

#endif /* BT_HOOK_TABLE_H */
