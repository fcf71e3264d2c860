/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the live source share. */
#ifndef BT_LIVE_INTERNAL_H
#define BT_LIVE_INTERNAL_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hooks.h"
#include "live.h"
#include "ring.h"

struct bitmap_trace; /* the generated skeleton */

/* Runs of the probes that the kernel skipped. */
struct bt_missed {
	uint64_t total;
	uint64_t by_type[BT_EVENT_TYPE_MAX]; /* [0]: of programs that emit no event of their own */
};

struct bt_live {
	struct bitmap_trace *skel;
	struct bpf_link **links; /* one per program, NULL where not attached */
	unsigned int links_nr;
	struct bt_ring ring;
	uint64_t bad_records;	 /* of a size that is no event's, or never finished */
	struct bt_missed missed; /* as far as the stream has marks of it */
	struct bt_live_times times;
};

/* What loading needs besides, and nothing after it does. */
struct bt_loader {
	struct bt_live *live;
	const struct bt_live_config *config;
	struct bt_kernel_btf btf;
	struct bt_hooks hooks;
	int module_btf_fds[BT_HOOK_MODULES_NR]; /* of their BTF in the kernel, 0 none */
	int core_btf_fd;			/* memfd with the types to relocate against */
};

/* Opens the BTF of the modules that have hooks. 0 or -errno; the caller closes them. */
int bt_live_module_btfs(struct bt_loader *loader);

/* Of one of bt_hook_modules. */
int bt_live_module_btf_fd(const struct bt_loader *loader, const char *module);

/* As the kernel has counted up to now. 0 or -errno. */
int bt_live_missed(const struct bt_live *live, struct bt_missed *missed);
/* Of the events that were not told between two readings, BT_TYPE_BIT; 0: not known. */
uint64_t bt_missed_types(const struct bt_missed *before, const struct bt_missed *now);

/* What a program emits, by its name; 0 if it is not known. */
uint16_t bt_program_event_type(const char *program);

/* Opens, loads and attaches into live. 0 or -errno, with a message. */
int bt_live_load(struct bt_live *live, const struct bt_live_config *config,
		 struct bt_trace_info *info);

#endif /* BT_LIVE_INTERNAL_H */
