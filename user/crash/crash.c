// SPDX-License-Identifier: GPL-2.0-only
#include "crash/crash.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static int feed(struct bt_crash *crash, const struct bt_log_entry *entry)
{
	uint64_t sector = entry->sector;
	const unsigned char *data;
	int n, err = 0;

	bt_oracle_begin(&crash->oracle, entry);
	if (entry->flags & BT_LOG_DISCARD)
		err = bt_oracle_data(&crash->oracle, sector, entry->sectors, NULL);
	if (err)
		return err;
	while ((n = bt_log_data(&crash->log, &data)) > 0) {
		err = bt_oracle_data(&crash->oracle, sector, (uint64_t)n, data);
		if (err)
			return err;
		sector += (uint64_t)n;
	}
	/* An entry that is not whole makes no crash point. */
	crash->damaged = n < 0;
	if (!n)
		bt_oracle_end(&crash->oracle);
	return 0;
}

__attribute__((format(printf, 3, 4))) static void
decide(struct bt_crash *crash, enum bt_verdict verdict, const char *format, ...)
{
	va_list args;

	crash->verdict = verdict;
	va_start(args, format);
	vsnprintf(crash->reason, sizeof(crash->reason), format, args);
	va_end(args);
}

static void judge(struct bt_crash *crash)
{
	const struct bt_crash_stats *stats = &crash->oracle.stats;

	if (stats->unsafe.points)
		decide(crash, BT_VERDICT_FAIL, "%" PRIu64 " of %" PRIu64 " crash points %s unsafe",
		       stats->unsafe.points, stats->judged,
		       stats->unsafe.points == 1 ? "is" : "are");
	else if (crash->damaged)
		decide(crash, BT_VERDICT_UNKNOWN, "%s", crash->log.problem);
	else if (!stats->judged)
		decide(crash, BT_VERDICT_UNKNOWN,
		       "nothing was judged: the place given by judge-from in LAYOUT is not in the "
		       "log");
	else if (stats->unjudged)
		decide(crash, BT_VERDICT_UNKNOWN,
		       "%" PRIu64 " crash points were not judged, the first after entry %" PRIu64
		       ": %s",
		       stats->unjudged, stats->unjudged_first, stats->unjudged_why);
	else if (!stats->tested.points)
		decide(crash, BT_VERDICT_UNKNOWN,
		       "members differ at no crash point: nothing was tested");
	else
		decide(crash, BT_VERDICT_PASS, "%" PRIu64 " crash points are safe", stats->judged);
}

int bt_crash_run(struct bt_crash *crash)
{
	struct bt_log_entry entry;
	int ret;

	while ((ret = bt_log_next(&crash->log, &entry)) > 0) {
		ret = feed(crash, &entry);
		if (ret)
			return ret;
		if (crash->damaged)
			break;
	}
	if (ret < 0)
		crash->damaged = true;
	bt_oracle_finish(&crash->oracle);
	judge(crash);
	return 0;
}
