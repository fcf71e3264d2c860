/* SPDX-License-Identifier: GPL-2.0-only */
/* What a stream can display: its width, and colours. */
#ifndef BT_TERM_H
#define BT_TERM_H

#include <stdbool.h>
#include <stdio.h>

#define BT_TERM_WIDTH	  80 /* if it is not a terminal */
#define BT_TERM_WIDTH_MIN 40
#define BT_TERM_WIDTH_MAX 400

struct bt_term {
	unsigned int width; /* columns */
	bool colour;	    /* xterm's 256 colours */
};

/*
 * For a terminal: width from COLUMNS, else from the terminal; colours unless NO_COLOR is set
 * (no-color.org) or TERM is "dumb" or missing. For anything else: plain text of BT_TERM_WIDTH
 * columns, whatever the environment.
 */
struct bt_term bt_term_of(FILE *stream);

#endif /* BT_TERM_H */
