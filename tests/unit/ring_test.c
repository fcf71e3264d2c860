// SPDX-License-Identifier: GPL-2.0-only
/* The ring buffer's reader, with a producer in plain memory. */
#include <errno.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "live/ring.h"

#define SIZE   4096ul
#define RECORD (BPF_RINGBUF_HDR_SZ + sizeof(struct bt_event))

struct fake {
	struct bt_ring ring;
	unsigned long consumer, producer;
	unsigned char *data; /* twice, as the kernel maps it; filled in twice */
};

struct counter {
	struct bt_sink sink;
	uint64_t nr;
	uint64_t next; /* chunk expected */
	uint64_t fail_at;
};

static int count(struct bt_sink *sink, const struct bt_event *ev)
{
	struct counter *counter = (struct counter *)sink;

	assert_int_equal(ev->bit.chunk, counter->next++);
	return ++counter->nr == counter->fail_at ? -EPIPE : 0;
}

static struct fake *fake_new(unsigned long at)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	fake->data = calloc(2, SIZE);
	fake->consumer = fake->producer = at;
	fake->ring = (struct bt_ring){
		.consumer = &fake->consumer,
		.producer = &fake->producer,
		.data = fake->data,
		.size = SIZE,
	};
	return fake;
}

static void fake_free(struct fake *fake)
{
	free(fake->data);
	free(fake);
}

static void put_bytes(struct fake *fake, unsigned long at, const void *from, size_t len)
{
	const unsigned char *byte = from;

	for (; len; len--, at++) {
		fake->data[at % SIZE] = *byte;
		fake->data[at % SIZE + SIZE] = *byte++;
	}
}

