// SPDX-License-Identifier: GPL-2.0-only
/* Lookups in, and extracts from, the BTF of a synthetic kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/kernel_btf.h"

#define ANY_COMPOSITE (1u << BTF_KIND_STRUCT | 1u << BTF_KIND_UNION)

struct kernel {
	char dir[32];
	int u64, u32; /* ids */
	uint32_t queue;
};

static void write_btf(const struct kernel *kernel, const char *name, const struct btf *btf)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", kernel->dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(data, size, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

static int add_function(struct btf *btf, const char *name)
{
	int proto = btf__add_func_proto(btf, 0);

	return btf__add_func(btf, name, BTF_FUNC_GLOBAL, proto);
}

/* struct list { void *next; }; struct bio { u64 pad; union { u32 a; struct { u32 b:3; } }; ... } */
static void add_bio(struct kernel *kernel, struct btf *btf)
{
	int pointer = btf__add_ptr(btf, 0), list, bits, both, sector;

	list = btf__add_struct(btf, "list", 8);
	assert_int_equal(btf__add_field(btf, "next", pointer, 0, 0), 0);
	sector = btf__add_const(btf, btf__add_typedef(btf, "sector_t", kernel->u64));
	bits = btf__add_struct(btf, NULL, 4);
	assert_int_equal(btf__add_field(btf, "b", kernel->u32, 0, 3), 0);
	both = btf__add_union(btf, NULL, 4);
	assert_int_equal(btf__add_field(btf, "a", kernel->u32, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, NULL, bits, 0, 0), 0);
	btf__add_struct(btf, "bio", 48);
	assert_int_equal(btf__add_field(btf, "unwanted", kernel->u64, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, NULL, both, 64, 0), 0);
	assert_int_equal(btf__add_field(btf, "list", list, 128, 0), 0);
	assert_int_equal(btf__add_field(btf, "sector", sector, 192, 0), 0);
}

static struct btf *make_vmlinux(struct kernel *kernel)
{
	struct btf *btf = btf__new_empty();
	int array;

	kernel->u64 = btf__add_int(btf, "u64", 8, 0);
	kernel->u32 = btf__add_int(btf, "u32", 4, 0);
	add_bio(kernel, btf);
	add_function(btf, "submit_bh");
	add_function(btf, "same_name");
	/* A type with the same name as one in md_mod. */
	btf__add_struct(btf, "bitmap", 400);
	btf__add_enum(btf, "pageflags", 4);
	assert_int_equal(btf__add_enum_value(btf, "PG_locked", 0), 0);
	assert_int_equal(btf__add_enum_value(btf, "PG_head", 6), 0);
	array = btf__add_array(btf, kernel->u32, kernel->u64, 4);
	btf__add_struct(btf, "holder", 16);
	assert_int_equal(btf__add_field(btf, "numbers", array, 0, 0), 0);
	kernel->queue = (uint32_t)btf__add_typedef(btf, "btf_trace_block_bio_queue", kernel->u64);
	return btf;
}

static struct btf *make_module(struct kernel *kernel, struct btf *vmlinux)
{
	struct btf *btf = btf__new_empty_split(vmlinux);

	btf__add_struct(btf, "bitmap", 16);
	assert_int_equal(btf__add_field(btf, "flags", kernel->u64, 64, 0), 0);
	add_function(btf, "bitmap_load");
	add_function(btf, "same_name");
	return btf;
}

static void kernel_new(struct kernel *kernel, struct bt_kernel_btf *btf)
{
	struct btf *vmlinux, *module;

	strcpy(kernel->dir, "/tmp/bt-btf-XXXXXX");
	assert_non_null(mkdtemp(kernel->dir));
	vmlinux = make_vmlinux(kernel);
	module = make_module(kernel, vmlinux);
	write_btf(kernel, "vmlinux", vmlinux);
	write_btf(kernel, "md_mod", module);
	btf__free(module);
	btf__free(vmlinux);
	assert_int_equal(bt_kernel_btf_open(btf, kernel->dir), 0);
	assert_non_null(btf->module);
}

