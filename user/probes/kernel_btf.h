/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks up functions and types in the running kernel's BTF. libbpf walks over all types for
 * each name, 9 M instructions each; here one walk answers all queries (16 M). Over all programs
 * that saves 3 s of start-up under TCG; see loader.h.
 */
#ifndef BT_KERNEL_BTF_H
#define BT_KERNEL_BTF_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>

#define BT_BTF_DIR    "/sys/kernel/btf"
#define BT_BTF_MODULE "md_mod"

/* md's personalities, which may be loaded later than md. */
#define BT_BTF_PERSONALITIES_NR 3
extern const char *const bt_btf_personalities[BT_BTF_PERSONALITIES_NR];

struct bt_kernel_btf {
	struct btf *vmlinux;
	struct btf *module; /* split BTF of md_mod; NULL if md is built in or not loaded */
};

/*
 * Reads vmlinux and, if there is one, md_mod from dir (BT_BTF_DIR).
 * 0, -ENOENT without BTF of the kernel, or another -errno.
 */
int bt_kernel_btf_open(struct bt_kernel_btf *btf, const char *dir);
void bt_kernel_btf_close(struct bt_kernel_btf *btf);

struct bt_btf_query {
	const char *name;
	uint32_t kinds; /* 1 << BTF_KIND_*, any of these will do */
	/* Result: */
	uint32_t id;	/* 0: not found */
	bool in_module; /* found in md_mod or in the given module */
};

/*
 * Answers all queries; a type of md_mod takes precedence over the same name elsewhere. 0 or
 * -ENOMEM.
 */
int bt_kernel_btf_find(const struct bt_kernel_btf *btf, struct bt_btf_query *queries,
		       unsigned int nr);

/* The same in the BTF of another module; queries that are answered already keep their answer. */
int bt_kernel_btf_find_in(const struct bt_kernel_btf *btf, const struct btf *module,
			  struct bt_btf_query *queries, unsigned int nr);

/*
 * The split BTF of a module below dir; NULL if there is none (built in, or not loaded). The
 * caller frees it before btf is closed. 0 or -errno.
 */
int bt_kernel_btf_module(const struct bt_kernel_btf *btf, const char *dir, const char *module,
			 struct btf **opened);

/* The type of a found id; the ids of both files are one range. */
const struct btf_type *bt_kernel_btf_type(const struct bt_kernel_btf *btf, uint32_t id);
/* "" for an offset outside the strings. */
const char *bt_kernel_btf_string(const struct bt_kernel_btf *btf, uint32_t offset);

/*
 * A struct of vmlinux that begins with bytes, as which bpf_rdonly_cast() accepts any address;
 * 0: this kernel lacks the function or the struct.
 */
uint32_t bt_kernel_btf_bytes_type(const struct bt_kernel_btf *btf);

/*
 * Can a program keep its CPU from other tasks, and call its global functions meanwhile? (Since
 * 6.15; bpf/core/program.h)
 */
bool bt_kernel_btf_can_hold_cpu(const struct bt_kernel_btf *btf);

/*
 * A small BTF with all kernel types that local (a BPF object's BTF) relocates against, if the
 * kernel has them; those of raid5 come from raid456's BTF below dir, if it is there. 0 or
 * -errno.
 */
int bt_core_btf_build(const struct bt_kernel_btf *btf, const char *dir, const struct btf *local,
		      struct btf **core);

#endif /* BT_KERNEL_BTF_H */
