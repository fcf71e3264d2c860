// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extracts the kernel types that a BPF object is relocated against from the kernel's BTF. CO-RE
 * compares members by name, offset, size and kind. So a named type keeps only the members that
 * the object's own declaration has, pointers lose their target, and other types keep their
 * size.
 *
 * Why: struct mddev and struct bitmap are in the BTF of md_mod, which libbpf opens by
 * BPF_BTF_GET_FD_BY_ID. That needs CAP_SYS_ADMIN; with only CAP_BPF and CAP_PERFMON
 * (docs/privileges.md) nothing would be relocated. The start-up time that it also saves, 147 M
 * instructions (0.7 s under TCG), would not justify the code.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probes/kernel_btf.h"

/* Nesting of anonymous structures and arrays; the kernel needs far less. */
#define DEPTH_MAX 32

/* Types found on the way, including members of members; a few hundred are needed. */
#define VISITS_MAX (1u << 16)

struct local_type {
	char *name;  /* without a flavour's ___suffix */
	uint32_t id; /* id in local */
	bool copied; /* the kernel has it, and it is in the copy, too */
};

struct copy {
	const struct bt_kernel_btf *from;
	const struct btf *local;
	struct local_type *types;
	unsigned int nr;
	struct btf *to;
	int void_ptr;
	unsigned int visits;
};

static bool is_composite_or_enum(const struct btf_type *type)
{
	return btf_is_composite(type) || btf_is_any_enum(type);
}

/* flavour: "bitmap___v6_1" stands for the kernel's "bitmap". */
static char *essential_name(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour ? strndup(name, (size_t)(flavour - name)) : strdup(name);
}

static int collect_local(struct copy *copy)
{
	uint32_t id, nr = btf__type_cnt(copy->local);
	const struct btf_type *type;

	copy->types = calloc(nr, sizeof(*copy->types));
	if (!copy->types)
		return -ENOMEM;
	for (id = 1; id < nr; id++) {
		type = btf__type_by_id(copy->local, id);
		if (!type->name_off || !is_composite_or_enum(type))
			continue;
		copy->types[copy->nr].name =
			essential_name(btf__name_by_offset(copy->local, type->name_off));
		if (!copy->types[copy->nr].name)
			return -ENOMEM;
		copy->types[copy->nr++].id = id;
	}
	return 0;
}

static bool local_has_member(const struct btf *local, const struct btf_type *type, const char *name)
{
	const struct btf_member *member = btf_members(type);
	const struct btf_type *inner;
	const char *own;
	int i;

	for (i = 0; i < btf_vlen(type); i++, member++) {
		own = btf__name_by_offset(local, member->name_off);
		if (own && own[0]) {
			if (!strcmp(own, name))
				return true;
			continue;
		}
		inner = btf__type_by_id(local, member->type);
		if (inner && btf_is_composite(inner) && local_has_member(local, inner, name))
			return true;
	}
	return false;
}

/* Does any local declaration of this type have the member? */
static bool member_wanted(const struct copy *copy, const char *type_name, const char *member)
{
	const struct btf_type *type;
	unsigned int i;

	for (i = 0; i < copy->nr; i++) {
		if (strcmp(copy->types[i].name, type_name))
			continue;
		type = btf__type_by_id(copy->local, copy->types[i].id);
		if (btf_is_composite(type) && local_has_member(copy->local, type, member))
			return true;
	}
	return false;
}

static int copy_type(struct copy *copy, uint32_t id, int depth);

static int copy_composite_head(struct copy *copy, const struct btf_type *type, const char *name)
{
	if (btf_is_union(type))
		return btf__add_union(copy->to, name, type->size);
	return btf__add_struct(copy->to, name, type->size);
}

/* Member types first: fields can be added to the newest type only. */
static int copy_composite(struct copy *copy, const struct btf_type *type, int depth)
{
	const char *name = bt_kernel_btf_string(copy->from, type->name_off), *member_name;
	const struct btf_member *members = btf_members(type);
	int i, err = 0, id, vlen = btf_vlen(type);
	int *ids = calloc((size_t)vlen + 1, sizeof(*ids));

	if (!ids)
		return -ENOMEM;
	for (i = 0; i < vlen; i++) {
		member_name = bt_kernel_btf_string(copy->from, members[i].name_off);
		if (name[0] && member_name[0] && !member_wanted(copy, name, member_name))
			continue;
		ids[i] = copy_type(copy, members[i].type, depth + 1);
		if (ids[i] < 0) {
			err = ids[i];
			goto out;
		}
	}
	id = copy_composite_head(copy, type, name);
	err = id < 0 ? id : 0;
	for (i = 0; i < vlen && !err; i++) {
		member_name = bt_kernel_btf_string(copy->from, members[i].name_off);
		if (ids[i])
			err = btf__add_field(copy->to, member_name, ids[i],
					     btf_member_bit_offset(type, (uint32_t)i),
					     btf_member_bitfield_size(type, (uint32_t)i));
	}
out:
	free(ids);
	return err ? err : id;
}