static void remove_file(const struct kernel *kernel, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", kernel->dir, name);
	assert_int_equal(unlink(path), 0);
}

static void kernel_free(struct kernel *kernel, struct bt_kernel_btf *btf)
{
	remove_file(kernel, "md_mod");
	remove_file(kernel, "vmlinux");
	assert_int_equal(rmdir(kernel->dir), 0);
	bt_kernel_btf_close(btf);
}

static void test_find(void **state)
{
	struct bt_btf_query queries[] = {
		{ .name = "submit_bh", .kinds = 1u << BTF_KIND_FUNC },
		{ .name = "bitmap_load", .kinds = 1u << BTF_KIND_FUNC },
		{ .name = "bitmap_load", .kinds = 1u << BTF_KIND_FUNC },
		{ .name = "same_name", .kinds = 1u << BTF_KIND_FUNC },
		{ .name = "bitmap", .kinds = ANY_COMPOSITE },
		{ .name = "bitmap", .kinds = 1u << BTF_KIND_FUNC },
		{ .name = "btf_trace_block_bio_queue", .kinds = 1u << BTF_KIND_TYPEDEF },
		{ .name = "submit", .kinds = 1u << BTF_KIND_FUNC, .id = 77 },
		{ .name = "s", .kinds = 1u << BTF_KIND_FUNC },
	};
	struct bt_kernel_btf btf;
	struct kernel kernel;

	(void)state;
	kernel_new(&kernel, &btf);
	assert_int_equal(bt_kernel_btf_find(&btf, queries, 9), 0);
	assert_true(queries[0].id && !queries[0].in_module);
	assert_string_equal(
		bt_kernel_btf_string(&btf, bt_kernel_btf_type(&btf, queries[0].id)->name_off),
		"submit_bh");
	assert_true(queries[1].id && queries[1].in_module);
	assert_int_equal(queries[2].id, queries[1].id);
	assert_true(queries[3].in_module);
	assert_true(queries[4].in_module);
	assert_int_equal(bt_kernel_btf_type(&btf, queries[4].id)->size, 16);
	assert_int_equal(queries[5].id, 0);
	assert_int_equal(queries[6].id, kernel.queue);
	assert_int_equal(queries[7].id, 0);
	assert_int_equal(queries[8].id, 0);
	assert_int_equal(bt_kernel_btf_find(&btf, queries, 0), 0);
	kernel_free(&kernel, &btf);
}

static void test_open_failures(void **state)
{
	struct bt_kernel_btf btf;
	struct kernel kernel;

	(void)state;
	assert_int_equal(bt_kernel_btf_open(&btf, "/nowhere"), -ENOENT);
	kernel_new(&kernel, &btf);
	bt_kernel_btf_close(&btf);
	remove_file(&kernel, "md_mod"); /* md built into the kernel */
	assert_int_equal(bt_kernel_btf_open(&btf, kernel.dir), 0);
	assert_null(btf.module);
	bt_kernel_btf_close(&btf);
	remove_file(&kernel, "vmlinux");
	assert_int_equal(rmdir(kernel.dir), 0);
}

/* What a BPF object would declare: parts of the types, at other offsets. */
static struct btf *make_local(void)
{
	struct btf *btf = btf__new_empty();
	int u32 = btf__add_int(btf, "u32", 4, 0), list;

	btf__add_struct(btf, "bitmap___flavour", 8);
	assert_int_equal(btf__add_field(btf, "flags", u32, 0, 0), 0);
	list = btf__add_struct(btf, "list", 8);
	btf__add_struct(btf, "bio", 16);
	assert_int_equal(btf__add_field(btf, "b", u32, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "list", list, 32, 0), 0);
	assert_int_equal(btf__add_field(btf, "sector", u32, 96, 0), 0);
	btf__add_struct(btf, "holder", 4);
	assert_int_equal(btf__add_field(btf, "numbers", u32, 0, 0), 0);
	btf__add_enum(btf, "pageflags", 4);
	assert_int_equal(btf__add_enum_value(btf, "PG_head", 1), 0);
	btf__add_struct(btf, "ours_alone", 4);
	return btf;
}

