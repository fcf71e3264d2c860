// SPDX-License-Identifier: GPL-2.0-only
#include "latency_json.h"

#include "event_json.h"

static struct json_object *slots_json(const struct bt_histogram *histogram)
{
	struct json_object *slots = json_object_new_array(), *object;
	unsigned int slot;
	uint64_t low, high;

	for (slot = 0; slot < BT_SLOTS; slot++) {
		if (!histogram->slots[slot])
			continue;
		low = slot ? UINT64_C(1) << slot : 0;
		high = slot == BT_SLOTS - 1 ? UINT64_MAX : (UINT64_C(1) << (slot + 1)) - 1;
		object = json_object_new_object();
		json_object_object_add(object, "low_ns", json_object_new_uint64(low));
		json_object_object_add(object, "high_ns", json_object_new_uint64(high));
		json_object_object_add(object, "count",
				       json_object_new_uint64(histogram->slots[slot]));
		json_object_array_add(slots, object);
	}
	return slots;
}

/* An extreme of nothing is null. */
static struct json_object *stage_json(const char *name, const struct bt_histogram *histogram)
{
	struct json_object *object = json_object_new_object();
	bool any = histogram->count > 0;

	json_object_object_add(object, "stage", json_object_new_string(name));
	json_object_object_add(object, "count", json_object_new_uint64(histogram->count));
	json_object_object_add(object, "total_ns", json_object_new_uint64(histogram->total_ns));
	json_object_object_add(object, "min_ns",
			       any ? json_object_new_uint64(histogram->min_ns) : NULL);
	json_object_object_add(object, "max_ns",
			       any ? json_object_new_uint64(histogram->max_ns) : NULL);
	json_object_object_add(object, "slots", slots_json(histogram));
	return object;
}

static struct json_object *array_json(const struct bt_latency_array *array)
{
	struct json_object *object = json_object_new_object();
	struct json_object *stages = json_object_new_array();
	unsigned int stage;

	for (stage = 0; stage < BT_STAGES; stage++)
		json_object_array_add(stages, stage_json(bt_stage_name((enum bt_stage)stage),
							 &array->stages[stage]));
	json_object_object_add(object, "array", bt_json_text(array->name, sizeof(array->name)));
	json_object_object_add(object, "stages", stages);
	return object;
}

struct json_object *bt_latency_json(const struct bt_latency *latency)
{
	struct json_object *object = json_object_new_object();
	struct json_object *arrays = json_object_new_array();
	const struct bt_latency_array *array, *next;

	HASH_ITER (hh, latency->arrays, array, next)
		json_object_array_add(arrays, array_json(array));
	json_object_object_add(object, "arrays", arrays);
	json_object_object_add(object, "lost_durations", json_object_new_uint64(latency->lost));
	return object;
}
