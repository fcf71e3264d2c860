/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name of each type of event and the payload fields it carries: one table for text and JSON
 * output.
 */
#ifndef BT_EVENT_DESC_H
#define BT_EVENT_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/event.h"

enum bt_field_format {
	BT_FIELD_UNSIGNED = 1,
	BT_FIELD_SIGNED,
	BT_FIELD_HEX,	    /* an address or handle */
	BT_FIELD_TEXT,	    /* a char array, perhaps not terminated */
	BT_FIELD_SYMBOL,    /* a kernel address with a name, see BT_SYMBOL */
	BT_FIELD_DEV,	    /* dev_t, kernel encoding */
	BT_FIELD_TYPE,	    /* enum bt_event_type */
	BT_FIELD_TYPES,	    /* a set of types, event/type_set.h */
	BT_FIELD_LOSS,	    /* enum bt_loss */
	BT_FIELD_BACKEND,   /* enum bt_backend */
	BT_FIELD_ATTR,	    /* enum bt_page_attr, a set */
	BT_FIELD_DIRTY,	    /* enum bt_dirty_flag, a set */
	BT_FIELD_SYNC_MODE, /* of a writeback_control */
	BT_FIELD_CACHE,	    /* enum bt_cache */
	BT_FIELD_ON_PAGE,   /* enum bt_on_page */
	BT_FIELD_LL_STATE,  /* a byte of the lockless bitmap */
	BT_FIELD_LL_ACTION, /* ll_state.action */
	BT_FIELD_LL_FLAGS,  /* enum bt_ll_flag, a set */
};

/* Which records show a field. */
enum bt_field_shown {
	BT_SHOWN_ALWAYS,
	BT_SHOWN_IF_SET,      /* 0: does not apply, or is not known */
	BT_SHOWN_IF_INTERNAL, /* of an internal bitmap (page.backend) */
};

struct bt_event_field {
	const char *name;
	uint8_t offset; /* in struct bt_event */
	uint8_t size;	/* bytes */
	uint8_t format; /* enum bt_field_format */
	uint8_t shown;	/* enum bt_field_shown */
};

struct bt_event_desc {
	const char *name;		     /* "set_bit" */
	const struct bt_event_field *fields; /* ends with an empty one; NULL: no payload */
};

/* NULL for a type this version does not know. */
const struct bt_event_desc *bt_event_describe(unsigned int type);

/* For messages: "set_bit", or "unknown" for a type not known. */
const char *bt_event_type_name(unsigned int type);

bool bt_event_field_shown(const struct bt_event *ev, const struct bt_event_field *field);

/* The name of a value of an enum (BT_FIELD_TYPE, _LOSS, ...); NULL: the format has no names. */
const char *bt_field_value_name(enum bt_field_format format, uint64_t value);

/* The names of a set of flags (BT_FIELD_ATTR, _DIRTY); NULL: the format is no such set. */
const struct bt_flag_name *bt_field_flag_names(enum bt_field_format format);

/* The number in a field that is neither BT_FIELD_TEXT nor BT_FIELD_TYPES. */
uint64_t bt_event_field_value(const struct bt_event *ev, const struct bt_event_field *field);

const char *bt_loss_name(unsigned int channel);
const char *bt_backend_name(unsigned int backend);
const char *bt_cache_name(unsigned int cache);
const char *bt_on_page_name(unsigned int on_page);

/* A set of flags by name; the names end with an empty one. */
struct bt_flag_name {
	uint32_t flag;
	const char *name;
};

extern const struct bt_flag_name bt_attr_names[];
extern const struct bt_flag_name bt_dirty_names[];
extern const struct bt_flag_name bt_ll_flag_names[];
extern const struct bt_flag_name bt_bm_flag_names[];

/* Flags of bi_opf above the operation. */
extern const struct bt_flag_name bt_opf_names[];

/* "write", "discard", ... for bi_opf; NULL if not known. */
const char *bt_op_name(uint32_t opf);

#endif /* BT_EVENT_DESC_H */
