/* SPDX-License-Identifier: GPL-2.0-only */
/* What a stream can show: how wide, and in colours? */
#ifndef BT_TERM_H
#define BT_TERM_H

#include <stdbool.h>
#include <stdio.h>

#define BT_TERM_WIDTH	  80 /* of what is no terminal */
#define BT_TERM_WIDTH_MIN 40
#define BT_TERM_WIDTH_MAX 400

struct bt_term {
	unsigned int width; /* columns */
	bool colour;	    /* the 256 of xterm */
};

/*
 * Of a terminal: COLUMNS, else what it says itself; colours unless NO_COLOR is
 * set (no-color.org) or TERM is "dumb" or missing. Of anything else plain text
 * of BT_TERM_WIDTH columns, whatever the environment.
 */
struct bt_term bt_term_of(FILE *stream);

#endif /* BT_TERM_H */
