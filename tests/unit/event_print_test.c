// SPDX-License-Identifier: GPL-2.0-only
/* Events as text and JSON, and the names in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "event/event_desc.h"
#include "event/event_json.h"
#include "event/event_print.h"

static struct bt_event event(enum bt_event_type type)
{
	return (struct bt_event){
		.ts_ns = 12000000345, .tid = 7, .type = type, .stack = -1, .member = -1
	};
}

static struct bt_names *names_of_a_run(void)
{
	struct bt_names *names = bt_names_new();
	struct bt_event ev = event(BT_TASK);

	assert_non_null(names);
	memcpy(ev.task.comm, "dd", 3);
	assert_int_equal(bt_names_learn(names, &ev), 0);
	ev = event(BT_ARRAY);
	ev.bitmap = 1;
	memcpy(ev.array.name, "md0", 4);
	assert_int_equal(bt_names_learn(names, &ev), 0);
	ev = event(BT_BITMAP);
	ev.bitmap = 1;
	ev.geometry.dev = 9 << 20;
	assert_int_equal(bt_names_learn(names, &ev), 0);
	ev = event(BT_SYMBOL);
	ev.symbol.addr = 0xffffffffc0001000;
	memcpy(ev.symbol.name, "raid1_end_write_request ", 24);
	assert_int_equal(bt_names_learn(names, &ev), 0);
	return names;
}

static void assert_text(const struct bt_event *ev, const struct bt_names *names, const char *text)
{
	char buf[512];
	int len = bt_event_format(ev, names, buf, sizeof(buf));

	assert_string_equal(buf, text);
	assert_int_equal(len, strlen(text));
}

static void test_text(void **state)
{
	struct bt_names *names = names_of_a_run();
	struct bt_event ev = event(BT_SET_BIT);

	(void)state;
	ev.bitmap = 1;
	ev.cpu = 3;
	ev.bm_flags = BT_BM_STALE | 1 << 9;
	ev.stack = 5;
	ev.bit.chunk = 1ull << 40;
	ev.bit.page = 2;
	ev.bit.attr = BT_ATTR_DIRTY | BT_ATTR_NEEDWRITE;
	ev.bit.on_page = BT_ON_PAGE_CLEAR;
	assert_text(&ev, names,
		    "    12.000000345 [003] dd/7                   md0     set_bit           "
		    "chunk=1099511627776 page=2 attr=dirty|needwrite on_page=clear "
		    "flags=stale|0x200 stack=5");
	assert_text(&ev, NULL,
		    "    12.000000345 [003] ?/7                    #1      set_bit           "
		    "chunk=1099511627776 page=2 attr=dirty|needwrite on_page=clear "
		    "flags=stale|0x200 stack=5");
	bt_names_free(names);
}

static void test_text_of_io(void **state)
{
	struct bt_names *names = names_of_a_run();
	struct bt_event ev = event(BT_DATA_START);

	(void)state;
	ev.tid = 0;
	ev.member = 1;
	ev.opf = 1 | 1 << 11 | 1 << 17 | 1u << 30;
	ev.data.sector = 8;
	ev.data.sectors = 16;
	ev.data.dev = 8 << 20 | 17;
	ev.data.end_io = 0xffffffffc0001000;
	ev.data.bio = 0xffff888000000000;
	assert_text(&ev, names,
		    "    12.000000345 [000] idle/0                 -       data_start        "
		    "sector=8 sectors=16 dev=8:17 end_io=raid1_end_write_request "
		    "bio=0xffff888000000000 member=1 opf=write|sync|fua|0x40000000");
	bt_names_free(names);
}

static void test_unknown_type(void **state)
{
	struct bt_event ev = event(BT_SET_BIT);

	(void)state;
	ev.type = 999;
	assert_text(&ev, NULL, "    12.000000345 [000] ?/7                    -       type-999");
	assert_null(bt_event_describe(999));
	assert_null(bt_event_describe(BT_EVENT_TYPE_MAX));
	assert_string_equal(bt_event_type_name(0), "unknown");
}

static void test_short_buffers(void **state)
{
	struct bt_event ev = event(BT_PAGE_WRITE_END);
	char whole[512], part[512];
	int len = bt_event_format(&ev, NULL, whole, sizeof(whole));
	size_t size;

	(void)state;
	for (size = 1; size <= (size_t)len + 1; size++) {
		memset(part, 'x', sizeof(part));
		bt_event_format(&ev, NULL, part, size);
		assert_true(strlen(part) < size);
		assert_int_equal(part[size], 'x');
		assert_memory_equal(part, whole, strlen(part));
	}
}

/* Whatever bytes a trace has, the output is plain text. */
static void test_any_bytes(void **state)
{
	struct bt_names *names = bt_names_new();
	struct bt_event ev;
	struct json_object *object;
	unsigned int type, byte, i;
	char buf[1024];

	(void)state;
	for (type = 0; type < 70; type++) {
		for (byte = 0; byte < 256; byte += 15) {
			memset(&ev, (int)byte, sizeof(ev));
			ev.type = (uint16_t)type;
			assert_int_equal(bt_names_learn(names, &ev), 0);
			bt_event_format(&ev, names, buf, sizeof(buf));
			for (i = 0; buf[i]; i++)
				assert_true((unsigned char)buf[i] >= ' ');
			object = bt_event_json(&ev, names);
			assert_non_null(object);
			json_object_put(object);
		}
	}
	bt_names_free(names);
}

