// SPDX-License-Identifier: GPL-2.0-only
/* Writes of array data at the members: their origin, and the chunks they touch. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/internal.h"

/*
 * bi_end_io identifies the code that made the bio. raid456 submits user writes, resync and
 * reshape through one callback; the stripe shows which (bm_flags). Large discards of raid10 are
 * parts chained to a bio of md's own (md_submit_discard_bio). A callback that is not listed
 * here is of unknown origin.
 */
static const struct {
	const char *name;
	enum bt_data_class class;
} classes[] = {
	{ "raid1_end_write_request", BT_DATA_USER },
	{ "raid10_end_write_request", BT_DATA_USER },
	{ "raid10_end_discard_request", BT_DATA_USER },
	{ "raid5_end_write_request", BT_DATA_UNKNOWN },
	{ "bio_chain_endio", BT_DATA_CHAINED },
	/* resync and recovery; reshape; repair of read errors, retries of bad blocks */
	{ "end_sync_write", BT_DATA_OTHER },
	{ "end_reshape_write", BT_DATA_OTHER },
	{ "submit_bio_wait_endio", BT_DATA_OTHER },
	/* raid456: journal, partial parity log */
	{ "r5l_log_endio", BT_DATA_OTHER },
	{ "r5l_log_flush_endio", BT_DATA_OTHER },
	{ "ppl_log_endio", BT_DATA_OTHER },
	{ "ppl_flush_endio", BT_DATA_OTHER },
};

static bool symbol_is(const char *told, size_t size, const char *name)
{
	size_t len = strlen(name);

	if (len > size)
		len = size;
	/* "%ps" appends " [module]" to the name, if it fits. */
	return !strncmp(told, name, len) && (len == size || told[len] == '\0' || told[len] == ' ');
}

int bt_symbol_add(struct bt_model *model, const struct bt_event *ev)
{
	struct bt_symbol *symbol;
	size_t i;

	HASH_FIND(hh, model->symbols, &ev->symbol.addr, sizeof(ev->symbol.addr), symbol);
	if (!symbol && HASH_COUNT(model->symbols) >= BT_SYMBOLS_MAX)
		return 0;
	if (!symbol) {
		symbol = calloc(1, sizeof(*symbol));
		if (!symbol)
			return -ENOMEM;
		symbol->addr = ev->symbol.addr;
		HASH_ADD(hh, model->symbols, addr, sizeof(symbol->addr), symbol);
	}
	symbol->class = BT_DATA_UNKNOWN;
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
	model->symbol_last = NULL;
}

/* Nearly all writes have the same callback. */
static const struct bt_symbol *symbol_of(const struct bt_model *model, const struct bt_event *ev)
{
	const struct bt_symbol *symbol = model->symbol_last;

	if (symbol && symbol->addr == ev->data.end_io)
		return symbol;
	HASH_FIND(hh, model->symbols, &ev->data.end_io, sizeof(ev->data.end_io), symbol);
	return symbol;
}

/* raid456: the callback alone does not show the origin, the stripe does. */
enum bt_data_class bt_data_class(const struct bt_model *model, const struct bt_event *ev)
{
	const struct bt_symbol *symbol = symbol_of(model, ev);

	if (!symbol)
		return BT_DATA_UNKNOWN;
	if (symbol->class == BT_DATA_CHAINED && (ev->opf & BT_OP_MASK) != BT_OP_DISCARD)
		return BT_DATA_UNKNOWN;
	if (symbol->class == BT_DATA_UNKNOWN && ev->bm_flags & BT_BM_STRIPE_USER)
		return BT_DATA_USER;
	if (symbol->class == BT_DATA_UNKNOWN && ev->bm_flags & BT_BM_STRIPE_SYNC)
		return BT_DATA_OTHER;
	return (enum bt_data_class)symbol->class;
}

static int count_stretch(struct bt_bitmap *bitmap, uint64_t first, uint64_t nr, bool on)
{
	struct bt_chunk *chunk;
	uint64_t i;

	for (i = first; i < first + nr; i++) {
		chunk = bt_chunk_get(bitmap, i);
		if (!chunk)
			return -ENOMEM;
		if (on)
			chunk->data_in_flight++;
		else if (chunk->data_in_flight)
			chunk->data_in_flight--;
	}
	return 0;
}

/* Adds a write to the counts of its chunks, or subtracts it. */
static int count(struct bt_bitmap *bitmap, struct bt_data_walk *walk, bool on)
{
	uint64_t first, nr;
	int err = 0;

	while (!err && bt_data_next(walk, &first, &nr))
		err = count_stretch(bitmap, first, nr, on);
	return err;
}

static struct bt_io *data_find(const struct bt_bitmap *bitmap, uint64_t bio)
{
	struct bt_io *io = bt_io_known(bitmap, bio);

	return io && io->data ? io : NULL;
}

static int data_forget(struct bt_bitmap *bitmap, struct bt_io *io)
{
	struct bt_data_walk walk;
	int err = 0;

	if (io->nr)
		err = count_stretch(bitmap, io->first, io->nr, false);
	else if (bt_data_walk(&walk, bitmap, &io->start.ev))
		err = count(bitmap, &walk, false);
	bt_io_drop(bitmap, io);
	return err;
}

int bt_data_start(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_data_walk walk;
	struct bt_io *io;
	enum bt_data_class class = bt_data_class(model, ev);

	model->symbol_last = symbol_of(model, ev);
	if (class == BT_DATA_UNKNOWN)
		bitmap->state.unplaced = true;
	if (class != BT_DATA_USER)
		return 0;
	io = data_find(bitmap, ev->data.bio);
	if (io && data_forget(bitmap, io)) /* its end was lost, or is not emitted */
		return -ENOMEM;
	if (!bt_data_walk(&walk, bitmap, ev)) {
		bitmap->state.unplaced = true;
		return 0;
	}
	io = bt_io_new(bitmap, ev->data.bio);
	if (!io)
		return -ENOMEM;
	io->data = true;
	bt_event_ref_set(&io->start, model->seq, ev);
	if (!bt_data_stretch(&walk, &io->first, &io->nr))
		return count(bitmap, &walk, true);
	return count_stretch(bitmap, io->first, io->nr, true);
}

int bt_data_end(struct bt_model *model, struct bt_bitmap *bitmap, const struct bt_event *ev)
{
	struct bt_io *io = data_find(bitmap, ev->data.bio);

	(void)model;
	if (!io)
		return 0;
	bitmap->state.data_ends = true;
	return data_forget(bitmap, io);
}
