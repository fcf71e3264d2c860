/* SPDX-License-Identifier: GPL-2.0-only */
/* --textfile FILE: replaced as a whole again and again, while others read it. */
#ifndef BT_TEXTFILE_H
#define BT_TEXTFILE_H

#include <stdbool.h>
#include <stdio.h>

struct bt_textfile {
	const char *path; /* not owned; NULL: none is asked for */
	int err;	  /* -errno of the last try to write it */
	bool written;	  /* some try succeeded */
	FILE *memory;	  /* what is being written */
	char *text;
	size_t len;
};

/* Begins new content; NULL when memory is short, or no file is asked for. */
FILE *bt_textfile_begin(struct bt_textfile *file);

/*
 * Replaces the file by what was written since bt_textfile_begin(). A run goes on whatever becomes
 * of it: the trouble is reported on stderr, the same only once, and stands in err.
 */
void bt_textfile_end(struct bt_textfile *file);

#endif /* BT_TEXTFILE_H */
