// SPDX-License-Identifier: GPL-2.0-only
#include "check/minimize.h"

#include <errno.h>
#include <string.h>

#include "check/checker.h"

/* First guess of how many events before the violation matter. */
#define YOUNG_FIRST 64

struct search {
	const struct bt_result *broken;
	const struct bt_trace_info *info;
	struct bt_event_ref *events;
	size_t nr;
};

/* In longer slices no pairs are tried. */
#define PAIRS_MAX 128

#define NONE SIZE_MAX

/* What a trial leaves out. */
struct cut {
	size_t young_from; /* of those before, what does not describe */
	size_t from, nr;   /* a run */
	size_t also;	   /* one more, or NONE */
};

bool bt_event_describes(const struct bt_event *ev)
{
	return ev->type == BT_BITMAP || ev->type == BT_LAYOUT || ev->type == BT_SYMBOL ||
	       ev->type == BT_MEMBERS || ev->type == BT_LL_NAMES || ev->type == BT_LL_TABLE;
}

static bool is_left(const struct search *search, const struct cut *cut, size_t i)
{
	if (i == cut->also || (i >= cut->from && i - cut->from < cut->nr))
		return false;
	return i >= cut->young_from || bt_event_describes(&search->events[i].ev);
}

static bool is_same(const struct search *search, const struct bt_checker *checker)
{
	struct bt_sight sight = bt_checker_sight(checker, search->info, 0, NULL);
	const struct bt_counterexample *want = &search->broken->first;
	const struct bt_counterexample *got = &checker->results[0].first;
	char reason[160];

	return bt_verdict_of(&checker->results[0], &sight, reason, sizeof(reason)) ==
		       BT_VERDICT_FAIL &&
	       got->kind == want->kind && got->bitmap == want->bitmap && got->about == want->about;
}

/* Is the finding still there without these events? 1, 0 or -ENOMEM. */
static int shows(const struct search *search, struct cut cut)
{
	struct bt_checker checker;
	size_t i;
	int ret = 0;

	bt_checker_init_only(&checker, &search->broken->invariant, 1);
	for (i = 0; i < search->nr && !ret && !checker.results[0].broken; i++)
		if (is_left(search, &cut, i))
			ret = bt_sink_event(&checker.sink, &search->events[i].ev);
	/* Broken before the last event: that is another finding. */
	if (!ret)
		ret = i == search->nr && checker.results[0].broken && is_same(search, &checker);
	bt_checker_free(&checker);
	return ret;
}

static void cut_out(struct search *search, struct cut cut)
{
	size_t i, left = 0;

	for (i = 0; i < search->nr; i++)
		if (is_left(search, &cut, i))
			search->events[left++] = search->events[i];
	search->nr = left;
}

/* First tries to drop all old events at once, so that the search itself gets no long streams. */
static int drop_old(struct search *search)
{
	struct cut cut = { .also = NONE };
	size_t young;
	int ret;

	for (young = YOUNG_FIRST; young < search->nr; young *= 2) {
		cut.young_from = search->nr - young;
		ret = shows(search, cut);
		if (ret < 0)
			return ret;
		if (ret) {
			cut_out(search, cut);
			return 0;
		}
	}
	cut.young_from = 0;
	ret = shows(search, cut);
	if (ret < 0)
		return ret;
	return ret ? 0 : -ESRCH;
}

/*
 * Tries each event, oldest first: all later ones are present then. Runs of events grow while
 * they can be dropped; an event that stays was tried alone. 1 if some were dropped, 0 if none,
 * or -ENOMEM.
 */
static int drop_needless(struct search *search)
{
	struct cut cut = { .nr = SIZE_MAX, .also = NONE };
	size_t before = search->nr, rest;
	bool first = true;
	int ret;

	while (cut.from + 1 < search->nr) {
		rest = search->nr - 1 - cut.from;
		if (cut.nr > rest)
			cut.nr = rest;
		ret = shows(search, cut);
		if (ret < 0)
			return ret;
		if (ret) {
			cut_out(search, cut);
			cut.nr *= 2;
		} else if (cut.nr > 1) {
			cut.nr = first ? 1 : cut.nr / 2;
		} else {
			cut.from++;
			cut.nr = SIZE_MAX;
		}
		first = cut.nr == SIZE_MAX;
	}
	return search->nr < before;
}

/*
 * Neither a start nor its end can be dropped alone if one without the other is a finding of its
 * own. 1 if a pair was dropped, 0 if none, or -ENOMEM.
 */
static int drop_pair(struct search *search)
{
	struct cut cut = { .nr = 1 };
	int ret;

	if (search->nr > PAIRS_MAX)
		return 0;
	for (; cut.from + 1 < search->nr; cut.from++) {
		for (cut.also = cut.from + 1; cut.also + 1 < search->nr; cut.also++) {
			ret = shows(search, cut);
			if (ret > 0)
				cut_out(search, cut);
			if (ret)
				return ret;
		}
	}
	return 0;
}

int bt_minimize(const struct bt_result *broken, const struct bt_trace_info *info,
		struct bt_event_ref *events, size_t *nr)
{
	struct search search = { .broken = broken, .info = info, .events = events, .nr = *nr };
	int ret = drop_old(&search);

	/* An event that was dropped late may have been the only reason to keep an earlier one. */
	if (!ret)
		do {
			ret = drop_needless(&search);
			if (!ret)
				ret = drop_pair(&search);
		} while (ret > 0);
	*nr = search.nr;
	return ret;
}
