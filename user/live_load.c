// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load and attach. libbpf would read the BTF of the kernel and of every
 * module, and walk all of it once per program and per relocated type, which
 * takes most of the start-up time. So hooks and types are looked up here, in
 * one walk, and handed to libbpf: the ids of the hooked functions through
 * program handlers, the types as a small BTF of their own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bitmap_trace.skel.h"
#include "hook_state.h"
#include "live_internal.h"
#include "privileges.h"
#include "version.h"

#define MODULE_DIR "/sys/module/md_mod"

__attribute__((format(printf, 2, 3))) static int fail(int err, const char *format, ...)
{
	va_list args;

	fputs("bitmap-trace: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return err;
}

static int fail_load(int err, const char *what)
{
	if ((err == -EPERM || err == -EACCES) && !bt_privileges_suffice())
		return fail(-EPERM, "%s: not permitted; run as root (CAP_BPF and CAP_PERFMON)",
			    what);
	return fail(err, "%s: %s; -v shows libbpf's messages", what, strerror(-err));
}

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG) /* thousands of lines of relocations */
		return 0;
	return vfprintf(stderr, format, args);
}

static int open_kernel_btf(struct bt_loader *loader)
{
	int err;

	if (access(MODULE_DIR, F_OK))
		return fail(-ENOENT, "md is not loaded; run 'modprobe md-mod'");
	err = bt_kernel_btf_open(&loader->btf, BT_BTF_DIR);
	if (err == -ENOENT)
		return fail(err,
			    "no " BT_BTF_DIR "/vmlinux; the kernel needs CONFIG_DEBUG_INFO_BTF");
	if (err)
		return fail(err, "cannot read the BTF in " BT_BTF_DIR ": %s", strerror(-err));
	return 0;
}

/* Called by libbpf just before it loads a program. */
static int prepare_load(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct bt_loader *loader = (const struct bt_loader *)cookie;
	const struct bt_hook *hook = bt_hooks_of(&loader->hooks, program);

	if (!hook || !hook->btf_id)
		return -ENOENT;
	opts->attach_btf_id = hook->btf_id;
	opts->attach_btf_obj_fd =
		hook->module ? (uint32_t)bt_live_module_btf_fd(loader, hook->module) : 0;
	/* See register_handlers(). */
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

struct handlers {
	int ids[3];
};

/*
 * The type is a pretence until prepare_load(): for a program of type TRACING
 * libbpf reads the whole BTF of the kernel again, if only to look up what is
 * known by then.
 */
static int register_handlers(struct bt_loader *loader, struct handlers *handlers)
{
	static const struct {
		const char *section;
		enum bpf_attach_type attach;
	} all[] = {
		{ "fentry+", BPF_TRACE_FENTRY },
		{ "fexit+", BPF_TRACE_FEXIT },
		{ "tp_btf+", BPF_TRACE_RAW_TP },
	};
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)loader,
		    .prog_prepare_load_fn = prepare_load);
	unsigned int i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		handlers->ids[i] = libbpf_register_prog_handler(
			all[i].section, BPF_PROG_TYPE_RAW_TRACEPOINT, all[i].attach, &opts);
		if (handlers->ids[i] < 0)
			return handlers->ids[i];
	}
	return 0;
}

static void unregister_handlers(const struct handlers *handlers)
{
	unsigned int i;

	for (i = 0; i < sizeof(handlers->ids) / sizeof(handlers->ids[0]); i++)
		if (handlers->ids[i] > 0)
			libbpf_unregister_prog_handler(handlers->ids[i]);
}

static int open_skeleton(struct bt_loader *loader)
{
	char path[32];
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = path);

	loader->core_btf_fd = memfd_create("bitmap-trace-btf", MFD_CLOEXEC);
	if (loader->core_btf_fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", loader->core_btf_fd);
	loader->live->skel = bitmap_trace__open_opts(&opts);
	return loader->live->skel ? 0 : -errno;
}

static int write_core_btf(struct bt_loader *loader)
{
	struct btf *core;
	const char *data;
	uint32_t size;
	ssize_t n;
	int err;

	err = bt_core_btf_build(&loader->btf, BT_BTF_DIR, bpf_object__btf(loader->live->skel->obj),
				&core);
	if (err)
		return err;
	data = btf__raw_data(core, &size);
	/* A memfd takes it in one piece or not at all. */
	n = data ? write(loader->core_btf_fd, data, size) : -1;
	err = n == (ssize_t)size ? 0 : -ENOMEM;
	btf__free(core);
	return err;
}

/* The end of every bio of the system is of interest to the strict rules only. */
static void leave_out_flushes(struct bt_loader *loader)
{
	struct bitmap_trace *skel = loader->live->skel;
	struct bt_hook *hook;
	unsigned int i;

	for (i = 0; i < loader->hooks.nr; i++) {
		hook = &loader->hooks.all[i];
		if (hook->program == skel->progs.flush_queue ||
		    hook->program == skel->progs.flush_end)
			hook->btf_id = 0;
	}
}

/* A kernel that can attach probes by name has symbols, too. */
static int look_at_symbols(struct bt_hooks *hooks)
{
	int err = bt_hooks_see_symbols(hooks, BT_KALLSYMS);

	return err ? fail(err, "cannot read " BT_KALLSYMS ": %s", strerror(-err)) : 0;
}

