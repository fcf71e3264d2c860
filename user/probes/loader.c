// SPDX-License-Identifier: GPL-2.0-only
#include "probes/loader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/privileges.h"
#include "probes/hook_state.h"

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

int bt_loader_fail(int err, const char *what)
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

	if (access(MODULE_DIR, F_OK) && !bt_privileges_suffice())
		fail(-EPERM, "not permitted; run as root (CAP_BPF and CAP_PERFMON)");
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
	int err;

	if (!hook || !hook->btf_id)
		return -ENOENT;
	err = hook->variable ? bt_program_set_variable(program, hook->variable_id) : 0;
	if (err)
		return err;
	opts->attach_btf_id = hook->btf_id;
	opts->attach_btf_obj_fd =
		hook->module ? (uint32_t)bt_loader_module_btf_fd(loader, hook->module) : 0;
	/* See register_handlers(). */
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

/*
 * The type is a pretence until prepare_load(): for a program of type TRACING
 * libbpf reads the whole BTF of the kernel again, if only to look up what is
 * known by then.
 */
static int register_handlers(struct bt_loader *loader)
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
		loader->handlers[i] = libbpf_register_prog_handler(
			all[i].section, BPF_PROG_TYPE_RAW_TRACEPOINT, all[i].attach, &opts);
		if (loader->handlers[i] < 0)
			return loader->handlers[i];
	}
	return 0;
}

static void unregister_handlers(const struct bt_loader *loader)
{
	unsigned int i;

	for (i = 0; i < sizeof(loader->handlers) / sizeof(loader->handlers[0]); i++)
		if (loader->handlers[i] > 0)
			libbpf_unregister_prog_handler(loader->handlers[i]);
}

static int open_memfd(struct bt_loader *loader)
{
	loader->core_btf_fd = memfd_create("bitmap-trace-btf", MFD_CLOEXEC);
	if (loader->core_btf_fd < 0)
		return fail(-errno, "cannot create a memfd: %s", strerror(errno));
	snprintf(loader->btf_path, sizeof(loader->btf_path), "/proc/self/fd/%d",
		 loader->core_btf_fd);
	return 0;
}

int bt_loader_begin(struct bt_loader *loader, bool verbose)
{
	int err;

	memset(loader, 0, sizeof(*loader));
	loader->core_btf_fd = -1;
	libbpf_set_print(verbose ? print_libbpf : NULL);
	err = register_handlers(loader);
	if (err)
		return bt_loader_fail(err, "cannot set up libbpf");
	err = open_kernel_btf(loader);
	return err ? err : open_memfd(loader);
}

void bt_loader_end(struct bt_loader *loader)
{
	unsigned int i;

	unregister_handlers(loader);
	bt_hooks_free(&loader->hooks);
	bt_kernel_btf_close(&loader->btf);
	for (i = 0; i < BT_HOOK_MODULES_NR; i++)
		if (loader->module_btf_fds[i] > 0)
			close(loader->module_btf_fds[i]);
	if (loader->core_btf_fd >= 0)
		close(loader->core_btf_fd);
}

static int write_core_btf(const struct bt_loader *loader, struct bpf_object *object)
{
	struct btf *core;
	const char *data;
	uint32_t size;
	ssize_t n;
	int err;

	err = bt_core_btf_build(&loader->btf, BT_BTF_DIR, bpf_object__btf(object), &core);
	if (err)
		return err;
	data = btf__raw_data(core, &size);
	/* A memfd takes it in one piece or not at all. */
	n = data ? write(loader->core_btf_fd, data, size) : -1;
	err = n == (ssize_t)size ? 0 : -ENOMEM;
	btf__free(core);
	return err;
}

int bt_loader_find_hooks(struct bt_loader *loader, struct bpf_object *object)
{
	int err = bt_hooks_find(&loader->hooks, object, &loader->btf);

	if (err)
		return bt_loader_fail(err, "cannot find the hooks");
	/* A kernel that can attach probes by name has symbols, too. */
	err = bt_hooks_see_symbols(&loader->hooks, BT_KALLSYMS);
	return err ? fail(err, "cannot read " BT_KALLSYMS ": %s", strerror(-err)) : 0;
}

int bt_loader_choose(struct bt_loader *loader, struct bpf_object *object)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < loader->hooks.nr && !err; i++)
		if (!loader->hooks.all[i].btf_id)
			err = bpf_program__set_autoload(loader->hooks.all[i].program, false);
	if (!err)
		err = write_core_btf(loader, object);
	return err ? bt_loader_fail(err, "cannot open the probes") : 0;
}

int bt_loader_attach(const struct bt_loader *loader, struct bt_links *links)
{
	const struct bt_hook *hook;
	char what[128];
	unsigned int i;

	links->all = calloc(loader->hooks.nr + 1, sizeof(*links->all));
	if (!links->all)
		return bt_loader_fail(-ENOMEM, "cannot attach the probes");
	links->nr = loader->hooks.nr;
	for (i = 0; i < loader->hooks.nr; i++) {
		hook = &loader->hooks.all[i];
		if (!hook->btf_id)
			continue;
		links->all[i] = bpf_program__attach_trace(hook->program);
		if (!links->all[i]) {
			snprintf(what, sizeof(what), "cannot attach to %s", hook->function);
			return bt_loader_fail(-errno, what);
		}
	}
	return 0;
}

void bt_links_detach(struct bt_links *links)
{
	unsigned int i;

	for (i = 0; i < links->nr; i++)
		bpf_link__destroy(links->all[i]);
	free(links->all);
	links->all = NULL;
	links->nr = 0;
}

int bt_loader_set_arrays(const struct bpf_map *map, const uint32_t *arrays, unsigned int nr)
{
	const unsigned char one = 1;
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = bpf_map_update_elem(bpf_map__fd(map), &arrays[i], &one, BPF_ANY);
	return err;
}

bool bt_loader_fork(void)
{
	if (fork() != 0)
		return false;
	/* Who waits for the end of our output must not wait for this. */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	setsid();
	return true;
}
