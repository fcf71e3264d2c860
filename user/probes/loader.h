/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads and attaches any object of probes. libbpf could do all of it, but two things are done
 * here. First, the functions to attach to are looked up, with their signatures, in one walk of
 * the kernel's BTF, and passed to libbpf by program handlers: libbpf walks all types once per
 * program, which costs 562 M instructions more for check's 62 programs (706 M to open and load
 * instead of 144 M, libbpf 1.1.2; 1.5 is the same within 2 %): 3 s under TCG. Second, the
 * types to relocate against are passed as a small BTF (core_btf.c), because libbpf reads the
 * BTF of modules by a call that needs CAP_SYS_ADMIN.
 *
 * A program that the kernel refuses is left out alone: its hook is given up, with the
 * verifier's last line as the reason, and the others are loaded again.
 *
 * Order of calls: begin, load, attach, end. Each reports its errors on stderr.
 */
#ifndef BT_LOADER_H
#define BT_LOADER_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probes/hooks.h"

#define BT_MODULE_DIR	     "/sys/module"
#define BT_PAGE_SIZE	     4096 /* the only size that the probes and the model support */
#define BT_LOADER_MODULES_NR (1 + BT_BTF_PERSONALITIES_NR)

struct bt_loader {
	struct bt_kernel_btf btf;
	struct bt_hooks hooks;
	int module_btf_fds[BT_LOADER_MODULES_NR]; /* of their BTF in the kernel, 0: none */
	int core_btf_fd;			  /* memfd with the types to relocate against */
	char btf_path[32];			  /* its path, for bpf_object_open_opts */
	int handlers[4];
	bool verbose;
	const struct bt_program *loading; /* the last program that libbpf has begun to load */
	char *log;			  /* the verifier's log of that program */
};

/* An object of probes: a skeleton and callbacks. ctx is passed to each. */
struct bt_loader_object {
	/* Opens the skeleton. NULL with errno. */
	struct bpf_object *(*open)(void *ctx, const struct bpf_object_open_opts *opts);
	/* Leaves out the programs that this run does not need. */
	void (*leave_out)(void *ctx, struct bt_hooks *hooks);
	/* Sets variables between open and load. 0 or -errno */
	int (*set_up)(void *ctx, const struct bt_kernel_btf *btf);
	int (*load)(void *ctx);
	void (*close)(void *ctx); /* after a failed load */
	void *ctx;
};

/* Attached programs: one link each, NULL if not attached. */
struct bt_links {
	struct bpf_link **all;
	unsigned int nr;
};

struct bt_loader_times {
	uint64_t open_ns;
	uint64_t load_ns;
	uint64_t attach_ns;
};

/* verbose: libbpf's own messages to stderr. 0 or -errno; call end in any case. */
int bt_loader_begin(struct bt_loader *loader, bool verbose);
void bt_loader_end(struct bt_loader *loader);

/*
 * Opens the object, finds its hooks, and loads it without the programs that cannot be loaded. 0
 * or -errno; the caller closes what is open then.
 */
int bt_loader_load(struct bt_loader *loader, const struct bt_loader_object *object,
		   struct bt_loader_times *times);

/* Transfers the hooks, which outlive the loader then. */
void bt_loader_take_hooks(struct bt_loader *loader, struct bt_hooks *hooks);

/* Opens the BTF of the modules that have hooks. 0 or -errno (loader_module_btf.c). */
int bt_loader_module_btfs(struct bt_loader *loader);
/* The BTF of a module of hooks. */
int bt_loader_module_btf_fd(const struct bt_loader *loader, const char *module);

/* Stores the arrays to be traced, by dev_t, into the loaded probes' map. 0 or -errno. */
int bt_loader_set_arrays(const struct bpf_map *map, const uint32_t *arrays, unsigned int nr);

/*
 * Attaches what was loaded; a hook is given up if one of its programs cannot be attached. 0, or
 * -errno if none can be attached; the caller detaches links in either case.
 */
int bt_loader_attach(struct bt_loader *loader, struct bt_links *links,
		     struct bt_loader_times *times);
void bt_links_detach(struct bt_links *links);
/*
 * Detaches in the background: returns true in a child that holds all that is open; the child
 * frees it and calls _exit. Closing is then quick for the caller.
 */
bool bt_loader_fork(void);

/*
 * Reports that this failed, and the needed capabilities if those are the reason; returns err or
 * -EPERM.
 */
int bt_loader_fail(int err, const char *what);

#endif /* BT_LOADER_H */
