/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of subcommands. */
#ifndef BT_COMMANDS_H
#define BT_COMMANDS_H

#include <stdio.h>

#include "cli/cli.h"

/* Those of a group are together; ends with name NULL. */
extern const struct bt_command bt_commands[];

/* NULL if there is none of this name. */
const struct bt_command *bt_command_find(const char *name);

/* What the tool is, and its subcommands. */
void bt_commands_usage(FILE *out);

#endif /* BT_COMMANDS_H */
