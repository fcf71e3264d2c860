// SPDX-License-Identifier: GPL-2.0-only
/* User writes from startwrite to endwrite, and for how long the bitmap delayed them. */
#include <stdlib.h>

#include "hist/latency_internal.h"

struct user_write {
	struct user_write *next; /* a later one */
	uint64_t start_ns;
	uint64_t wait_ns;
	uint64_t sectors;
	bool sent; /* data was submitted to a member */
};

/* Writes that begin at one sector, oldest first. */
struct bt_latency_row {
	struct bt_latency_key key;
	UT_hash_handle hh;
	struct user_write *writes;
};

static struct bt_latency_row *row_find(struct bt_latency *latency, struct bt_latency_key key)
{
	struct bt_latency_row *row;

	HASH_FIND(hh, latency->rows, &key, sizeof(key), row);
	return row;
}

static struct bt_latency_row *row_get(struct bt_latency *latency, struct bt_latency_key key)
{
	struct bt_latency_row *row = row_find(latency, key);

	if (row)
		return row;
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->key = key;
	HASH_ADD(hh, latency->rows, key, sizeof(row->key), row);
	return row;
}

static void row_free(struct bt_latency *latency, struct bt_latency_row *row)
{
	struct user_write *write;

	while ((write = row->writes)) {
		row->writes = write->next;
		latency->writes_nr--;
		free(write);
	}
	HASH_DEL(latency->rows, row);
	free(row);
}

static void start(struct bt_latency *latency, const struct bt_view *view)
{
	struct user_write *write = NULL, **end;
	struct bt_latency_row *row = NULL;

	if (latency->writes_nr < BT_LATENCY_WRITES_MAX)
		write = calloc(1, sizeof(*write));
	if (write)
		row = row_get(latency, bt_latency_key(view, view->ev->range.sector));
	if (!row) {
		free(write);
		latency->set.lost++;
		return;
	}
	write->start_ns = view->ev->ts_ns;
	write->sectors = view->ev->range.sectors;
	for (end = &row->writes; *end; end = &(*end)->next)
		;
	*end = write;
	latency->writes_nr++;
}

static void finish(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_row *row =
		row_find(latency, bt_latency_key(view, view->ev->range.sector));
	struct user_write **at, *write;

	if (!row)
		return; /* begun before tracing */
	for (at = &row->writes; *at && (*at)->sectors != view->ev->range.sectors; at = &(*at)->next)
		;
	write = *at;
	if (!write)
		return;
	bt_latency_add(latency, view, BT_STAGE_USER_WRITE, write->start_ns);
	if (write->sent)
		bt_stage_set_add(&latency->set, view->bitmap->name, BT_STAGE_BITMAP_WAIT,
				 write->wait_ns);
	*at = write->next;
	latency->writes_nr--;
	free(write);
	if (!row->writes)
		row_free(latency, row);
}

/*
 * The first data of a write is submitted to a member. It was delayed by the last unplug of the
 * submitting thread, from the start of the write at the earliest.
 */
static void sent(struct bt_latency *latency, const struct bt_view *view)
{
	const struct bt_latency_call *call = bt_latency_call(latency, view, false);
	struct bt_latency_row *row;
	struct user_write *write;
	uint64_t sector, from;

	if (!bt_data_array_sector(view->bitmap, view->ev, &sector))
		return;
	row = row_find(latency, bt_latency_key(view, sector));
	for (write = row ? row->writes : NULL; write && write->sent; write = write->next)
		;
	if (!write)
		return;
	write->sent = true;
	if (!call || call->wait_to_ns <= write->start_ns)
		return;
	from = call->wait_from_ns > write->start_ns ? call->wait_from_ns : write->start_ns;
	write->wait_ns = call->wait_to_ns - from;
}

void bt_latency_write_event(struct bt_latency *latency, const struct bt_view *view)
{
	if (view->ev->type == BT_STARTWRITE)
		start(latency, view);
	else if (view->ev->type == BT_ENDWRITE)
		finish(latency, view);
	else
		sent(latency, view);
}

void bt_latency_writes_free(struct bt_latency *latency, uint32_t bitmap)
{
	struct bt_latency_row *row, *next;

	HASH_ITER (hh, latency->rows, row, next)
		if (!bitmap || row->key.bitmap == bitmap)
			row_free(latency, row);
}
