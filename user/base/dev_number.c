// SPDX-License-Identifier: GPL-2.0-only
#include "base/dev_number.h"

#include <string.h>

#define MD_MAJOR  9
#define MAJOR_MAX ((1u << (32 - BT_MINOR_BITS)) - 1)
#define MINOR_MAX ((1u << BT_MINOR_BITS) - 1)

/* Digits only: scanf accepts signs and blanks, and large numbers wrap. */
static bool parse_digits(const char **at, uint32_t max, uint32_t *value)
{
	const char *from = *at;
	uint32_t new = 0;

	for (; **at >= '0' && **at <= '9'; ++*at) {
		new = new * 10 + (uint32_t)(**at - '0');
		if (new > max)
			return false;
	}
	*value = new;
	return *at != from;
}

bool bt_dev_parse(const char *text, uint32_t *dev)
{
	uint32_t major, minor;

	if (!parse_digits(&text, MAJOR_MAX, &major) || *text++ != ':' ||
	    !parse_digits(&text, MINOR_MAX, &minor) || *text)
		return false;
	*dev = major << BT_MINOR_BITS | minor;
	return true;
}

bool bt_dev_parse_md(const char *name, uint32_t *dev)
{
	uint32_t minor;

	if (strncmp(name, "md", 2))
		return false;
	name += 2;
	if (!parse_digits(&name, MINOR_MAX, &minor) || *name)
		return false;
	*dev = MD_MAJOR << BT_MINOR_BITS | minor;
	return true;
}
