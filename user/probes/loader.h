/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load and attach, for any object of probes. libbpf can do all of it alone; two
 * things are done here instead. The functions to attach to are looked up in one walk of the
 * kernel's BTF, with their signatures, and handed to libbpf by program handlers: libbpf walks all
 * types once per program, 562 M instructions more for check's 62 programs (706 M to open and
 * load instead of 144 M, libbpf 1.1.2; 1.5 is the same within 2 %): 3 s under TCG. And the
 * types to relocate against are handed to it as a small BTF (core_btf.c), because it
 * reads the BTF of modules by a call that takes CAP_SYS_ADMIN.
 *
 * begin, open the skeleton with btf_path, choose, load the skeleton after
 * module_btfs, attach, end. Each says on stderr what went wrong.
 */
#ifndef BT_LOADER_H
#define BT_LOADER_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probes/hooks.h"

struct bt_loader {
	struct bt_kernel_btf btf;
	struct bt_hooks hooks;
	int module_btf_fds[BT_HOOK_MODULES_NR]; /* of their BTF in the kernel, 0 none */
	int core_btf_fd;			/* memfd with the types to relocate against */
	char btf_path[32];			/* that, for bpf_object_open_opts */
	int handlers[3];
};

/* Programs attached: one link each, NULL where it is not. */
struct bt_links {
	struct bpf_link **all;
	unsigned int nr;
};

/* verbose: libbpf's own messages to stderr. 0 or -errno; end it in any case. */
int bt_loader_begin(struct bt_loader *loader, bool verbose);
void bt_loader_end(struct bt_loader *loader);

/* Finds the hooks of an opened object, with what symbols tell of them. 0 or -errno. */
int bt_loader_find_hooks(struct bt_loader *loader, struct bpf_object *object);

/*
 * Leaves out the programs whose hook is not there, or was given up by the
 * caller (btf_id 0), and makes ready what the others are loaded with. 0 or -errno.
 */
int bt_loader_choose(struct bt_loader *loader, struct bpf_object *object);

/* Opens the BTF of the modules that have hooks. 0 or -errno (loader_module_btf.c). */
int bt_loader_module_btfs(struct bt_loader *loader);
/* Of one of bt_hook_modules. */
int bt_loader_module_btf_fd(const struct bt_loader *loader, const char *module);

/* The arrays to be traced, by dev_t, into the loaded probes' map of them. 0 or -errno. */
int bt_loader_set_arrays(const struct bpf_map *map, const uint32_t *arrays, unsigned int nr);

/* Attaches what was loaded. 0 or -errno; links are the caller's to detach either way. */
int bt_loader_attach(const struct bt_loader *loader, struct bt_links *links);
void bt_links_detach(struct bt_links *links);
/*
 * To detach behind the caller's back: true in a child that holds all that is
 * open, and is to free it and _exit; closing it is quick for the caller then.
 */
bool bt_loader_fork(void);

/* Says that this cannot be done, and what rights it takes if that is why; returns err or -EPERM. */
int bt_loader_fail(int err, const char *what);

#endif /* BT_LOADER_H */
