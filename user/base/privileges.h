/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tool may do, and for how long. Attaching needs CAP_BPF and CAP_PERFMON; nothing
 * after it needs a capability. See docs/privileges.md.
 */
#ifndef BT_PRIVILEGES_H
#define BT_PRIVILEGES_H

#include <stdbool.h>

/*
 * Call this first in main. If set-uid, set-gid or file capabilities gave the tool more
 * privileges than its caller has, it becomes the caller, plus at most CAP_BPF and CAP_PERFMON:
 * it opens files and runs COMMAND with the caller's own rights. Otherwise it changes nothing. 0
 * or -errno.
 */
int bt_privileges_settle(void);

/* May probes be loaded and attached? bpf_token_capable() in kernel/bpf/token.c. */
bool bt_privileges_suffice(void);

/*
 * Drops all capabilities, the bounding set if CAP_SETPCAP allows it, and prevents that exec
 * restores any (PR_SET_NO_NEW_PRIVS). Irreversible. 0 or -errno.
 */
int bt_privileges_drop(void);

#endif /* BT_PRIVILEGES_H */
