/* SPDX-License-Identifier: GPL-2.0-only */
/* Little-endian numbers at any address, as in logs, superblocks and bitmaps. */
#ifndef BT_CRASH_LE_H
#define BT_CRASH_LE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t bt_le16(const void *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return le16toh(value);
}

static inline uint32_t bt_le32(const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static inline uint64_t bt_le64(const void *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

#endif /* BT_CRASH_LE_H */