static const struct btf_type *find_in(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name(btf, name);

	assert_true(id > 0);
	return btf__type_by_id(btf, (uint32_t)id);
}

static const struct btf_type *assert_member(const struct btf *btf, const struct btf_type *type,
					    uint32_t i, const char *name, uint32_t bit_offset)
{
	const struct btf_member *member = btf_members(type) + i;

	assert_true(i < btf_vlen(type));
	assert_string_equal(btf__name_by_offset(btf, member->name_off), name);
	assert_int_equal(btf_member_bit_offset(type, i), bit_offset);
	return btf__type_by_id(btf, member->type);
}

static void test_core_types(void **state)
{
	const struct btf_type *bio, *inner, *flags;
	struct btf *local = make_local(), *core;
	struct bt_kernel_btf btf;
	struct kernel kernel;

	(void)state;
	kernel_new(&kernel, &btf);
	assert_int_equal(bt_core_btf_build(&btf, kernel.dir, local, &core), 0);

	bio = find_in(core, "bio");
	assert_int_equal(bio->size, 48);
	assert_int_equal(btf_vlen(bio), 3); /* without the members that no object declares */
	inner = assert_member(core, bio, 0, "", 64);
	assert_true(btf_is_union(inner));
	assert_member(core, inner, 0, "a", 0);
	inner = assert_member(core, inner, 1, "", 0);
	assert_int_equal(btf_member_bitfield_size(inner, 0), 3);
	inner = assert_member(core, bio, 1, "list", 128);
	assert_int_equal(inner->size, 8);
	inner = assert_member(core, bio, 2, "sector", 192);
	assert_true(btf_is_int(inner));
	assert_int_equal(inner->size, 8);

	/* md_mod's own type, not the one of the same name. */
	assert_int_equal(find_in(core, "bitmap")->size, 16);
	assert_member(core, find_in(core, "bitmap"), 0, "flags", 64);
	inner = assert_member(core, find_in(core, "holder"), 0, "numbers", 0);
	assert_int_equal(btf_array(inner)->nelems, 4);
	flags = find_in(core, "pageflags");
	assert_int_equal(btf_vlen(flags), 2);
	assert_int_equal(btf_enum(flags)[1].val, 6);
	assert_true(btf__find_by_name(core, "ours_alone") < 0);
	assert_true(btf__find_by_name(core, "submit_bh") < 0);
	btf__free(core);
	btf__free(local);
	kernel_free(&kernel, &btf);
}

/* libbpf accepts it: it checks the form of each type, not the references. */
static void test_damaged(void **state)
{
	struct kernel kernel = { .dir = "/tmp/bt-btf-XXXXXX" };
	struct btf *vmlinux = btf__new_empty(), *local = make_local(), *core;
	int to_itself, last, i;
	struct bt_kernel_btf btf;

	(void)state;
	assert_non_null(mkdtemp(kernel.dir));
	/* Each of these holds two of the next, and the last one is a typedef of itself. */
	to_itself = btf__add_typedef(vmlinux, "circle", 1);
	for (i = 0, last = to_itself; i < 30; i++) {
		int next = btf__add_struct(vmlinux, i < 29 ? NULL : "bio", 8);

		assert_int_equal(btf__add_field(vmlinux, NULL, i ? last : 0, 0, 0), 0);
		assert_int_equal(btf__add_field(vmlinux, NULL, i ? last : 0, 32, 0), 0);
		last = next;
	}
	btf__add_struct(vmlinux, "holder", 8);
	assert_int_equal(btf__add_field(vmlinux, "numbers", to_itself, 0, 0), 0);
	write_btf(&kernel, "vmlinux", vmlinux);
	assert_int_equal(bt_kernel_btf_open(&btf, kernel.dir), 0);
	assert_string_equal(bt_kernel_btf_string(&btf, 1u << 30), "");
	assert_int_equal(bt_core_btf_build(&btf, kernel.dir, local, &core), -EINVAL);
	bt_kernel_btf_close(&btf);
	remove_file(&kernel, "vmlinux");
	assert_int_equal(rmdir(kernel.dir), 0);
	btf__free(vmlinux);
	btf__free(local);
}

