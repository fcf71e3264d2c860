// SPDX-License-Identifier: GPL-2.0-only
#include "event/event_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event_desc.h"
#include "event/type_set.h"

struct json_object *bt_json_text(const char *text, size_t max)
{
	size_t i, n = strnlen(text, max);
	char *clean = malloc(n + 1);
	struct json_object *object;

	if (!clean)
		return NULL;
	for (i = 0; i < n; i++)
		clean[i] = (unsigned char)text[i] >= 127 ? '?' : text[i];
	object = json_object_new_string_len(clean, (int)n);
	free(clean);
	return object;
}

static struct json_object *hex(uint64_t value)
{
	char buf[24];

	/* A string: JSON numbers of this size lose bits in many readers. */
	snprintf(buf, sizeof(buf), "%#" PRIx64, value);
	return json_object_new_string(buf);
}

static struct json_object *dev(uint64_t value)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%u:%u", (unsigned int)value >> 20,
		 (unsigned int)value & 0xfffff);
	return json_object_new_string(buf);
}

static struct json_object *flags(uint32_t value, const struct bt_flag_name *names)
{
	struct json_object *set = json_object_new_array();
	char buf[16];

	for (; set && names->name; names++) {
		if (!(value & names->flag))
			continue;
		json_object_array_add(set, json_object_new_string(names->name));
		value &= ~names->flag;
	}
	if (set && value) {
		snprintf(buf, sizeof(buf), "%#x", value);
		json_object_array_add(set, json_object_new_string(buf));
	}
	return set;
}

/* An empty array: not known. */
static struct json_object *types(bt_type_set set)
{
	struct json_object *names = json_object_new_array();
	unsigned int type;

	for (type = 0; type < BT_EVENT_TYPE_MAX; type++)
		if (bt_type_set_has(set, type))
			json_object_array_add(names,
					      json_object_new_string(bt_event_type_name(type)));
	return names;
}

static struct json_object *symbol(uint64_t addr, const struct bt_names *names)
{
	const char *name = bt_names_symbol(names, addr);

	return name ? bt_json_text(name, 64) : hex(addr);
}

static struct json_object *field_value(const struct bt_event *ev,
				       const struct bt_event_field *field,
				       const struct bt_names *names)
{
	uint64_t value = bt_event_field_value(ev, field);
	const char *name = bt_field_value_name(field->format, value);
	const struct bt_flag_name *names_of_flags = bt_field_flag_names(field->format);

	if (name)
		return json_object_new_string(name);
	if (names_of_flags)
		return flags((uint32_t)value, names_of_flags);
	switch (field->format) {
	case BT_FIELD_SIGNED:
		return json_object_new_int64((int64_t)value);
	case BT_FIELD_HEX:
		return hex(value);
	case BT_FIELD_TEXT:
		return bt_json_text((const char *)ev + field->offset, field->size);
	case BT_FIELD_SYMBOL:
		return symbol(value, names);
	case BT_FIELD_DEV:
		return dev(value);
	case BT_FIELD_TYPES:
		return types(bt_type_set_of(ev->lost.types));
	default:
		return json_object_new_uint64(value);
	}
}

static void add_io(struct json_object *object, const struct bt_event *ev)
{
	const char *op = bt_op_name(ev->opf);

	if (ev->member >= 0)
		json_object_object_add(object, "member", json_object_new_int(ev->member));
	if (!ev->opf)
		return;
	json_object_object_add(object, "op",
			       op ? json_object_new_string(op)
				  : json_object_new_int((int)(ev->opf & 0xff)));
	json_object_object_add(object, "op_flags", flags(ev->opf & ~0xffu, bt_opf_names));
}

static void add_context(struct json_object *object, const struct bt_event *ev,
			const struct bt_names *names)
{
	const char *task = bt_names_task(names, ev->tid, ev->ts_ns);
	const char *array = bt_names_array(names, ev->bitmap);

	json_object_object_add(object, "ts_ns", json_object_new_uint64(ev->ts_ns));
	json_object_object_add(object, "cpu", json_object_new_int(ev->cpu));
	json_object_object_add(object, "tid", json_object_new_uint64(ev->tid));
	if (task)
		json_object_object_add(object, "task", bt_json_text(task, 64));
	if (ev->bitmap)
		json_object_object_add(object, "bitmap", json_object_new_uint64(ev->bitmap));
	if (array)
		json_object_object_add(object, "array", bt_json_text(array, 64));
	if (ev->stack >= 0)
		json_object_object_add(object, "stack", json_object_new_int(ev->stack));
	if (ev->bm_flags)
		json_object_object_add(object, "flags", flags(ev->bm_flags, bt_bm_flag_names));
}

struct json_object *bt_event_json(const struct bt_event *ev, const struct bt_names *names)
{
	const struct bt_event_desc *desc = bt_event_describe(ev->type);
	struct json_object *object = json_object_new_object();
	const struct bt_event_field *field;

	if (!object)
		return NULL;
	json_object_object_add(object, "event",
			       desc ? json_object_new_string(desc->name)
				    : json_object_new_int(ev->type));
	add_context(object, ev, names);
	for (field = desc ? desc->fields : NULL; field && field->name; field++)
		if (bt_event_field_shown(ev, field))
			json_object_object_add(object, field->name, field_value(ev, field, names));
	add_io(object, ev);
	return object;
}