static int choose_programs(struct bt_loader *loader, struct bt_trace_info *info)
{
	unsigned int i;
	int err;

	err = bt_hooks_find(&loader->hooks, loader->live->skel->obj, &loader->btf);
	if (!err)
		err = look_at_symbols(&loader->hooks);
	if (!err && !loader->config->strict)
		leave_out_flushes(loader);
	for (i = 0; i < loader->hooks.nr && !err; i++)
		if (!loader->hooks.all[i].btf_id)
			err = bpf_program__set_autoload(loader->hooks.all[i].program, false);
	if (!err)
		bt_hooks_missing(&loader->hooks, info);
	return err;
}

static int set_arrays(const struct bt_live *live, const struct bt_live_config *config)
{
	int fd = bpf_map__fd(live->skel->maps.traced_arrays);
	unsigned char one = 1;
	unsigned int i;
	int err = 0;

	for (i = 0; i < config->arrays_nr && !err; i++)
		err = bpf_map_update_elem(fd, &config->arrays[i], &one, BPF_ANY);
	return err;
}

static int open_object(struct bt_loader *loader, struct bt_trace_info *info)
{
	int err = open_kernel_btf(loader);

	if (err)
		return err;
	err = open_skeleton(loader);
	if (!err)
		err = choose_programs(loader, info);
	if (!err)
		err = write_core_btf(loader);
	if (!err && loader->config->ring_bytes)
		err = bpf_map__set_max_entries(loader->live->skel->maps.events,
					       loader->config->ring_bytes);
	if (err)
		return fail_load(err, "cannot open the probes");
	loader->live->skel->rodata->filter_arrays = loader->config->arrays_nr > 0;
	loader->live->skel->rodata->strict = loader->config->strict;
	return 0;
}

/* That it finds nothing is no error: bits are not read then. */
static int find_direct_map(const struct bt_live *live)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(live->skel->progs.find_direct_map), &opts);
}

static int load_object(struct bt_loader *loader)
{
	struct bt_live *live = loader->live;
	int err = bt_live_module_btfs(loader);

	if (err)
		return fail_load(err, "cannot find the BTF of md's modules");
	err = bitmap_trace__load(live->skel);
	if (!err)
		err = set_arrays(live, loader->config);
	if (!err)
		err = find_direct_map(live);
	if (!err)
		err = bt_ring_open(&live->ring, bpf_map__fd(live->skel->maps.events),
				   bpf_map__max_entries(live->skel->maps.events));
	return err ? fail_load(err, "cannot load the probes") : 0;
}

static int attach_object(struct bt_loader *loader)
{
	struct bt_live *live = loader->live;
	const struct bt_hook *hook;
	char what[128];
	unsigned int i;

	live->links = calloc(loader->hooks.nr + 1, sizeof(*live->links));
	if (!live->links)
		return -ENOMEM;
	live->links_nr = loader->hooks.nr;
	for (i = 0; i < loader->hooks.nr; i++) {
		hook = &loader->hooks.all[i];
		if (!hook->btf_id)
			continue;
		live->links[i] = bpf_program__attach_trace(hook->program);
		if (!live->links[i]) {
			snprintf(what, sizeof(what), "cannot attach to %s", hook->function);
			return fail_load(-errno, what);
		}
	}
	live->skel->bss->recording = 1;
	return 0;
}

static void fill_info(struct bt_trace_info *info)
{
	struct utsname uts;

	if (!uname(&uts))
		snprintf(info->release, sizeof(info->release), "%s", uts.release);
	snprintf(info->version, sizeof(info->version), "%s", BT_VERSION);
}

static int load_steps(struct bt_loader *loader, struct bt_trace_info *info)
{
	struct bt_live_times *times = &loader->live->times;
	uint64_t start = bt_now_ns(), now;
	int err = open_object(loader, info);

	now = bt_now_ns();
	times->open_ns = now - start;
	start = now;
	if (!err)
		err = load_object(loader);
	now = bt_now_ns();
	times->load_ns = now - start;
	start = now;
	if (!err)
		err = attach_object(loader);
	times->attach_ns = bt_now_ns() - start;
	return err;
}

int bt_live_load(struct bt_live *live, const struct bt_live_config *config,
		 struct bt_trace_info *info)
{
	struct bt_loader loader = { .live = live, .config = config, .core_btf_fd = -1 };
	struct handlers handlers = { { 0 } };
	struct bt_trace_info new = { 0 };
	unsigned int i;
	int err;

	libbpf_set_print(config->verbose ? print_libbpf : NULL);
	fill_info(&new);
	err = register_handlers(&loader, &handlers);
	if (err)
		err = fail_load(err, "cannot set up libbpf");
	else
		err = load_steps(&loader, &new);
	unregister_handlers(&handlers);
	bt_hooks_free(&loader.hooks);
	bt_kernel_btf_close(&loader.btf);
	for (i = 0; i < BT_HOOK_MODULES_NR; i++)
		if (loader.module_btf_fds[i] > 0)
			close(loader.module_btf_fds[i]);
	if (loader.core_btf_fd >= 0)
		close(loader.core_btf_fd);
	if (!err)
		*info = new;
	return err;
}
