/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel addresses to names by /proc/kallsyms: one pass over it for all
 * addresses, which keeps nothing of the hundred thousands of other names.
 */
#ifndef BT_KSYMS_H
#define BT_KSYMS_H

#include <stddef.h>
#include <stdint.h>

#define BT_KSYMS_PATH "/proc/kallsyms"

struct bt_ksym {
	uint64_t addr; /* asked for */
	/* The answer: */
	uint64_t start; /* of the symbol; 0: not found */
	uint64_t end;	/* start of the next one; 0: not known */
	char *name;	/* NULL: not found */
	char *module;	/* NULL: in the kernel proper */
};

/* Sorts addrs, and drops doubles and zeroes. Returns how many are left. */
unsigned int bt_ksyms_sort(uint64_t *addrs, unsigned int nr);

/*
 * Resolves addrs (sorted, without doubles) with the file at path. *syms: one
 * per address, in the same order; free with bt_ksyms_free. 0, -EACCES when
 * the kernel hides the addresses (kptr_restrict), or another -errno.
 */
int bt_ksyms_resolve(const char *path, const uint64_t *addrs, unsigned int nr,
		     struct bt_ksym **syms);
void bt_ksyms_free(struct bt_ksym *syms, unsigned int nr);

const struct bt_ksym *bt_ksyms_find(const struct bt_ksym *syms, unsigned int nr, uint64_t addr);

/* "symbol+0x1f/0x80 [module]", or the bare address; sym may be NULL. As snprintf. */
int bt_ksym_format(const struct bt_ksym *sym, uint64_t addr, char *buf, size_t len);

#endif /* BT_KSYMS_H */