/* Returns the position of the record. */
static unsigned long put(struct fake *fake, uint32_t header, uint64_t chunk)
{
	uint32_t len = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
	struct bt_event ev = { .type = BT_SET_BIT, .bit.chunk = chunk };
	unsigned long at = fake->producer;

	put_bytes(fake, at, &header, sizeof(header));
	put_bytes(fake, at + BPF_RINGBUF_HDR_SZ, &ev, len < sizeof(ev) ? len : sizeof(ev));
	fake->producer += (len + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
	return at;
}

static void test_wraps_around(void **state)
{
	struct counter counter = { .sink.event = count };
	struct fake *fake = fake_new((0ul - 3 * RECORD) & ~7ul); /* positions overflow, too */
	uint64_t taken = 0, bad = 0, chunk = 0;
	int round, i;

	(void)state;
	for (round = 0; round < 50; round++) {
		for (i = 0; i < 7; i++)
			put(fake, sizeof(struct bt_event), chunk++);
		assert_int_equal(bt_ring_drain(&fake->ring, &counter.sink,
					       bt_ring_head(&fake->ring), &taken, &bad),
				 0);
		assert_int_equal(fake->consumer, fake->producer);
	}
	assert_int_equal(taken, 350);
	assert_int_equal(bad, 0);
	fake_free(fake);
}

static void test_busy_and_discarded(void **state)
{
	struct counter counter = { .sink.event = count };
	struct fake *fake = fake_new(0);
	uint64_t taken = 0, bad = 0;
	uint32_t done = sizeof(struct bt_event);
	unsigned long busy;

	(void)state;
	put(fake, sizeof(struct bt_event), 0);
	put(fake, sizeof(struct bt_event) | BPF_RINGBUF_DISCARD_BIT, 99);
	busy = put(fake, sizeof(struct bt_event) | BPF_RINGBUF_BUSY_BIT, 1);
	put(fake, sizeof(struct bt_event), 2);
	assert_int_equal(bt_ring_drain(&fake->ring, &counter.sink, fake->producer, &taken, &bad),
			 0);
	assert_int_equal(taken, 1);
	assert_int_equal(fake->consumer, busy);

	put_bytes(fake, busy, &done, sizeof(done));
	assert_int_equal(bt_ring_drain(&fake->ring, &counter.sink, fake->producer, &taken, &bad),
			 0);
	assert_int_equal(taken, 3);
	assert_int_equal(bad, 0);
	fake_free(fake);
}

static void test_other_sizes(void **state)
{
	struct counter counter = { .sink.event = count };
	struct fake *fake = fake_new(0);
	uint64_t taken = 0, bad = 0;

	(void)state;
	put(fake, 13, 99);
	put(fake, sizeof(struct bt_event), 0);
	put(fake, sizeof(struct bt_event) + 8, 99);
	put(fake, sizeof(struct bt_event), 1);
	assert_int_equal(bt_ring_drain(&fake->ring, &counter.sink, fake->producer, &taken, &bad),
			 0);
	assert_int_equal(taken, 2);
	assert_int_equal(bad, 2);
	assert_int_equal(fake->consumer, fake->producer);
	fake_free(fake);
}

/* A record that the sink refused is not passed again. */
static void test_sink_refuses(void **state)
{
	struct counter counter = { .sink.event = count, .fail_at = 2 };
	struct fake *fake = fake_new(0);
	uint64_t taken = 0, bad = 0, chunk;

	(void)state;
	for (chunk = 0; chunk < 5; chunk++)
		put(fake, sizeof(struct bt_event), chunk);
	assert_int_equal(bt_ring_drain(&fake->ring, &counter.sink, fake->producer, &taken, &bad),
			 -EPIPE);
	assert_int_equal(fake->consumer, 2 * RECORD);
	assert_int_equal(bt_ring_drain(&fake->ring, &counter.sink, fake->producer, &taken, &bad),
			 0);
	assert_int_equal(counter.nr, 5);
	fake_free(fake);
}

static void test_stops_where_told(void **state)
{
	struct counter counter = { .sink.event = count };
	struct fake *fake = fake_new(0);
	uint64_t taken = 0, bad = 0;
	unsigned long until;

	(void)state;
	put(fake, sizeof(struct bt_event), 0);
	until = bt_ring_head(&fake->ring);
	put(fake, sizeof(struct bt_event), 1);
	assert_int_equal(bt_ring_drain(&fake->ring, &counter.sink, until, &taken, &bad), 0);
	assert_int_equal(taken, 1);
	assert_int_equal(fake->consumer, until);
	fake_free(fake);
}

struct watcher {
	struct bt_sink sink;
	const struct fake *fake;
	unsigned long behind_max; /* bytes read and not released yet */
	unsigned long read;
};

static int watch(struct bt_sink *sink, const struct bt_event *ev)
{
	struct watcher *watcher = (struct watcher *)sink;
	unsigned long behind = watcher->read - watcher->fake->consumer;

	(void)ev;
	if (behind > watcher->behind_max)
		watcher->behind_max = behind;
	watcher->read += RECORD;
	return 0;
}

/* A small buffer must not stay full while it is being read. */
static void room_is_given_back_on_the_way(void **state)
{
	struct fake *fake = fake_new(0);
	struct watcher watcher = { .sink.event = watch, .fake = fake };
	uint64_t taken = 0, bad = 0;
	unsigned int i;

	(void)state;
	for (i = 0; i < SIZE / RECORD; i++)
		put(fake, sizeof(struct bt_event), i);
	assert_int_equal(
		bt_ring_drain(&fake->ring, &watcher.sink, bt_ring_head(&fake->ring), &taken, &bad),
		0);
	assert_int_equal(taken, SIZE / RECORD);
	assert_in_range(watcher.behind_max, 1, SIZE / 8 + RECORD);
	fake_free(fake);
}

static void bytes_left_are_whole_records(void **state)
{
	(void)state;
	assert_int_equal(bt_ring_records(-72), 0);
	assert_int_equal(bt_ring_records(0), 0);
	assert_int_equal(bt_ring_records(72), 1);
	assert_int_equal(bt_ring_records(73), 2);
	assert_int_equal(bt_ring_records(720), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_left_are_whole_records),
		cmocka_unit_test(test_wraps_around),
		cmocka_unit_test(room_is_given_back_on_the_way),
		cmocka_unit_test(test_busy_and_discarded),
		cmocka_unit_test(test_other_sizes),
		cmocka_unit_test(test_sink_refuses),
		cmocka_unit_test(test_stops_where_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
