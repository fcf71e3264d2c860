/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A long history of a raid1 under random writes, for benchmarks: legal from the load to the
 * end, deterministic, and generated on the fly, so that its length has no limit.
 */
#ifndef BENCH_HISTORY_H
#define BENCH_HISTORY_H

#include <stdint.h>

#include "stream/sink.h"

/*
 * Passes at least that many events to the sink. chunks > 0: of the array. 0, -ENOMEM or what
 * the sink returned.
 */
int bench_history(struct bt_sink *sink, uint64_t events, uint32_t chunks);

#endif /* BENCH_HISTORY_H */
