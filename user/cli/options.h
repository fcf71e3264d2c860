/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BT_OPTIONS_H
#define BT_OPTIONS_H

#include "cli/cli.h"

/*
 * argv[0] is the subcommand. Returns 0; 1 when help was asked for and printed;
 * -EINVAL with a message on stderr. *options is untouched unless it returns 0.
 */
int bt_options_parse(const struct bt_command *command, int argc, char **argv,
		     struct bt_options *options);

const char *bt_format_name(enum bt_format format);
bool bt_format_allowed(const struct bt_command *command, enum bt_format format);

#endif /* BT_OPTIONS_H */
