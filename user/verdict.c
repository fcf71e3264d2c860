// SPDX-License-Identifier: GPL-2.0-only
#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *bt_verdict_name(enum bt_verdict verdict)
{
	static const char *const names[] = { "PASS", "FAIL", "UNKNOWN", "N/A" };

	return names[verdict];
}

static bool hook_missing(const struct bt_sight *sight, const char *hook)
{
	uint32_t i;

	for (i = 0; sight->info && i < sight->info->hooks_missing_nr; i++)
		if (!strcmp(sight->info->hooks_missing[i], hook))
			return true;
	return false;
}

static const char *first_missing(const struct bt_sight *sight, const char *const *hooks)
{
	for (; *hooks; hooks++)
		if (hook_missing(sight, *hooks))
			return *hooks;
	return NULL;
}

/*
 * A kernel has the hooks of the backends it has; only those in use are needed.
 * A bitmap file of which no page write was seen might use either way.
 */
static const char *missing_page_hook(const struct bt_sight *sight)
{
	static const char *const internal[] = { "block_bio_queue", "super_written", NULL };
	static const char *const buffer[] = { "submit_bh", "end_bitmap_write", NULL };
	static const char *const pagecache[] = { "__folio_start_writeback", "folio_end_writeback",
						 "folio_mark_dirty", "__filemap_set_wb_err", NULL };
	uint32_t seen = sight->backends_seen;
	const char *missing = NULL;

	if (seen & (1U << BT_BACKEND_FILE) &&
	    !(seen & (1U << BT_BACKEND_BUFFER | 1U << BT_BACKEND_PAGECACHE)))
		seen |= 1U << BT_BACKEND_BUFFER | 1U << BT_BACKEND_PAGECACHE;
	if (seen & (1U << BT_BACKEND_INTERNAL))
		missing = first_missing(sight, internal);
	if (!missing && seen & (1U << BT_BACKEND_BUFFER))
		missing = first_missing(sight, buffer);
	if (!missing && seen & (1U << BT_BACKEND_PAGECACHE))
		missing = first_missing(sight, pagecache);
	return missing;
}

/* Only the personalities in use must have been there when tracing began. */
static const char *missing_data_hook(const struct bt_sight *sight)
{
	static const struct {
		uint32_t levels;
		const char *hook;
	} all[] = {
		{ 1U << 1, "raid1_end_write_request" },
		{ 1U << 10, "raid10_end_write_request" },
		{ 1U << 4 | 1U << 5 | 1U << 6, "raid5_end_write_request" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (sight->levels_seen & all[i].levels && hook_missing(sight, all[i].hook))
			return all[i].hook;
	return NULL;
}

static enum bt_verdict unknown(char *reason, size_t len, const char *why)
{
	snprintf(reason, len, "%s", why);
	return BT_VERDICT_UNKNOWN;
}

/* What every rule about bits stands on: when a bitmap begins and when it is gone. */
static const char *const needed_by_all[] = { "md_bitmap_init_from_disk", "md_bitmap_free", NULL };

static const char *missing_hook(const struct bt_invariant *inv, const struct bt_sight *sight)
{
	const char *missing = first_missing(sight, needed_by_all);

	if (!missing)
		missing = first_missing(sight, inv->needs);
	if (!missing && inv->needs_page_writes)
		missing = missing_page_hook(sight);
	if (!missing && inv->needs_data_ends)
		missing = missing_data_hook(sight);
	return missing;
}

static enum bt_verdict passed(const struct bt_result *result, char *reason, size_t len)
{
	if (result->unjudged)
		snprintf(reason, len, "checked %" PRIu64 ", %" PRIu64 " not judged: %s",
			 result->held, result->unjudged, result->unjudged_why);
	else
		snprintf(reason, len, "checked %" PRIu64, result->held);
	return BT_VERDICT_PASS;
}

/* Nothing was broken, nothing was missed: was there anything to check? */
static enum bt_verdict verdict_of_clean(const struct bt_result *result, char *reason, size_t len)
{
	const struct bt_invariant *inv = result->invariant;

	if (result->blind)
		return unknown(reason, len, result->blind_why);
	if (result->held)
		return passed(result, reason, len);
	if (result->unjudged)
		return unknown(reason, len, result->unjudged_why);
	if (inv->may_be_idle) {
		snprintf(reason, len, "%s", inv->may_be_idle);
		return BT_VERDICT_NA;
	}
	return unknown(reason, len, inv->idle);
}

enum bt_verdict bt_verdict_of(const struct bt_result *result, const struct bt_sight *sight,
			      char *reason, size_t len)
{
	const char *missing = missing_hook(result->invariant, sight);

	if (sight->external_only) {
		snprintf(reason, len, "external metadata: user space keeps the order");
		return BT_VERDICT_NA;
	}
	/* Before FAIL: what has no hook looks like what did not happen. */
	if (missing) {
		snprintf(reason, len, "no hook on %s", missing);
		return BT_VERDICT_UNKNOWN;
	}
	if (result->broken) {
		snprintf(reason, len, "broken %" PRIu64 " times, held %" PRIu64, result->broken,
			 result->held);
		return BT_VERDICT_FAIL;
	}
	if (result->suspect) {
		snprintf(reason, len, "broken %" PRIu64 " times while the kernel skipped probes",
			 result->suspect);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->lost) {
		snprintf(reason, len, "%" PRIu64 " records lost", sight->lost);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->incomplete)
		return unknown(reason, len, "the trace is incomplete");
	if (sight->blind)
		return unknown(reason, len, "more went on at once than the model can hold");
	return verdict_of_clean(result, reason, len);
}

enum bt_verdict bt_verdict_join(const enum bt_verdict *verdicts, unsigned int nr)
{
	enum bt_verdict joined = BT_VERDICT_UNKNOWN;
	unsigned int i, pass = 0, unknowns = 0;

	for (i = 0; i < nr; i++) {
		if (verdicts[i] == BT_VERDICT_FAIL)
			return BT_VERDICT_FAIL;
		pass += verdicts[i] == BT_VERDICT_PASS;
		unknowns += verdicts[i] == BT_VERDICT_UNKNOWN;
	}
	if (pass && !unknowns)
		joined = BT_VERDICT_PASS;
	return joined;
}
