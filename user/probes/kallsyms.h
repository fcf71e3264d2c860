/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The symbols of some functions of the running kernel, including the copies that the compiler
 * made of them: NAME.part.0, NAME.isra.0, NAME.constprop.0.
 */
#ifndef BT_KALLSYMS_H
#define BT_KALLSYMS_H

#include <stdbool.h>
#include <stdint.h>

#define BT_KALLSYMS "/proc/kallsyms"

struct bt_ksym {
	char name[96];	 /* "bitmap_update_sb.part.0" */
	char module[56]; /* "md_mod", "": vmlinux */
};

struct bt_kallsyms {
	struct bt_ksym *all;
	unsigned int nr;
	bool has_variable; /* vmlinux has the requested variable */
};

/*
 * Reads the symbols of the functions in names, NULL-terminated. Parts that are only placed
 * elsewhere (NAME.cold) are left out: only NAME itself jumps there. variable: a variable to
 * look for as well, or NULL; kernels without CONFIG_KALLSYMS_ALL list none. 0 or -errno.
 */
int bt_kallsyms_read(struct bt_kallsyms *symbols, const char *path, const char *const *names,
		     const char *variable);
/* The address of a variable of a module; 0: none, or it is not told. */
uint64_t bt_kallsyms_address(const char *path, const char *module, const char *variable);
void bt_kallsyms_free(struct bt_kallsyms *symbols);

/* Is the symbol the function itself, not a copy of it? */
bool bt_ksym_is(const struct bt_ksym *symbol, const char *function);
/* Is the symbol a copy of it? */
bool bt_ksym_is_copy(const struct bt_ksym *symbol, const char *function);

#endif /* BT_KALLSYMS_H */
