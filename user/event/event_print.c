// SPDX-License-Identifier: GPL-2.0-only
#include "event/event_print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "event/event_desc.h"
#include "event/type_set.h"

/* Text that is built in a buffer of fixed size; len is the length it would have. */
struct text {
	char *buf;
	size_t size;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	size_t used = text->len < text->size ? text->len : text->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->buf + used, text->size - used, format, args);
	va_end(args);
	if (n > 0)
		text->len += (size_t)n;
}

/* Prints the names of the flags that have one, and the rest as a number. */
static void add_flags(struct text *text, uint32_t flags, const struct bt_flag_name *names)
{
	const char *separator = "";

	if (!flags)
		add(text, "0");
	for (; names->name; names++) {
		if (!(flags & names->flag))
			continue;
		add(text, "%s%s", separator, names->name);
		separator = "|";
		flags &= ~names->flag;
	}
	if (flags)
		add(text, "%s%#x", separator, flags);
}

static void add_types(struct text *text, bt_type_set types)
{
	const char *separator = "";
	unsigned int type;

	if (!types)
		add(text, "any");
	for (type = 0; type < BT_EVENT_TYPE_MAX; type++) {
		if (!bt_type_set_has(types, type))
			continue;
		add(text, "%s%s", separator, bt_event_type_name(type));
		separator = "|";
	}
}

static void add_text(struct text *text, const char *from, size_t max)
{
	size_t i, n = strnlen(from, max);

	for (i = 0; i < n; i++)
		add(text, "%c", bt_printable(from[i]));
}

static void add_dev(struct text *text, const struct bt_names *names, uint32_t dev)
{
	const char *name = bt_names_dev(names, dev);

	if (name)
		add(text, "%s", name);
	else
		add(text, "%u:%u", dev >> 20, dev & 0xfffff);
}

static void add_symbol(struct text *text, const struct bt_names *names, uint64_t addr)
{
	const char *name = bt_names_symbol(names, addr);

	if (name)
		add(text, "%s", name);
	else
		add(text, "%#" PRIx64, addr);
}

static void add_value(struct text *text, const struct bt_event *ev,
		      const struct bt_event_field *field, const struct bt_names *names)
{
	uint64_t value = bt_event_field_value(ev, field);
	const char *name = bt_field_value_name(field->format, value);
	const struct bt_flag_name *flags = bt_field_flag_names(field->format);

	if (name)
		add(text, "%s", name);
	else if (flags)
		add_flags(text, (uint32_t)value, flags);
	else if (field->format == BT_FIELD_SIGNED)
		add(text, "%" PRId64, (int64_t)value);
	else if (field->format == BT_FIELD_HEX)
		add(text, "%#" PRIx64, value);
	else if (field->format == BT_FIELD_TEXT)
		add_text(text, (const char *)ev + field->offset, field->size);
	else if (field->format == BT_FIELD_SYMBOL)
		add_symbol(text, names, value);
	else if (field->format == BT_FIELD_DEV)
		add_dev(text, names, (uint32_t)value);
	else if (field->format == BT_FIELD_TYPES)
		add_types(text, bt_type_set_of(ev->lost.types));
	else
		add(text, "%" PRIu64, value);
}

static void add_opf(struct text *text, uint32_t opf)
{
	const char *op = bt_op_name(opf);

	if (op)
		add(text, "%s", op);
	else
		add(text, "op%u", opf & 0xff);
	if (opf >> 8) {
		add(text, "|");
		add_flags(text, opf & ~0xffu, bt_opf_names);
	}
}

static void add_fields(struct text *text, const struct bt_event *ev, const struct bt_names *names)
{
	const struct bt_event_desc *desc = bt_event_describe(ev->type);
	const struct bt_event_field *field;
	const char *separator = "";

	for (field = desc ? desc->fields : NULL; field && field->name; field++) {
		if (!bt_event_field_shown(ev, field))
			continue;
		add(text, "%s%s=", separator, field->name);
		add_value(text, ev, field, names);
		separator = " ";
	}
	if (ev->member >= 0) {
		add(text, "%smember=%d", separator, ev->member);
		separator = " ";
	}
	if (ev->opf) {
		add(text, "%sopf=", separator);
		add_opf(text, ev->opf);
		separator = " ";
	}
	if (ev->bm_flags) {
		add(text, "%sflags=", separator);
		add_flags(text, ev->bm_flags, bt_bm_flag_names);
		separator = " ";
	}
	if (ev->stack >= 0)
		add(text, "%sstack=%d", separator, ev->stack);
}

static void add_event(struct text *text, const struct bt_event *ev, const struct bt_names *names)
{
	const struct bt_event_desc *desc = bt_event_describe(ev->type);
	const char *task = bt_names_task(names, ev->tid, ev->ts_ns);
	const char *array = bt_names_array(names, ev->bitmap);
	char who[64], what[32];

	snprintf(who, sizeof(who), "%s/%u", task ? task : "?", ev->tid);
	if (!desc)
		snprintf(what, sizeof(what), "type-%u", ev->type);
	add(text, "%6" PRIu64 ".%09" PRIu64 " [%03u] %-22s ", ev->ts_ns / 1000000000,
	    ev->ts_ns % 1000000000, ev->cpu, who);
	if (array)
		add(text, "%-7s ", array);
	else if (ev->bitmap)
		add(text, "#%-6u ", ev->bitmap);
	else
		add(text, "%-7s ", "-");
	add(text, "%-17s ", desc ? desc->name : what);
	add_fields(text, ev, names);
}

/* Removes the padding of the last column. Returns the length. */
static int finish(struct text *text)
{
	while (text->len && text->len < text->size && text->buf[text->len - 1] == ' ')
		text->buf[--text->len] = 0;
	return (int)text->len;
}

int bt_event_format(const struct bt_event *ev, const struct bt_names *names, char *buf, size_t len)
{
	struct text text = { .buf = buf, .size = len };

	add_event(&text, ev, names);
	return finish(&text);
}

int bt_event_format_fields(const struct bt_event *ev, const struct bt_names *names, char *buf,
			   size_t len)
{
	struct text text = { .buf = buf, .size = len };

	if (len)
		buf[0] = 0;
	add_fields(&text, ev, names);
	return finish(&text);
}
