// SPDX-License-Identifier: GPL-2.0-only
/* Creates arrays and threads from a seed, and schedules them. */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STUCK_STEPS (UINT64_C(1) << 22)

/* ---- arrays and threads ----------------------------------------------------------------- */

static bool wanted(const struct sim *sim, uint32_t mask, unsigned int bit)
{
	return !mask || mask >> bit & 1 || !sim->options.mutation;
}

static void choose_level(struct sim_array *md)
{
	static const int levels[] = { 1, 1, 10, 5 };
	const struct sim_mutation *mutation = md->sim->options.mutation;

	do {
		md->level = levels[sim_below(md->sim, 4)];
	} while (mutation && !wanted(md->sim, mutation->levels, (unsigned int)md->level));
}

static void choose_backend(struct sim_array *md)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER,
						    BT_BACKEND_PAGECACHE };
	const struct sim_mutation *mutation = md->sim->options.mutation;
	struct sim *sim = md->sim;

	do {
		md->backend = backends[sim_below(sim, 3)];
	} while (mutation && !wanted(sim, mutation->backends, md->backend));
	md->bh_per_page = 1U << sim_below(sim, 3);
	md->volatile_cache = sim_one_in(sim, 2) || (mutation && mutation->volatile_cache);
	md->uses_fua = md->backend == BT_BACKEND_INTERNAL ||
		       (sim_one_in(sim, 4) && !(mutation && mutation->volatile_cache));
	md->split_update_sb = sim_one_in(sim, 2);
	if (md->backend != BT_BACKEND_INTERNAL)
		md->fs_magic = 0xef53; /* ext4 */
}

static void choose_raid10(struct sim_array *md)
{
	static const struct {
		uint32_t layout;
		unsigned int disks;
	} layouts[] = {
		{ 0x102, 2 },		{ 0x102, 4 },		{ 0x102, 3 },
		{ 0x103, 5 },		{ 0x201, 2 },		{ 0x201, 4 },
		{ 0x201, 3 },		{ 0x10201, 4 },		{ 0x10201, 3 },
		{ 0x202, 4 },		{ 0x202, 6 },		{ 0x201 | 2 << 17, 5 },
		{ 0x201 | 2 << 17, 4 }, { 0x201 | 1 << 17, 6 }, { 0x10201 | 2 << 17, 5 },
	};
	uint64_t i = sim_below(md->sim, sizeof(layouts) / sizeof(layouts[0]));

	md->layout = layouts[i].layout;
	md->raid_disks = layouts[i].disks;
}

static void choose_size(struct sim_array *md)
{
	const struct sim_mutation *mutation = md->sim->options.mutation;
	struct sim *sim = md->sim;

	md->chunk_sectors = md->level == 1 ? 0 : 8U << sim_below(sim, 4);
	md->chunk_shift = 3 + (unsigned int)sim_below(sim, 6);
	md->chunks = 12 + sim_below(sim, 500);
	if (sim_one_in(sim, 4) || (mutation && mutation->pages))
		md->chunks += sim_one_in(sim, 3) ? 63488 : 30700;
	if (md->level == 10) {
		choose_raid10(md);
	} else {
		md->raid_disks = 2 + (unsigned int)sim_below(sim, 3);
		if (md->level == 5)
			md->raid_disks++;
	}
	/* Rows of raid5 are whole. */
	if (md->level == 5 && (md->chunks << md->chunk_shift) % md->chunk_sectors)
		md->chunk_shift = 6;
	sim_geometry(md);
	md->bytes = 256 + (md->chunks + 7) / 8;
	md->pages_nr = (unsigned int)((md->bytes + 4095) / 4096);
}

static int array_new(struct sim *sim, unsigned int nr)
{
	struct sim_array *md = calloc(1, sizeof(*md));
	unsigned int i;

	if (!md)
		return -ENOMEM;
	sim->arrays[nr] = md;
	md->sim = sim;
	md->nr = nr;
	md->suspended = true; /* until it is loaded */
	md->events = 10 + sim_below(sim, 100);
	md->sb_one_in = 8U << sim_below(sim, 7);
	if (sim->options.mutation && sim->options.mutation->pages)
		md->sb_one_in = 8;
	choose_level(md);
	choose_backend(md);
	choose_size(md);
	md->members_nr = md->raid_disks;
	for (i = 0; i < md->members_nr; i++)
		md->members[i] =
			(struct sim_member){ .dev = SIM_MEMBER_DEV + nr * 16 + i, .in_sync = true };
	md->counters = calloc(md->chunks, sizeof(*md->counters));
	md->bits = calloc(md->chunks, sizeof(*md->bits));
	md->whole = calloc(md->chunks, sizeof(*md->whole));
	return md->counters && md->bits && md->whole ? 0 : -ENOMEM;
}

