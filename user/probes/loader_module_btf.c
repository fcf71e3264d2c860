// SPDX-License-Identifier: GPL-2.0-only
/*
 * File descriptors of the modules' BTF, by which the kernel knows in which module a program
 * attaches. Needed for CAP_BPF and CAP_PERFMON alone: libbpf's own way takes CAP_SYS_ADMIN.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probes/loader.h"
#include "skel/module_btf.skel.h"

static int module_index(const char *name)
{
	int i;

	if (!strcmp(name, BT_BTF_MODULE))
		return 0;
	for (i = 0; i < BT_BTF_PERSONALITIES_NR; i++)
		if (!strcmp(name, bt_btf_personalities[i]))
			return 1 + i;
	return -1;
}

/* The module that the chosen variant of a hook is in; NULL: none is, or it is vmlinux. */
static const char *module_of(const struct bt_hook *hook)
{
	return hook->site ? hook->site->module : NULL;
}

/* Keeps fd if it is the BTF of a module with hooks, else closes it. */
static void keep_fd(struct bt_loader *loader, int fd)
{
	struct bpf_btf_info info;
	char name[64] = "";
	uint32_t len = sizeof(info);
	int i = -1;

	memset(&info, 0, sizeof(info));
	info.name = (uintptr_t)name;
	info.name_len = sizeof(name);
	if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.kernel_btf)
		i = module_index(name);
	if (i < 0 || loader->module_btf_fds[i] > 0)
		close(fd);
	else
		loader->module_btf_fds[i] = fd;
}

/* The quick way. Both calls take CAP_SYS_ADMIN. */
static int look_through_all(struct bt_loader *loader)
{
	uint32_t id = 0;
	int fd;

	while (!bpf_btf_get_next_id(id, &id)) {
		fd = bpf_btf_get_fd_by_id(id);
		if (fd >= 0) /* else its module may just be gone */
			keep_fd(loader, fd);
	}
	return errno == ENOENT ? 0 : -errno;
}

/* The fd of the module that has this function, 0 if it is none's, or -errno. */
static int ask_for(struct module_btf *skel, const char *function)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	const size_t len = sizeof(skel->bss->function_name);
	int err;

	if ((size_t)snprintf(skel->bss->function_name, len, "%s", function) >= len)
		return 0;
	err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.find_function), &opts);
	if (err)
		return err;
	return skel->bss->found > 0 ? (int)(skel->bss->found >> 32) : 0;
}

/* By a function that no other module has; the first one asked for is, as a rule. */
static int ask_for_each(struct bt_loader *loader, struct module_btf *skel)
{
	const struct bt_hook *hook;
	unsigned int i;
	int fd;

	for (i = 0; i < loader->hooks.nr; i++) {
		hook = &loader->hooks.all[i];
		if (!module_of(hook) || hook->row->tracepoint ||
		    loader->module_btf_fds[module_index(module_of(hook))] > 0)
			continue;
		fd = ask_for(skel, hook->site->function);
		if (fd < 0)
			return fd;
		if (fd > 0)
			keep_fd(loader, fd);
	}
	return 0;
}

/* The kernel walks all types for it: some ten milliseconds a module. */
static int ask_by_name(struct bt_loader *loader)
{
	struct module_btf *skel = module_btf__open_and_load();
	int err;

	if (!skel)
		return -errno;
	err = ask_for_each(loader, skel);
	module_btf__destroy(skel);
	return err;
}

/* A personality may just have been unloaded; its hooks go with it. */
static int check_module(const struct bt_loader *loader, struct bt_hook *hook)
{
	const char *module = module_of(hook);
	int i = module ? module_index(module) : -1;

	if (!module || (i >= 0 && loader->module_btf_fds[i] > 0))
		return 0;
	if (!strcmp(module, BT_BTF_MODULE))
		return -ENOENT;
	bt_hooks_refuse(hook, "the BTF of its module cannot be opened");
	return 0;
}

int bt_loader_module_btfs(struct bt_loader *loader)
{
	int err = look_through_all(loader);
	unsigned int i;

	if (err == -EPERM)
		err = ask_by_name(loader);
	for (i = 0; i < loader->hooks.nr && !err; i++)
		err = check_module(loader, &loader->hooks.all[i]);
	return err;
}

int bt_loader_module_btf_fd(const struct bt_loader *loader, const char *module)
{
	return loader->module_btf_fds[module_index(module)];
}
