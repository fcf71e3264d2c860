// SPDX-License-Identifier: GPL-2.0-only
#include "event/event_desc.h"

#include <string.h>

#define FIELD_AS(member, called, how, when)                                                        \
	{                                                                                          \
		.name = called, .offset = offsetof(struct bt_event, member),                       \
		.size = sizeof(((struct bt_event *)0)->member), .format = how, .shown = when,      \
	}
#define FIELD(member, called, how)	  FIELD_AS(member, called, how, BT_SHOWN_ALWAYS)
#define FIELD_IF_SET(member, called, how) FIELD_AS(member, called, how, BT_SHOWN_IF_SET)

static const struct bt_event_field lost_fields[] = {
	FIELD(lost.count, "count", BT_FIELD_UNSIGNED),
	FIELD(lost.channel, "channel", BT_FIELD_LOSS),
	FIELD(lost.first_type, "first_type", BT_FIELD_TYPE),
	FIELD(lost.since_ns, "since_ns", BT_FIELD_UNSIGNED),
	FIELD(lost.types, "types", BT_FIELD_TYPES),
	{ 0 },
};

static const struct bt_event_field array_fields[] = {
	FIELD(array.name, "name", BT_FIELD_TEXT),
	{ 0 },
};

static const struct bt_event_field geometry_fields[] = {
	FIELD(geometry.chunks, "chunks", BT_FIELD_UNSIGNED),
	FIELD(geometry.dev, "dev", BT_FIELD_DEV),
	FIELD(geometry.file_pages, "file_pages", BT_FIELD_UNSIGNED),
	FIELD(geometry.level, "level", BT_FIELD_SIGNED),
	FIELD(geometry.chunk_shift, "chunk_shift", BT_FIELD_UNSIGNED),
	FIELD(geometry.backend, "backend", BT_FIELD_BACKEND),
	FIELD(geometry.layout, "layout", BT_FIELD_UNSIGNED),
	FIELD(geometry.chunk_sectors, "chunk_sectors", BT_FIELD_UNSIGNED),
	FIELD(geometry.raid_disks, "raid_disks", BT_FIELD_UNSIGNED),
	FIELD(geometry.has_sb, "has_sb", BT_FIELD_UNSIGNED),
	FIELD(geometry.external, "external", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field layout_fields[] = {
	FIELD(layout.dev_sectors, "dev_sectors", BT_FIELD_UNSIGNED),
	FIELD(layout.bytes, "bytes", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(layout.fs_magic, "fs_magic", BT_FIELD_HEX),
	FIELD(layout.header_bytes, "header_bytes", BT_FIELD_UNSIGNED),
	FIELD(layout.page_shift, "page_shift", BT_FIELD_UNSIGNED),
	FIELD(layout.block_shift, "block_shift", BT_FIELD_UNSIGNED),
	FIELD(layout.chunk_bits_shift, "chunk_bits_shift", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field run_fields[] = {
	FIELD(run.chunk, "chunk", BT_FIELD_UNSIGNED),
	FIELD(run.chunks, "chunks", BT_FIELD_UNSIGNED),
	FIELD(run.unknown, "unknown", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field sync_fields[] = {
	FIELD(sync.sector, "sector", BT_FIELD_UNSIGNED),
	FIELD(sync.sectors, "sectors", BT_FIELD_UNSIGNED),
	FIELD(sync.aborted, "aborted", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field pass_end_fields[] = {
	FIELD(pass.ran, "ran", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field pass_fields[] = {
	FIELD(pass.need_sync, "need_sync", BT_FIELD_UNSIGNED),
	FIELD(pass.allclean, "allclean", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field member_fields[] = {
	FIELD(member_error.dev, "dev", BT_FIELD_DEV),
	FIELD(member_error.faulty, "faulty", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field members_fields[] = {
	FIELD(members.active, "active", BT_FIELD_HEX),
	FIELD(members.unknown, "unknown", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field flush_fields[] = {
	FIELD(flush.dev, "dev", BT_FIELD_DEV),
	FIELD(status, "status", BT_FIELD_UNSIGNED),
	FIELD(flush.bio, "bio", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field task_fields[] = {
	FIELD(task.comm, "comm", BT_FIELD_TEXT),
	{ 0 },
};

static const struct bt_event_field probes_fields[] = {
	FIELD(probes.capabilities, "capabilities", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field symbol_fields[] = {
	FIELD(symbol.addr, "addr", BT_FIELD_HEX),
	FIELD(symbol.name, "name", BT_FIELD_TEXT),
	{ 0 },
};

static const struct bt_event_field call_fields[] = {
	FIELD(call.ret, "ret", BT_FIELD_SIGNED),
	{ 0 },
};

static const struct bt_event_field range_fields[] = {
	FIELD(range.sector, "sector", BT_FIELD_UNSIGNED),
	FIELD(range.sectors, "sectors", BT_FIELD_UNSIGNED),
	FIELD(range.counter, "counter", BT_FIELD_UNSIGNED),
	FIELD(range.sampled, "sampled", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field bit_fields[] = {
	FIELD(bit.chunk, "chunk", BT_FIELD_UNSIGNED),
	FIELD(bit.page, "page", BT_FIELD_UNSIGNED),
	FIELD(bit.attr, "attr", BT_FIELD_ATTR),
	{ 0 },
};

static const struct bt_event_field set_bit_fields[] = {
	FIELD(bit.chunk, "chunk", BT_FIELD_UNSIGNED),
	FIELD(bit.page, "page", BT_FIELD_UNSIGNED),
	FIELD(bit.attr, "attr", BT_FIELD_ATTR),
	FIELD(bit.on_page, "on_page", BT_FIELD_ON_PAGE),
	{ 0 },
};

static const struct bt_event_field irqs_fields[] = {
	FIELD(irqs.on_entering, "irqs_on_entering", BT_FIELD_UNSIGNED),
	FIELD(irqs.on_leaving, "irqs_on_leaving", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field attr_fields[] = {
	FIELD(attr.page, "page", BT_FIELD_UNSIGNED),
	FIELD(attr.attr, "attr", BT_FIELD_ATTR),
	{ 0 },
};

static const struct bt_event_field page_fields[] = {
	FIELD(page.page, "page", BT_FIELD_UNSIGNED),
	FIELD(page.nr_pages, "nr_pages", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(page.dev, "dev", BT_FIELD_DEV),
	FIELD(page.backend, "backend", BT_FIELD_BACKEND),
	FIELD_IF_SET(page.cache, "cache", BT_FIELD_CACHE),
	FIELD(page.io, "io", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field page_start_fields[] = {
	FIELD(page.page, "page", BT_FIELD_UNSIGNED),
	FIELD(page.nr_pages, "nr_pages", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(page.dev, "dev", BT_FIELD_DEV),
	FIELD(page.backend, "backend", BT_FIELD_BACKEND),
	FIELD_AS(page.desc_nr, "copy", BT_FIELD_UNSIGNED, BT_SHOWN_IF_INTERNAL),
	FIELD_IF_SET(page.offset, "offset", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(page.blocks, "blocks", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(page.bytes, "bytes", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(page.cache, "cache", BT_FIELD_CACHE),
	FIELD(page.io, "io", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field page_end_fields[] = {
	FIELD(page.page, "page", BT_FIELD_UNSIGNED),
	FIELD(page.nr_pages, "nr_pages", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(page.dev, "dev", BT_FIELD_DEV),
	FIELD(status, "status", BT_FIELD_UNSIGNED),
	FIELD(page.backend, "backend", BT_FIELD_BACKEND),
	FIELD(page.io, "io", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field page_bio_fields[] = {
	FIELD(page.page, "page", BT_FIELD_UNSIGNED),
	FIELD(page.nr_pages, "nr_pages", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(page.bytes, "bytes", BT_FIELD_UNSIGNED),
	FIELD_IF_SET(page.dev, "dev", BT_FIELD_DEV),
	FIELD_IF_SET(page.cache, "cache", BT_FIELD_CACHE),
	FIELD(page.io, "bio", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field queued_fields[] = {
	FIELD(page.page, "page", BT_FIELD_UNSIGNED),
	FIELD(page.backend, "backend", BT_FIELD_BACKEND),
	{ 0 },
};

static const struct bt_event_field dirty_fields[] = {
	FIELD(page.page, "page", BT_FIELD_UNSIGNED),
	FIELD(page.nr_pages, "nr_pages", BT_FIELD_UNSIGNED),
	FIELD(page.dirty, "dirty", BT_FIELD_DIRTY),
	FIELD(page.backend, "backend", BT_FIELD_BACKEND),
	FIELD(page.io, "io", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field writeback_fields[] = {
	FIELD(writeback.start, "start", BT_FIELD_SIGNED),
	FIELD(writeback.end, "end", BT_FIELD_SIGNED),
	FIELD(writeback.ret, "ret", BT_FIELD_SIGNED),
	FIELD(writeback.sync_mode, "sync_mode", BT_FIELD_SYNC_MODE),
	{ 0 },
};

static const struct bt_event_field data_start_fields[] = {
	FIELD(data.sector, "sector", BT_FIELD_UNSIGNED),
	FIELD(data.sectors, "sectors", BT_FIELD_UNSIGNED),
	FIELD(data.dev, "dev", BT_FIELD_DEV),
	FIELD(data.end_io, "end_io", BT_FIELD_SYMBOL),
	FIELD(data.bio, "bio", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field data_end_fields[] = {
	FIELD(data.dev, "dev", BT_FIELD_DEV),
	FIELD(status, "status", BT_FIELD_UNSIGNED),
	FIELD(data.bio, "bio", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field sb_start_fields[] = {
	FIELD(super.sector, "sector", BT_FIELD_UNSIGNED),
	FIELD(super.events, "events", BT_FIELD_UNSIGNED),
	FIELD(super.dev, "dev", BT_FIELD_DEV),
	FIELD(super.bio, "bio", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field sb_end_fields[] = {
	FIELD(super.dev, "dev", BT_FIELD_DEV),
	FIELD(status, "status", BT_FIELD_UNSIGNED),
	FIELD(super.bio, "bio", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field update_sb_fields[] = {
	FIELD(super.events, "events", BT_FIELD_UNSIGNED),
	FIELD(super.state, "state", BT_FIELD_HEX),
	{ 0 },
};

static const struct bt_event_field ll_names_fields[] = {
	FIELD(ll_names.states[BT_LL_UNWRITTEN], "unwritten", BT_FIELD_UNSIGNED),
	FIELD(ll_names.states[BT_LL_CLEAN], "clean", BT_FIELD_UNSIGNED),
	FIELD(ll_names.states[BT_LL_DIRTY], "dirty", BT_FIELD_UNSIGNED),
	FIELD(ll_names.states[BT_LL_NEED_SYNC], "need_sync", BT_FIELD_UNSIGNED),
	FIELD(ll_names.states[BT_LL_SYNCING], "syncing", BT_FIELD_UNSIGNED),
	FIELD(ll_names.states[BT_LL_NEED_SYNC_UNWRITTEN], "need_sync_unwritten", BT_FIELD_UNSIGNED),
	FIELD(ll_names.states[BT_LL_SYNCING_UNWRITTEN], "syncing_unwritten", BT_FIELD_UNSIGNED),
	FIELD(ll_names.states[BT_LL_CLEAN_UNWRITTEN], "clean_unwritten", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field ll_row_fields[] = {
	FIELD(ll_row.state, "state", BT_FIELD_UNSIGNED),
	FIELD(ll_row.nr, "actions", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field ll_call_fields[] = {
	FIELD(ll_call.first, "chunk", BT_FIELD_UNSIGNED),
	FIELD(ll_call.last, "last", BT_FIELD_UNSIGNED),
	FIELD(ll_call.action, "action", BT_FIELD_LL_ACTION),
	{ 0 },
};

static const struct bt_event_field ll_state_fields[] = {
	FIELD(ll_state.chunk, "chunk", BT_FIELD_UNSIGNED),
	FIELD(ll_state.chunks, "chunks", BT_FIELD_UNSIGNED),
	FIELD(ll_state.before, "before", BT_FIELD_LL_STATE),
	FIELD(ll_state.after, "after", BT_FIELD_LL_STATE),
	FIELD(ll_state.action, "action", BT_FIELD_LL_ACTION),
	FIELD(ll_state.flags, "seen", BT_FIELD_LL_FLAGS),
	{ 0 },
};

static const struct bt_event_field ll_mark_fields[] = {
	FIELD(ll_mark.page, "page", BT_FIELD_UNSIGNED),
	FIELD(ll_mark.block, "block", BT_FIELD_UNSIGNED),
	FIELD(ll_mark.flags, "seen", BT_FIELD_LL_FLAGS),
	FIELD(ll_mark.infect, "infect", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field ll_page_fields[] = {
	FIELD(ll_page.page, "page", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_field ll_range_fields[] = {
	FIELD(range.sector, "sector", BT_FIELD_UNSIGNED),
	FIELD(range.sectors, "sectors", BT_FIELD_UNSIGNED),
	{ 0 },
};

static const struct bt_event_desc descriptions[BT_EVENT_TYPE_MAX] = {
	[BT_LOST] = { "lost", lost_fields },
	[BT_ARRAY] = { "array", array_fields },
	[BT_BITMAP] = { "bitmap", geometry_fields },
	[BT_TASK] = { "task", task_fields },
	[BT_SYMBOL] = { "symbol", symbol_fields },
	[BT_PROBES] = { "probes", probes_fields },
	[BT_LAYOUT] = { "layout", layout_fields },
	[BT_LOAD_ENTER] = { "load_enter", NULL },
	[BT_LOAD_EXIT] = { "load_exit", call_fields },
	[BT_INIT_ENTER] = { "init_enter", NULL },
	[BT_INIT_EXIT] = { "init_exit", call_fields },
	[BT_GONE] = { "gone", NULL },
	[BT_LOADED_BITS] = { "loaded_bits", run_fields },
	[BT_STARTWRITE] = { "startwrite", range_fields },
	[BT_ENDWRITE] = { "endwrite", range_fields },
	[BT_ENDWRITE_EXIT] = { "endwrite_exit", range_fields },
	[BT_START_SYNC] = { "start_sync", sync_fields },
	[BT_END_SYNC] = { "end_sync", sync_fields },
	[BT_SET_BIT_ENTER] = { "set_bit_enter", set_bit_fields },
	[BT_SET_BIT] = { "set_bit", set_bit_fields },
	[BT_SET_BIT_LEFT] = { "set_bit_left", irqs_fields },
	[BT_CLEAR_BIT] = { "clear_bit", bit_fields },
	[BT_UNPLUG_ENTER] = { "unplug_enter", NULL },
	[BT_UNPLUG_PAGE] = { "unplug_page", attr_fields },
	[BT_UNPLUG_EXIT] = { "unplug_exit", NULL },
	[BT_UNPLUG_WORK_ENTER] = { "unplug_work_enter", NULL },
	[BT_UNPLUG_WORK_EXIT] = { "unplug_work_exit", NULL },
	[BT_DAEMON_ENTER] = { "daemon_enter", pass_fields },
	[BT_DAEMON_PAGE] = { "daemon_page", attr_fields },
	[BT_DAEMON_EXIT] = { "daemon_exit", pass_end_fields },
	[BT_UPDATE_SB_ENTER] = { "update_sb_enter", update_sb_fields },
	[BT_UPDATE_SB_EXIT] = { "update_sb_exit", NULL },
	[BT_MEMBER_ERROR] = { "member_error", member_fields },
	[BT_MEMBERS] = { "members", members_fields },
	[BT_FLUSH_START] = { "flush_start", flush_fields },
	[BT_FLUSH_END] = { "flush_end", flush_fields },
	[BT_PAGE_DIRTY] = { "page_dirty", dirty_fields },
	[BT_PAGE_WRITE_START] = { "page_write_start", page_start_fields },
	[BT_PAGE_WRITE_END] = { "page_write_end", page_end_fields },
	[BT_PAGE_READ_START] = { "page_read_start", page_fields },
	[BT_WRITEBACK_ENTER] = { "writeback_enter", writeback_fields },
	[BT_WRITEBACK_EXIT] = { "writeback_exit", writeback_fields },
	[BT_WAIT_ENTER] = { "wait_enter", writeback_fields },
	[BT_WAIT_EXIT] = { "wait_exit", writeback_fields },
	[BT_WRITEBACK_ERROR] = { "writeback_error", writeback_fields },
	[BT_PAGE_BIO] = { "page_bio", page_bio_fields },
	[BT_DATA_START] = { "data_start", data_start_fields },
	[BT_DATA_END] = { "data_end", data_end_fields },
	[BT_SB_WRITE_START] = { "sb_write_start", sb_start_fields },
	[BT_SB_WRITE_END] = { "sb_write_end", sb_end_fields },
	[BT_LL_NAMES] = { "ll_names", ll_names_fields },
	[BT_LL_TABLE] = { "ll_table", ll_row_fields },
	[BT_LL_CALL_ENTER] = { "ll_call_enter", ll_call_fields },
	[BT_LL_STATE] = { "ll_state", ll_state_fields },
	[BT_LL_CALL_EXIT] = { "ll_call_exit", ll_call_fields },
	[BT_LL_MARK] = { "ll_mark", ll_mark_fields },
	[BT_LL_BARRIER_WAIT] = { "ll_barrier_wait", ll_page_fields },
	[BT_LL_BARRIER] = { "ll_barrier", ll_page_fields },
	[BT_LL_WORK_ENTER] = { "ll_work_enter", NULL },
	[BT_LL_WORK_EXIT] = { "ll_work_exit", NULL },
	[BT_LL_FLUSH_ENTER] = { "ll_flush_enter", NULL },
	[BT_LL_FLUSH_EXIT] = { "ll_flush_exit", NULL },
	[BT_LL_DISCARD_START] = { "ll_discard_start", ll_range_fields },
	[BT_LL_DISCARD_END] = { "ll_discard_end", ll_range_fields },
	[BT_LL_SYNC_SKIP] = { "ll_sync_skip", sync_fields },
	[BT_PAGE_QUEUED] = { "page_queued", queued_fields },
};

const struct bt_event_desc *bt_event_describe(unsigned int type)
{
	if (type >= BT_EVENT_TYPE_MAX || !descriptions[type].name)
		return NULL;
	return &descriptions[type];
}

const char *bt_event_type_name(unsigned int type)
{
	const struct bt_event_desc *desc = bt_event_describe(type);

	return desc ? desc->name : "unknown";
}

bool bt_event_field_shown(const struct bt_event *ev, const struct bt_event_field *field)
{
	switch (field->shown) {
	case BT_SHOWN_IF_SET:
		return bt_event_field_value(ev, field) != 0;
	case BT_SHOWN_IF_INTERNAL:
		return ev->page.backend == BT_BACKEND_INTERNAL;
	default:
		return true;
	}
}

/* As 7.3 numbers them, and the numbers since 6.18 have been; others are shown as numbers. */
static const char *ll_state_name(unsigned int state)
{
	static const char *const names[] = {
		"unwritten",	     "clean",	       "dirty",
		"need_sync",	     "syncing",	       "need_sync_unwritten",
		"syncing_unwritten", "clean_unwritten"
	};

	if (state == BT_LL_NO_NAME)
		return "none";
	return state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

static const char *ll_action_name(unsigned int action)
{
	static const char *const names[] = { "startwrite",     "startsync", "endsync",
					     "abortsync",      "reload",    "daemon",
					     "discard",	       "stale",	    "proactive_sync",
					     "clear_unwritten" };

	if (action == BT_LL_BY_LOAD)
		return "load";
	if (action == BT_LL_BY_ATTACH)
		return "attach";
	return action < sizeof(names) / sizeof(names[0]) ? names[action] : NULL;
}

const char *bt_field_value_name(enum bt_field_format format, uint64_t value)
{
	switch (format) {
	case BT_FIELD_TYPE:
		return bt_event_type_name((unsigned int)value);
	case BT_FIELD_LOSS:
		return bt_loss_name((unsigned int)value);
	case BT_FIELD_CACHE:
		return bt_cache_name((unsigned int)value);
	case BT_FIELD_ON_PAGE:
		return bt_on_page_name((unsigned int)value);
	case BT_FIELD_LL_STATE:
		return ll_state_name((unsigned int)value);
	case BT_FIELD_LL_ACTION:
		return ll_action_name((unsigned int)value);
	case BT_FIELD_BACKEND:
		return bt_backend_name((unsigned int)value);
	case BT_FIELD_SYNC_MODE:
		return value ? "all" : "none";
	default:
		return NULL;
	}
}

const struct bt_flag_name *bt_field_flag_names(enum bt_field_format format)
{
	switch (format) {
	case BT_FIELD_ATTR:
		return bt_attr_names;
	case BT_FIELD_LL_FLAGS:
		return bt_ll_flag_names;
	case BT_FIELD_DIRTY:
		return bt_dirty_names;
	default:
		return NULL;
	}
}

/* Sign-extended for signed fields, so that a cast to int64_t gives the value. */
uint64_t bt_event_field_value(const struct bt_event *ev, const struct bt_event_field *field)
{
	const char *at = (const char *)ev + field->offset;
	int is_signed = field->format == BT_FIELD_SIGNED;
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (field->size) {
	case 8:
		memcpy(&v64, at, sizeof(v64));
		return v64;
	case 4:
		memcpy(&v32, at, sizeof(v32));
		return is_signed ? (uint64_t)(int32_t)v32 : v32;
	case 2:
		memcpy(&v16, at, sizeof(v16));
		return is_signed ? (uint64_t)(int16_t)v16 : v16;
	default:
		return (unsigned char)*at;
	}
}

const char *bt_loss_name(unsigned int channel)
{
	switch (channel) {
	case BT_LOSS_RING_FULL:
		return "ring_full";
	case BT_LOSS_MAP_FULL:
		return "map_full";
	case BT_LOSS_MISSED:
		return "missed";
	case BT_LOSS_DECODER:
		return "decoder";
	default:
		return "unknown";
	}
}

const char *bt_backend_name(unsigned int backend)
{
	switch (backend) {
	case BT_BACKEND_INTERNAL:
		return "internal";
	case BT_BACKEND_FILE:
		return "file";
	case BT_BACKEND_BUFFER:
		return "buffer_head";
	case BT_BACKEND_PAGECACHE:
		return "pagecache";
	case BT_BACKEND_FILEIO:
		return "fileio";
	default:
		return "unknown";
	}
}

const char *bt_cache_name(unsigned int cache)
{
	switch (cache) {
	case BT_CACHE_VOLATILE:
		return "volatile";
	case BT_CACHE_NONE:
		return "none";
	case BT_CACHE_FUA:
		return "fua";
	default:
		return "unknown";
	}
}

const char *bt_on_page_name(unsigned int on_page)
{
	switch (on_page) {
	case BT_ON_PAGE_UNREAD:
		return "unread";
	case BT_ON_PAGE_SET:
		return "set";
	case BT_ON_PAGE_CLEAR:
		return "clear";
	default:
		return "unknown";
	}
}

const struct bt_flag_name bt_attr_names[] = {
	{ BT_ATTR_DIRTY, "dirty" },
	{ BT_ATTR_PENDING, "pending" },
	{ BT_ATTR_NEEDWRITE, "needwrite" },
	{ 0, NULL },
};

const struct bt_flag_name bt_ll_flag_names[] = {
	{ BT_LL_BLOCK_MARKED, "block_marked" },
	{ BT_LL_PAGE_MARKED, "page_marked" },
	{ BT_LL_OWN, "own" },
	{ BT_LL_DEGRADED, "degraded" },
	{ BT_LL_RESHAPE, "reshape" },
	{ 0, NULL },
};

const struct bt_flag_name bt_dirty_names[] = {
	{ BT_DIRTY_LOCKED, "locked" },
	{ BT_DIRTY_NO_MAPPING, "no_mapping" },
	{ 0, NULL },
};

const struct bt_flag_name bt_bm_flag_names[] = {
	{ BT_BM_STALE, "stale" },
	{ BT_BM_WRITE_ERROR, "write_error" },
	{ BT_BM_STRIPE_USER, "stripe_user" },
	{ BT_BM_STRIPE_SYNC, "stripe_sync" },
	{ BT_BM_RESHAPE, "reshape" },
	{ BT_BM_DEGRADED, "degraded" },
	{ BT_BM_NO_FILEMAP, "no_filemap" },
	{ 0, NULL },
};

/* enum req_flag_bits of include/linux/blk_types.h, 5.10 to 6.12. */
const struct bt_flag_name bt_opf_names[] = {
	{ 1u << 11, "sync" },	    { 1u << 12, "meta" }, { 1u << 13, "prio" },
	{ 1u << 15, "idle" },	    { 1u << 17, "fua" },  { 1u << 18, "preflush" },
	{ 1u << 20, "background" }, { 0, NULL },
};

const char *bt_op_name(uint32_t opf)
{
	switch (opf & 0xff) {
	case 0:
		return "read";
	case 1:
		return "write";
	case 2:
		return "flush";
	case 3:
		return "discard";
	case 5:
		return "secure_erase";
	case 9:
		return "write_zeroes";
	default:
		return NULL;
	}
}
