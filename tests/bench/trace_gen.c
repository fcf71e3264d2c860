// SPDX-License-Identifier: GPL-2.0-only
/* Writes a trace with a history of history.h of the requested length. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "history.h"
#include "stream/stacks.h"
#include "trace/trace.h"

static int write_trace(uint64_t events, uint32_t chunks, const char *path)
{
	struct bt_trace_info info = { .release = "6.12.0-generated" };
	struct bt_stream_stats stats = { 0 };
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_trace_writer *writer;
	int err, written;

	snprintf(info.version, sizeof(info.version), "%s", BT_VERSION);
	err = stacks ? bt_trace_create(path, &info, &writer) : -ENOMEM;
	if (!err) {
		err = bench_history(bt_trace_writer_sink(writer), events, chunks);
		written = bt_trace_finish(writer, stacks, &stats, -1);
		err = err ? err : written;
	}
	bt_stacks_free(stacks);
	return err;
}

int main(int argc, char **argv)
{
	uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	uint64_t chunks = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	int err;

	if (argc != 4 || !events || !chunks || chunks > UINT32_MAX) {
		fputs("usage: trace_gen EVENTS CHUNKS FILE\n"
		      "Writes a trace of at least so many events over an array of so many "
		      "chunks.\n",
		      stderr);
		return 2;
	}
	err = write_trace(events, (uint32_t)chunks, argv[3]);
	if (err) {
		fprintf(stderr, "trace_gen: %s: %s\n", argv[3], strerror(-err));
		return 2;
	}
	return 0;
}
