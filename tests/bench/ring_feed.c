// SPDX-License-Identifier: GPL-2.0-only
/*
 * ring_feed RATE SECONDS CHUNKS: what a live check does at so many events per second, without
 * the kernel: one thread writes a legal history (history.h) into a ring buffer in memory, with
 * the layout and size of the probes', and another reads and judges it as the tool does.
 *
 * Prints, separated by tabs: events written into the buffer, events lost because there was no
 * room, events per second, seconds of CPU time for reading and judging, the maximum KiB in the
 * buffer, peak RSS in KiB.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "check/checker.h"
#include "history.h"
#include "live/ring.h"
#include "pace.h"

#define RING_BYTES     (32ul << 20) /* bpf/core/emit.h */
#define RECORD_BYTES   (BPF_RINGBUF_HDR_SZ + sizeof(struct bt_event))
#define DRAIN_EVERY_NS 20000000 /* user/live/live.c */

struct feed {
	struct bt_sink sink; /* of the history */
	struct bt_ring ring;
	/* What the ring points to; each is written by another thread. */
	_Alignas(64) unsigned long consumer;
	_Alignas(64) unsigned long producer;
	_Alignas(64) unsigned char *data;
	struct pace pace;
	uint64_t events, piece, in_piece;
	uint32_t chunks;
	uint64_t put, lost;
	unsigned long filled_max;
	double seconds;
	bool over; /* no more events will come */
	int err;
};

/* Mapped twice in a row, so that no record wraps. */
static int map_ring(struct feed *feed)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);
	unsigned char *at;

	if (fd < 0 || ftruncate(fd, (off_t)RING_BYTES))
		return -errno;
	at = mmap(NULL, 2 * RING_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED ||
	    mmap(at, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		    MAP_FAILED ||
	    mmap(at + RING_BYTES, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 0) == MAP_FAILED)
		return -errno;
	close(fd);
	feed->data = at;
	feed->ring = (struct bt_ring){ .consumer = &feed->consumer,
				       .producer = &feed->producer,
				       .data = at,
				       .size = RING_BYTES };
	return 0;
}

static int put(struct bt_sink *sink, const struct bt_event *ev)
{
	struct feed *feed = bt_container_of(sink, struct feed, sink);
	unsigned long filled = feed->producer - __atomic_load_n(&feed->consumer, __ATOMIC_ACQUIRE);
	unsigned char *at = feed->data + (feed->producer & (RING_BYTES - 1));
	const uint32_t header[2] = { sizeof(*ev) };

	if (feed->in_piece++ == feed->piece) {
		pace_wait(&feed->pace, feed->piece);
		feed->in_piece = 1;
	}
	if (filled > feed->filled_max)
		feed->filled_max = filled;
	if (filled + RECORD_BYTES > RING_BYTES) {
		feed->lost++;
		return 0;
	}
	memcpy(at, header, sizeof(header));
	memcpy(at + sizeof(header), ev, sizeof(*ev));
	__atomic_store_n(&feed->producer, feed->producer + RECORD_BYTES, __ATOMIC_RELEASE);
	feed->put++;
	return 0;
}

static void *lay(void *arg)
{
	struct feed *feed = arg;

	feed->err = bench_history(&feed->sink, feed->events, feed->chunks);
	feed->seconds = pace_seconds(&feed->pace);
	__atomic_store_n(&feed->over, true, __ATOMIC_RELEASE);
	return NULL;
}

/* As run_until_end() of user/live/live.c */
static int read_and_judge(struct feed *feed, struct bt_checker *checker)
{
	const struct timespec pause = { .tv_nsec = DRAIN_EVERY_NS };
	uint64_t taken, bad = 0;
	bool over;
	int err;

	do {
		over = __atomic_load_n(&feed->over, __ATOMIC_ACQUIRE);
		taken = 0;
		err = bt_ring_drain(&feed->ring, &checker->sink, bt_ring_head(&feed->ring), &taken,
				    &bad);
		if (!over)
			nanosleep(&pause, NULL);
	} while (!err && !over);
	return err ? err : (bad ? -EIO : 0);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int run(struct feed *feed, struct bt_checker *checker)
{
	double before = cpu_seconds();
	struct rusage usage;
	pthread_t thread;
	int err = map_ring(feed);

	if (!err)
		err = -pthread_create(&thread, NULL, lay, feed);
	if (err)
		return err;
	err = read_and_judge(feed, checker);
	pthread_join(thread, NULL);
	if (err || feed->err)
		return err ? err : feed->err;
	getrusage(RUSAGE_SELF, &usage);
	printf("%llu\t%llu\t%.0f\t%.3f\t%lu\t%ld\n", (unsigned long long)feed->put,
	       (unsigned long long)feed->lost, (double)feed->put / feed->seconds,
	       cpu_seconds() - before, feed->filled_max >> 10, usage.ru_maxrss);
	return checker->events == feed->put ? 0 : -EIO;
}

int main(int argc, char **argv)
{
	struct feed feed = { .sink.event = put };
	struct bt_checker checker;
	uint64_t seconds;
	int err;

	feed.pace.rate = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	seconds = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	feed.chunks = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
	if (argc != 4 || !feed.pace.rate || !seconds || !feed.chunks) {
		fputs("usage: ring_feed RATE SECONDS CHUNKS\n", stderr);
		return 2;
	}
	feed.events = feed.pace.rate * seconds;
	feed.piece = feed.pace.rate / 1000 ?: 1;
	bt_checker_init(&checker, false);
	err = run(&feed, &checker);
	bt_checker_free(&checker);
	if (err)
		fprintf(stderr, "ring_feed: %s\n", strerror(-err));
	return err ? 2 : 0;
}
