// SPDX-License-Identifier: GPL-2.0-only
#include "base/file_kind.h"

#include <string.h>

static const struct {
	const char *magic;
	size_t len;
	const char *words;
} kinds[] = {
	{ "btrace\r\n", 8,
	  "it is a trace of bitmap-trace; use 'bitmap-trace check' or 'bitmap-trace dump'" },
	{ "rhswfsj", 8, "it is a write log; use 'bitmap-trace crash'" },
	{ "\x1f\x8b", 2, "it is compressed; unpack it with gunzip" },
	{ "\xfd"
	  "7zXZ",
	  6, "it is compressed; unpack it with unxz" },
	{ "\x28\xb5\x2f\xfd", 4, "it is compressed; unpack it with unzstd" },
	{ "BZh", 3, "it is compressed; unpack it with bunzip2" },
};

const char *bt_file_kind(const void *begin, size_t len)
{
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (len >= kinds[i].len && !memcmp(begin, kinds[i].magic, kinds[i].len))
			return kinds[i].words;
	return "it has no such header";
}
