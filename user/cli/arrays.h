/* SPDX-License-Identifier: GPL-2.0-only */
/* The md arrays of this machine, from sysfs. */
#ifndef BT_ARRAYS_H
#define BT_ARRAYS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * "md0", "/dev/md0", "/dev/md/name", "name" or "9:0" to dev_t, kernel encoding
 * (major << 20 | minor). An array "mdN" or "MAJOR:MINOR" need not exist yet.
 * 0 or -errno, with a message on stderr.
 */
int bt_array_resolve(const char *name, uint32_t *dev);

/* Is there an array of this number now? */
bool bt_array_exists(uint32_t dev);

/* Of each name; those that do not exist yet are named on stderr. 0 or -errno. */
int bt_arrays_resolve(const char *const *names, unsigned int nr, uint32_t *devs);

struct bt_array_info {
	char name[32];
	char level[16];
	char state[24];	      /* array_state of sysfs: "clean", "active", ... */
	char bitmap[16];      /* "internal", "file", "none", "unknown", "llbitmap" */
	bool untraced;	      /* its bitmap is of an implementation that no probe reads */
	char location[16];    /* sectors from the superblock, if internal */
	uint64_t chunk_bytes; /* per bit; 0: no bitmap */
	char members[256];    /* "sda1[0] sdb1[1](faulty)" */
};

/*
 * Calls fn for every array below sys_block ("/sys/block"), by name; stops when
 * it returns non-zero, and returns that. 0 or -errno.
 */
int bt_arrays_each(const char *sys_block, int (*fn)(void *ctx, const struct bt_array_info *info),
		   void *ctx);

#endif /* BT_ARRAYS_H */
