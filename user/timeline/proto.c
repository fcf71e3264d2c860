// SPDX-License-Identifier: GPL-2.0-only
#include "timeline/proto.h"

#include <string.h>

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2 };

/* A varint is 10 bytes at most. */
#define VARINT_MAX 10

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void put_varint(struct bt_proto *message, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		message->data[message->len++] = (unsigned char)(value | 0x80);
	message->data[message->len++] = (unsigned char)value;
}

/* With room for len bytes more, and a length; or 0. */
static int put_key(struct bt_proto *message, uint32_t field, enum wire wire, size_t len)
{
	if (len > BT_PROTO_MAX || message->len + len + 2 * VARINT_MAX > BT_PROTO_MAX)
		return 0;
	put_varint(message, (uint64_t)field << 3 | wire);
	return 1;
}

void bt_proto_uint(struct bt_proto *message, uint32_t field, uint64_t value)
{
	if (put_key(message, field, WIRE_VARINT, 0))
		put_varint(message, value);
}

void bt_proto_fixed64(struct bt_proto *message, uint32_t field, uint64_t value)
{
	unsigned int i;

	if (!put_key(message, field, WIRE_FIXED64, sizeof(value)))
		return;
	for (i = 0; i < sizeof(value); i++)
		message->data[message->len++] = (unsigned char)(value >> 8 * i);
}

void bt_proto_bytes(struct bt_proto *message, uint32_t field, const void *data, size_t len)
{
	if (!put_key(message, field, WIRE_BYTES, len))
		return;
	put_varint(message, len);
	memcpy(message->data + message->len, data, len);
	message->len += len;
}

void bt_proto_string(struct bt_proto *message, uint32_t field, const char *text)
{
	bt_proto_bytes(message, field, text, strlen(text));
}

void bt_proto_message(struct bt_proto *message, uint32_t field, const struct bt_proto *inner)
{
	bt_proto_bytes(message, field, inner->data, inner->len);
}
