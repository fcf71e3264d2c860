// SPDX-License-Identifier: GPL-2.0-only
#include "kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *takes_of(const char *function)
{
	unsigned int row, v, n;
	const char *name;

	for (row = 0; row < bt_hook_table_nr; row++)
		for (v = 0; v < BT_HOOK_VARIANTS; v++)
			for (n = 0; n < BT_VARIANT_NAMES; n++) {
				name = bt_hook_table[row].variants[v].names[n];
				if (name && !strcmp(name, function))
					return bt_hook_table[row].variants[v].takes;
			}
	return "";
}

static int add_type(struct btf *btf, const char *word)
{
	size_t len = strlen(word);
	char name[64];

	if (word[len - 1] == '*') {
		snprintf(name, sizeof(name), "%.*s", (int)len - 1, word);
		return btf__add_ptr(btf, name[0] ? btf__add_fwd(btf, name, BTF_FWD_STRUCT) : 0);
	}
	if (!strcmp(word, "bool"))
		return btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL);
	return btf__add_int(btf, word, !strcmp(word, "u64") ? 8 : 4, 0);
}

/* own: the first argument that a tracepoint has besides. */
static int add_prototype(struct btf *btf, const char *takes, bool own)
{
	int types[8], nr = 0, ret = 0, proto, i;
	char *text = strdup(takes), *rest, *word;
	bool returned = false;

	if (own)
		types[nr++] = btf__add_ptr(btf, 0);
	for (word = strtok_r(text, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest)) {
		if (!strcmp(word, "->"))
			returned = true;
		else if (returned)
			ret = add_type(btf, word);
		else
			types[nr++] = add_type(btf, word);
	}
	proto = btf__add_func_proto(btf, ret);
	for (i = 0; i < nr; i++)
		assert_int_equal(btf__add_func_param(btf, NULL, types[i]), 0);
	free(text);
	return proto;
}

void kernel_add(struct btf *btf, const char *function, const char *takes)
{
	int proto = add_prototype(btf, takes ? takes : takes_of(function), false);

	assert_true(btf__add_func(btf, function, BTF_FUNC_STATIC, proto) > 0);
}

void kernel_add_bio_queue(struct btf *btf)
{
	int proto = add_prototype(btf, "bio*", true);

	btf__add_typedef(btf, "btf_trace_block_bio_queue", btf__add_ptr(btf, proto));
}

struct bt_kernel_btf kernel_new(void)
{
	struct bt_kernel_btf btf = { .vmlinux = btf__new_empty() };

	btf__add_int(btf.vmlinux, "unsigned long", 8, 0);
	return btf;
}

struct bt_kallsyms kernel_symbols(const struct bt_hooks *hooks, const char *text)
{
	char path[] = "/tmp/kallsyms-test-XXXXXX";
	struct bt_kallsyms symbols = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(bt_hooks_symbols(&symbols, hooks, path), 0);
	unlink(path);
	return symbols;
}
