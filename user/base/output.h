/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the output of all subcommands: format, verdict, exit status. */
#ifndef BT_OUTPUT_H
#define BT_OUTPUT_H

/* Exit status, part of the interface. */
enum bt_exit {
	BT_EXIT_PASS = 0,
	BT_EXIT_FAIL = 1,
	BT_EXIT_ERROR = 2, /* usage or environment */
	BT_EXIT_UNKNOWN = 3,
	BT_EXIT_COMMAND = 4, /* the verdict is PASS but COMMAND failed */
};

enum bt_verdict {
	BT_VERDICT_PASS = 0, /* checked n > 0 times, never broken, nothing missing */
	BT_VERDICT_FAIL = 1, /* broken, with a counterexample */
	BT_VERDICT_UNKNOWN = 2,
	BT_VERDICT_NA = 3, /* the rule does not apply */
};

const char *bt_verdict_name(enum bt_verdict verdict);

enum bt_format {
	BT_FORMAT_TEXT,
	BT_FORMAT_JSON,
	BT_FORMAT_KTAP,
	BT_FORMAT_OPENMETRICS,
	BT_FORMAT_HDR,
	BT_FORMATS
};

#endif /* BT_OUTPUT_H */
