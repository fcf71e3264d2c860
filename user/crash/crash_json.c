// SPDX-License-Identifier: GPL-2.0-only
/* The report as one JSON object. */
#include <inttypes.h>
#include <json-c/json.h>

#include "crash/crash.h"
#include "event/event_json.h"

static void add_number(struct json_object *object, const char *name, uint64_t value)
{
	json_object_object_add(object, name, json_object_new_uint64(value));
}

static void add_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text ? bt_json_text(text, SIZE_MAX) : NULL);
}

/* 0 stands for none; entries begin with 1. */
static void add_entry(struct json_object *object, uint64_t entry)
{
	json_object_object_add(object, "entry", entry ? json_object_new_uint64(entry) : NULL);
}

static struct json_object *side_json(const struct bt_side *side)
{
	struct json_object *object = json_object_new_object();
	char digest[20];

	/* A string: JSON numbers of this size lose bits in many readers. */
	snprintf(digest, sizeof(digest), "%016" PRIx64, side->digest);
	add_number(object, "member", side->member);
	add_number(object, "sector", side->sector);
	add_entry(object, side->entry);
	add_text(object, "digest", digest);
	json_object_object_add(object, "loose", json_object_new_boolean(side->many));
	return object;
}

static const char *gap_name(enum bt_gap gap)
{
	static const char *const names[] = {
		[BT_GAP_BIT] = "bit",
		[BT_GAP_CLEAN] = "clean",
		[BT_GAP_CHECKPOINT] = "checkpoint",
		[BT_GAP_NEW] = "new",
	};

	return names[gap];
}

static struct json_object *assembly_json(const struct bt_assembly *assembly)
{
	struct json_object *object = json_object_new_object();
	struct json_object *members = json_object_new_array();
	uint32_t i;

	for (i = 0; assembly->members >> i; i++)
		if (assembly->members >> i & 1)
			json_object_array_add(members, json_object_new_int((int)i));
	json_object_object_add(object, "members", members);
	add_number(object, "events", assembly->events);
	json_object_object_add(object, "resync_offset",
			       assembly->resync_offset == BT_MD_MAX_SECTOR
				       ? NULL
				       : json_object_new_uint64(assembly->resync_offset));
	return object;
}

static struct json_object *example_json(const struct bt_crash *crash)
{
	const struct bt_example *example = &crash->oracle.example;
	struct json_object *object = json_object_new_object();
	struct json_object *bit = json_object_new_object();
	struct json_object *sides = json_object_new_array();

	add_number(object, "after_entry", crash->oracle.stats.unsafe.first.first);
	add_number(object, "chunk", example->found.chunk);
	add_number(object, "array_sector", example->array_sector);
	add_text(object, "gap", gap_name(example->found.gap));
	json_object_array_add(sides, side_json(&example->sides[0]));
	json_object_array_add(sides, side_json(&example->sides[1]));
	json_object_object_add(object, "members", sides);
	add_number(bit, "copy", example->found.copy);
	add_number(bit, "sector", example->bit_sector);
	add_entry(bit, example->bit_entry);
	json_object_object_add(object, "bit", bit);
	json_object_object_add(object, "assembly", assembly_json(&example->found.assembly));
	return object;
}

static struct json_object *stretch_json(const struct bt_stretch *stretch)
{
	struct json_object *object = json_object_new_object();

	add_number(object, "first", stretch->first);
	add_number(object, "last", stretch->last);
	add_number(object, "points", stretch->points);
	return object;
}

static struct json_object *stretches_json(const struct bt_stretches *stretches)
{
	struct json_object *list = json_object_new_array();
	uint64_t i;

	for (i = 0; i < stretches->nr && i < BT_STRETCHES_MAX; i++)
		json_object_array_add(list, stretch_json(&stretches->list[i]));
	return list;
}

static struct json_object *amplification_json(const struct bt_amplification *amplification)
{
	struct json_object *object = json_object_new_object();

	add_number(object, "points", amplification->points);
	add_number(object, "resynced", amplification->resynced);
	add_number(object, "resynced_max", amplification->resynced_max);
	add_number(object, "differ", amplification->differ);
	add_number(object, "differ_max", amplification->differ_max);
	return object;
}

static struct json_object *crash_json(const struct bt_crash *crash)
{
	const struct bt_crash_stats *stats = &crash->oracle.stats;
	struct json_object *object = json_object_new_object();

	add_text(object, "verdict", bt_verdict_name(crash->verdict));
	add_text(object, "reason", crash->reason);
	add_text(object, "model", crash->oracle.cache ? "cache" : "completed");
	add_number(object, "entries", stats->points - 1);
	add_number(object, "points", stats->points);
	add_number(object, "judged", stats->judged);
	add_number(object, "differing", stats->tested.points);
	add_number(object, "unsafe", stats->unsafe.points);
	add_number(object, "stretches", stats->unsafe.nr);
	json_object_object_add(object, "first_stretch",
			       stats->unsafe.nr ? stretch_json(&stats->unsafe.first) : NULL);
	json_object_object_add(object, "longest_stretch",
			       stats->unsafe.nr ? stretch_json(&stats->unsafe.longest) : NULL);
	json_object_object_add(object, "unsafe_stretches", stretches_json(&stats->unsafe));
	json_object_object_add(object, "differing_stretches", stretches_json(&stats->tested));
	json_object_object_add(object, "example", stats->unsafe.nr ? example_json(crash) : NULL);
	json_object_object_add(object, "resync",
			       crash->oracle.cache ? NULL
						   : amplification_json(&stats->amplification));
	add_number(object, "unjudged", stats->unjudged);
	add_text(object, "unjudged_why", stats->unjudged_why);
	add_text(object, "damaged", crash->damaged ? crash->log.problem : NULL);
	json_object_object_add(object, "more", json_object_new_boolean(crash->log.more));
	return object;
}

void bt_crash_json(FILE *out, const struct bt_crash *crash)
{
	struct json_object *object = crash_json(crash);

	fprintf(out, "%s\n",
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
