// SPDX-License-Identifier: GPL-2.0-only
#include "cli/textfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"

static const char *reason(int err)
{
	switch (err) {
	case -EINVAL:
		return "not a regular file, but it is to be replaced by one each time";
	case -EACCES:
	case -EPERM:
		return "its directory must be writable without capabilities: the tool gives its "
		       "own up when it has attached";
	default:
		return strerror(-err);
	}
}

static void note(struct bt_textfile *file, int err)
{
	if (err && err != file->err)
		fprintf(stderr, "bitmap-trace: --textfile %s: %s%s\n", file->path, reason(err),
			file->written ? "; the file is as it was last written" : "");
	file->err = err;
	file->written = file->written || !err;
}

FILE *bt_textfile_begin(struct bt_textfile *file)
{
	if (!file->path)
		return NULL;
	file->memory = open_memstream(&file->text, &file->len);
	if (!file->memory)
		note(file, -errno);
	return file->memory;
}

void bt_textfile_end(struct bt_textfile *file)
{
	if (!file->memory)
		return;
	note(file,
	     fclose(file->memory) ? -ENOMEM : bt_atomic_write(file->path, file->text, file->len));
	free(file->text);
	file->memory = NULL;
	file->text = NULL;
}
