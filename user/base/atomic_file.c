// SPDX-License-Identifier: GPL-2.0-only
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A rename would put a file in the place of a device, a pipe or a link. */
static int check_target(const char *path)
{
	struct stat st;

	if (!path[0])
		return -ENOENT;
	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

/* "DIR/.NAME.XXXXXX"; the caller frees it. NULL: no memory. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *temporary;

	if (asprintf(&temporary, "%.*s.%s.XXXXXX", (int)(name - path), path, name) < 0)
		return NULL;
	return temporary;
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

/* Closes fd in any case. */
static int fill(int fd, const char *content, size_t len)
{
	int err = write_all(fd, content, len);

	if (!err && (fchmod(fd, 0644) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

int bt_atomic_write(const char *path, const char *content, size_t len)
{
	int err = check_target(path), fd;
	char *temporary;

	if (err)
		return err;
	temporary = temporary_name(path);
	if (!temporary)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		free(temporary);
		return err;
	}
	err = fill(fd, content, len);
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	free(temporary);
	return err;
}
