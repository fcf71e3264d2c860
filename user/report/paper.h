/* SPDX-License-Identifier: GPL-2.0-only */
/* Text for people: wrapped at a width, with colours where they can be seen. */
#ifndef BT_PAPER_H
#define BT_PAPER_H

#include <stdio.h>

#include "base/term.h"

#define BT_PAPER_WIDTH 100 /* at most */

struct bt_paper {
	FILE *out;
	struct bt_term term; /* width 0: BT_PAPER_WIDTH */
};

enum bt_ink { BT_INK_NONE, BT_INK_BAD, BT_INK_GOOD, BT_INK_DOUBT, BT_INK_STRONG, BT_INK_FAINT };

unsigned int bt_paper_width(const struct bt_paper *paper);
/* The text, in a colour on a terminal. */
void bt_paper_ink(const struct bt_paper *paper, enum bt_ink ink, const char *text);
/*
 * A paragraph: label in the first indent columns, text wrapped in those behind. A label that
 * is longer has a line of its own.
 */
void bt_paper_item(const struct bt_paper *paper, unsigned int indent, const char *label,
		   enum bt_ink ink, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Likewise behind what stands in the line already: label ends in column indent. */
void bt_paper_rest(const struct bt_paper *paper, unsigned int indent, const char *label,
		   const char *text);
/* The part of text that fits into width columns, ended at a blank if it can be. */
size_t bt_paper_fit(const char *text, size_t width);

#endif /* BT_PAPER_H */
