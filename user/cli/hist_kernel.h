/* SPDX-License-Identifier: GPL-2.0-only */
/* hist on a running kernel, which does the measuring itself. */
#ifndef BT_HIST_KERNEL_H
#define BT_HIST_KERNEL_H

#include "cli/cli.h"

/* The whole of it, from the options to the exit status (enum bt_exit). */
int bt_hist_kernel(const struct bt_options *options);

#endif /* BT_HIST_KERNEL_H */
