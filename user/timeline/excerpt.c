// SPDX-License-Identifier: GPL-2.0-only
#include "timeline/excerpt.h"

#include <string.h>

void bt_excerpt_init(struct bt_excerpt *excerpt, const struct bt_counterexample *failure)
{
	memset(excerpt, 0, sizeof(*excerpt));
	snprintf(excerpt->array, sizeof(excerpt->array), "%s", failure->array);
	excerpt->by_page = !bt_report_about_chunk(failure);
	excerpt->about = failure->about;
}

static void put(struct bt_excerpt *excerpt, const struct bt_view *view)
{
	struct bt_scene *scene = &excerpt->scene;

	if (scene->nr < BT_SCENE_MAX)
		scene->events[scene->nr++] =
			(struct bt_event_ref){ .seq = view->seq, .ev = *view->ev };
	else
		excerpt->done = true;
}

/* Arrays may be called otherwise in the other run: if there is none of that name, any will do. */
static bool is_array(const struct bt_excerpt *excerpt, const struct bt_view *view)
{
	const struct bt_bitmap *bitmap;

	if (!strcmp(view->bitmap->name, excerpt->array))
		return true;
	bt_for_each_bitmap(view->model,
			   bitmap) if (!strcmp(bitmap->name, excerpt->array)) return false;
	return true;
}

static void begin(struct bt_excerpt *excerpt, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;

	if (ev->type != BT_SET_BIT || !is_array(excerpt, view) ||
	    (excerpt->by_page ? ev->bit.page : ev->bit.chunk) != excerpt->about)
		return;
	excerpt->bitmap = ev->bitmap;
	excerpt->page = ev->bit.page;
	excerpt->chunk = ev->bit.chunk;
	put(excerpt, view);
}

static bool is_on_page(const struct bt_excerpt *excerpt, const struct bt_event *ev)
{
	return excerpt->page >= ev->page.page &&
	       excerpt->page - ev->page.page < (ev->page.nr_pages ? ev->page.nr_pages : 1);
}

static bool is_for_chunk(const struct bt_excerpt *excerpt, const struct bt_view *view)
{
	struct bt_data_walk walk;
	uint64_t first, nr;

	if (!bt_data_walk(&walk, view->bitmap, view->ev))
		return false;
	while (bt_data_next(&walk, &first, &nr))
		if (excerpt->chunk >= first && excerpt->chunk - first < nr)
			return true;
	return false;
}

static void page_write(struct bt_excerpt *excerpt, const struct bt_view *view)
{
	if (!is_on_page(excerpt, view->ev))
		return;
	if (view->ev->type == BT_PAGE_WRITE_START)
		excerpt->page_writes++;
	else if (!excerpt->page_writes)
		return; /* of a write from before */
	else
		excerpt->page_writes--;
	put(excerpt, view);
}

static void data_start(struct bt_excerpt *excerpt, const struct bt_view *view)
{
	if (excerpt->bios_nr == BT_EXCERPT_BIOS_MAX || !is_for_chunk(excerpt, view))
		return;
	excerpt->bios[excerpt->bios_nr++] = view->ev->data.bio;
	excerpt->sent = true;
	put(excerpt, view);
}

static void data_end(struct bt_excerpt *excerpt, const struct bt_view *view)
{
	unsigned int i;

	for (i = 0; i < excerpt->bios_nr && excerpt->bios[i] != view->ev->data.bio; i++)
		;
	if (i == excerpt->bios_nr)
		return;
	excerpt->bios[i] = excerpt->bios[--excerpt->bios_nr];
	put(excerpt, view);
}

static void go_on(struct bt_excerpt *excerpt, const struct bt_view *view)
{
	switch (view->ev->type) {
	case BT_UNPLUG_ENTER:
	case BT_UNPLUG_EXIT:
	case BT_UNPLUG_WORK_ENTER:
	case BT_UNPLUG_WORK_EXIT:
		if (!excerpt->sent)
			put(excerpt, view);
		break;
	case BT_PAGE_WRITE_START:
	case BT_PAGE_WRITE_END:
		page_write(excerpt, view);
		break;
	case BT_DATA_START:
		data_start(excerpt, view);
		break;
	case BT_DATA_END:
		data_end(excerpt, view);
		break;
	case BT_GONE:
		excerpt->done = true;
		break;
	default:
		break;
	}
	if (excerpt->sent && !excerpt->bios_nr && !excerpt->page_writes)
		excerpt->done = true;
}

void bt_excerpt_event(struct bt_excerpt *excerpt, const struct bt_view *view)
{
	if (excerpt->done || !view->bitmap || !view->bitmap->ops)
		return;
	if (!excerpt->scene.nr)
		begin(excerpt, view);
	else if (view->ev->bitmap == excerpt->bitmap)
		go_on(excerpt, view);
}

void bt_excerpt_end(struct bt_excerpt *excerpt)
{
	const struct bt_scene *scene = &excerpt->scene;

	bt_page_states_init(&excerpt->states, excerpt->bitmap,
			    scene->nr ? excerpt->page : UINT32_MAX,
			    scene->nr ? scene->events[0].ev.ts_ns : 0,
			    scene->nr ? scene->events[scene->nr - 1].ev.ts_ns : 0);
}
