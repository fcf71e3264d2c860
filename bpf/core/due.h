/* SPDX-License-Identifier: GPL-2.0-only */
/* Will a function of md that was just entered find that its pass is due? */
#ifndef BITMAP_TRACE_DUE_H
#define BITMAP_TRACE_DUE_H

#include "core/kernel_read.h"

#define DUE_SLACK_JIFFIES 2 /* the function looks at jiffies after the probe */

/* Has daemon_sleep passed since then, or nearly? */
static __always_inline bool daemon_sleep_over(struct mddev *mddev, __u64 since)
{
	return (__s64)(bpf_jiffies64() + DUE_SLACK_JIFFIES - since -
		       KREAD(mddev, bitmap_info.daemon_sleep)) >= 0;
}

#endif /* BITMAP_TRACE_DUE_H */
