// SPDX-License-Identifier: GPL-2.0-only
#include "stream/stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* uthash must not call exit(): report the failure through the element. */
#define HASH_NONFATAL_OOM	 1
#define uthash_nonfatal_oom(elt) ((elt)->failed = 1)
#include <uthash.h>

/* A symbol, its offset and a module: KSYM_NAME_LEN is 512. */
#define FRAME_LEN_MAX 640

struct entry {
	struct bt_stack stack;
	uint64_t nr; /* of the addition, from 1 */
	int failed;
	UT_hash_handle hh;
};

struct bt_stacks {
	struct entry *by_id; /* uthash keeps the order of addition */
	uint64_t added;
};

struct bt_stacks *bt_stacks_new(void)
{
	return calloc(1, sizeof(struct bt_stacks));
}

static void entry_free(struct entry *entry)
{
	unsigned int i;

	if (!entry)
		return;
	for (i = 0; entry->stack.frames && i < entry->stack.nr; i++)
		free(entry->stack.frames[i]);
	free(entry->stack.frames);
	free(entry);
}

void bt_stacks_free(struct bt_stacks *stacks)
{
	struct entry *entry, *next;

	if (!stacks)
		return;
	HASH_ITER (hh, stacks->by_id, entry, next) {
		HASH_DEL(stacks->by_id, entry);
		entry_free(entry);
	}
	free(stacks);
}

static struct entry *entry_new(int32_t id, const char *const *frames, unsigned int nr)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	unsigned int i;

	if (!entry)
		return NULL;
	entry->stack.id = id;
	entry->stack.nr = nr;
	entry->stack.frames = calloc(nr ? nr : 1, sizeof(*entry->stack.frames));
	if (!entry->stack.frames)
		goto fail;
	for (i = 0; i < nr; i++) {
		entry->stack.frames[i] = strndup(frames[i], FRAME_LEN_MAX);
		if (!entry->stack.frames[i])
			goto fail;
	}
	return entry;
fail:
	entry_free(entry);
	return NULL;
}

int bt_stacks_add(struct bt_stacks *stacks, int32_t id, const char *const *frames, unsigned int nr)
{
	struct entry *entry, *old;

	HASH_FIND(hh, stacks->by_id, &id, sizeof(id), old);
	if (!old && HASH_COUNT(stacks->by_id) >= BT_STACKS_MAX)
		return 0;
	entry = entry_new(id, frames, nr < BT_STACK_FRAMES_MAX ? nr : BT_STACK_FRAMES_MAX);
	if (!entry)
		return -ENOMEM;
	if (old) {
		HASH_DEL(stacks->by_id, old);
		entry_free(old);
	}
	HASH_ADD(hh, stacks->by_id, stack.id, sizeof(entry->stack.id), entry);
	if (entry->failed) {
		entry_free(entry);
		return -ENOMEM;
	}
	entry->nr = ++stacks->added;
	return 0;
}

int bt_stacks_each_new(const struct bt_stacks *stacks, uint64_t *seen,
		       int (*fn)(void *ctx, const struct bt_stack *stack), void *ctx)
{
	struct entry *entry = *seen == stacks->added ? NULL : stacks->by_id;
	int ret = 0;

	for (; entry && !ret; entry = entry->hh.next) {
		if (entry->nr <= *seen)
			continue;
		ret = fn(ctx, &entry->stack);
		if (!ret)
			*seen = entry->nr;
	}
	return ret;
}

const struct bt_stack *bt_stacks_find(const struct bt_stacks *stacks, int32_t id)
{
	struct entry *entry;

	HASH_FIND(hh, stacks->by_id, &id, sizeof(id), entry);
	return entry ? &entry->stack : NULL;
}

static int compare_ids(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;
	int32_t left = (*x)->stack.id, right = (*y)->stack.id;

	return (left > right) - (left < right);
}

int bt_stacks_each(const struct bt_stacks *stacks,
		   int (*fn)(void *ctx, const struct bt_stack *stack), void *ctx)
{
	unsigned int nr = HASH_COUNT(stacks->by_id), i = 0;
	struct entry **sorted, *entry;
	int ret = 0;

	if (!nr)
		return 0;
	sorted = calloc(nr, sizeof(struct entry *));
	if (!sorted)
		return -ENOMEM;
	for (entry = stacks->by_id; entry; entry = entry->hh.next)
		sorted[i++] = entry;
	qsort(sorted, nr, sizeof(struct entry *), compare_ids);
	for (i = 0; i < nr && !ret; i++)
		ret = fn(ctx, &sorted[i]->stack);
	free(sorted);
	return ret;
}