static void test_json(void **state)
{
	struct bt_names *names = names_of_a_run();
	struct bt_event ev = event(BT_PAGE_WRITE_START);
	struct json_object *object;

	(void)state;
	ev.bitmap = 1;
	ev.member = 0;
	ev.opf = 1 | 1 << 18;
	ev.page.io = 0x10;
	ev.page.page = 1;
	ev.page.nr_pages = 2;
	ev.page.dev = 9 << 20;
	ev.page.cache = BT_CACHE_FUA;
	ev.page.backend = BT_BACKEND_BUFFER;
	ev.page.blocks = 4;
	object = bt_event_json(&ev, names);
	assert_string_equal(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN),
		"{\"event\":\"page_write_start\",\"ts_ns\":12000000345,\"cpu\":0,\"tid\":7,"
		"\"task\":\"dd\",\"bitmap\":1,\"array\":\"md0\",\"page\":1,\"nr_pages\":2,"
		"\"dev\":\"9:0\",\"backend\":\"buffer_head\",\"blocks\":4,"
		"\"cache\":\"fua\",\"io\":\"0x10\","
		"\"member\":0,\"op\":\"write\",\"op_flags\":[\"preflush\"]}");
	json_object_put(object);
	bt_names_free(names);
}

/* Each field of each type lies in the payload of a record, or is its status. */
static void test_descriptions(void **state)
{
	const struct bt_event_field *field;
	const struct bt_event_desc *desc;
	unsigned int type, nr = 0;

	(void)state;
	for (type = 0; type < BT_EVENT_TYPE_MAX; type++) {
		desc = bt_event_describe(type);
		if (!desc)
			continue;
		nr++;
		for (field = desc->fields; field && field->name; field++) {
			assert_true(field->offset >= offsetof(struct bt_event, raw) ||
				    field->offset == offsetof(struct bt_event, status));
			assert_true((size_t)field->offset + field->size <= sizeof(struct bt_event));
		}
	}
	assert_true(nr >= 37);
	assert_string_equal(bt_event_type_name(BT_LOST), "lost");
	assert_string_equal(bt_event_type_name(BT_SB_WRITE_END), "sb_write_end");
}

static void test_names_are_bounded(void **state)
{
	struct bt_names *names = bt_names_new();
	struct bt_event ev = event(BT_TASK);

	(void)state;
	memcpy(ev.task.comm, "a-name-of-16-byt", 16);
	for (ev.tid = 1; ev.tid <= BT_NAMES_MAX + 10; ev.tid++)
		assert_int_equal(bt_names_learn(names, &ev), 0);
	assert_string_equal(bt_names_task(names, BT_NAMES_MAX, ev.ts_ns), "a-name-of-16-byt");
	assert_null(bt_names_task(names, BT_NAMES_MAX + 1, ev.ts_ns));
	/* Existing names can still change. */
	ev.tid = 1;
	memcpy(ev.task.comm, "other", 6);
	assert_int_equal(bt_names_learn(names, &ev), 0);
	assert_string_equal(bt_names_task(names, 1, ev.ts_ns), "other");
	bt_names_free(names);
}

static void learn_task(struct bt_names *names, uint64_t ts_ns, unsigned int number)
{
	struct bt_event ev = event(BT_TASK);

	ev.ts_ns = ts_ns;
	snprintf(ev.task.comm, sizeof(ev.task.comm), "name-%u", number);
	assert_int_equal(bt_names_learn(names, &ev), 0);
}

/* exec, or a reused thread id: the name at the time of the event counts. */
static void test_names_of_a_time(void **state)
{
	struct bt_names *names = bt_names_new();
	unsigned int i;

	(void)state;
	learn_task(names, 100, 1);
	learn_task(names, 150, 1);
	learn_task(names, 200, 2);
	assert_null(bt_names_task(names, 7, 99));
	assert_string_equal(bt_names_task(names, 7, 100), "name-1");
	assert_string_equal(bt_names_task(names, 7, 199), "name-1");
	assert_string_equal(bt_names_task(names, 7, 200), "name-2");
	/* If there are too many, the oldest names are dropped, and those times have no name. */
	for (i = 3; i <= BT_TASK_NAMES_MAX + 1; i++)
		learn_task(names, i * 100, i);
	assert_null(bt_names_task(names, 7, 150));
	assert_string_equal(bt_names_task(names, 7, 250), "name-2");
	assert_string_equal(bt_names_task(names, 7, UINT64_MAX), "name-17");
	bt_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_of_io),
		cmocka_unit_test(test_unknown_type),
		cmocka_unit_test(test_short_buffers),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_descriptions),
		cmocka_unit_test(test_names_are_bounded),
		cmocka_unit_test(test_names_of_a_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
