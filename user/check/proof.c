// SPDX-License-Identifier: GPL-2.0-only
#include "check/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "check/minimize.h"
#include "check/slice.h"
#include "stream/array_filter.h"

static int failed(const struct bt_proof *proof, const char *trace, const char *why, int err)
{
	fprintf(stderr, "bitmap-trace: %s: no minimal counterexample of %s: %s\n", trace,
		proof->broken->invariant->name, why);
	return err;
}

/* The events that may matter. info is the trace's. */
static int gather(const struct bt_proof *proof, struct bt_slice *slice, const char *trace,
		  const char *const *arrays, unsigned int arrays_nr, struct bt_trace_info *info)
{
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_trace_end end = { .problem = "" };
	struct bt_array_filter filter;
	int err;

	if (!stacks)
		return failed(proof, trace, strerror(ENOMEM), -ENOMEM);
	bt_array_filter_init(&filter, arrays, arrays_nr, &slice->sink);
	err = bt_trace_read(trace, &filter.sink, stacks, info, &end);
	bt_array_filter_free(&filter);
	bt_stacks_free(stacks);
	if (slice->complete)
		return 0;
	if (err == -EFBIG)
		return failed(proof, trace,
			      "too many descriptions of bitmaps and symbols before it", err);
	if (err)
		return failed(proof, trace, end.problem[0] ? end.problem : strerror(-err), err);
	return failed(proof, trace, "it has fewer events than before", -ENODATA);
}

static int reduce(struct bt_proof *proof, const struct bt_slice *slice, const char *trace,
		  const struct bt_trace_info *info)
{
	int err = bt_minimize(proof->broken, info, proof->events, &proof->nr);

	if (!err)
		return 0;
	if (err != -ESRCH)
		return failed(proof, trace, strerror(-err), err);
	return failed(proof, trace,
		      slice->shortened ? "it begins too far before the event that broke the rule"
				       : "the trace does not show it when read again",
		      err);
}

int bt_proof_find(struct bt_proof *proof, const struct bt_result *broken, const char *trace,
		  const char *const *arrays, unsigned int arrays_nr)
{
	struct bt_trace_info info;
	struct bt_slice slice;
	int err;

	*proof = (struct bt_proof){ .broken = broken };
	bt_slice_init(&slice, broken->first.bitmap, broken->first.offending);
	err = gather(proof, &slice, trace, arrays, arrays_nr, &info);
	if (err) {
		bt_slice_free(&slice);
		return err;
	}
	proof->events = slice.events;
	proof->nr = slice.nr;
	return reduce(proof, &slice, trace, &info);
}

void bt_proof_free(struct bt_proof *proof)
{
	free(proof->events);
	*proof = (struct bt_proof){ 0 };
}

/* ---- writing it as a trace --------------------------------------------------- */

/* NULL if out of memory. */
static struct bt_stacks *own_stacks(const struct bt_proof *proof, const struct bt_stacks *all)
{
	struct bt_stacks *stacks = bt_stacks_new();
	const struct bt_stack *stack;
	size_t i;

	for (i = 0; stacks && i < proof->nr; i++) {
		stack = bt_stacks_find(all, proof->events[i].ev.stack);
		if (!stack || bt_stacks_find(stacks, stack->id))
			continue;
		if (bt_stacks_add(stacks, stack->id, (const char *const *)stack->frames,
				  stack->nr)) {
			bt_stacks_free(stacks);
			stacks = NULL;
		}
	}
	return stacks;
}

static int write_trace(const struct bt_proof *proof, int fd, const struct bt_trace_info *info,
		       const struct bt_stacks *stacks)
{
	struct bt_stream_stats stats = { 0 };
	struct bt_trace_info own = *info;
	struct bt_trace_writer *writer;
	size_t i;
	int err;

	snprintf(own.slice_of, sizeof(own.slice_of), "%s", proof->broken->invariant->name);
	err = bt_trace_create_fd(fd, &own, &writer);
	if (err) {
		close(fd);
		return err;
	}
	for (i = 0; i < proof->nr; i++) {
		const struct bt_event *ev = &proof->events[i].ev;

		bt_sink_event(bt_trace_writer_sink(writer), ev);
		if (ev->type < BT_EVENT_TYPE_MAX)
			stats.emitted[ev->type]++;
	}
	return bt_trace_finish(writer, stacks, &stats, -1);
}

/* The writer closes what it writes to. */
static int write_file(const struct bt_proof *proof, const char *path,
		      const struct bt_trace_info *info, const struct bt_stacks *stacks)
{
	struct bt_atomic_file file;
	int err = bt_atomic_open(&file, path), fd;

	if (err)
		return err;
	fd = fcntl(file.fd, F_DUPFD_CLOEXEC, 0);
	err = fd < 0 ? -errno : write_trace(proof, fd, info, stacks);
	if (!err)
		return bt_atomic_commit(&file);
	bt_atomic_drop(&file);
	return err;
}

int bt_proof_save(const struct bt_proof *proof, const char *path, const struct bt_trace_info *info,
		  const struct bt_stacks *stacks)
{
	struct bt_stacks *own = own_stacks(proof, stacks);
	int err = own ? write_file(proof, path, info, own) : -ENOMEM;

	bt_stacks_free(own);
	if (err)
		fprintf(stderr, "bitmap-trace: %s: %s; the counterexample is not saved\n", path,
			strerror(-err));
	return err;
}

bool bt_readable_again(const char *path)
{
	struct stat file;

	return strcmp(path, "-") && (stat(path, &file) || S_ISREG(file.st_mode));
}
