// SPDX-License-Identifier: GPL-2.0-only
#include "report/phrase.h"

#include <inttypes.h>
#include <stdio.h>

#include "event/event_desc.h"

/* By type; what has no line here is shown as in a dump. */
static const struct {
	const char *words;
	const char *function;
} phrases[BT_EVENT_TYPE_MAX] = {
	[BT_LOAD_ENTER] = { "load begins", "bitmap_load" },
	[BT_LOAD_EXIT] = { "load returns", "bitmap_load" },
	[BT_INIT_ENTER] = { "reads the bitmap", "md_bitmap_init_from_disk" },
	[BT_INIT_EXIT] = { "has read the bitmap", "md_bitmap_init_from_disk" },
	[BT_GONE] = { "bitmap is freed", "md_bitmap_free" },
	[BT_STARTWRITE] = { "startwrite has counted", "bitmap_startwrite" },
	[BT_ENDWRITE] = { "endwrite counts down", "bitmap_endwrite" },
	[BT_ENDWRITE_EXIT] = { "endwrite returns", "bitmap_endwrite" },
	[BT_SET_BIT_ENTER] = { "is about to set a bit", "md_bitmap_file_set_bit" },
	[BT_SET_BIT] = { "sets the bit", "md_bitmap_file_set_bit" },
	[BT_CLEAR_BIT] = { "clears the bit", "md_bitmap_file_clear_bit" },
	[BT_SET_BIT_LEFT] = { "set_bit returns", "md_bitmap_file_set_bit" },
	[BT_START_SYNC] = { "resync begins here", "md_bitmap_start_sync" },
	[BT_END_SYNC] = { "resync ends here", "md_bitmap_end_sync" },
	[BT_UNPLUG_ENTER] = { "unplug begins", "__bitmap_unplug" },
	[BT_UNPLUG_EXIT] = { "unplug returns", "__bitmap_unplug" },
	[BT_UNPLUG_WORK_ENTER] = { "leaves unplug to a worker, waits", "bitmap_unplug" },
	[BT_UNPLUG_WORK_EXIT] = { "goes on: worker is done", "bitmap_unplug" },
	[BT_DAEMON_ENTER] = { "daemon pass begins", "bitmap_daemon_work" },
	[BT_DAEMON_EXIT] = { "daemon pass ends", "bitmap_daemon_work" },
	[BT_UPDATE_SB_ENTER] = { "update_sb begins", "bitmap_update_sb" },
	[BT_UPDATE_SB_EXIT] = { "update_sb returns", "bitmap_update_sb" },
	[BT_MEMBER_ERROR] = { "member error dealt with", NULL },
	[BT_PAGE_DIRTY] = { "marks it dirty", NULL },
	[BT_PAGE_WRITE_START] = { "submits it", NULL },
	[BT_PAGE_QUEUED] = { "leaves its write to a worker", NULL },
	[BT_PAGE_WRITE_END] = { "write ends", NULL },
	[BT_WRITEBACK_ENTER] = { "filemap_fdatawrite begins", NULL },
	[BT_WRITEBACK_EXIT] = { "filemap_fdatawrite returns", NULL },
	[BT_WAIT_ENTER] = { "waits for writeback", NULL },
	[BT_WAIT_EXIT] = { "writeback waited for", NULL },
	[BT_DATA_START] = { "sends DATA", NULL },
	[BT_DATA_END] = { "has the data", NULL },
	[BT_SB_WRITE_START] = { "sends md superblock", NULL },
	[BT_SB_WRITE_END] = { "has md superblock", NULL },
};

const char *bt_phrase_function(const struct bt_event *ev)
{
	return ev->type < BT_EVENT_TYPE_MAX ? phrases[ev->type].function : NULL;
}

/* "page 0", "chunk 5", "to member 1": what the words are about. */
static void object(const struct bt_event *ev, char *buf, size_t len)
{
	switch (ev->type) {
	case BT_SET_BIT_ENTER:
	case BT_SET_BIT:
	case BT_CLEAR_BIT:
		snprintf(buf, len, " of chunk %" PRIu64, ev->bit.chunk);
		break;
	case BT_PAGE_DIRTY:
	case BT_PAGE_QUEUED:
	case BT_PAGE_WRITE_START:
		snprintf(buf, len, ": page %u", ev->page.page);
		break;
	case BT_PAGE_WRITE_END:
		snprintf(buf, len, "%s", ev->status ? " with an ERROR" : "");
		break;
	case BT_DATA_START:
	case BT_SB_WRITE_START:
	case BT_MEMBER_ERROR:
		snprintf(buf, len, " to member %d", ev->member);
		break;
	case BT_DATA_END:
	case BT_SB_WRITE_END:
		snprintf(buf, len, "%s", ev->status ? ": no, an ERROR" : "");
		break;
	default:
		buf[0] = 0;
		break;
	}
}

int bt_phrase(const struct bt_event *ev, const struct bt_names *names, char *buf, size_t len)
{
	char about[48], fields[384];

	if (ev->type < BT_EVENT_TYPE_MAX && phrases[ev->type].words) {
		object(ev, about, sizeof(about));
		return snprintf(buf, len, "%s%s", phrases[ev->type].words, about);
	}
	bt_event_format_fields(ev, names, fields, sizeof(fields));
	return snprintf(buf, len, "%s %s", bt_event_type_name(ev->type), fields);
}

void bt_phrase_task(const struct bt_event *ev, const struct bt_names *names, char *buf, size_t len)
{
	const char *task = bt_names_task(names, ev->tid, ev->ts_ns);

	snprintf(buf, len, "%s/%u", task ? task : "?", ev->tid);
}

void bt_phrase_duration(uint64_t ns, char *buf, size_t len)
{
	static const struct {
		uint64_t ns;
		const char *unit;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" } };
	unsigned int i;
	double value;

	for (i = 0; i + 1 < sizeof(units) / sizeof(units[0]) && ns < units[i].ns; i++)
		;
	value = (double)ns / (double)units[i].ns;
	snprintf(buf, len, "%.*f %s", value < 10 ? 2 : value < 1000 ? 1 : 0, value, units[i].unit);
}
