// SPDX-License-Identifier: GPL-2.0-only
#include "live/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

/* Room is released in pieces of this size, at most an eighth of the buffer. */
#define GIVE_BACK_BYTES (64ul << 10)

static unsigned long give_back_bytes(const struct bt_ring *ring)
{
	return ring->size / 8 < GIVE_BACK_BYTES ? ring->size / 8 : GIVE_BACK_BYTES;
}

int bt_ring_open(struct bt_ring *ring, int fd, unsigned long size)
{
	struct bt_ring new = { .size = size, .page = (unsigned long)sysconf(_SC_PAGESIZE) };
	char *pages;

	new.consumer = mmap(NULL, new.page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (new.consumer == MAP_FAILED)
		return -errno;
	/* The kernel maps the data a second time after the first mapping. */
	pages = mmap(NULL, new.page + 2 * size, PROT_READ, MAP_SHARED, fd, (off_t) new.page);
	if (pages == MAP_FAILED) {
		int err = -errno;

		munmap((void *)new.consumer, new.page);
		return err;
	}
	new.producer = (void *)pages;
	new.data = (unsigned char *)pages + new.page;
	*ring = new;
	return 0;
}

void bt_ring_close(struct bt_ring *ring)
{
	if (!ring->consumer)
		return;
	munmap((void *)ring->consumer, ring->page);
	munmap((void *)ring->producer, ring->page + 2 * ring->size);
	ring->consumer = NULL;
}

unsigned long bt_ring_head(const struct bt_ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

/* A header of 8 bytes, the record, and padding to 8. */
static unsigned long record_size(uint32_t header)
{
	unsigned long len = header & ~(uint32_t)(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return (len + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
}

uint64_t bt_ring_records(long bytes)
{
	const long record = (long)record_size(sizeof(struct bt_event));

	return bytes > 0 ? (uint64_t)((bytes + record - 1) / record) : 0;
}

int bt_ring_drain(struct bt_ring *ring, struct bt_sink *sink, unsigned long until, uint64_t *taken,
		  uint64_t *bad)
{
	unsigned long at = *ring->consumer, given_back = at, piece = give_back_bytes(ring);
	const unsigned char *record;
	uint32_t header;
	int err = 0;

	while ((long)(until - at) > 0 && !err) {
		record = ring->data + (at & (ring->size - 1));
		header = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);
		if (header & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			if (header == sizeof(struct bt_event)) {
				err = bt_sink_event(sink,
						    (const void *)(record + BPF_RINGBUF_HDR_SZ));
				++*taken;
			} else {
				++*bad;
			}
		}
		at += record_size(header);
		if (at - given_back >= piece) {
			__atomic_store_n(ring->consumer, at, __ATOMIC_RELEASE);
			given_back = at;
		}
	}
	/*
	 * Full barrier: the producer decides about its wake-up by this value, and we read its
	 * position next.
	 */
	__atomic_store_n(ring->consumer, at, __ATOMIC_SEQ_CST);
	return err;
}
