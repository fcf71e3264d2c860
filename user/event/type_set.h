/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of event types: what a rule subscribes to, what a loss may have hidden. */
#ifndef BT_TYPE_SET_H
#define BT_TYPE_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/event.h"

typedef unsigned __int128 bt_type_set;

static_assert(BT_EVENT_TYPE_MAX <= 8 * sizeof(bt_type_set), "a set has a bit for each type");

#define BT_TYPE_BIT(type) ((bt_type_set)1 << (type))
#define BT_TYPES_ALL	  (~(bt_type_set)0)

static inline bool bt_type_set_has(bt_type_set set, unsigned int type)
{
	return type < BT_EVENT_TYPE_MAX && set >> type & 1;
}

/* In a record a set is two words, the lower types first. */
static inline bt_type_set bt_type_set_of(const uint64_t words[2])
{
	return (bt_type_set)words[1] << 64 | words[0];
}

static inline void bt_type_set_store(bt_type_set set, uint64_t words[2])
{
	words[0] = (uint64_t)set;
	words[1] = (uint64_t)(set >> 64);
}

#endif /* BT_TYPE_SET_H */