static int copy_enum(struct copy *copy, const struct btf_type *type, bool values)
{
	const char *name = bt_kernel_btf_string(copy->from, type->name_off);
	const struct btf_enum *value = btf_enum(type);
	int id = btf__add_enum(copy->to, name, type->size);
	int i, err = 0;

	/* 64-bit enums do not occur in the types that the probes use. */
	if (id < 0 || !values || !btf_is_enum(type))
		return id;
	for (i = 0; i < btf_vlen(type) && !err; i++, value++)
		err = btf__add_enum_value(
			copy->to, bt_kernel_btf_string(copy->from, value->name_off), value->val);
	return err ? err : id;
}

static int copy_array(struct copy *copy, const struct btf_type *type, int depth)
{
	const struct btf_array *array = btf_array(type);
	int element = copy_type(copy, array->type, depth + 1);
	int index = element < 0 ? element : copy_type(copy, array->index_type, depth + 1);

	if (index < 0)
		return index;
	return btf__add_array(copy->to, index, element, array->nelems);
}

static bool type_wanted(const struct copy *copy, const char *name)
{
	unsigned int i;

	for (i = 0; i < copy->nr; i++)
		if (!strcmp(copy->types[i].name, name))
			return true;
	return false;
}

static int copy_type(struct copy *copy, uint32_t id, int depth)
{
	const struct btf_type *type = bt_kernel_btf_type(copy->from, id);
	const char *name;

	/* A damaged BTF may have cycles, or branch without end. */
	while (type && copy->visits++ < VISITS_MAX && (btf_is_mod(type) || btf_is_typedef(type)))
		type = bt_kernel_btf_type(copy->from, type->type);
	if (!type || depth > DEPTH_MAX || copy->visits > VISITS_MAX)
		return -EINVAL;
	name = bt_kernel_btf_string(copy->from, type->name_off);
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		return btf__add_int(copy->to, name, type->size, btf_int_encoding(type));
	case BTF_KIND_PTR:
		return copy->void_ptr;
	case BTF_KIND_ARRAY:
		return copy_array(copy, type, depth);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return copy_enum(copy, type, false);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (!name[0] || type_wanted(copy, name))
			return copy_composite(copy, type, depth);
		return copy_composite_head(copy, type, name);
	default:
		return copy->void_ptr;
	}
}

static int copy_root(struct copy *copy, uint32_t id)
{
	const struct btf_type *type = bt_kernel_btf_type(copy->from, id);
	int ret = btf_is_any_enum(type) ? copy_enum(copy, type, true) : copy_type(copy, id, 0);

	return ret < 0 ? ret : 0;
}

/* Copies the types that copy->from has and that are not copied yet. */
static int copy_roots(struct copy *copy)
{
	struct bt_btf_query *queries = calloc(copy->nr + 1, sizeof(*queries));
	const struct btf_type *type;
	unsigned int i, j;
	int err;

	if (!queries)
		return -ENOMEM;
	for (i = 0; i < copy->nr; i++) {
		type = btf__type_by_id(copy->local, copy->types[i].id);
		queries[i].name = copy->types[i].name;
		queries[i].kinds = 1u << btf_kind(type);
	}
	err = bt_kernel_btf_find(copy->from, queries, copy->nr);
	for (i = 0; i < copy->nr && !err; i++) {
		if (!queries[i].id || copy->types[i].copied)
			continue;
		for (j = 0; j < i && queries[j].id != queries[i].id; j++)
			;
		if (j == i)
			err = copy_root(copy, queries[i].id);
		copy->types[i].copied = true;
	}
	free(queries);
	return err;
}

/* The stripes of raid5 are declared in its own module. */
static int copy_roots_of_raid456(struct copy *copy, const char *dir)
{
	const struct bt_kernel_btf *kernel = copy->from;
	struct bt_kernel_btf raid456 = { .vmlinux = kernel->vmlinux };
	int err = bt_kernel_btf_module(kernel, dir, "raid456", &raid456.module);

	if (err || !raid456.module)
		return err;
	copy->from = &raid456;
	err = copy_roots(copy);
	copy->from = kernel;
	btf__free(raid456.module);
	return err;
}

static void copy_free(struct copy *copy)
{
	unsigned int i;

	for (i = 0; i < copy->nr; i++)
		free(copy->types[i].name);
	free(copy->types);
}

int bt_core_btf_build(const struct bt_kernel_btf *btf, const char *dir, const struct btf *local,
		      struct btf **core)
{
	struct copy copy = { .from = btf, .local = local };
	int err = collect_local(&copy);

	if (err)
		goto out;
	copy.to = btf__new_empty();
	err = libbpf_get_error(copy.to);
	if (err)
		goto out;
	copy.void_ptr = btf__add_ptr(copy.to, 0);
	err = copy.void_ptr < 0 ? copy.void_ptr : copy_roots(&copy);
	if (!err)
		err = copy_roots_of_raid456(&copy, dir);
	if (err)
		btf__free(copy.to);
	else
		*core = copy.to;
out:
	copy_free(&copy);
	return err;
}
