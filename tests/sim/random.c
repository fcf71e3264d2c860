// SPDX-License-Identifier: GPL-2.0-only
/* Random numbers, from the seed only. */
#include "sim.h"

/* splitmix64 */
uint64_t sim_random(struct sim *sim)
{
	uint64_t z = sim->rng += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 to bound - 1; the bias of the remainder does not matter here. */
uint64_t sim_below(struct sim *sim, uint64_t bound)
{
	return bound ? sim_random(sim) % bound : 0;
}

bool sim_mutate(struct sim *sim, enum sim_mutation_id id)
{
	const struct sim_mutation *mutation = sim->options.mutation;

	if (!mutation || mutation->id != id || !sim->recording ||
	    !sim_one_in(sim, mutation->one_in))
		return false;
	if (!sim->mutated++)
		sim->mutated_at = sim->told + 1;
	return true;
}
