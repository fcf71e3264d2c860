// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_json.h"

#include <stdbool.h>

#include "event/event_json.h"

static void add_number(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

/* null if there are no durations. */
static void add_known(struct json_object *object, const char *key, bool known, uint64_t value)
{
	json_object_object_add(object, key, known ? json_object_new_uint64(value) : NULL);
}

static struct json_object *buckets_json(const struct bt_histogram *histogram)
{
	struct json_object *buckets = json_object_new_array(), *object;
	uint32_t bucket;

	for (bucket = 0; bucket < BT_BUCKETS; bucket++) {
		if (!histogram->buckets[bucket])
			continue;
		object = json_object_new_object();
		add_number(object, "low_ns", bt_bucket_low(bucket));
		add_known(object, "high_ns", bucket < BT_BUCKETS - 1, bt_bucket_high(bucket));
		add_number(object, "count", histogram->buckets[bucket]);
		json_object_array_add(buckets, object);
	}
	return buckets;
}

static void add_percentiles(struct json_object *object, const struct bt_histogram *histogram)
{
	static const struct {
		const char *key;
		unsigned int per_mille;
	} percentiles[] = {
		{ "p50_ns", 500 },
		{ "p90_ns", 900 },
		{ "p99_ns", 990 },
		{ "p99_9_ns", 999 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		add_known(object, percentiles[i].key, histogram->count,
			  bt_histogram_percentile_ns(histogram, percentiles[i].per_mille));
}

static struct json_object *stage_json(const char *name, const struct bt_histogram *histogram)
{
	struct json_object *object = json_object_new_object();
	bool any = histogram->count > 0;

	json_object_object_add(object, "stage", json_object_new_string(name));
	add_number(object, "count", histogram->count);
	add_number(object, "total_ns", histogram->total_ns);
	add_known(object, "min_ns", any, histogram->min_ns);
	add_known(object, "max_ns", any, histogram->max_ns);
	add_percentiles(object, histogram);
	json_object_object_add(object, "buckets", buckets_json(histogram));
	return object;
}

static struct json_object *array_json(const struct bt_stage_view *view,
				      const struct bt_stage_array *array)
{
	struct json_object *object = json_object_new_object();
	struct json_object *stages = json_object_new_array();
	unsigned int stage;

	for (stage = 0; stage < BT_STAGES; stage++)
		if (bt_stage_shown(view, stage))
			json_object_array_add(
				stages, stage_json(bt_stages[stage].name, &array->stages[stage]));
	json_object_object_add(object, "array", bt_json_text(array->name, sizeof(array->name)));
	json_object_object_add(object, "stages", stages);
	return object;
}

static struct json_object *not_measured_json(const struct bt_stage_view *view)
{
	struct json_object *list = json_object_new_array(), *object;
	unsigned int stage;

	for (stage = 0; stage < BT_STAGES; stage++) {
		if (!(view->stages & bt_stage_bit(stage)) || !view->set->missing[stage])
			continue;
		object = json_object_new_object();
		json_object_object_add(object, "stage",
				       json_object_new_string(bt_stages[stage].name));
		json_object_object_add(object, "reason",
				       json_object_new_string(view->set->missing[stage]));
		json_object_array_add(list, object);
	}
	return list;
}

struct json_object *bt_stage_json(const struct bt_stage_view *view)
{
	struct json_object *object = json_object_new_object();
	struct json_object *arrays = json_object_new_array();
	const struct bt_stage_array *array, *next;

	HASH_ITER (hh, view->set->arrays, array, next)
		json_object_array_add(arrays, array_json(view, array));
	json_object_object_add(object, "arrays", arrays);
	json_object_object_add(object, "not_measured", not_measured_json(view));
	add_number(object, "lost_durations", view->set->lost);
	add_number(object, "lost_records", view->set->lost_records);
	add_number(object, "start_ns", view->from_ns);
	add_number(object, "end_ns", view->until_ns);
	return object;
}
