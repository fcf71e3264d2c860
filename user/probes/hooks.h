/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which hooks of an object (hook_table.h) the running kernel has, and which capabilities are
 * missing. A hook that is missing, or not as the programs expect it, is left out alone: its
 * programs are not loaded, and the capabilities that they give are missing.
 */
#ifndef BT_HOOKS_H
#define BT_HOOKS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/capability.h"
#include "probes/hook_table.h"
#include "probes/kallsyms.h"
#include "probes/kernel_btf.h"

enum bt_hook_state {
	BT_HOOK_WHOLE = 0, /* the function exists, and all calls go through it */
	BT_HOOK_SPLIT,	   /* callers may call copies or split-off parts instead */
	BT_HOOK_INLINED,   /* neither symbol nor BTF, and the function can be inlined everywhere */
	BT_HOOK_ABSENT,	   /* not in this kernel, or its module is not loaded */
	BT_HOOK_CHANGED,   /* exists, but with another signature than the programs expect */
	BT_HOOK_REFUSED,   /* the kernel did not load or attach the programs */
};

const char *bt_hook_state_name(enum bt_hook_state state);

/* A function of the kernel that matches a variant. */
struct bt_site {
	unsigned int programs; /* programs of the variant in this object; 0: it cannot be chosen */
	const char *function;  /* as this kernel calls it: "md_bitmap_load" */
	const char *module;    /* module of the function, NULL: vmlinux */
	uint32_t btf_id;       /* of the function or tracepoint type; 0: none */
	char takes[80];	       /* the function's own signature if it does not match; else "" */
};

struct bt_hook {
	const struct bt_hook_row *row;
	struct bt_site sites[BT_HOOK_VARIANTS];
	/* The variant that is loaded, and its site; NULL: none is. */
	const struct bt_hook_variant *variant;
	const struct bt_site *site;
	enum bt_hook_state state;
	bool sees_all;	  /* it sees every call that the rules need */
	char copies[160]; /* "bitmap_update_sb.part.0", comma-separated */
	char why[240];	  /* reason of the state, as text; "": none */
};

/* A BPF program of the object. */
struct bt_program {
	struct bpf_program *program;
	const struct bt_probe *probe;
	struct bt_hook *hook;
	const struct bt_hook_variant *variant;
	const char *left_out; /* why it is not needed in this run; NULL: it is needed */
};

struct bt_hooks {
	struct bt_hook *all; /* hooks with programs, in the order of the table */
	unsigned int nr;
	struct bt_program *programs;
	unsigned int programs_nr;
};

/*
 * Takes the hooks from an opened object and looks them up in btf and in the BTF of md's
 * personalities below dir (BT_BTF_DIR). Symbols are not read yet. 0 or -errno.
 */
int bt_hooks_find(struct bt_hooks *hooks, struct bpf_object *object,
		  const struct bt_kernel_btf *btf, const char *dir);
void bt_hooks_free(struct bt_hooks *hooks);

/* Reads the symbols of all functions of these hooks. 0 or -errno. */
int bt_hooks_symbols(struct bt_kallsyms *symbols, const struct bt_hooks *hooks, const char *path);

/*
 * Chooses the variant of each hook, and sets its state. symbols: NULL if they could not be
 * read; copies are not known then. module_dir: /sys/module.
 */
void bt_hooks_choose(struct bt_hooks *hooks, const struct bt_kallsyms *symbols,
		     const char *module_dir);

/* Finds the same programs in another object, opened from the same bytes. */
void bt_hooks_bind(struct bt_hooks *hooks, struct bpf_object *object);

/* The hook was chosen and does not work here: sets state REFUSED. */
void bt_hooks_refuse(struct bt_hook *hook, const char *why);

/* Nothing can be traced on this machine: leaves every hook out. */
void bt_hooks_refuse_all(struct bt_hooks *hooks, const char *why);

/* Leaves out the programs that give only this capability. why: static. */
void bt_hooks_leave_out(struct bt_hooks *hooks, enum bt_capability capability, const char *why);

/* NULL: it is not a probe. */
struct bt_program *bt_hooks_program(const struct bt_hooks *hooks,
				    const struct bpf_program *program);

/* Is the program to be loaded? */
bool bt_program_wanted(const struct bt_program *program);

/* The hook of this name, or NULL. */
const struct bt_hook *bt_hooks_of(const struct bt_hooks *hooks, const char *name);

/* Adds the capabilities that the programs to be loaded do not give. */
void bt_hooks_missing(const struct bt_hooks *hooks, struct bt_missing *missing);

#endif /* BT_HOOKS_H */
