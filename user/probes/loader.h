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
 * A program that the kernel refuses goes alone: its hook is given up, with the last words of
 * the verifier, and the others are loaded anew.
 *
 * begin, load, attach, end. Each says on stderr what went wrong.
 */
#ifndef BT_LOADER_H
#define BT_LOADER_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probes/hooks.h"

#define BT_MODULE_DIR	     "/sys/module"
#define BT_PAGE_SIZE	     4096 /* what the probes and the model know */
#define BT_LOADER_MODULES_NR (1 + BT_BTF_PERSONALITIES_NR)

struct bt_loader {
	struct bt_kernel_btf btf;
	struct bt_hooks hooks;
	int module_btf_fds[BT_LOADER_MODULES_NR]; /* of their BTF in the kernel, 0 none */
	int core_btf_fd;			  /* memfd with the types to relocate against */
	char btf_path[32];			  /* that, for bpf_object_open_opts */
	int handlers[4];
	bool verbose;
	const struct bt_program *loading; /* of the last program that libbpf has begun to load */
	char *log;			  /* the verifier's, of that */
};

/* An object of probes: a skeleton and what is to be done with it. ctx goes to each. */
struct bt_loader_object {
	/* Opens the skeleton. NULL with errno. */
	struct bpf_object *(*open)(void *ctx, const struct bpf_object_open_opts *opts);
	/* Leaves out the programs that this run does not need. */
	void (*leave_out)(void *ctx, struct bt_hooks *hooks);
	/* What is set between open and load. 0 or -errno */
	int (*set_up)(void *ctx, const struct bt_kernel_btf *btf);
	int (*load)(void *ctx);
	void (*close)(void *ctx); /* after a load that failed */
	void *ctx;
};

/* Programs attached: one link each, NULL where it is not. */
struct bt_links {
	struct bpf_link **all;
	unsigned int nr;
};

struct bt_loader_times {
	uint64_t open_ns;
	uint64_t load_ns;
	uint64_t attach_ns;
};

/* verbose: libbpf's own messages to stderr. 0 or -errno; end it in any case. */
int bt_loader_begin(struct bt_loader *loader, bool verbose);
void bt_loader_end(struct bt_loader *loader);

/*
 * Opens the object, finds its hooks, and loads it without the programs that
 * cannot be. 0 or -errno; what is open then is the caller's to close.
 */
int bt_loader_load(struct bt_loader *loader, const struct bt_loader_object *object,
		   struct bt_loader_times *times);

/* Gives the hooks away, which outlive the loader then. */
void bt_loader_take_hooks(struct bt_loader *loader, struct bt_hooks *hooks);

/* Opens the BTF of the modules that have hooks. 0 or -errno (loader_module_btf.c). */
int bt_loader_module_btfs(struct bt_loader *loader);
/* Of a module of hooks. */
int bt_loader_module_btf_fd(const struct bt_loader *loader, const char *module);

/* The arrays to be traced, by dev_t, into the loaded probes' map of them. 0 or -errno. */
int bt_loader_set_arrays(const struct bpf_map *map, const uint32_t *arrays, unsigned int nr);

/*
 * Attaches what was loaded; a hook of which not all programs can be is given up. 0 or -errno,
 * when none can; links are the caller's to detach either way.
 */
int bt_loader_attach(struct bt_loader *loader, struct bt_links *links,
		     struct bt_loader_times *times);
void bt_links_detach(struct bt_links *links);
/*
 * To detach behind the caller's back: true in a child that holds all that is
 * open, and is to free it and _exit; closing it is quick for the caller then.
 */
bool bt_loader_fork(void);

/* Says that this cannot be done, and what rights it takes if that is why; returns err or -EPERM. */
int bt_loader_fail(int err, const char *what);

#endif /* BT_LOADER_H */
