// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of arrays as given with -a, live and for a trace, and sysfs attributes of an array:
 * texts, each ended by a NUL, the name first.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/arrays.h"
#include "fuzz.h"
#include "stream/array_filter.h"

#define MINOR_BITS 20

static const char *const attributes[] = {
	"level",	 "array_state",	   "bitmap/location", "bitmap/chunksize",
	"dev-sda1/slot", "dev-sda1/state", "dev-sdb1/slot",   "dev-sdb1/state",
};
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

/* A sysfs whose attributes are files in memory. */
struct sysfs {
	char root[64];
	struct fuzz_file files[ATTRIBUTES];
};

static struct sysfs *sysfs_new(void)
{
	static const char *const dirs[] = { "md7", "md7/md", "md7/md/bitmap", "md7/md/dev-sda1",
					    "md7/md/dev-sdb1" };
	const char *tmp = getenv("TMPDIR");
	struct sysfs *sysfs = calloc(1, sizeof(*sysfs));
	char path[256];
	size_t i;

	fuzz_require(sysfs);
	snprintf(sysfs->root, sizeof(sysfs->root), "%.40s/bt-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	fuzz_require(mkdtemp(sysfs->root));
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", sysfs->root, dirs[i]);
		fuzz_require(!mkdir(path, 0777));
	}
	for (i = 0; i < ATTRIBUTES; i++) {
		fuzz_file_open(&sysfs->files[i]);
		snprintf(path, sizeof(path), "%s/md7/md/%s", sysfs->root, attributes[i]);
		fuzz_require(!symlink(sysfs->files[i].path, path));
	}
	return sysfs;
}

/* The next text; after the last one all are empty. */
static const char *next(const char **at, const char *end)
{
	const char *text = *at;

	*at += strlen(text);
	if (*at < end)
		++*at;
	return text;
}

static bool digits(const char **at, uint64_t max, uint64_t *value)
{
	const char *from = *at;

	for (*value = 0; **at >= '0' && **at <= '9'; ++*at) {
		*value = *value * 10 + (uint64_t)(**at - '0');
		if (*value > max)
			return false;
	}
	return *at != from;
}

/* "mdN" and "MAJOR:MINOR", compared as text. */
static bool is_number(const char *name, uint32_t *dev)
{
	const uint64_t minor_max = (1u << MINOR_BITS) - 1;
	uint64_t major = 9, minor;

	if (!strncmp(name, "md", 2))
		name += 2;
	else if (!digits(&name, 0xfff, &major) || *name++ != ':')
		return false;
	if (!digits(&name, minor_max, &minor) || *name)
		return false;
	*dev = (uint32_t)(major << MINOR_BITS | minor);
	return true;
}

static bool is_path_of_device(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "/dev/md/%s", name);
	if (name[0] == '/' || !access(path, F_OK))
		return true;
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	return !access(path, F_OK);
}

static void resolve(const char *name)
{
	uint32_t dev = 1, wanted = 0;
	int err = bt_array_resolve(name, &dev);

	fuzz_require(err <= 0);
	if (err)
		fuzz_require(dev == 1);
	else
		fuzz_require(is_number(name, &wanted) ? dev == wanted : is_path_of_device(name));
}

static int count(struct bt_sink *sink, const struct bt_event *ev)
{
	(void)sink;
	(void)ev;
	return 0;
}

/* An array is found by its own name. */
static void filter(const char *name)
{
	struct bt_event ev = { .type = BT_ARRAY, .bitmap = 1 };
	const char *bare = strncmp(name, "/dev/", 5) ? name : name + 5;
	struct bt_sink sink = { .event = count };
	struct bt_array_filter *filter = malloc(sizeof(*filter));
	uint32_t wanted = 0;
	bool by_number;

	fuzz_require(filter);
	bt_array_filter_init(filter, &name, 1, &sink);
	/* A number has no directory, and no device has major 0. */
	by_number =
		is_number(strncmp(bare, "md", 2) ? name : bare, &wanted) && wanted >> MINOR_BITS;
	wanted = by_number ? wanted : 0;
	fuzz_require(filter->wanted[0].dev == wanted);
	memcpy(ev.array.name, bare,
	       strlen(bare) < sizeof(ev.array.name) ? strlen(bare) : sizeof(ev.array.name));
	fuzz_require(!bt_sink_event(&filter->sink, &ev));
	if (filter->wanted[0].name && strlen(bare) <= sizeof(ev.array.name))
		fuzz_require(!bt_array_filter_missed(filter, "trace", stderr));
	ev = (struct bt_event){ .type = BT_BITMAP, .bitmap = 2, .geometry.dev = wanted };
	fuzz_require(!bt_sink_event(&filter->sink, &ev));
	if (by_number)
		fuzz_require(!bt_array_filter_missed(filter, "trace", stderr));
	bt_array_filter_free(filter);
	free(filter);
}

#define IS_TEXT(array) (strnlen(array, sizeof(array)) < sizeof(array))

static int take(void *ctx, const struct bt_array_info *info)
{
	++*(unsigned int *)ctx;
	fuzz_require(!strcmp(info->name, "md7"));
	fuzz_require(IS_TEXT(info->level) && IS_TEXT(info->state) && IS_TEXT(info->bitmap));
	fuzz_require(IS_TEXT(info->location) && IS_TEXT(info->members));
	fuzz_require(info->bitmap[0] || !info->chunk_bytes || info->location[0] == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sysfs *sysfs;
	struct fuzz_output output;
	const char *at, *text;
	unsigned int nr = 0;
	char *copy;
	size_t i;

	if (!sysfs)
		sysfs = sysfs_new();
	copy = calloc(size + 1, 1);
	fuzz_require(copy);
	memcpy(copy, data, size);
	at = copy;
	fuzz_output_begin(&output);
	text = next(&at, copy + size);
	resolve(text);
	filter(text);
	for (i = 0; i < ATTRIBUTES; i++) {
		text = next(&at, copy + size);
		fuzz_file_set(&sysfs->files[i], text, strlen(text));
	}
	fuzz_require(!bt_arrays_each(sysfs->root, take, &nr));
	fuzz_require(nr == 1);
	fuzz_output_end(&output);
	fuzz_output_free(&output);
	free(copy);
	return 0;
}
