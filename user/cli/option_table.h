/* SPDX-License-Identifier: GPL-2.0-only */
/* All options of all subcommands: for parsing, for --help, for the manual pages, and for completion
 * in a shell. */
#ifndef BT_OPTION_TABLE_H
#define BT_OPTION_TABLE_H

#include <stdbool.h>

struct bt_option {
	int letter; /* as in bt_command.takes */
	bool is_short;
	const char *name;
	const char *value; /* what the help calls it; NULL: the option has none */
	const char *help;
	const char *log_value, *log_help; /* of a subcommand that reads a write log, if other */
};

#define BT_OPTIONS_MAX 64

/* In the order of --help; ends with name NULL. */
extern const struct bt_option bt_option_table[BT_OPTIONS_MAX];

#endif /* BT_OPTION_TABLE_H */
