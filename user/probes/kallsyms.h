/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The symbols of some functions of the running kernel, the copies that the
 * compiler made of them included: NAME.part.0, NAME.isra.0, NAME.constprop.0.
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
	bool has_variable; /* vmlinux has the one that was asked for */
};

/*
 * Reads the symbols of the functions in names, NULL-terminated. Parts that are
 * merely kept elsewhere (NAME.cold) are left out: only NAME itself leads there.
 * variable: one to look for as well, or NULL; kernels without CONFIG_KALLSYMS_ALL
 * have none. 0 or -errno.
 */
int bt_kallsyms_read(struct bt_kallsyms *symbols, const char *path, const char *const *names,
		     const char *variable);
/* The address of a variable of a module; 0: none, or it is not told. */
uint64_t bt_kallsyms_address(const char *path, const char *module, const char *variable);
void bt_kallsyms_free(struct bt_kallsyms *symbols);

/* Of the very function, and not of a copy of it? */
bool bt_ksym_is(const struct bt_ksym *symbol, const char *function);
/* Of a copy of it? */
bool bt_ksym_is_copy(const struct bt_ksym *symbol, const char *function);

#endif /* BT_KALLSYMS_H */
