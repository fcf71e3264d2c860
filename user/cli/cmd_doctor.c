// SPDX-License-Identifier: GPL-2.0-only
/* Can this machine be traced, and what can be judged here? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/privileges.h"
#include "cli/arrays.h"
#include "cli/cli.h"
#include "doctor/doctor.h"
#include "live/live.h"
#include "probes/kernel_btf.h"
#include "skel/bitmap_trace.skel.h"

static void set_release(struct bt_diagnosis *diagnosis)
{
	struct utsname uts;

	if (!uname(&uts))
		snprintf(diagnosis->release, sizeof(diagnosis->release), "%s", uts.release);
}

static bool require(struct bt_diagnosis *diagnosis, const char *name, bool met, const char *good,
		    const char *bad)
{
	diagnosis->requirements[diagnosis->requirements_nr++] =
		(struct bt_requirement){ .name = name, .met = met, .text = met ? good : bad };
	return met;
}

/* Does it for real: what the verifier or the kernel refuses shows only so. NULL: refused. */
static struct bt_live *attach_all(bool verbose)
{
	struct bt_live_config config = { .verbose = verbose, .strict = true };
	struct bt_live *live = NULL;
	struct bt_trace_info info;

	return bt_live_open(&config, &live, &info) ? NULL : live;
}

/* Without symbols the states are told as far as BTF tells them. */
static void choose(struct bt_hooks *hooks)
{
	struct bt_kallsyms symbols = { 0 };
	int err = bt_hooks_symbols(&symbols, hooks, BT_KALLSYMS);

	bt_hooks_choose(hooks, err ? NULL : &symbols, BT_MODULE_DIR);
	bt_kallsyms_free(&symbols);
}

/* Where nothing could be attached. The object may be closed afterwards. */
static int look_up_hooks(struct bt_hooks *hooks, const struct bt_kernel_btf *btf)
{
	struct bitmap_trace *skel = bitmap_trace__open();
	int err = skel ? bt_hooks_find(hooks, skel->obj, btf, BT_BTF_DIR) : -errno;

	if (!err)
		choose(hooks);
	else
		fprintf(stderr, "bitmap-trace: cannot look up hooks: %s\n", strerror(-err));
	bitmap_trace__destroy(skel);
	return err;
}

/* Names the first array that cannot be traced. */
static int note_untraced(void *ctx, const struct bt_array_info *info)
{
	struct bt_diagnosis *diagnosis = ctx;

	if (!info->untraced)
		return 0;
	snprintf(diagnosis->untraced, sizeof(diagnosis->untraced),
		 "%s has a bitmap of the kind %s, which is not traced", info->name, info->bitmap);
	return 1;
}

static void check_arrays(struct bt_diagnosis *diagnosis)
{
	if (bt_arrays_each("/sys/block", note_untraced, diagnosis) > 0)
		require(diagnosis, "arrays", false, "", diagnosis->untraced);
}

/* Is there anything to look hooks up in? *btf is to be closed in any case. */
static bool check_kernel(struct bt_diagnosis *diagnosis, struct bt_kernel_btf *btf)
{
	bool loaded = require(diagnosis, "md", !access(BT_MODULE_DIR "/" BT_BTF_MODULE, F_OK),
			      "md is loaded", "md; run 'modprobe md-mod'");

	return require(diagnosis, "btf", !bt_kernel_btf_open(btf, BT_BTF_DIR), "BTF of the kernel",
		       "BTF of the kernel; it needs CONFIG_DEBUG_INFO_BTF") &&
	       loaded;
}

static void check_attach(struct bt_diagnosis *diagnosis, const struct bt_live *live)
{
	diagnosis->attached = require(diagnosis, "attach", live != NULL,
				      "the probes load and attach, as far as the kernel has them",
				      "the probes do not load or attach; -v shows more");
}

static void print(const struct bt_diagnosis *diagnosis, enum bt_format format)
{
	if (format == BT_FORMAT_JSON)
		bt_doctor_json(stdout, diagnosis);
	else
		bt_doctor_text(stdout, diagnosis);
}

static void diagnose_hooks(struct bt_diagnosis *diagnosis, const struct bt_hooks *hooks)
{
	diagnosis->hooks = hooks;
	bt_hooks_missing(hooks, &diagnosis->missing);
}

int bt_cmd_doctor(const struct bt_options *options)
{
	struct bt_diagnosis diagnosis = { 0 };
	struct bt_kernel_btf btf = { 0 };
	struct bt_live *live = NULL;
	struct bt_hooks hooks = { 0 };
	bool may, is_there;
	int status;

	libbpf_set_print(NULL);
	set_release(&diagnosis);
	may = require(&diagnosis, "privileges", bt_privileges_suffice(),
		      "privileges: CAP_BPF and CAP_PERFMON",
		      "privileges; run as root (CAP_BPF and CAP_PERFMON)");
	require(&diagnosis, "page size", sysconf(_SC_PAGESIZE) == BT_PAGE_SIZE,
		"pages of 4096 bytes", "pages of 4096 bytes; with others nothing can be judged");
	check_arrays(&diagnosis);
	is_there = check_kernel(&diagnosis, &btf);
	if (may && is_there) {
		live = attach_all(options->verbose);
		check_attach(&diagnosis, live);
	}
	if (live)
		diagnose_hooks(&diagnosis, bt_live_hooks(live));
	else if (is_there && !look_up_hooks(&hooks, &btf))
		diagnose_hooks(&diagnosis, &hooks);
	print(&diagnosis, options->format);
	status = (int)bt_diagnosis_exit(&diagnosis);
	bt_hooks_free(&hooks);
	bt_kernel_btf_close(&btf);
	fflush(stdout); /* detaching takes seconds */
	bt_live_close(live, options->no_wait);
	return status;
}
