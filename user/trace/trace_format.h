/* SPDX-License-Identifier: GPL-2.0-only */
/* The layout of a trace file, for its writer and its reader: docs/trace-format.md. */
#ifndef BT_TRACE_FORMAT_H
#define BT_TRACE_FORMAT_H

#include <assert.h>
#include <libdeflate.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/event.h"

#define BT_TRACE_MAGIC	   "btrace\r\n"
#define BT_TRACE_MAGIC_LEN 8
#define BT_TRACE_VERSION   1
#define BT_TRACE_ENDIAN	   0x01020304u

struct bt_trace_header {
	char magic[BT_TRACE_MAGIC_LEN]; /* the line end catches text-mode copies */
	uint32_t endian;		/* BT_TRACE_ENDIAN as the writer stores it */
	uint16_t version;		/* of the blocks: BT_TRACE_VERSION */
	uint16_t event_version;		/* of the records: BT_EVENT_VERSION */
	uint32_t event_size;		/* bytes, sizeof(struct bt_event) */
	uint32_t crc;			/* of all bytes before it */
};

enum bt_trace_block_type {
	BT_BLOCK_INFO = 1,
	BT_BLOCK_EVENTS = 2,
	BT_BLOCK_STACK = 3,
	BT_BLOCK_STATS = 4,
	BT_BLOCK_END = 5,
	BT_BLOCK_PERTURBED = 6,
};

/* Payloads are padded with zeroes to a multiple of 8 bytes, included in length. */
#define BT_TRACE_ALIGN 8

/* No block is longer; the reader's buffer is bounded by it. */
#define BT_TRACE_BLOCK_MAX (1u << 20)

/* The writer's block of events: 256 KiB, one write(2). */
#define BT_TRACE_BLOCK_EVENTS 4096

struct bt_trace_block {
	uint32_t type;
	uint32_t length; /* bytes of payload that follow */
	uint32_t seq;	 /* 0, 1, ...: detects missing or repeated blocks */
	uint32_t crc;	 /* of the fields before crc, then of the payload */
};

struct bt_trace_stack_payload {
	int32_t id;
	uint32_t nr; /* of NUL-terminated frames that follow */
};

/* Followed by emitted[types], lost_by_type[types], lost_by_channel[channels], 64 bit each. */
struct bt_trace_stats_payload {
	uint32_t types;
	uint32_t channels;
};

/* Followed by struct bt_perturb_count for each place; only in traces of --perturb. */
struct bt_trace_perturbed_payload {
	uint32_t places;
	uint32_t zero;
};

struct bt_trace_end_payload {
	uint64_t events;	/* in all blocks of events */
	int32_t command_status; /* wait(2), -1: there was no command */
	uint32_t zero;
};

static_assert(sizeof(struct bt_trace_header) == 24, "on disk");
static_assert(sizeof(struct bt_trace_block) == 16, "on disk");
static_assert(sizeof(struct bt_trace_end_payload) == 16, "on disk");
static_assert(BT_TRACE_BLOCK_EVENTS * sizeof(struct bt_event) <= BT_TRACE_BLOCK_MAX, "fits");

/* zlib's CRC-32 from a library that uses carry-less multiplication: 3 times as fast. */
static inline uint32_t bt_trace_header_crc(const struct bt_trace_header *header)
{
	return libdeflate_crc32(0, header, offsetof(struct bt_trace_header, crc));
}

static inline uint32_t bt_trace_block_crc(const struct bt_trace_block *block, const void *payload)
{
	uint32_t crc = libdeflate_crc32(0, block, offsetof(struct bt_trace_block, crc));

	return libdeflate_crc32(crc, payload, block->length);
}

#endif /* BT_TRACE_FORMAT_H */
