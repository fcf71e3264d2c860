// SPDX-License-Identifier: GPL-2.0-only
#include "invariants/violation.h"

#include <stdlib.h>
#include <string.h>

static void count_kind(struct bt_violations *violations, const char *kind)
{
	unsigned int i;

	for (i = 0; i < violations->kinds_nr; i++)
		if (violations->kinds[i].kind == kind)
			break;
	if (i == BT_KINDS_MAX)
		i--; /* no rule has so many */
	else if (i == violations->kinds_nr)
		violations->kinds[violations->kinds_nr++].kind = kind;
	violations->kinds[i].nr++;
}

static bool has_room(struct bt_violations *violations)
{
	unsigned int cap = violations->cap ? 2 * violations->cap : 16;
	struct bt_violation *list;

	if (violations->nr < violations->cap)
		return true;
	if (violations->cap == BT_VIOLATIONS_MAX)
		return false;
	list = realloc(violations->list, cap * sizeof(*list));
	if (!list)
		return false;
	violations->list = list;
	violations->cap = cap;
	return true;
}

void bt_violations_add(struct bt_violations *violations, const struct bt_violation *violation)
{
	struct bt_violation *added;

	count_kind(violations, violation->kind);
	if (!has_room(violations))
		return;
	added = &violations->list[violations->nr++];
	*added = *violation;
	added->watching = violation->watching && violations->watched_nr < BT_WATCHED_MAX;
	violations->watched_nr += added->watching;
}

void bt_violations_free(struct bt_violations *violations)
{
	free(violations->list);
	*violations = (struct bt_violations){ .list = NULL };
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

struct bt_lateness bt_violations_lateness(const struct bt_violations *violations)
{
	uint64_t *times = calloc(violations->nr + 1, sizeof(*times));
	struct bt_lateness late = { .nr = 0 };
	unsigned int i;

	for (i = 0; times && i < violations->nr; i++) {
		const struct bt_violation *violation = &violations->list[i];

		late.open_nr += violation->watching;
		if (violation->until_ns > violation->ts_ns)
			times[late.nr++] = violation->until_ns - violation->ts_ns;
	}
	if (late.nr) {
		qsort(times, late.nr, sizeof(*times), by_value);
		late.min_ns = times[0];
		late.median_ns = (times[(late.nr - 1) / 2] + times[late.nr / 2]) / 2;
		late.max_ns = times[late.nr - 1];
	}
	free(times);
	return late;
}

unsigned int bt_violations_places(const struct bt_violations *violations)
{
	uint64_t *places = calloc(violations->nr + 1, sizeof(*places));
	unsigned int i, nr = 0;

	if (!places)
		return 0;
	for (i = 0; i < violations->nr; i++)
		places[i] = violations->list[i].about;
	qsort(places, violations->nr, sizeof(*places), by_value);
	for (i = 0; i < violations->nr; i++)
		nr += !i || places[i] != places[i - 1];
	free(places);
	return nr;
}

int bt_kind_format(const char *kind, char *buf, size_t len)
{
	size_t used = 0;

	for (; *kind; kind++) {
		char c = *kind;

		if (c == '%') {
			kind += 1 + strspn(kind + 1, "0123456789.lhzj");
			c = *kind == 's' ? '?' : *kind == '%' ? '%' : 'N';
		}
		if (used + 1 < len)
			buf[used] = c;
		used++;
	}
	if (len)
		buf[used < len ? used : len - 1] = 0;
	return (int)used;
}
