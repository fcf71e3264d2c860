// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BTF of a kernel and of its md_mod: two bytes with the length of the kernel's, then that,
 * then the module's, which may be missing. Lookups in it, and the extract for the relocation of
 * a BPF object.
 */
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "probes/kernel_btf.h"
#include "probes/signature.h"

struct kernel {
	char dir[64];
	char module[80]; /* exists if the input has one */
	struct fuzz_file vmlinux, md_mod;
	struct btf *local; /* the BPF object's declarations of the types that it reads */
};

static struct btf *local_btf(void)
{
	struct btf *btf = btf__new_empty();
	int u64 = btf__add_int(btf, "u64", 8, 0), inner;

	inner = btf__add_union(btf, NULL, 8);
	btf__add_field(btf, "a", u64, 0, 0);
	btf__add_struct(btf, "bio", 16);
	btf__add_field(btf, NULL, inner, 0, 0);
	btf__add_field(btf, "sector", u64, 64, 0);
	btf__add_struct(btf, "bitmap___old", 8);
	btf__add_field(btf, "chunks", u64, 0, 0);
	btf__add_enum(btf, "pageflags", 4);
	btf__add_enum_value(btf, "PG_locked", 0);
	return btf;
}

static struct kernel *kernel_new(void)
{
	const char *tmp = getenv("TMPDIR");
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	char path[80];

	fuzz_require(kernel);
	snprintf(kernel->dir, sizeof(kernel->dir), "%.40s/bt-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	fuzz_require(mkdtemp(kernel->dir));
	fuzz_file_open(&kernel->vmlinux);
	fuzz_file_open(&kernel->md_mod);
	snprintf(path, sizeof(path), "%s/vmlinux", kernel->dir);
	fuzz_require(!symlink(kernel->vmlinux.path, path));
	snprintf(kernel->module, sizeof(kernel->module), "%s/%s", kernel->dir, BT_BTF_MODULE);
	kernel->local = local_btf();
	libbpf_set_print(NULL);
	return kernel;
}

static void set(struct kernel *kernel, const uint8_t *data, size_t size)
{
	size_t vmlinux = size < 2 ? 0 : (size_t)(data[0] | data[1] << 8);

	data += size < 2 ? size : 2;
	size -= size < 2 ? size : 2;
	if (vmlinux > size)
		vmlinux = size;
	fuzz_file_set(&kernel->vmlinux, data, vmlinux);
	fuzz_file_set(&kernel->md_mod, data + vmlinux, size - vmlinux);
	unlink(kernel->module);
	if (size > vmlinux)
		fuzz_require(!symlink(kernel->md_mod.path, kernel->module));
}

/* A matching signature is printed as it is written. */
static void signature(const struct bt_kernel_btf *btf, uint32_t id)
{
	const struct btf *in = btf->module ? btf->module : btf->vmlinux;
	char text[40];

	bt_signature_print(in, id, text, sizeof(text));
	fuzz_require(strlen(text) < sizeof(text));
	bt_signature_fits(in, id, "mddev*, u64, *, bool -> int");
}

static void find(const struct bt_kernel_btf *btf)
{
	struct bt_btf_query queries[] = {
		{ .name = "bitmap_load", .kinds = 1u << BTF_KIND_FUNC },
		{ .name = "btf_trace_block_bio_queue", .kinds = 1u << BTF_KIND_TYPEDEF },
		{ .name = "bitmap", .kinds = 1u << BTF_KIND_STRUCT | 1u << BTF_KIND_UNION },
		{ .name = "bitmap", .kinds = 1u << BTF_KIND_FUNC },
	};
	const struct btf_type *type;
	unsigned int i;

	fuzz_require(!bt_kernel_btf_find(btf, queries, 4));
	for (i = 0; i < 4; i++) {
		if (!queries[i].id)
			continue;
		type = bt_kernel_btf_type(btf, queries[i].id);
		fuzz_require(type && queries[i].kinds & 1u << btf_kind(type));
		fuzz_require(!strcmp(bt_kernel_btf_string(btf, type->name_off), queries[i].name));
		signature(btf, queries[i].id);
	}
}

/* The extract is complete. */
static void cut(const struct kernel *kernel, const struct bt_kernel_btf *btf)
{
	struct btf *core, *again;
	const void *raw;
	uint32_t size;

	if (bt_core_btf_build(btf, kernel->dir, kernel->local, &core))
		return;
	raw = btf__raw_data(core, &size);
	fuzz_require(raw);
	again = btf__new(raw, size);
	fuzz_require(!libbpf_get_error(again));
	fuzz_require(btf__type_cnt(again) == btf__type_cnt(core));
	btf__free(again);
	btf__free(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kernel *kernel;
	struct bt_kernel_btf btf;

	if (!kernel)
		kernel = kernel_new();
	set(kernel, data, size);
	if (bt_kernel_btf_open(&btf, kernel->dir))
		return 0;
	find(&btf);
	cut(kernel, &btf);
	bt_kernel_btf_close(&btf);
	return 0;
}
