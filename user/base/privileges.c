// SPDX-License-Identifier: GPL-2.0-only
#include "base/privileges.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The capabilities needed to load and attach. */
static const cap_value_t attach_caps[] = { CAP_BPF, CAP_PERFMON };

#define ATTACH_CAPS_NR ((int)(sizeof(attach_caps) / sizeof(attach_caps[0])))

static bool has(cap_t set, cap_value_t cap, cap_flag_t flag)
{
	cap_flag_value_t value;

	return !cap_get_flag(set, cap, flag, &value) && value == CAP_SET;
}

/*
 * Of the permitted capabilities only these stay. The inheritable ones are the caller's, for
 * COMMAND.
 */
static int keep_attach_caps(void)
{
	cap_value_t kept[ATTACH_CAPS_NR];
	cap_t set = cap_get_proc();
	int i, nr = 0, err = 0;

	if (!set)
		return -errno;
	for (i = 0; i < ATTACH_CAPS_NR; i++)
		if (has(set, attach_caps[i], CAP_PERMITTED))
			kept[nr++] = attach_caps[i];
	if (cap_clear_flag(set, CAP_PERMITTED) || cap_clear_flag(set, CAP_EFFECTIVE) ||
	    (nr && (cap_set_flag(set, CAP_PERMITTED, nr, kept, CAP_SET) ||
		    cap_set_flag(set, CAP_EFFECTIVE, nr, kept, CAP_SET))) ||
	    cap_set_proc(set))
		err = -errno;
	cap_free(set);
	return err;
}

int bt_privileges_settle(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();

	/* The kernel sets it when exec gave this process more privileges than its caller has. */
	if (!getauxval(AT_SECURE))
		return 0;
	/* Leaving uid 0 drops the capabilities unless PR_SET_KEEPCAPS is set; exec resets that. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		return -errno;
	return keep_attach_caps();
}

bool bt_privileges_suffice(void)
{
	cap_t set = cap_get_proc();
	bool all = true;
	int i;

	if (!set)
		return false;
	for (i = 0; i < ATTACH_CAPS_NR; i++)
		all = all && has(set, attach_caps[i], CAP_EFFECTIVE);
	all = all || has(set, CAP_SYS_ADMIN, CAP_EFFECTIVE);
	cap_free(set);
	return all;
}

int bt_privileges_drop(void)
{
	cap_t none = cap_init();
	cap_value_t cap = 0;
	int err = 0;

	if (!none)
		return -errno;
	/* Ends after the last capability, or at once without CAP_SETPCAP. */
	while (!cap_drop_bound(cap))
		cap++;
	/* Ambient capabilities are dropped with the permitted ones. */
	if (cap_set_proc(none) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	cap_free(none);
	return err;
}
