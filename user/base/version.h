/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place that holds the version. */
#ifndef BT_VERSION_H
#define BT_VERSION_H

#define BT_VERSION "0.1.0"

#endif /* BT_VERSION_H */
