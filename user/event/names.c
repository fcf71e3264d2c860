// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "event/event_print.h"

#define HASH_NONFATAL_OOM	 1
#define uthash_nonfatal_oom(elt) ((elt)->failed = 1)
#include <uthash.h>

struct key {
	uint64_t number;
	uint64_t kind; /* 64 bits, so that no padding is hashed */
};

enum kind { KIND_ARRAY, KIND_DEV, KIND_SYMBOL };

struct name {
	struct key key;
	char text[33];
	int failed;
	UT_hash_handle hh;
};

struct task_name {
	uint64_t since_ns;
	char comm[17];
};

struct task {
	uint32_t tid;
	uint32_t nr;
	struct task_name *names; /* in stream order, nr of them */
	int failed;
	UT_hash_handle hh;
};

struct bt_names {
	struct name *by_key;
	struct task *tasks;
	unsigned int task_names; /* of all of them */
};

struct bt_names *bt_names_new(void)
{
	return calloc(1, sizeof(struct bt_names));
}

void bt_names_free(struct bt_names *names)
{
	struct name *name, *next;
	struct task *task, *next_task;

	if (!names)
		return;
	HASH_ITER (hh, names->tasks, task, next_task) {
		HASH_DEL(names->tasks, task);
		free(task->names);
		free(task);
	}
	HASH_ITER (hh, names->by_key, name, next) {
		HASH_DEL(names->by_key, name);
		free(name);
	}
	free(names);
}

static struct name *find(const struct bt_names *names, enum kind kind, uint64_t number)
{
	struct key key = { .number = number, .kind = kind };
	struct name *name = NULL;

	if (names)
		HASH_FIND(hh, names->by_key, &key, sizeof(key), name);
	return name;
}

static void copy_text(char *to, size_t to_len, const char *from, size_t from_len)
{
	size_t i, n = strnlen(from, from_len);

	if (n >= to_len)
		n = to_len - 1;
	for (i = 0; i < n; i++)
		to[i] = bt_printable(from[i]);
	to[n] = 0;
}

static bool full(const struct bt_names *names)
{
	return HASH_COUNT(names->by_key) + names->task_names >= BT_NAMES_MAX;
}

static int set(struct bt_names *names, enum kind kind, uint64_t number, const char *text,
	       size_t len)
{
	struct name *name = find(names, kind, number);

	if (!name) {
		if (full(names))
			return 0;
		name = calloc(1, sizeof(*name));
		if (!name)
			return -ENOMEM;
		name->key.number = number;
		name->key.kind = kind;
		HASH_ADD(hh, names->by_key, key, sizeof(name->key), name);
		if (name->failed) {
			free(name);
			return -ENOMEM;
		}
	}
	copy_text(name->text, sizeof(name->text), text, len);
	return 0;
}

static struct task *task_find(const struct bt_names *names, uint32_t tid)
{
	struct task *task = NULL;

	if (names)
		HASH_FIND(hh, names->tasks, &tid, sizeof(tid), task);
	return task;
}

static struct task *task_new(struct bt_names *names, uint32_t tid)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->tid = tid;
	HASH_ADD(hh, names->tasks, tid, sizeof(tid), task);
	if (!task->failed)
		return task;
	free(task);
	return NULL;
}

/* Makes room for one more name after the others; if there is none, the first one is removed. */
static struct task_name *task_grow(struct bt_names *names, struct task *task)
{
	struct task_name *grown;

	if (task->nr && (task->nr == BT_TASK_NAMES_MAX || full(names))) {
		memmove(task->names, task->names + 1, (task->nr - 1) * sizeof(task->names[0]));
		return &task->names[task->nr - 1];
	}
	grown = realloc(task->names, (task->nr + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	task->names = grown;
	names->task_names++;
	return &grown[task->nr++];
}

static int learn_task(struct bt_names *names, const struct bt_event *ev)
{
	struct task *task = task_find(names, ev->tid);
	struct task_name new = { .since_ns = ev->ts_ns }, *name;

	copy_text(new.comm, sizeof(new.comm), ev->task.comm, sizeof(ev->task.comm));
	if (task && task->nr && !strcmp(task->names[task->nr - 1].comm, new.comm))
		return 0;
	if (!task) {
		if (full(names))
			return 0;
		task = task_new(names, ev->tid);
	}
	name = task ? task_grow(names, task) : NULL;
	if (!name)
		return -ENOMEM;
	*name = new;
	return 0;
}

/* "name [module]", cut off somewhere: a partial module name is of no use. */
static int learn_symbol(struct bt_names *names, const struct bt_event *ev)
{
	size_t len = strnlen(ev->symbol.name, sizeof(ev->symbol.name));
	const char *blank = memchr(ev->symbol.name, ' ', len);

	if (blank)
		len = (size_t)(blank - ev->symbol.name);
	return set(names, KIND_SYMBOL, ev->symbol.addr, ev->symbol.name, len);
}

int bt_names_learn(struct bt_names *names, const struct bt_event *ev)
{
	const char *array;

	switch (ev->type) {
	case BT_TASK:
		return learn_task(names, ev);
	case BT_ARRAY:
		return set(names, KIND_ARRAY, ev->bitmap, ev->array.name, sizeof(ev->array.name));
	case BT_SYMBOL:
		return learn_symbol(names, ev);
	case BT_BITMAP:
		array = bt_names_array(names, ev->bitmap);
		if (!array)
			return 0;
		return set(names, KIND_DEV, ev->geometry.dev, array, strlen(array));
	default:
		return 0;
	}
}

const char *bt_names_task(const struct bt_names *names, uint32_t tid, uint64_t ts_ns)
{
	const struct task *task = task_find(names, tid);
	uint32_t i;

	for (i = task ? task->nr : 0; i; i--)
		if (task->names[i - 1].since_ns <= ts_ns)
			return task->names[i - 1].comm;
	return tid ? NULL : "idle";
}

const char *bt_names_array(const struct bt_names *names, uint32_t bitmap)
{
	const struct name *name = find(names, KIND_ARRAY, bitmap);

	return name ? name->text : NULL;
}

const char *bt_names_dev(const struct bt_names *names, uint32_t dev)
{
	const struct name *name = find(names, KIND_DEV, dev);

	return name ? name->text : NULL;
}

const char *bt_names_symbol(const struct bt_names *names, uint64_t addr)
{
	const struct name *name = find(names, KIND_SYMBOL, addr);

	return name ? name->text : NULL;
}
