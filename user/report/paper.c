// SPDX-License-Identifier: GPL-2.0-only
#include "report/paper.h"

#include <stdarg.h>
#include <string.h>

unsigned int bt_paper_width(const struct bt_paper *paper)
{
	unsigned int width = paper->term.width;

	return width && width < BT_PAPER_WIDTH ? width : BT_PAPER_WIDTH;
}

void bt_paper_ink(const struct bt_paper *paper, enum bt_ink ink, const char *text)
{
	static const char *const codes[] = {
		[BT_INK_NONE] = "",    [BT_INK_BAD] = "1;31", [BT_INK_GOOD] = "32",
		[BT_INK_DOUBT] = "33", [BT_INK_STRONG] = "1", [BT_INK_FAINT] = "2"
	};

	if (paper->term.colour && ink != BT_INK_NONE)
		fprintf(paper->out, "\x1b[%sm%s\x1b[0m", codes[ink], text);
	else
		fputs(text, paper->out);
}

size_t bt_paper_fit(const char *text, size_t width)
{
	size_t len = strlen(text), at = width;

	if (len <= width)
		return len;
	while (at && text[at] != ' ')
		at--;
	return at ? at : width;
}

static void wrap(const struct bt_paper *paper, unsigned int indent, enum bt_ink ink,
		 const char *text)
{
	unsigned int width = bt_paper_width(paper);
	char line[1024];
	size_t len;

	do {
		len = bt_paper_fit(text, width > indent + 20 ? width - indent : 20);
		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		bt_paper_ink(paper, ink, line);
		text += len + strspn(text + len, " ");
		fputs("\n", paper->out);
		if (*text)
			fprintf(paper->out, "%*s", (int)indent, "");
	} while (*text);
}

void bt_paper_rest(const struct bt_paper *paper, unsigned int indent, const char *label,
		   const char *text)
{
	fputs(label, paper->out);
	wrap(paper, indent, BT_INK_NONE, text);
}

void bt_paper_item(const struct bt_paper *paper, unsigned int indent, const char *label,
		   enum bt_ink ink, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(paper->out, "%s%*s", label,
		strlen(label) < indent ? (int)(indent - strlen(label)) : 0, "");
	if (strlen(label) >= indent && indent)
		fprintf(paper->out, "\n%*s", (int)indent, "");
	wrap(paper, indent, ink, text);
}
