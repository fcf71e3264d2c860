/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tool may do, and until when. Attaching takes CAP_BPF and
 * CAP_PERFMON; nothing after it takes any right. docs/privileges.md has the
 * whole story.
 */
#ifndef BT_PRIVILEGES_H
#define BT_PRIVILEGES_H

#include <stdbool.h>

/*
 * First of all in main. A tool that got more than its caller has, by set-uid,
 * set-gid or file capabilities, becomes the caller with no more than CAP_BPF
 * and CAP_PERFMON on top: files are opened, and COMMAND is run, with the
 * caller's own rights. Else nothing is changed. 0 or -errno.
 */
int bt_privileges_settle(void);

/* May probes be loaded and attached? bpf_token_capable() in kernel/bpf/token.c. */
bool bt_privileges_suffice(void);

/*
 * Gives up all capabilities, the bounding set where CAP_SETPCAP allows it, and
 * the way back by exec (PR_SET_NO_NEW_PRIVS). For good. 0 or -errno.
 */
int bt_privileges_drop(void);

/* The same, but CAP_BPF and CAP_PERFMON stay, as far as they are there. 0 or -errno. */
int bt_privileges_drop_to_attach(void);

#endif /* BT_PRIVILEGES_H */
