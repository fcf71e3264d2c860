// SPDX-License-Identifier: GPL-2.0-only
/* The report as text. */
#include <inttypes.h>

#include "crash/crash.h"

const char *bt_gap_text(enum bt_gap gap, const struct bt_bitmap_format *format)
{
	static const char *const texts[] = {
		[BT_GAP_CLEAN] = "the md superblock says the array is clean, nothing is resynced",
		[BT_GAP_CHECKPOINT] = "the resync begins after it",
		[BT_GAP_NEW] = "the bitmap is new, md resyncs nothing",
	};

	return gap == BT_GAP_BIT ? format->bare : texts[gap];
}

static void print_side(FILE *out, const struct bt_side *side)
{
	fprintf(out, "    member %u: sector %" PRIu64 " of the disk, ", side->member, side->sector);
	if (side->entry)
		fprintf(out, "written by entry %" PRIu64 "%s\n", side->entry,
			side->many ? ", may also be older: not flushed" : "");
	else
		fputs("never written\n", out);
}

static void print_members(FILE *out, uint32_t members)
{
	uint32_t i;

	for (i = 0; members >> i; i++)
		if (members >> i & 1)
			fprintf(out, " %u", i);
}

static void print_example(FILE *out, const struct bt_crash *crash)
{
	const struct bt_example *example = &crash->oracle.example;
	const struct bt_assembly *assembly = &example->found.assembly;

	fprintf(out,
		"  after entry %" PRIu64 ", chunk %" PRIu64 ": members %u and %u differ, and %s\n",
		crash->oracle.stats.unsafe.first.first, example->found.chunk,
		example->sides[0].member, example->sides[1].member,
		bt_gap_text(example->found.gap, crash->layout->format));
	fprintf(out, "    sector %" PRIu64 " of the array\n", example->array_sector);
	print_side(out, &example->sides[0]);
	print_side(out, &example->sides[1]);
	fprintf(out, "    bitmap: the %s is in sector %" PRIu64 " of the disk, ",
		crash->layout->format->state, example->bit_sector);
	if (example->bit_entry)
		fprintf(out, "written by entry %" PRIu64 "\n", example->bit_entry);
	else
		fputs("never written\n", out);
	fputs("    assembled: members", out);
	print_members(out, assembly->members);
	fprintf(out, ", events %" PRIu64, assembly->events);
	if (assembly->resync_offset == BT_MD_MAX_SECTOR)
		fputs(", clean\n", out);
	else
		fprintf(out,
			", not clean: chunks with their bit set are resynced, from sector %" PRIu64
			" of the array on\n",
			assembly->resync_offset);
}

static void print_stretches(FILE *out, const struct bt_stretches *unsafe)
{
	if (unsafe->points == 1) {
		fprintf(out, "1 crash point is unsafe: after entry %" PRIu64 "\n",
			unsafe->first.first);
		return;
	}
	fprintf(out, "%" PRIu64 " crash points are unsafe, ", unsafe->points);
	if (unsafe->nr == 1)
		fprintf(out, "one after the other: after entries %" PRIu64 " to %" PRIu64 "\n",
			unsafe->first.first, unsafe->first.last);
	else
		fprintf(out,
			"in %" PRIu64 " stretches: the first after entry %" PRIu64
			", the longest after entries %" PRIu64 " to %" PRIu64 "\n",
			unsafe->nr, unsafe->first.first, unsafe->longest.first,
			unsafe->longest.last);
}

static void print_amplification(FILE *out, const struct bt_amplification *amplification)
{
	double points = (double)amplification->points;

	if (!amplification->points)
		return;
	fprintf(out,
		"after a crash md resyncs %.1f chunks (at most %" PRIu64
		"), of which %.2f differ (at most %" PRIu64 ")",
		(double)amplification->resynced / points, amplification->resynced_max,
		(double)amplification->differ / points, amplification->differ_max);
	if (amplification->differ)
		fprintf(out, ": resync amplification %.1f",
			(double)amplification->resynced / (double)amplification->differ);
	fputc('\n', out);
}

static void print_text(FILE *out, const struct bt_crash *crash)
{
	const struct bt_crash_stats *stats = &crash->oracle.stats;

	fprintf(out,
		"%" PRIu64 " entries, %" PRIu64 " crash points, %" PRIu64 " judged, members differ "
		"at %" PRIu64 ", model %s\n",
		stats->points - 1, stats->points, stats->judged, stats->tested.points,
		crash->oracle.cache ? "cache" : "completed");
	print_amplification(out, &stats->amplification);
	if (stats->unsafe.points) {
		print_stretches(out, &stats->unsafe);
		print_example(out, crash);
	}
	if (stats->unjudged)
		fprintf(out, "%" PRIu64 " not judged, the first after entry %" PRIu64 ": %s\n",
			stats->unjudged, stats->unjudged_first, stats->unjudged_why);
	if (crash->damaged)
		fprintf(out, "the log is damaged: %s\n", crash->log.problem);
	if (crash->log.more)
		fputs("the log continues after the last entry of its super block; that was not "
		      "read\n",
		      out);
	fprintf(out, "verdict: %s (%s)\n", bt_verdict_name(crash->verdict), crash->reason);
}

void bt_crash_report(FILE *out, const struct bt_crash *crash, enum bt_format format)
{
	if (format == BT_FORMAT_JSON)
		bt_crash_json(out, crash);
	else
		print_text(out, crash);
}