/* The header has its own length; if that is odd, all types are at odd addresses. */
static void types_at_odd_addresses_are_refused(void **state)
{
	struct kernel kernel = { .dir = "/tmp/bt-btf-XXXXXX" };
	struct btf *vmlinux = btf__new_empty();
	struct bt_kernel_btf btf;
	struct btf_header header;
	const char *raw;
	char path[64];
	uint32_t size;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(kernel.dir));
	btf__add_int(vmlinux, "int", 4, 0);
	raw = btf__raw_data(vmlinux, &size);
	memcpy(&header, raw, sizeof(header));
	header.hdr_len++;
	snprintf(path, sizeof(path), "%s/vmlinux", kernel.dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(&header, sizeof(header), 1, file), 1);
	fputc(0, file);
	assert_int_equal(fwrite(raw + sizeof(header), size - sizeof(header), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(bt_kernel_btf_open(&btf, kernel.dir), -EINVAL);
	remove_file(&kernel, "vmlinux");
	assert_int_equal(rmdir(kernel.dir), 0);
	btf__free(vmlinux);
}

/*
 * A struct that begins with bytes, after the given types; 0 without the cast function or
 * without bytes.
 */
static uint32_t bytes_type(bool cast, const char *first)
{
	struct bt_kernel_btf btf = { .vmlinux = btf__new_empty() };
	int byte = btf__add_int(btf.vmlinux, "char", 1, BTF_INT_CHAR), bytes;
	int number = btf__add_int(btf.vmlinux, "int", 4, 0);
	uint32_t id;

	bytes = btf__add_array(btf.vmlinux, number, byte, 8192);
	if (cast)
		add_function(btf.vmlinux, "bpf_rdonly_cast");
	btf__add_struct(btf.vmlinux, "trace_seq", 8196);
	if (!strcmp(first, "buffer")) {
		btf__add_field(btf.vmlinux, "buffer", bytes, 0, 0);
		btf__add_field(btf.vmlinux, "full", number, 8192 * 8, 0);
	} else {
		btf__add_field(btf.vmlinux, "full", number, 0, 0);
		btf__add_field(btf.vmlinux, "buffer", bytes, 32, 0);
	}
	id = bt_kernel_btf_bytes_type(&btf);
	if (id)
		assert_string_equal(
			bt_kernel_btf_string(&btf, bt_kernel_btf_type(&btf, id)->name_off),
			"trace_seq");
	btf__free(btf.vmlinux);
	return id;
}

static void memory_is_read_by_a_cast_where_it_can_be(void **state)
{
	(void)state;
	assert_int_not_equal(bytes_type(true, "buffer"), 0);
	assert_int_equal(bytes_type(false, "buffer"), 0);
	assert_int_equal(bytes_type(true, "full"), 0);
}

static bool can_hold_cpu(bool disable, bool res_spin_lock)
{
	struct bt_kernel_btf btf = { .vmlinux = btf__new_empty() };
	bool can;

	btf__add_int(btf.vmlinux, "int", 4, 0);
	if (disable)
		add_function(btf.vmlinux, "bpf_preempt_disable");
	add_function(btf.vmlinux, "bpf_preempt_enable");
	if (res_spin_lock)
		add_function(btf.vmlinux, "bpf_res_spin_lock");
	can = bt_kernel_btf_can_hold_cpu(&btf);
	btf__free(btf.vmlinux);
	return can;
}

static void a_program_holds_its_cpu_where_it_can_call_functions_then(void **state)
{
	(void)state;
	assert_true(can_hold_cpu(true, true));
	assert_false(can_hold_cpu(true, false));
	assert_false(can_hold_cpu(false, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_open_failures),
		cmocka_unit_test(test_core_types),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(types_at_odd_addresses_are_refused),
		cmocka_unit_test(memory_is_read_by_a_cast_where_it_can_be),
		cmocka_unit_test(a_program_holds_its_cpu_where_it_can_call_functions_then),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
