// SPDX-License-Identifier: GPL-2.0-only
/*
 * source OBJECT RATE SECONDS CHUNKS: while bitmap-trace runs, writes so many events per second
 * into its ring buffer, through the code of its probes (source.bpf.c): a legal history of an
 * array that does not exist (history.h). Prints the result on stderr.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "history.h"
#include "pace.h"
#include "source.h"

#define OBJECT_NAME "bitmap_trace" /* as the tool's skeleton: names of maps begin with it */

struct source {
	struct bt_sink sink;
	struct bpf_object *object;
	struct bt_event *batch; /* the map that the program reads */
	int program_fd;
	struct source_call call;
	uint32_t batch_max; /* about a millisecond's */
	uint64_t fired;
	struct pace pace;
};

static int fire(struct source *source)
{
	/* What the program writes there comes back in place, for programs of this kind. */
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &source->call,
		    .ctx_size_in = sizeof(source->call));
	uint64_t nr = source->call.nr;
	int err;

	if (!nr)
		return 0;
	pace_wait(&source->pace, nr);
	err = bpf_prog_test_run_opts(source->program_fd, &opts);
	source->fired += nr;
	source->call.nr = 0;
	return err;
}

static int take(struct bt_sink *sink, const struct bt_event *ev)
{
	struct source *source = bt_container_of(sink, struct source, sink);

	source->batch[source->call.nr++] = *ev;
	return source->call.nr == source->batch_max ? fire(source) : 0;
}

/* The only map with this name among those that the tool has created; or -ENOENT. */
static int find_map(const char *name)
{
	struct bpf_map_info info;
	uint32_t id = 0, len;
	int fd;

	while (!bpf_map_get_next_id(id, &id)) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;
		len = sizeof(info);
		memset(&info, 0, sizeof(info));
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) &&
		    !strncmp(info.name, name, sizeof(info.name) - 1))
			return fd;
		close(fd);
	}
	return -ENOENT;
}

/* Every map but our own is the tool's. The read-only data stay ours: they are equal. */
static int share_maps(struct bpf_object *object)
{
	struct bpf_map *map;
	int fd, err;

	bpf_object__for_each_map(map, object)
	{
		if (!strcmp(bpf_map__name(map), "batch") || strstr(bpf_map__name(map), ".rodata"))
			continue;
		fd = find_map(bpf_map__name(map));
		if (fd < 0) {
			fprintf(stderr, "source: no map '%s'; does bitmap-trace run?\n",
				bpf_map__name(map));
			return fd;
		}
		err = bpf_map__reuse_fd(map, fd);
		close(fd);
		if (err)
			return err;
	}
	return 0;
}

static int load(struct source *source, const char *path)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = OBJECT_NAME);
	struct bpf_program *program;
	int err, fd;

	source->object = bpf_object__open_file(path, &opts);
	if (!source->object)
		return -errno;
	bpf_object__for_each_program(program, source->object) bpf_program__set_autoload(
		program, !strcmp(bpf_program__name(program), "emit_batch"));
	err = share_maps(source->object);
	if (!err)
		err = bpf_object__load(source->object);
	if (err)
		return err;
	program = bpf_object__find_program_by_name(source->object, "emit_batch");
	source->program_fd = bpf_program__fd(program);
	fd = bpf_object__find_map_fd_by_name(source->object, "batch");
	source->batch = mmap(NULL, SOURCE_BATCH_MAX * sizeof(struct bt_event),
			     PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return source->batch == MAP_FAILED ? -errno : 0;
}

/* CPU time of the program, if the kernel counts that (kernel.bpf_stats_enabled). */
static uint64_t program_ns(const struct source *source)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(source->program_fd, &info, &len) ? 0 : info.run_time_ns;
}

static void tell(const struct source *source)
{
	double seconds = pace_seconds(&source->pace);

	fprintf(stderr,
		"source: %llu events, %.3f s, %.0f events/s, %llu ns in the program, "
		"buffer filled up to %llu KiB\n",
		(unsigned long long)source->fired, seconds, (double)source->fired / seconds,
		(unsigned long long)program_ns(source),
		(unsigned long long)source->call.filled_max >> 10);
}

static int run(struct source *source, const char *path, uint64_t events, uint32_t chunks)
{
	int err = load(source, path);

	if (!err)
		err = bench_history(&source->sink, events, chunks);
	if (!err)
		err = fire(source);
	if (!err)
		tell(source);
	bpf_object__close(source->object);
	return err;
}

int main(int argc, char **argv)
{
	struct source source = { .sink.event = take };
	uint64_t seconds, chunks;
	int err;

	source.pace.rate = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	seconds = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	chunks = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
	if (argc != 5 || !source.pace.rate || !seconds || !chunks || chunks > UINT32_MAX) {
		fputs("usage: source OBJECT RATE SECONDS CHUNKS\n", stderr);
		return 2;
	}
	source.batch_max = source.pace.rate / 1000 ?: 1;
	if (source.batch_max > SOURCE_BATCH_MAX)
		source.batch_max = SOURCE_BATCH_MAX;
	err = run(&source, argv[1], source.pace.rate * seconds, (uint32_t)chunks);
	if (err)
		fprintf(stderr, "source: %s\n", strerror(-err));
	return err ? 2 : 0;
}
