// SPDX-License-Identifier: GPL-2.0-only
#include "cli/arrays.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/dev_number.h"

#define PATH_LEN 512

/* Reads the first line of an attribute, without its end. */
static int read_attr(char *buf, size_t len, const char *dir, const char *name)
{
	char path[2 * PATH_LEN];
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	if (fgets(buf, (int)len, file))
		buf[strcspn(buf, "\n")] = 0;
	else
		err = -ENODATA;
	fclose(file);
	return err;
}

/* A block device by its path. */
static int dev_of_path(const char *path, uint32_t *dev)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISBLK(st.st_mode))
		return -ENOTBLK;
	*dev = major(st.st_rdev) << BT_MINOR_BITS | minor(st.st_rdev);
	return 0;
}

static int dev_of_name(const char *name, uint32_t *dev)
{
	char path[PATH_LEN], text[32];

	if (!strchr(name, '/')) {
		snprintf(path, sizeof(path), "/sys/class/block/%s", name);
		if (!read_attr(text, sizeof(text), path, "dev") && bt_dev_parse(text, dev))
			return 0;
	}
	if (bt_dev_parse_md(name, dev))
		return 0;
	snprintf(path, sizeof(path), "/dev/md/%s", name);
	return dev_of_path(path, dev);
}

static bool sysfs_has(uint32_t dev, const char *what)
{
	unsigned int maj = dev >> BT_MINOR_BITS, min = dev & ((1u << BT_MINOR_BITS) - 1);
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", maj, min, what);
	return !access(path, F_OK);
}

bool bt_array_exists(uint32_t dev)
{
	return sysfs_has(dev, "md");
}

static bool is_other_device(uint32_t dev)
{
	return sysfs_has(dev, "") && !bt_array_exists(dev);
}

int bt_array_resolve(const char *name, uint32_t *dev)
{
	uint32_t found = 0;
	int err = 0;

	if (!bt_dev_parse(name, &found))
		err = name[0] == '/' ? dev_of_path(name, &found) : dev_of_name(name, &found);
	if (!err && is_other_device(found))
		err = -ENOTBLK;
	if (err == -ENOTBLK)
		fprintf(stderr, "bitmap-trace: '%s' is no md array; see 'bitmap-trace list'\n",
			name);
	else if (err)
		fprintf(stderr, "bitmap-trace: array '%s': %s; see 'bitmap-trace list'\n", name,
			strerror(-err));
	else
		*dev = found;
	return err;
}

int bt_arrays_resolve(const char *const *names, unsigned int nr, uint32_t *devs)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		err = bt_array_resolve(names[i], &devs[i]);
		if (err)
			return err;
		if (!bt_array_exists(devs[i]))
			fprintf(stderr, "bitmap-trace: array '%s' does not exist yet\n", names[i]);
	}
	return 0;
}

/* "none bitmap [llbitmap]": since 6.18 there is more than one implementation; "": not told. */
static void read_type(char *type, size_t len, const char *md)
{
	char text[64] = "", *chosen, *end;

	type[0] = '\0';
	if (read_attr(text, sizeof(text), md, "bitmap_type"))
		return;
	chosen = strchr(text, '[');
	end = chosen ? strchr(chosen, ']') : NULL;
	if (!end)
		return;
	*end = '\0';
	snprintf(type, len, "%s", chosen + 1);
}

/* "chunksize N" is the first line, N in sectors. */
static void describe_lockless(struct bt_array_info *info, const char *md)
{
	char text[64] = "";

	if (!read_attr(text, sizeof(text), md, "llbitmap/metadata") &&
	    !strncmp(text, "chunksize ", 10))
		info->chunk_bytes = strtoull(text + 10, NULL, 10) << 9;
}

static bool is_of_others(struct bt_array_info *info, const char *md)
{
	char type[16];

	read_type(type, sizeof(type), md);
	if (!type[0] || !strcmp(type, "bitmap") || !strcmp(type, "none"))
		return false;
	snprintf(info->bitmap, sizeof(info->bitmap), "%s", type);
	info->untraced = strcmp(type, "llbitmap") != 0;
	if (!info->untraced)
		describe_lockless(info, md);
	return true;
}

static void describe_bitmap(struct bt_array_info *info, const char *md)
{
	char text[64] = "";

	if (is_of_others(info, md))
		return;
	snprintf(info->bitmap, sizeof(info->bitmap), "unknown");
	if (read_attr(text, sizeof(text), md, "bitmap/location"))
		return;
	if (text[0] == '+' || text[0] == '-') {
		snprintf(info->bitmap, sizeof(info->bitmap), "internal");
		snprintf(info->location, sizeof(info->location), "%.15s", text);
	} else {
		snprintf(info->bitmap, sizeof(info->bitmap), "%.15s", text);
	}
	if (strcmp(info->bitmap, "none") && !read_attr(text, sizeof(text), md, "bitmap/chunksize"))
		info->chunk_bytes = strtoull(text, NULL, 10);
}

/* dir: md/dev-NAME of an array. */
static void add_member(struct bt_array_info *info, const char *md, const char *dir)
{
	size_t used = strlen(info->members);
	char path[PATH_LEN + 256], slot[16] = "?", state[64] = "";

	snprintf(path, sizeof(path), "%s/%s", md, dir);
	read_attr(slot, sizeof(slot), path, "slot");
	read_attr(state, sizeof(state), path, "state");
	snprintf(info->members + used, sizeof(info->members) - used, "%s%s[%s]%s", used ? " " : "",
		 dir + strlen("dev-"), slot, strstr(state, "faulty") ? "(faulty)" : "");
}

static int select_member(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "dev-", 4);
}

static int select_array(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "md", 2);
}

static void free_entries(struct dirent **entries, int nr)
{
	while (nr-- > 0)
		free(entries[nr]);
	free(entries);
}

static void describe_members(struct bt_array_info *info, const char *md)
{
	struct dirent **entries;
	int i, nr = scandir(md, &entries, select_member, alphasort);

	for (i = 0; i < nr; i++)
		add_member(info, md, entries[i]->d_name);
	if (nr >= 0)
		free_entries(entries, nr);
}

static int describe(struct bt_array_info *info, const char *sys_block, const char *name)
{
	struct bt_array_info new = { 0 };
	char md[PATH_LEN];
	int err;

	snprintf(md, sizeof(md), "%s/%s/md", sys_block, name);
	err = read_attr(new.level, sizeof(new.level), md, "level");
	if (err && err != -ENODATA)
		return err;
	snprintf(new.name, sizeof(new.name), "%.31s", name);
	if (read_attr(new.state, sizeof(new.state), md, "array_state"))
		snprintf(new.state, sizeof(new.state), "unknown");
	describe_bitmap(&new, md);
	describe_members(&new, md);
	*info = new;
	return 0;
}

int bt_arrays_each(const char *sys_block, int (*fn)(void *ctx, const struct bt_array_info *info),
		   void *ctx)
{
	struct bt_array_info info;
	struct dirent **entries;
	int i, nr, ret = 0;

	nr = scandir(sys_block, &entries, select_array, versionsort);
	if (nr < 0)
		return -errno;
	for (i = 0; i < nr && !ret; i++)
		/* Without md/ it is no array, or it has just been stopped. */
		if (!describe(&info, sys_block, entries[i]->d_name))
			ret = fn(ctx, &info);
	free_entries(entries, nr);
	return ret;
}
