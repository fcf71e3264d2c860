/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A long history of a raid1 under random writes, for benches: legal from the
 * load to the end, the same for the same arguments, and made as it goes along,
 * so that nothing bounds its length.
 */
#ifndef BENCH_HISTORY_H
#define BENCH_HISTORY_H

#include <stdint.h>

#include "stream/sink.h"

/* At least so many events into the sink. chunks > 0: of the array. 0, -ENOMEM or what the sink
 * said. */
int bench_history(struct bt_sink *sink, uint64_t events, uint32_t chunks);

#endif /* BENCH_HISTORY_H */