static void actor_new(struct sim *sim, struct sim_array *md, bool (*run)(struct sim_actor *me))
{
	struct sim_actor *actor = &sim->actors[sim->actors_nr++];

	actor->sim = sim;
	actor->md = md;
	actor->run = run;
	actor->tid = 100 + sim->actors_nr;
	actor->irq = run == sim_irq;
	actor->n = 1 + sim_below(sim, 200);
}

static void actors_of(struct sim *sim, struct sim_array *md)
{
	uint64_t writers = 1 + sim_below(sim, 5);

	actor_new(sim, md, sim_admin);
	actor_new(sim, md, sim_md_thread);
	actor_new(sim, md, sim_sync_thread);
	if (md->backend == BT_BACKEND_PAGECACHE)
		actor_new(sim, md, sim_flusher);
	while (writers--)
		actor_new(sim, md, sim_writer);
}

/* The strict rules hold unless md behaves as stock does. */
bool sim_is_strict(const struct sim_options *options)
{
	return options->seed % 2 || (options->mutation && options->mutation->id);
}

static int populate(struct sim *sim)
{
	const struct sim_mutation *mutation = sim->options.mutation;
	unsigned int i;
	int err;

	sim->stock_overlaps = !sim_is_strict(&sim->options);
	sim->faults = sim_one_in(sim, 2) || (mutation && mutation->faults);
	sim->step_ns = sim_one_in(sim, 2) ? 200000 : 1000;
	sim->ts_ns = UINT64_C(1000000000000);
	sim->slow = 1U << sim_below(sim, 6);
	sim->slow_data = 1U << sim_below(sim, 4);
	if (mutation && mutation->slow_data)
		sim->slow_data = 256;
	sim->attach_at = sim_one_in(sim, 2) ? 0 : sim_below(sim, 40000);
	sim->arrays_nr = 1 + (unsigned int)sim_below(sim, SIM_ARRAYS_MAX);
	for (i = 0; i < sim->arrays_nr; i++) {
		err = array_new(sim, i);
		if (err)
			return err;
		actors_of(sim, sim->arrays[i]);
	}
	for (i = 0; i < 4; i++)
		actor_new(sim, NULL, sim_irq);
	for (i = 0; i < 3; i++)
		actor_new(sim, NULL, sim_kworker);
	return 0;
}

/* ---- scheduling ----------------------------------------------------------------- */

static void turn(struct sim *sim)
{
	struct sim_actor *actor = &sim->actors[sim_below(sim, sim->actors_nr)];

	if (!actor->interrupted)
		actor->run(actor);
}

static int run(struct sim *sim)
{
	uint64_t steps;

	for (steps = 0; sim->told < sim->options.events; steps++) {
		if (steps == sim->attach_at)
			sim->recording = true;
		if (sim->recording && ++sim->steps_idle > STUCK_STEPS)
			return -EDEADLK;
		turn(sim);
	}
	return 0;
}

int sim_run(const struct sim_options *options, struct sim_outcome *outcome)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	unsigned int i;
	int err;

	if (!sim)
		return -ENOMEM;
	sim->options = *options;
	if (options->mutation && !options->mutation->id)
		sim->options.mutation = NULL;
	sim->rng = options->seed;
	err = populate(sim);
	if (!err)
		err = run(sim);
	*outcome = (struct sim_outcome){ .told = sim->told,
					 .mutated = sim->mutated,
					 .mutated_at = sim->mutated_at,
					 .whole = !sim->attach_at };
	for (i = 0; i < sim->arrays_nr && sim->arrays[i]; i++) {
		free(sim->arrays[i]->counters);
		free(sim->arrays[i]->bits);
		free(sim->arrays[i]->whole);
		free(sim->arrays[i]);
	}
	free(sim);
	return err;
}
