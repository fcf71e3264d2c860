// SPDX-License-Identifier: GPL-2.0-only
#include "check/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "probes/hook_needs.h"

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

/* What it judges by was left out by choice: no hook is to blame. */
static bool was_left_out(const struct bt_invariant *inv, const struct bt_sight *sight)
{
	return inv->strict && inv->rests_on & BT_TYPES_FLUSH && sight->info &&
	       sight->info->not_strict;
}

static const char *first_missing(const struct bt_sight *sight, const char *const *hooks)
{
	for (; hooks && *hooks; hooks++)
		if (hook_missing(sight, *hooks))
			return *hooks;
	return NULL;
}

/* A bitmap file of which no page write was seen might use either way. */
static uint32_t backends_in_use(const struct bt_sight *sight)
{
	const uint32_t ways = 1U << BT_BACKEND_BUFFER | 1U << BT_BACKEND_PAGECACHE;
	uint32_t seen = sight->backends_seen;

	return seen & (1U << BT_BACKEND_FILE) && !(seen & ways) ? seen | ways : seen;
}

/*
 * A kernel has the hooks of the backends and personalities it has; only those
 * in use are needed.
 */
static const char *missing_where_in_use(const struct bt_invariant *inv,
					const struct bt_sight *sight)
{
	uint32_t backends = backends_in_use(sight);
	const struct bt_hook_need *need;

	for (need = bt_hook_needs; need->hook; need++)
		if (bt_hook_need_is_of(need, inv) &&
		    (need->backends & backends || need->levels & sight->levels_seen) &&
		    hook_missing(sight, need->hook))
			return need->hook;
	return NULL;
}

static enum bt_verdict unknown(char *reason, size_t len, const char *why)
{
	snprintf(reason, len, "%s", why);
	return BT_VERDICT_UNKNOWN;
}

static const char *missing_hook(const struct bt_invariant *inv, const struct bt_sight *sight)
{
	const char *missing = first_missing(sight, bt_hooks_needed_by_all);

	if (!missing)
		missing = first_missing(sight, inv->needs);
	return missing ? missing : missing_where_in_use(inv, sight);
}

static enum bt_verdict without_hook(char *reason, size_t len, const char *missing)
{
	snprintf(reason, len, "no hook on %s", missing);
	return BT_VERDICT_UNKNOWN;
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

/* Nothing was broken, nothing was missed: was there anything to check? */
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

enum bt_verdict bt_verdict_of(const struct bt_result *result, const struct bt_sight *sight,
			      char *reason, size_t len)
{
	const char *missing = missing_hook(result->invariant, sight);

	if (sight->external_only) {
		snprintf(reason, len, "external metadata: user space keeps the order");
		return BT_VERDICT_NA;
	}
	if (sight->info && sight->info->slice_of[0] &&
	    strcmp(sight->info->slice_of, result->invariant->name)) {
		snprintf(reason, len, "a slice that is cut out for %s", sight->info->slice_of);
		return BT_VERDICT_UNKNOWN;
	}
	/* Before FAIL: what has no hook looks like what did not happen. */
	if (was_left_out(result->invariant, sight))
		return unknown(reason, len, "recorded without --strict");
	if (sight->info && sight->info->more_missing)
		return unknown(reason, len, "more hooks are missing than the trace names");
	if (missing)
		return without_hook(reason, len, missing);
	if (result->broken) {
		snprintf(reason, len, "broken %" PRIu64 " times, held %" PRIu64, result->broken,
			 result->held);
		return BT_VERDICT_FAIL;
	}
	missing = first_missing(sight, result->invariant->needs_to_pass);
	if (missing)
		return without_hook(reason, len, missing);
	if (result->suspect) {
		snprintf(reason, len, "broken %" PRIu64 " times while the kernel skipped probes",
			 result->suspect);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->untraced) {
		snprintf(reason, len, "an array is not traced: its bitmap is %s", sight->untraced);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->lost && bt_rests_on(result->invariant, sight->lost_types)) {
		snprintf(reason, len, "%" PRIu64 " records lost", sight->lost);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->incomplete) {
		snprintf(reason, len, BT_TRACE_INCOMPLETE ": %s", sight->incomplete);
		return BT_VERDICT_UNKNOWN;
	}
	if (sight->blind)
		return unknown(reason, len, "more went on at once than the model can hold");
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
