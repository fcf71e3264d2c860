/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the running kernel's BTF says about functions and types. libbpf looks every name up
 * by a walk over all types, 9 M instructions each; here one walk answers all questions (16 M).
 * Over all programs that is 3 s of start-up under TCG; see loader.h.
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
	struct btf *module; /* split BTF of md_mod; NULL when md is built in or not loaded */
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
	/* The answer. */
	uint32_t id;	/* 0: there is none */
	bool in_module; /* of md_mod, or of the module asked */
};

/* Answers all queries; what md_mod defines wins over a namesake elsewhere. 0 or -ENOMEM. */
int bt_kernel_btf_find(const struct bt_kernel_btf *btf, struct bt_btf_query *queries,
		       unsigned int nr);

/* The same in the BTF of another module; queries that have an answer already keep it. */
int bt_kernel_btf_find_in(const struct bt_kernel_btf *btf, const struct btf *module,
			  struct bt_btf_query *queries, unsigned int nr);

/*
 * The split BTF of a module below dir; NULL when there is none (built in, or
 * not loaded). The caller frees it, before btf is closed. 0 or -errno.
 */
int bt_kernel_btf_module(const struct bt_kernel_btf *btf, const char *dir, const char *module,
			 struct btf **opened);

/* The type of an id found; ids of both files are one range. */
const struct btf_type *bt_kernel_btf_type(const struct bt_kernel_btf *btf, uint32_t id);
/* "" for an offset outside: what it names has no name. */
const char *bt_kernel_btf_string(const struct bt_kernel_btf *btf, uint32_t offset);

/*
 * A struct of the kernel's own that begins with bytes, which bpf_rdonly_cast() takes
 * any address for; 0: this kernel has no such function, or no such struct.
 */
uint32_t bt_kernel_btf_bytes_type(const struct bt_kernel_btf *btf);

/*
 * A small BTF with all the kernel types that local (a BPF object's BTF)
 * relocates against, as far as the kernel has them. 0 or -errno.
 */
int bt_core_btf_build(const struct bt_kernel_btf *btf, const struct btf *local, struct btf **core);

#endif /* BT_KERNEL_BTF_H */
