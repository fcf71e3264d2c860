// SPDX-License-Identifier: GPL-2.0-only
/* Can this machine be traced, and what can be judged here? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bitmap_trace.skel.h"
#include "cli.h"
#include "hook_needs.h"
#include "hooks.h"
#include "invariants/invariant.h"
#include "kernel_btf.h"
#include "privileges.h"

#define LINE "%-8s %s\n"

static bool report(bool ok, const char *good, const char *bad)
{
	printf(LINE, ok ? "ok" : "missing", ok ? good : bad);
	return ok;
}

static bool lacks(const struct bt_hooks *hooks, const char *name)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++)
		if (!strcmp(hooks->all[i].name, name))
			return !hooks->all[i].btf_id;
	return true;
}

static void print_taken_away(const char *hook)
{
	const struct bt_invariant *const *invariant;
	const char *separator = "; cannot judge ";
	const struct bt_hook_need *need;

	for (invariant = bt_invariants; *invariant; invariant++) {
		need = bt_hook_needed_where(*invariant, hook);
		if (bt_hook_always_needed(*invariant, hook))
			printf("%s%s", separator, (*invariant)->name);
		else if (need)
			printf("%s%s (%s)", separator, (*invariant)->name, need->where);
		else
			continue;
		separator = ", ";
	}
}

static void print_hooks(const struct bt_hooks *hooks)
{
	unsigned int i;

	for (i = 0; i < hooks->nr; i++) {
		if (bt_hooks_repeated(hooks, i))
			continue;
		printf("%-8s hook %s", hooks->all[i].btf_id ? "ok" : "missing", hooks->all[i].name);
		if (!hooks->all[i].btf_id)
			print_taken_away(hooks->all[i].name);
		putchar('\n');
	}
}

/* A backend or personality that is not there now is no reason to say no. */
static bool all_judged(const struct bt_hooks *hooks)
{
	const struct bt_invariant *const *invariant;
	const char *const *hook;

	for (invariant = bt_invariants; *invariant; invariant++)
		for (hook = (*invariant)->needs; hook && *hook; hook++)
			if (lacks(hooks, *hook))
				return false;
	return true;
}

static int check_hooks(const struct bt_kernel_btf *btf)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	struct bt_hooks hooks = { 0 };
	int ret, err;

	if (!skel) {
		fprintf(stderr, "bitmap-trace: cannot open the probes: %s\n", strerror(errno));
		return BT_EXIT_ERROR;
	}
	err = bt_hooks_find(&hooks, skel->obj, btf);
	if (err) {
		fprintf(stderr, "bitmap-trace: cannot look up hooks: %s\n", strerror(-err));
		ret = BT_EXIT_ERROR;
	} else {
		print_hooks(&hooks);
		ret = all_judged(&hooks) ? BT_EXIT_PASS : BT_EXIT_UNKNOWN;
	}
	bt_hooks_free(&hooks);
	bitmap_trace__destroy(skel);
	return ret;
}

int bt_cmd_doctor(const struct bt_options *options)
{
	struct bt_kernel_btf btf = { 0 };
	struct utsname uts;
	bool ok = true, loaded;
	int ret = BT_EXIT_ERROR;

	(void)options;
	libbpf_set_print(NULL);
	if (!uname(&uts))
		printf("kernel   %s\n", uts.release);
	ok &= report(bt_privileges_suffice(), "privileges: CAP_BPF and CAP_PERFMON",
		     "privileges: run as root (CAP_BPF and CAP_PERFMON)");
	loaded = report(!access("/sys/module/md_mod", F_OK), "md is loaded",
			"md is not loaded; run 'modprobe md-mod'");
	ok &= loaded;
	if (report(!bt_kernel_btf_open(&btf, BT_BTF_DIR), "BTF of the kernel",
		   "BTF of the kernel; it needs CONFIG_DEBUG_INFO_BTF") &&
	    loaded)
		ret = check_hooks(&btf);
	bt_kernel_btf_close(&btf);
	return ok ? ret : BT_EXIT_ERROR;
}
