// SPDX-License-Identifier: GPL-2.0-only
#include "base/same_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int stat_input(const char *path, struct stat *st)
{
	return strcmp(path, "-") ? stat(path, st) : fstat(STDIN_FILENO, st);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	if (S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode))
		return a->st_rdev == b->st_rdev;
	return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool bt_same_file(const char *path, const char *other)
{
	struct stat a, b;

	if (stat_input(path, &a) || stat_input(other, &b))
		return !strcmp(path, other);
	return is_same(&a, &b);
}

bool bt_same_file_fd(const char *path, int fd)
{
	struct stat a, b;

	return !stat_input(path, &a) && !fstat(fd, &b) && is_same(&a, &b);
}
