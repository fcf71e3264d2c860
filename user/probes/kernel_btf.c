// SPDX-License-Identifier: GPL-2.0-only
#include "probes/kernel_btf.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uthash.h>

const char *const bt_btf_personalities[BT_BTF_PERSONALITIES_NR] = { "raid1", "raid10", "raid456" };

/* libbpf accepts a header of any length, and the types after it may be at odd addresses. */
static bool types_are_aligned(const struct btf *btf, uint32_t first)
{
	uintptr_t at = first < btf__type_cnt(btf) ? (uintptr_t)btf__type_by_id(btf, first) : 0;

	return at % _Alignof(struct btf_type) == 0;
}

/* base: NULL for vmlinux itself. 0 or -errno. */
static int parse(const char *path, struct btf *base, struct btf **btf)
{
	struct btf *new = btf__parse_raw_split(path, base);
	int err = (int)libbpf_get_error(new);

	if (err)
		return err;
	if (!types_are_aligned(new, base ? btf__type_cnt(base) : 1)) {
		btf__free(new);
		return -EINVAL;
	}
	*btf = new;
	return 0;
}

/* *module stays NULL if there is no such BTF: built in, or not loaded. */
static int open_module(struct btf *vmlinux, const char *dir, const char *name, struct btf **module)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, R_OK) ? 0 : parse(path, vmlinux, module);
}

int bt_kernel_btf_open(struct bt_kernel_btf *btf, const char *dir)
{
	struct bt_kernel_btf new = { 0 };
	char path[256];
	int err;

	snprintf(path, sizeof(path), "%s/vmlinux", dir);
	err = parse(path, NULL, &new.vmlinux);
	if (err)
		return err;
	err = open_module(new.vmlinux, dir, BT_BTF_MODULE, &new.module);
	if (err) {
		btf__free(new.vmlinux);
		return err;
	}
	*btf = new;
	return 0;
}

void bt_kernel_btf_close(struct bt_kernel_btf *btf)
{
	btf__free(btf->module);
	btf__free(btf->vmlinux);
	memset(btf, 0, sizeof(*btf));
}

const struct btf_type *bt_kernel_btf_type(const struct bt_kernel_btf *btf, uint32_t id)
{
	return btf__type_by_id(btf->module ? btf->module : btf->vmlinux, id);
}

const char *bt_kernel_btf_string(const struct bt_kernel_btf *btf, uint32_t offset)
{
	const char *name = btf__name_by_offset(btf->module ? btf->module : btf->vmlinux, offset);

	return name ? name : "";
}

/* The queries of one name; several may have the same. */
struct wanted {
	const char *name;
	struct bt_btf_query *query;
	struct wanted *same_name;
	UT_hash_handle hh;
};

struct search {
	struct wanted *by_name;
	uint32_t kinds;
	/* Most names do not match: compare their first two bytes first. */
	unsigned char begins[65536 / 8];
};

static unsigned int beginning(const char *name)
{
	return (unsigned char)name[0] | (unsigned int)(unsigned char)name[1] << 8;
}

static void search_add(struct search *search, struct wanted *wanted, struct bt_btf_query *query)
{
	unsigned int begin = beginning(query->name);
	struct wanted *same;

	wanted->name = query->name;
	wanted->query = query;
	search->kinds |= query->kinds;
	search->begins[begin >> 3] |= (unsigned char)(1u << (begin & 7));
	HASH_FIND_STR(search->by_name, wanted->name, same);
	if (same) {
		wanted->same_name = same->same_name;
		same->same_name = wanted;
		return;
	}
	HASH_ADD_KEYPTR(hh, search->by_name, wanted->name, strlen(wanted->name), wanted);
}

/* The first type of a name wins. */
static void search_from(struct search *search, const struct btf *btf, uint32_t first,
			bool in_module)
{
	uint32_t id, nr = btf__type_cnt(btf);
	const struct btf_type *type;
	struct wanted *wanted;
	const char *name;
	unsigned int begin;

	for (id = first; id < nr; id++) {
		type = btf__type_by_id(btf, id);
		if (!type->name_off || !(search->kinds & 1u << btf_kind(type)))
			continue;
		name = btf__name_by_offset(btf, type->name_off);
		if (!name || !name[0])
			continue;
		begin = beginning(name);
		if (!(search->begins[begin >> 3] & 1u << (begin & 7)))
			continue;
		HASH_FIND_STR(search->by_name, name, wanted);
		for (; wanted; wanted = wanted->same_name) {
			if (wanted->query->id || !(wanted->query->kinds & 1u << btf_kind(type)))
				continue;
			wanted->query->id = id;
			wanted->query->in_module = in_module;
		}
	}
}

/* Looks in the module, if there is one, then in vmlinux, if requested. */
static int search_all(const struct btf *vmlinux, const struct btf *module, bool in_vmlinux,
		      struct bt_btf_query *queries, unsigned int nr)
{
	struct search *search = calloc(1, sizeof(*search));
	struct wanted *wanted = calloc(nr + 1, sizeof(*wanted));
	int err = -ENOMEM;
	unsigned int i;

	if (!search || !wanted)
		goto out;
	for (i = 0; i < nr; i++)
		search_add(search, &wanted[i], &queries[i]);
	if (module)
		search_from(search, module, btf__type_cnt(vmlinux), true);
	if (in_vmlinux)
		search_from(search, vmlinux, 1, false);
	HASH_CLEAR(hh, search->by_name);
	err = 0;
out:
	free(wanted);
	free(search);
	return err;
}

int bt_kernel_btf_find(const struct bt_kernel_btf *btf, struct bt_btf_query *queries,
		       unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		queries[i].id = 0;
		queries[i].in_module = false;
	}
	return search_all(btf->vmlinux, btf->module, true, queries, nr);
}

int bt_kernel_btf_module(const struct bt_kernel_btf *btf, const char *dir, const char *module,
			 struct btf **opened)
{
	*opened = NULL;
	return open_module(btf->vmlinux, dir, module, opened);
}

int bt_kernel_btf_find_in(const struct bt_kernel_btf *btf, const struct btf *module,
			  struct bt_btf_query *queries, unsigned int nr)
{
	return search_all(btf->vmlinux, module, false, queries, nr);
}
