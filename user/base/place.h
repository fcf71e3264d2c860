/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BT_PLACE_H
#define BT_PLACE_H

#include "shared/perturb.h"

/* As it is written in --perturb, and in reports. */
const char *bt_place_name(enum bt_place place);

#endif /* BT_PLACE_H */
