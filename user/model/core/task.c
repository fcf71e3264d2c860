// SPDX-License-Identifier: GPL-2.0-only
/* The state of each thread: its last calls, the page write it is submitting. */
#include <errno.h>
#include <stdlib.h>

#include "model/core/internal.h"

const struct bt_task *bt_task_find(const struct bt_bitmap *bitmap, uint32_t tid)
{
	const struct bt_task *task;

	HASH_FIND(hh, bitmap->state.tasks, &tid, sizeof(tid), task);
	return task;
}

/* Threads come and go; idle ones can be created again. */
static void tasks_sweep(struct bt_bitmap *bitmap)
{
	struct bt_task *task, *next;

	HASH_ITER (hh, bitmap->state.tasks, task, next) {
		if (task->open_write || task->set_from_seq)
			continue;
		HASH_DEL(bitmap->state.tasks, task);
		bt_mem_free(bitmap, task, sizeof(*task));
	}
	bitmap->state.task_last = NULL;
}

struct bt_task *bt_task_get(struct bt_bitmap *bitmap, uint32_t tid)
{
	struct bt_task *task = bitmap->state.task_last;

	if (task && task->tid == tid)
		return task;
	HASH_FIND(hh, bitmap->state.tasks, &tid, sizeof(tid), task);
	bitmap->state.task_last = task;
	if (task)
		return task;
	if (HASH_COUNT(bitmap->state.tasks) >= BT_TASKS_MAX)
		tasks_sweep(bitmap);
	task = bt_mem_alloc(bitmap, sizeof(*task));
	if (!task)
		return NULL;
	task->tid = tid;
	HASH_ADD(hh, bitmap->state.tasks, tid, sizeof(task->tid), task);
	return task;
}

void bt_tasks_free(struct bt_bitmap *bitmap)
{
	struct bt_task *task, *next;

	HASH_ITER (hh, bitmap->state.tasks, task, next) {
		HASH_DEL(bitmap->state.tasks, task);
		bt_mem_free(bitmap, task, sizeof(*task));
	}
	bitmap->state.task_last = NULL;
}

/* Ends are emitted in the context that an interrupt hit; they do not belong to the task. */
static bool is_end(const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_PAGE_WRITE_END:
	case BT_DATA_END:
	case BT_SB_WRITE_END:
	case BT_ENDWRITE:
	case BT_ENDWRITE_EXIT:
	case BT_END_SYNC:
	case BT_MEMBER_ERROR:
	case BT_WRITEBACK_ERROR:
	case BT_LL_DISCARD_END:
		return true;
	default:
		return false;
	}
}

/*
 * The kworker that ran the call for this task is not named; it is the one that returned last,
 * since the task waited for its return.
 */
static void work_exit(const struct bt_model *model, const struct bt_bitmap *bitmap,
		      struct bt_task *task, const struct bt_event *ev)
{
	bt_event_ref_set(&task->work_exit, model->seq, ev);
	if (!task->work_enter.seq || bitmap->state.unplug_exit.seq < task->work_enter.seq)
		return;
	task->unplug_enter = bitmap->state.unplug_enter;
	task->unplug_exit = bitmap->state.unplug_exit;
}

static void set_bit_enter(const struct bt_model *model, struct bt_task *task,
			  const struct bt_event *ev)
{
	task->set_from_seq = model->seq;
	task->set_before = ev->bit.on_page == BT_ON_PAGE_SET;
}

/* Only the thread itself emits these; bitmap_startwrite is judged before its event is applied. */
static bool is_own(const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_SET_BIT_ENTER:
	case BT_SET_BIT:
	case BT_UNPLUG_ENTER:
	case BT_UNPLUG_EXIT:
	case BT_UNPLUG_WORK_ENTER:
	case BT_UNPLUG_WORK_EXIT:
	case BT_LL_CALL_ENTER:
	case BT_LL_BARRIER:
		return true;
	default:
		return false;
	}
}

int bt_task_moves_on(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_task *task;

	if (is_end(ev) || !bt_event_has_flags(ev) || ev->type == BT_BITMAP)
		return 0;
	task = bt_task_get(bitmap, ev->tid);
	if (!task)
		return -ENOMEM;
	if (!bt_page_write_continues(bitmap, task, ev))
		bt_page_write_close(bitmap, task);
	if (is_own(ev))
		task->own_seq = model->seq;
	if (ev->type == BT_SET_BIT_ENTER)
		set_bit_enter(model, task, ev);
	else if (ev->type == BT_UNPLUG_ENTER)
		bt_event_ref_set(&task->unplug_enter, model->seq, ev);
	else if (ev->type == BT_UNPLUG_EXIT)
		bt_event_ref_set(&task->unplug_exit, model->seq, ev);
	else if (ev->type == BT_UNPLUG_WORK_ENTER)
		bt_event_ref_set(&task->work_enter, model->seq, ev);
	else if (ev->type == BT_UNPLUG_WORK_EXIT)
		work_exit(model, bitmap, task, ev);
	else if (ev->type == BT_UPDATE_SB_ENTER)
		bt_event_ref_set(&task->update_sb, model->seq, ev);
	else if (ev->type == BT_WRITEBACK_ENTER)
		bt_event_ref_set(&task->writeback, model->seq, ev);
	return 0;
}
