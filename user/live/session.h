/* SPDX-License-Identifier: GPL-2.0-only */
/* An object of probes in the kernel, from load to detach: the one that emits events, or hist's. */
#ifndef BT_SESSION_H
#define BT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/loader.h"

struct bt_live_config {
	const uint32_t *arrays; /* dev_t of the arrays to trace, kernel encoding; not owned */
	unsigned int arrays_nr; /* 0: all */
	bool strict;		/* also flushes, which the rules for volatile caches need */
	bool whole;		/* also events that no rule needs: the events are recorded */
	uint32_t ring_bytes;	/* of the ring buffer, a power of 2 and whole pages; 0: default */
	bool verbose;		/* libbpf's own messages, and the times of loading, to stderr */
};

struct bt_session {
	struct bt_loader_object object; /* object.close undoes open and prepare */
	struct bt_hooks hooks;		/* state of the hooks */
	struct bt_links links;
	bool verbose;
	struct bt_loader_times times;
};

/*
 * Loads the object, prepares it, attaches it. A hook that the kernel lacks, has in another form
 * or refuses is left out; hooks has its state. prepare: called between load and attach, or NULL. 0,
 * or -errno with a message on stderr; call bt_session_close in any case.
 */
int bt_session_open(struct bt_session *session, const struct bt_loader_object *object,
		    int (*prepare)(void *ctx), bool verbose);

/*
 * Detaches and closes. behind: a child process does it, and this returns at once. The kernel
 * waits a tenth of a second for each function that it releases, three seconds in all. Nobody
 * needs to wait for that unless md is to be unloaded next.
 */
void bt_session_close(struct bt_session *session, bool behind);

#endif /* BT_SESSION_H */
