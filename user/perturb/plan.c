// SPDX-License-Identifier: GPL-2.0-only
#include "perturb/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/place.h"

static_assert(BT_PLACES <= 32, "bt_perturb_plan.places has a bit for each");

/* They may be passed with interrupts off, or in an interrupt. */
static const uint32_t irqs_off =
	1u << BT_PLACE_ENDWRITE_ENTER | 1u << BT_PLACE_SET_BIT_ENTER | 1u << BT_PLACE_SET_BIT_EXIT |
	1u << BT_PLACE_CLEAR_BIT_ENTER | 1u << BT_PLACE_PAGE_WRITE_END | 1u << BT_PLACE_DATA_END |
	1u << BT_PLACE_STATE_ENTER | 1u << BT_PLACE_STATE_EXIT | 1u << BT_PLACE_MARK_ENTER |
	1u << BT_PLACE_MARK_EXIT | 1u << BT_PLACE_INFECT_ENTER | 1u << BT_PLACE_END_SYNC_ENTER;

static void plan_bounds(struct bt_perturb_plan *plan)
{
	uint32_t us;
	unsigned int i;

	for (i = 0; i < BT_PLACES; i++) {
		us = plan->us_max;
		if (irqs_off >> i & 1 && us > BT_PERTURB_US_IRQS_OFF)
			us = BT_PERTURB_US_IRQS_OFF;
		plan->ns_max[i] = us * 1000;
	}
}

/* ---- text ----------------------------------------------------------------------- */

static bool plan_number(const char *text, uint64_t max, uint64_t *number)
{
	/* strtoull would also take blanks and a sign. */
	if (!text[0] || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	*number = strtoull(text, NULL, 10);
	return !errno && *number <= max;
}

/* Is it the name of this place, or what it has in common with that of its other side? */
static bool plan_names(const char *text, const char *name)
{
	const size_t len = strlen(text);
	const char *side = name + len;

	if (strncmp(name, text, len))
		return false;
	return !side[0] || !strcmp(side, "_enter") || !strcmp(side, "_exit") ||
	       !strcmp(side, "_start") || !strcmp(side, "_end");
}

static int plan_unknown(const char *text, char *why, size_t len)
{
	unsigned int i;
	size_t used;

	snprintf(why, len, "there is no PLACE '%s', expected some of", text);
	for (i = 0; i < BT_PLACES; i++) {
		used = strlen(why);
		snprintf(why + used, len - used, "%s %s", i ? "," : "",
			 bt_place_name((enum bt_place)i));
	}
	return -EINVAL;
}

static int plan_place(struct bt_perturb_plan *plan, const char *text, char *why, size_t len)
{
	uint32_t named = 0;
	unsigned int i;

	for (i = 0; i < BT_PLACES && text[0]; i++)
		if (plan_names(text, bt_place_name((enum bt_place)i)))
			named |= 1u << i;
	plan->places |= named;
	return named ? 0 : plan_unknown(text, why, len);
}

/* SEED or SEED:MS */
static int plan_seed(struct bt_perturb_plan *plan, char *field, char *why, size_t len)
{
	char *slice = field;
	const char *text = strsep(&slice, ":");
	uint64_t ms = 0;

	if (!plan_number(text, UINT64_MAX, &plan->seed)) {
		snprintf(why, len, "SEED '%s': expected a whole number of at most 64 bits", text);
		return -EINVAL;
	}
	if (slice && (!plan_number(slice, BT_PERTURB_SLICE_MS_MAX, &ms) || !ms)) {
		snprintf(why, len, "SLICE '%s': expected milliseconds, from 1 to %d", slice,
			 BT_PERTURB_SLICE_MS_MAX);
		return -EINVAL;
	}
	plan->slice_ms = (uint32_t)ms;
	return 0;
}

static int plan_us(struct bt_perturb_plan *plan, const char *field, char *why, size_t len)
{
	uint64_t us;

	if (!plan_number(field, BT_PERTURB_US_MAX, &us) || !us) {
		snprintf(why, len, "MAX '%s': expected microseconds, from 1 to %d", field,
			 BT_PERTURB_US_MAX);
		return -EINVAL;
	}
	plan->us_max = (uint32_t)us;
	return 0;
}

/* The fields, one after the other; what does not begin as a number is a place. */
static int plan_fields(struct bt_perturb_plan *plan, char *rest, char *why, size_t len)
{
	int err = plan_seed(plan, strsep(&rest, ","), why, len);

	if (!err && rest && rest[0] >= '0' && rest[0] <= '9')
		err = plan_us(plan, strsep(&rest, ","), why, len);
	while (!err && rest)
		err = plan_place(plan, strsep(&rest, ","), why, len);
	return err;
}

int bt_perturb_parse(const char *text, struct bt_perturb_plan *plan, char *why, size_t len)
{
	struct bt_perturb_plan new = { .us_max = BT_PERTURB_US_DEFAULT };
	char *fields = strdup(text);
	int err;

	if (!fields) {
		snprintf(why, len, "out of memory");
		return -EINVAL;
	}
	err = plan_fields(&new, fields, why, len);
	free(fields);
	if (err)
		return err;
	plan_bounds(&new);
	*plan = new;
	return 0;
}

void bt_perturb_print(const struct bt_perturb_plan *plan, char *text, size_t len)
{
	char slice[16] = "";
	unsigned int i;
	size_t used;

	if (plan->slice_ms)
		snprintf(slice, sizeof(slice), ":%" PRIu32, plan->slice_ms);
	snprintf(text, len, "%" PRIu64 "%s,%" PRIu32, plan->seed, slice, plan->us_max);
	for (i = 0; i < BT_PLACES; i++) {
		used = strlen(text);
		if (plan->places >> i & 1)
			snprintf(text + used, len - used, ",%s", bt_place_name((enum bt_place)i));
	}
}
