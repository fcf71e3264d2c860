/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uthash with a hash function for the keys that the model looks up several times per event:
 * integers of 4 or 8 bytes. uthash's own (Jenkins) reads them byte by byte. Include this
 * instead of <uthash.h>, so that all users of a table have the same hash function.
 */
#ifndef BT_HASH_H
#define BT_HASH_H

#ifdef UTHASH_H
#error "hash.h comes before uthash.h"
#endif

#include <stdint.h>
#include <string.h>

/* uthash uses the low bits, a multiplicative hash is good in the high ones: shift them down. */
static inline uint32_t bt_hash_integer(const void *key, size_t len)
{
	const uint64_t golden_ratio = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t number = 0;

	memcpy(&number, key, len == 4 ? 4 : 8);
	return (uint32_t)(number * golden_ratio >> 32);
}

#define HASH_FUNCTION(keyptr, keylen, hashv)                                                       \
	do {                                                                                       \
		if ((keylen) == 4 || (keylen) == 8)                                                \
			hashv = bt_hash_integer(keyptr, keylen);                                   \
		else                                                                               \
			HASH_JEN(keyptr, keylen, hashv);                                           \
	} while (0)

#include <uthash.h>

#endif /* BT_HASH_H */
