/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reading side of a BPF ring buffer. libbpf's own reader releases room record by record,
 * which moves a cache line between CPUs each time, and returns only when the buffer is empty,
 * which under load never happens.
 */
#ifndef BT_RING_H
#define BT_RING_H

#include <stddef.h>
#include <stdint.h>

#include "stream/sink.h"

struct bt_ring {
	volatile unsigned long *consumer; /* page of its own, ours to write */
	volatile unsigned long *producer; /* page of its own, the kernel's */
	const unsigned char *data;	  /* mapped twice in a row: no record wraps */
	unsigned long size;		  /* bytes, a power of 2 */
	unsigned long page;		  /* bytes */
};

/* Maps the ring buffer map behind fd, of size bytes. 0 or -errno. */
int bt_ring_open(struct bt_ring *ring, int fd, unsigned long size);
void bt_ring_close(struct bt_ring *ring);

/* The producer's current position; bt_ring_drain up to it always ends. */
unsigned long bt_ring_head(const struct bt_ring *ring);

/* How many events are in so many bytes of it; 0 if none (bytes <= 0). */
uint64_t bt_ring_records(long bytes);

/*
 * Passes records to the sink until it reaches position until, or a record that is still being
 * written. *taken: how many, *bad: how many of another size than an event. 0 or what the sink
 * returned.
 */
int bt_ring_drain(struct bt_ring *ring, struct bt_sink *sink, unsigned long until, uint64_t *taken,
		  uint64_t *bad);

#endif /* BT_RING_H */
