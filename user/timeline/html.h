/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of its own: no script, nothing from the network, colours for a light and a dark one. */
#ifndef BT_HTML_H
#define BT_HTML_H

#include <stdio.h>

void bt_html_begin(FILE *out, const char *title);
void bt_html_end(FILE *out);
/* Text that may hold anything: names come from the trace. */
void bt_html_text(FILE *out, const char *text);

#endif /* BT_HTML_H */
