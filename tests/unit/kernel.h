/* SPDX-License-Identifier: GPL-2.0-only */
/* Synthetic kernels for tests of the hooks: BTF with some functions in it. */
#ifndef TEST_KERNEL_H
#define TEST_KERNEL_H

#include <bpf/btf.h>

#include "probes/hooks.h"

/*
 * A function with these arguments (probes/signature.h); NULL: those that the hook table has for
 * its name.
 */
void kernel_add(struct btf *btf, const char *function, const char *takes);

/* The tracepoint for bios. */
void kernel_add_bio_queue(struct btf *btf);

/* vmlinux without any function, and an empty md_mod. */
struct bt_kernel_btf kernel_new(void);

/* Symbols, as text of kallsyms. */
struct bt_kallsyms kernel_symbols(const struct bt_hooks *hooks, const char *text);

#endif /* TEST_KERNEL_H */
