// SPDX-License-Identifier: GPL-2.0-only
/* Writes of array data at the members: what they are, which chunks they touch. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/*
 * bi_end_io names the path that made the bio. raid5 sends user writes,
 * resync and reshape through one callback; only the stripe would tell.
 */
static const struct {
	const char *name;
	enum bt_data_class class;
} classes[] = {
	{ "raid1_end_write_request", BT_DATA_USER },
	{ "raid10_end_write_request", BT_DATA_USER },
	{ "raid5_end_write_request", BT_DATA_UNKNOWN },
};

static bool symbol_is(const char *told, size_t size, const char *name)
{
	size_t len = strlen(name);

	if (len > size)
		len = size;
	/* "%ps" adds " [module]" behind the name, if it fits. */
	return !strncmp(told, name, len) && (len == size || told[len] == '\0' || told[len] == ' ');
}

int bt_symbol_learn(struct bt_model *model, const struct bt_event *ev)
{
	struct bt_symbol *symbol;
	size_t i;

	HASH_FIND(hh, model->symbols, &ev->symbol.addr, sizeof(ev->symbol.addr), symbol);
	if (!symbol) {
		symbol = calloc(1, sizeof(*symbol));
		if (!symbol)
			return -ENOMEM;
		symbol->addr = ev->symbol.addr;
		HASH_ADD(hh, model->symbols, addr, sizeof(symbol->addr), symbol);
	}
	symbol->class = BT_DATA_OTHER;
	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (symbol_is(ev->symbol.name, sizeof(ev->symbol.name), classes[i].name))
			symbol->class = (uint8_t)classes[i].class;
	return 0;
}

void bt_symbols_free(struct bt_model *model)
{
	struct bt_symbol *symbol, *next;

	HASH_ITER (hh, model->symbols, symbol, next) {
		HASH_DEL(model->symbols, symbol);
		free(symbol);
	}
}

enum bt_data_class bt_data_class(const struct bt_model *model, uint64_t end_io)
{
	const struct bt_symbol *symbol;

	HASH_FIND(hh, model->symbols, &end_io, sizeof(end_io), symbol);
	return symbol ? (enum bt_data_class)symbol->class : BT_DATA_UNKNOWN;
}

bool bt_level_mapped(const struct bt_bitmap *bitmap)
{
	return bitmap->described && bitmap->geometry.geometry.level == 1;
}

bool bt_data_chunks(const struct bt_bitmap *bitmap, const struct bt_event *ev, uint64_t *first,
		    uint64_t *nr)
{
	unsigned int shift = bitmap->geometry.geometry.chunk_shift;
	uint64_t last;

	if (!bt_level_mapped(bitmap) || shift > 62)
		return false;
	if (!ev->data.sectors || ev->data.sector > UINT64_MAX - ev->data.sectors)
		return false;
	*first = ev->data.sector >> shift;
	last = (ev->data.sector + ev->data.sectors - 1) >> shift;
	*nr = last - *first + 1;
	return last < bitmap->geometry.geometry.chunks && *nr <= BT_CHUNKS_PER_EVENT_MAX;
}

/* Takes a write off its chunks. */
static int data_forget(struct bt_bitmap *bitmap, uint64_t bio)
{
	struct bt_io *io;
	uint64_t i;

	HASH_FIND(hh, bitmap->ios, &bio, sizeof(bio), io);
	if (!io || !io->data)
		return 0;
	for (i = 0; i < io->chunks; i++) {
		struct bt_chunk *chunk = bt_chunk_get(bitmap, io->chunk + i);

		if (!chunk)
			return -ENOMEM;
		if (chunk->data_in_flight)
			chunk->data_in_flight--;
	}
	bt_io_drop(bitmap, io);
	return 0;
}

int bt_data_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	uint64_t first, nr, i;
	struct bt_io *io;

	if (bt_data_class(model, ev->data.end_io) != BT_DATA_USER ||
	    !bt_data_chunks(bitmap, ev, &first, &nr))
		return 0;
	data_forget(bitmap, ev->data.bio); /* its end was lost, or is not told */
	io = calloc(1, sizeof(*io));
	if (!io)
		return -ENOMEM;
	io->key = ev->data.bio;
	io->data = true;
	io->chunk = first;
	io->chunks = nr;
	bt_moment_set(&io->start, model->seq, ev);
	HASH_ADD(hh, bitmap->ios, key, sizeof(io->key), io);
	for (i = 0; i < nr; i++) {
		struct bt_chunk *chunk = bt_chunk_get(bitmap, first + i);

		if (!chunk)
			return -ENOMEM;
		chunk->data_in_flight++;
	}
	return 0;
}

int bt_data_end(struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	const struct bt_io *io = bt_io_find(bitmap, ev->data.bio);

	if (io && io->data)
		bitmap->data_ends = true;
	return data_forget(bitmap, ev->data.bio);
}
