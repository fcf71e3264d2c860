// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_set.h"

#include <stdlib.h>
#include <string.h>

/* uthash must not call exit(): report the failure through the element. */
#undef HASH_NONFATAL_OOM
#define HASH_NONFATAL_OOM 1
#undef uthash_nonfatal_oom
#define uthash_nonfatal_oom(elt) ((elt)->failed = true)

void bt_stage_set_init(struct bt_stage_set *set)
{
	memset(set, 0, sizeof(*set));
}

void bt_stage_set_free(struct bt_stage_set *set)
{
	struct bt_stage_array *array, *next;

	HASH_ITER (hh, set->arrays, array, next) {
		HASH_DEL(set->arrays, array);
		free(array);
	}
}

struct bt_stage_array *bt_stage_set_array(struct bt_stage_set *set, const char *name)
{
	struct bt_stage_array *array;

	if (!name[0])
		name = "?";
	HASH_FIND_STR(set->arrays, name, array);
	if (array || HASH_COUNT(set->arrays) >= BT_STAGE_ARRAYS_MAX)
		return array;
	array = calloc(1, sizeof(*array));
	if (!array)
		return NULL;
	strncpy(array->name, name, sizeof(array->name) - 1);
	HASH_ADD_STR(set->arrays, name, array);
	if (!array->failed)
		return array;
	free(array);
	return NULL;
}

void bt_stage_set_add(struct bt_stage_set *set, const char *array, enum bt_stage stage, uint64_t ns)
{
	struct bt_stage_array *found = bt_stage_set_array(set, array);

	if (found)
		bt_histogram_add(&found->stages[stage], ns);
	else
		set->lost++;
}

static uint64_t array_count(const struct bt_stage_array *array)
{
	uint64_t count = 0;
	unsigned int stage;

	for (stage = 0; stage < BT_STAGES; stage++)
		count += array->stages[stage].count;
	return count;
}

void bt_stage_set_merge(struct bt_stage_set *set, const struct bt_stage_set *from)
{
	struct bt_stage_array *array, *next, *into;
	unsigned int stage;

	HASH_ITER (hh, from->arrays, array, next) {
		into = bt_stage_set_array(set, array->name);
		if (!into)
			set->lost += array_count(array);
		for (stage = 0; into && stage < BT_STAGES; stage++)
			bt_histogram_merge(&into->stages[stage], &array->stages[stage]);
	}
	set->lost += from->lost;
	set->lost_records += from->lost_records;
	memcpy(set->missing, from->missing, sizeof(set->missing));
}

void bt_stage_set_reset(struct bt_stage_set *set)
{
	struct bt_stage_array *array, *next;
	unsigned int stage;

	HASH_ITER (hh, set->arrays, array, next)
		for (stage = 0; stage < BT_STAGES; stage++)
			bt_histogram_reset(&array->stages[stage]);
	set->lost = set->lost_records = 0;
}
