/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probes' hooks, by the kernel function or tracepoint they sit on. A hook
 * is there when the kernel has the function under any of its names.
 */
#ifndef BT_HOOKS_H
#define BT_HOOKS_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "probes/kernel_btf.h"
#include "trace/trace.h"

struct bt_hook {
	struct bpf_program *program;
	const char *name; /* of the hook: "bitmap_load"; lives as long as the BPF object */
	/*
	 * The one in its section; if not name, it stands in for the program whose it
	 * is, unless name is a variable's.
	 */
	const char *written_for;
	const char *function; /* as this kernel calls it: "md_bitmap_load"; NULL: not there */
	bool tracepoint;
	bool variable;	      /* reads the one that name is of */
	uint32_t variable_id; /* in vmlinux, 0: its BTF lacks it, and btf_id is 0, too */
	uint32_t btf_id;      /* of the function or tracepoint type; 0: the kernel lacks it */
	const char *module;   /* that has it, NULL: vmlinux */
	bool bypassed;	      /* calls may go past it: nothing can be told from what is not seen */
};

/* Where hooks may be: md itself, and the personalities, which may come later. */
#define BT_HOOK_MODULES_NR 4
extern const char *const bt_hook_modules[BT_HOOK_MODULES_NR];

struct bt_hooks {
	struct bt_hook *all; /* one per program */
	unsigned int nr;
};

/*
 * Takes the hooks from an opened object and looks them up. Programs without a
 * hook (of no tracing section) are left out. 0 or -errno.
 */
int bt_hooks_find(struct bt_hooks *hooks, struct bpf_object *object,
		  const struct bt_kernel_btf *btf);
void bt_hooks_free(struct bt_hooks *hooks);

/* Does it read BT_HOOK_IRQS? (hook_variable.c) */
bool bt_program_reads_variable(const struct bpf_program *program);
/* Puts the variable's id where the program reads it, before it is loaded. 0 or -errno. */
int bt_program_set_variable(struct bpf_program *program, uint32_t btf_id);

/* The hook of a program, or NULL. */
const struct bt_hook *bt_hooks_of(const struct bt_hooks *hooks, const struct bpf_program *program);

/* Is another program before hooks->all[i] of the same hook? */
bool bt_hooks_repeated(const struct bt_hooks *hooks, unsigned int i);

/* The first program of the hook of this name that the kernel has a place for; NULL: none. */
const struct bt_hook *bt_hooks_found(const struct bt_hooks *hooks, const char *name);

/*
 * Names the hooks that the kernel lacks, and those bypassed, in
 * info->hooks_missing, each once.
 */
void bt_hooks_missing(const struct bt_hooks *hooks, struct bt_trace_info *info);

#endif /* BT_HOOKS_H */
