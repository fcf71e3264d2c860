/* SPDX-License-Identifier: GPL-2.0-only */
/* Device numbers as users and sysfs write them, in the kernel's encoding (major << 20 | minor). */
#ifndef BT_DEV_NUMBER_H
#define BT_DEV_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#define BT_MINOR_BITS 20

/* "9:0"; false when it is not of that form or too large, then *dev is untouched. */
bool bt_dev_parse(const char *text, uint32_t *dev);

/* "mdN", which is always device 9:N; false as above. */
bool bt_dev_parse_md(const char *name, uint32_t *dev);

#endif /* BT_DEV_NUMBER_H */
