// SPDX-License-Identifier: GPL-2.0-only
#include "loss.h"

#include <string.h>

#include "model/core/model.h"

/* Counts of skipped probes are read twice a second (live_missed.c). */
#define READ_EVERY_NS UINT64_C(500000000)

uint64_t sim_loss_set(const char *name)
{
	static const struct {
		const char *name;
		bt_type_set types;
	} sets[] = {
		{ "data", BT_TYPES_DATA },   { "counters", BT_TYPES_COUNTERS },
		{ "super", BT_TYPES_SUPER }, { "flush", BT_TYPES_FLUSH },
		{ "irqs", BT_TYPES_IRQS },
	};
	unsigned int i;

	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (!strcmp(sets[i].name, name))
			return sets[i].types;
	return 0;
}

void sim_loss_init(struct sim_loss *loss, const struct sim_loss_options *options, sim_sink to,
		   void *to_arg)
{
	memset(loss, 0, sizeof(*loss));
	loss->options = *options;
	loss->random.rng = options->seed ^ UINT64_C(0x6c6f7373);
	loss->to = to;
	loss->to_arg = to_arg;
}

static void mark(struct sim_loss *loss, uint64_t ts_ns)
{
	static const uint32_t channels[] = {
		[SIM_LOSS_RING] = BT_LOSS_RING_FULL,
		[SIM_LOSS_PROBE] = BT_LOSS_MISSED,
		[SIM_LOSS_MAP] = BT_LOSS_MAP_FULL,
	};
	struct bt_event ev = { .type = BT_LOST, .ts_ns = ts_ns, .stack = -1, .member = -1 };

	ev.lost.count = loss->unmarked;
	ev.lost.channel = channels[loss->options.kind];
	bt_type_set_store(loss->types, ev.lost.types);
	loss->unmarked = 0;
	loss->types = 0;
	loss->mark_at_ns = 0;
	loss->to(loss->to_arg, &ev);
}

/* A full ring loses any record; a skipped probe emits names and the like in its next run. */
static bool can_be_skipped(const struct sim_loss *loss, const struct bt_event *ev)
{
	if (loss->options.kind == SIM_LOSS_RING)
		return true;
	switch (ev->type) {
	case BT_TASK:
	case BT_SYMBOL:
	case BT_ARRAY:
	case BT_BITMAP:
	case BT_LAYOUT:
	case BT_MEMBERS:
		return false;
	default:
		return true;
	}
}

static bool is_of_page(const struct bt_event *ev)
{
	return ev->type == BT_PAGE_DIRTY || ev->type == BT_PAGE_WRITE_START ||
	       ev->type == BT_PAGE_WRITE_END || ev->type == BT_PAGE_READ_START ||
	       ev->type == BT_PAGE_BIO;
}

/*
 * Of a page without a slot nothing is emitted. Before each other event of its bitmap there is a
 * mark: the event may follow from a page write that was not emitted (flagged_event()).
 */
static bool loses_page(struct sim_loss *loss, const struct bt_event *ev)
{
	uint32_t *unplaced = &loss->unplaced[ev->bitmap % SIM_LOSS_BITMAPS];

	if (ev->type == BT_BITMAP)
		*unplaced =
			sim_one_in(&loss->random, 4)
				? 1 + (uint32_t)sim_below(&loss->random, ev->geometry.file_pages)
				: 0;
	if (!ev->bitmap || !*unplaced || !can_be_skipped(loss, ev))
		return false;
	loss->unmarked++;
	loss->types |= BT_TYPE_BIT(BT_PAGE_WRITE_START);
	if (!is_of_page(ev) || ev->page.page + 1 != *unplaced)
		return false;
	loss->dropped++;
	return true;
}

static bool loses(struct sim_loss *loss, const struct bt_event *ev)
{
	if (loss->options.kind == SIM_LOSS_MAP)
		return loses_page(loss, ev);
	if (loss->options.kind == SIM_LOSS_NONE || !can_be_skipped(loss, ev))
		return false;
	if (loss->options.only && !(loss->options.only & BT_TYPE_BIT(ev->type)))
		return false;
	if (!loss->stretch && sim_one_in(&loss->random, loss->options.one_in))
		loss->stretch =
			1 + (sim_one_in(&loss->random, 2) ? 0 : sim_below(&loss->random, 100));
	if (!loss->stretch)
		return false;
	loss->stretch--;
	loss->dropped++;
	loss->unmarked++;
	loss->types |= BT_TYPE_BIT(ev->type);
	return true;
}

void sim_loss_event(void *arg, const struct bt_event *ev)
{
	struct sim_loss *loss = arg;

	if (loses(loss, ev)) {
		if (!loss->mark_at_ns)
			loss->mark_at_ns = ev->ts_ns + sim_below(&loss->random, READ_EVERY_NS);
		return;
	}
	if (loss->unmarked &&
	    (loss->options.kind != SIM_LOSS_PROBE || ev->ts_ns >= loss->mark_at_ns))
		mark(loss, ev->ts_ns);
	loss->to(loss->to_arg, ev);
}

void sim_loss_end(struct sim_loss *loss, uint64_t ts_ns)
{
	if (loss->unmarked)
		mark(loss, ts_ns);
}
