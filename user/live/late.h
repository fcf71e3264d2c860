/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Personalities that are loaded while tracing. A process of its own attaches their hooks, with
 * CAP_BPF and CAP_PERFMON and nothing else; who reads the events has given up all rights by then.
 */
#ifndef BT_LATE_H
#define BT_LATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "probes/loader.h"

struct bitmap_trace;
struct bt_ring;

struct bt_late {
	pid_t pid; /* 0: all are there, nothing to wait for */
	int fd;	   /* messages of that process */
};

/* A personality's hooks are attached. */
struct bt_late_message {
	uint64_t capabilities; /* that they give, a bit each */
	uint64_t head;	       /* of the ring buffer after it: from here on events have them */
};

/* Starts the process if a personality is not loaded. skel is loaded and attached. 0 or -errno. */
int bt_late_start(struct bt_late *late, const struct bt_hooks *hooks, struct bitmap_trace *skel,
		  const struct bt_ring *ring);
/* False: there is none now. */
bool bt_late_take(const struct bt_late *late, struct bt_late_message *message);
/* Detaches what it has attached. */
void bt_late_stop(struct bt_late *late);

#endif /* BT_LATE_H */
