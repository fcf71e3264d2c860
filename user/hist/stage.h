/* SPDX-License-Identifier: GPL-2.0-only */
/* The stages in the life of a bit that are measured. */
#ifndef BT_STAGE_H
#define BT_STAGE_H

/* Shared with the probes: enum bt_stage, BT_STAGES. */
#include "shared/stage.h"

struct bt_stage_info {
	const char *name;  /* for options, JSON and metrics: [a-z_]+, never changed */
	const char *title; /* for text output: "set_bit to disk" */
	const char *help;  /* one sentence, for metrics */
};

extern const struct bt_stage_info bt_stages[BT_STAGES];

/* BT_STAGES if no stage has that name. */
enum bt_stage bt_stage_find(const char *name);

#endif /* BT_STAGE_H */
