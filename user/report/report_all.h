/* SPDX-License-Identifier: GPL-2.0-only */
/* The reports of several traces, and one verdict over them: the worst. */
#ifndef BT_REPORT_ALL_H
#define BT_REPORT_ALL_H

#include "report/report.h"

struct bt_report_all {
	FILE *out;
	enum bt_format format;
	unsigned int total;	    /* traces */
	unsigned int nr;	    /* of those, added so far */
	unsigned int of[4];	    /* of those, by enum bt_verdict */
	unsigned int errors;	    /* of those, could not be judged; UNKNOWN, too */
	bool command_failed;	    /* PASS, but COMMAND had failed */
	char worst[384];	    /* the first with the worst verdict, and its reason */
	struct json_object *traces; /* -f json */
};

void bt_report_all_begin(struct bt_report_all *all, FILE *out, enum bt_format format,
			 unsigned int total);

/* report: judged; NULL: the trace could not be read, for a reason that stderr has. */
void bt_report_all_add(struct bt_report_all *all, const char *trace,
		       const struct bt_report *report);

/* The verdict. Returns the exit status (enum bt_exit). */
int bt_report_all_end(struct bt_report_all *all);

#endif /* BT_REPORT_ALL_H */
