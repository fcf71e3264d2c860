// SPDX-License-Identifier: GPL-2.0-only
#include "base/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static unsigned int clamp(unsigned long width)
{
	if (width < BT_TERM_WIDTH_MIN)
		return BT_TERM_WIDTH_MIN;
	return width > BT_TERM_WIDTH_MAX ? BT_TERM_WIDTH_MAX : (unsigned int)width;
}

static unsigned int width_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { .ws_col = 0 };
	unsigned long asked = columns ? strtoul(columns, NULL, 10) : 0;

	if (asked)
		return clamp(asked);
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		return clamp(size.ws_col);
	return BT_TERM_WIDTH;
}

static bool wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no_color && no_color[0]) && term && term[0] && strcmp(term, "dumb") != 0;
}

struct bt_term bt_term_of(FILE *stream)
{
	struct bt_term term = { .width = BT_TERM_WIDTH };
	int fd = fileno(stream);

	if (fd < 0 || !isatty(fd))
		return term;
	term.width = width_of(fd);
	term.colour = wants_colour();
	return term;
}
