// SPDX-License-Identifier: GPL-2.0-only
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE_NEW 0666 /* minus the umask, as for open(2) */
#define MODE_ALL 0644

static void forget(struct bt_atomic_file *file)
{
	free(file->path);
	free(file->temporary);
	*file = (struct bt_atomic_file){ .fd = -1 };
}

/* Returns "DIR/.NAME.XXXXXX", which the caller frees; NULL: no memory. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *temporary;

	if (asprintf(&temporary, "%.*s.%s.XXXXXX", (int)(name - path), path, name) < 0)
		return NULL;
	return temporary;
}

static mode_t mode_of_new(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return MODE_NEW & ~mask;
}

/* mkostemp creates files that only their owner can read. */
static int open_temporary(struct bt_atomic_file *file, mode_t mode)
{
	int err = 0;

	file->temporary = temporary_name(file->path);
	if (!file->temporary)
		return -ENOMEM;
	file->fd = mkostemp(file->temporary, O_CLOEXEC);
	if (file->fd < 0)
		return -errno;
	if (fchmod(file->fd, mode)) {
		err = -errno;
		close(file->fd);
		unlink(file->temporary);
	}
	return err;
}

static int open_in_place(struct bt_atomic_file *file)
{
	file->fd = open(file->path, O_WRONLY | O_CLOEXEC);
	return file->fd < 0 ? -errno : 0;
}

/* *mode: mode of the file at path now, including its type; 0: no file. */
static int find_target(struct bt_atomic_file *file, const char *path, mode_t *mode)
{
	struct stat st;

	*mode = 0;
	if (!path[0])
		return -ENOENT;
	if (!lstat(path, &st))
		file->path = S_ISLNK(st.st_mode) ? realpath(path, NULL) : strdup(path);
	else if (errno == ENOENT)
		file->path = strdup(path);
	if (!file->path)
		return -errno;
	if (!stat(file->path, &st))
		*mode = st.st_mode;
	return S_ISDIR(*mode) ? -EISDIR : 0;
}

int bt_atomic_open(struct bt_atomic_file *file, const char *path)
{
	struct bt_atomic_file new = { .fd = -1 };
	mode_t mode;
	int err = find_target(&new, path, &mode);

	if (!err && mode && !S_ISREG(mode))
		err = open_in_place(&new);
	else if (!err)
		err = open_temporary(&new, mode ? mode & 07777 : mode_of_new());
	if (err) {
		forget(&new);
		return err;
	}
	*file = new;
	return 0;
}

int bt_atomic_commit(struct bt_atomic_file *file)
{
	int err = close(file->fd) ? -errno : 0;

	if (!err && file->temporary && rename(file->temporary, file->path))
		err = -errno;
	if (err && file->temporary)
		unlink(file->temporary);
	forget(file);
	return err;
}

void bt_atomic_drop(struct bt_atomic_file *file)
{
	close(file->fd);
	if (file->temporary)
		unlink(file->temporary);
	forget(file);
}

/* A rename would replace a device, a pipe or a link by a file. */
static int check_regular(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

static int write_all(int fd, const char *content, size_t len)
{
	ssize_t n;

	for (; len; content += n, len -= (size_t)n) {
		n = write(fd, content, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			n = 0;
	}
	return 0;
}

int bt_atomic_write(const char *path, const char *content, size_t len)
{
	struct bt_atomic_file file;
	int err = check_regular(path);

	if (!err)
		err = bt_atomic_open(&file, path);
	if (err)
		return err;
	err = write_all(file.fd, content, len);
	if (!err && (fchmod(file.fd, MODE_ALL) || fsync(file.fd)))
		err = -errno;
	if (!err)
		return bt_atomic_commit(&file);
	bt_atomic_drop(&file);
	return err;
}
