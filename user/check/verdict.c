// SPDX-License-Identifier: GPL-2.0-only
#include "check/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * A bitmap file without any page write seen might use either way of released kernels. Where those
 * are not there, the hooks of one are missing.
 */
static uint32_t backends_in_use(const struct bt_sight *sight)
{
	const uint32_t ways = 1U << BT_BACKEND_BUFFER | 1U << BT_BACKEND_PAGECACHE;
	const uint32_t fileio = 1U << BT_BACKEND_FILEIO;
	uint32_t seen = sight->backends_seen;

	return seen & (1U << BT_BACKEND_FILE) && !(seen & (ways | fileio)) ? seen | ways : seen;
}

/*
 * A kernel lacks hooks of backends and personalities that it does not have; only those in use
 * matter.
 */
static bool matters(enum bt_capability capability, const struct bt_sight *sight)
{
	const struct bt_capability_desc *desc = bt_capability_desc(capability);
	uint32_t impls = sight->impls_seen ? sight->impls_seen : 1u << BT_IMPL_CLASSIC;

	if (desc->impls && !(desc->impls & impls))
		return false;
	return (!desc->backends && !desc->levels) || desc->backends & backends_in_use(sight) ||
	       desc->levels & sight->levels_seen;
}

static bool has(uint64_t capabilities, enum bt_capability capability)
{
	return capabilities >> capability & 1;
}

/* What was missed before the first one of these came, or NULL. */
static const char *first_late(const struct bt_sight *sight, const enum bt_capability *list)
{
	for (; list && *list != BT_SEES_END; list++)
		if (has(sight->came_late, *list) && matters(*list, sight))
			return sight->late;
	return NULL;
}

/* Why the first missing capability is missing, or NULL. */
static const char *first_missing(const struct bt_sight *sight, const enum bt_capability *list)
{
	const char *why;

	for (; sight->info && list && *list != BT_SEES_END; list++) {
		why = bt_missing_why(&sight->info->missing, *list);
		if (why && matters(*list, sight) && !has(sight->came, *list))
			return why;
	}
	return NULL;
}

static enum bt_verdict unknown(char *reason, size_t len, const char *why)
{
	snprintf(reason, len, "%s", why);
	return BT_VERDICT_UNKNOWN;
}

static const char *missing_need(const struct bt_invariant *inv, const struct bt_sight *sight)
{
	const char *why = first_missing(sight, BT_CAPABILITY_LIST(BT_SEES_LIFE));

	if (!why && sight->info && sight->info->missing.unknown[0])
		why = "recorded by another version, with missing capabilities unknown to this one";
	return why ? why : first_missing(sight, inv->needs);
}

static enum bt_verdict passed(const struct bt_result *result, char *reason, size_t len)
{
	if (result->unjudged)
		snprintf(reason, len, "checked %" PRIu64 "; %" PRIu64 " others not judged: %s",
			 result->held, result->unjudged, result->unjudged_why);
	else
		snprintf(reason, len, "checked %" PRIu64, result->held);
	return BT_VERDICT_PASS;
}

static void add_remark(const struct bt_result *result, const struct bt_sight *sight, char *reason,
		       size_t len)
{
	char text[128] = "";
	size_t at = strlen(reason);

	if (result->invariant->remark && sight->model)
		result->invariant->remark(sight->model, text, sizeof(text));
	if (text[0])
		snprintf(reason + at, len - at, "; %s", text);
}

/* No violation, and no loss: was there anything to check? */
static enum bt_verdict of_clean(const struct bt_result *result, char *reason, size_t len)
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

static enum bt_verdict verdict_of_clean(const struct bt_result *result,
					const struct bt_sight *sight, char *reason, size_t len)
{
	enum bt_verdict verdict = of_clean(result, reason, len);

	add_remark(result, sight, reason, len);
	return verdict;
}

/* No bitmap was seen that it is about; those of md-bitmap.c are what there is if there was none. */
static bool is_about_others(const struct bt_invariant *inv, const struct bt_sight *sight)
{
	uint32_t impls = sight->impls_seen ? sight->impls_seen : 1u << BT_IMPL_CLASSIC;

	return inv->impls && !(inv->impls & impls);
}

enum bt_verdict bt_verdict_of(const struct bt_result *result, const struct bt_sight *sight,
			      char *reason, size_t len)
{
	const char *missing = missing_need(result->invariant, sight);

	if (sight->external_only) {
		snprintf(reason, len, "external metadata: user space is responsible for the order");
		return BT_VERDICT_NA;
	}
	/* An array that is not traced, or that is behind the cut, may have any bitmap. */
	if (!sight->untraced && !sight->incomplete && is_about_others(result->invariant, sight)) {
		snprintf(reason, len, "no array with a %s bitmap",
			 result->invariant->impls & BT_ABOUT_CLASSIC ? "classic" : "lockless");
		return BT_VERDICT_NA;
	}
	if (sight->info && sight->info->slice_of[0] &&
	    strcmp(sight->info->slice_of, result->invariant->name)) {
		snprintf(reason, len, "this trace is a slice for %s only", sight->info->slice_of);
		return BT_VERDICT_UNKNOWN;
	}
	/* Before FAIL: an event that is not seen looks like one that did not happen. */
	if (missing)
		return unknown(reason, len, missing);
	if (result->broken) {
		snprintf(reason, len, "broken %" PRIu64 " times, held %" PRIu64, result->broken,
			 result->held);
		return BT_VERDICT_FAIL;
	}
	missing = first_missing(sight, result->invariant->needs_to_pass);
	if (!missing)
		missing = first_late(sight, result->invariant->needs);
	if (!missing)
		missing = first_late(sight, result->invariant->needs_to_pass);
	if (missing)
		return unknown(reason, len, missing);
	if (result->suspect) {
		snprintf(reason, len, "broken %" PRIu64 " times while the kernel skipped probes",
			 result->suspect);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->untraced)
		return unknown(reason, len, sight->untraced);
	if (sight->lost && bt_rests_on(result->invariant, sight->lost_types)) {
		snprintf(reason, len, "%" PRIu64 " records lost", sight->lost);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->incomplete) {
		snprintf(reason, len, BT_TRACE_INCOMPLETE ": %s", sight->incomplete);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->blind)
		return unknown(reason, len, "more concurrent operations than the model can hold");
	return verdict_of_clean(result, sight, reason, len);
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
