/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes messages in the wire format of Protocol Buffers: what Perfetto's traces consist of, as
 * far as they need it. A message has a fixed size; what does not fit is left out as a whole field.
 */
#ifndef BT_PROTO_H
#define BT_PROTO_H

#include <stddef.h>
#include <stdint.h>

#define BT_PROTO_MAX 8192

struct bt_proto {
	unsigned char data[BT_PROTO_MAX];
	size_t len; /* the rest is not initialised */
};

static inline void bt_proto_begin(struct bt_proto *message)
{
	message->len = 0;
}

void bt_proto_uint(struct bt_proto *message, uint32_t field, uint64_t value);
void bt_proto_fixed64(struct bt_proto *message, uint32_t field, uint64_t value);
void bt_proto_bytes(struct bt_proto *message, uint32_t field, const void *data, size_t len);
void bt_proto_string(struct bt_proto *message, uint32_t field, const char *text);
void bt_proto_message(struct bt_proto *message, uint32_t field, const struct bt_proto *inner);

#endif /* BT_PROTO_H */
