// SPDX-License-Identifier: GPL-2.0-only
#include "check/checker.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"

/*
 * Prefetch distance in events, about one memory latency. With the batches that it needs
 * (sink.h) an event of a trace takes 77 ns instead of 100 (1 M events, 100,000 chunks).
 */
#define EVENTS_AHEAD 12

/* What the rest of a counterexample is made from. */
#define FOLLOWED                                                                                   \
	(BT_TYPE_BIT(BT_DATA_START) | BT_TYPE_BIT(BT_DATA_END) |                                   \
	 BT_TYPE_BIT(BT_PAGE_WRITE_START) | BT_TYPE_BIT(BT_PAGE_WRITE_END))

static void note_untraced(struct bt_checker *checker, const char *array, uint8_t impl)
{
	snprintf(checker->untraced, sizeof(checker->untraced), "%s is not traced: its bitmap is %s",
		 array, bt_impl_name(impl));
}

static void count_bitmap(struct bt_checker *checker, const struct bt_event *ev)
{
	if (!bt_impl_find(ev->impl)) {
		note_untraced(checker, "an array", ev->impl);
		return;
	}
	if (ev->geometry.external) {
		checker->external++;
		return;
	}
	checker->judged++;
	if (ev->geometry.level > 0 && ev->geometry.level < 32)
		checker->levels_seen |= 1U << ev->geometry.level;
	if (ev->geometry.backend < 32)
		checker->backends_seen |= 1U << ev->geometry.backend;
}

static void count_lost(struct bt_checker *checker, const struct bt_event *ev)
{
	checker->lost += ev->lost.count ? ev->lost.count : 1;
	checker->lost_types |= bt_lost_types(ev);
}

/* An array of which no other event will follow. */
static void note_untraced_array(struct bt_checker *checker, const struct bt_event *ev)
{
	char name[sizeof(ev->array.name) + 1] = "";
	size_t i;

	for (i = 0; i < sizeof(ev->array.name) && ev->array.name[i]; i++)
		name[i] = bt_printable(ev->array.name[i]);
	note_untraced(checker, name, ev->impl);
}

/* Whose members fail was not seen: that a write error led to nothing may be wrong. */
static void suspect_array(struct bt_checker *checker, const char *array)
{
	struct bt_result *result;
	unsigned int i;

	for (i = 0; i < checker->results_nr; i++) {
		result = &checker->results[i];
		if (!bt_capability_among(result->invariant->needs, BT_SEES_ERRORS_RAID1) ||
		    strcmp(result->first.array, array) != 0)
			continue;
		result->suspect += result->broken;
		result->broken = 0;
	}
}

/* Hooks of a personality that was loaded while tracing; did its arrays get writes before? */
static void note_probes(struct bt_checker *checker, const struct bt_event *ev)
{
	const struct bt_bitmap *bitmap, *next;

	checker->came |= ev->probes.capabilities;
	HASH_ITER (hh, checker->model.bitmaps, bitmap, next) {
		if (!bt_bitmap_missed_ends(bitmap, ev))
			continue;
		checker->came_late |= ev->probes.capabilities;
		snprintf(checker->late, sizeof(checker->late),
			 "%s got writes before the hooks of its personality were there",
			 bitmap->name);
		suspect_array(checker, bitmap->name);
	}
}

static void count(struct bt_checker *checker, const struct bt_event *ev)
{
	checker->events++;
	if (ev->impl && ev->impl < BT_IMPLS)
		checker->impls_seen |= 1U << ev->impl;
	if (ev->type == BT_LOST)
		count_lost(checker, ev);
	else if (ev->type == BT_PROBES)
		note_probes(checker, ev);
	else if (ev->type == BT_SET_BIT ||
		 (ev->type == BT_LL_STATE && ev->ll_state.action < BT_LL_BY_LOAD))
		checker->set_bits++;
	else if (ev->type == BT_PAGE_WRITE_START && ev->page.backend < 32)
		checker->backends_seen |= 1U << ev->page.backend;
	else if (ev->type == BT_BITMAP)
		count_bitmap(checker, ev);
	else if (ev->type == BT_ARRAY && ev->impl && !bt_impl_find(ev->impl))
		note_untraced_array(checker, ev);
}

/* The start of the submission that this event ends; the model will forget it. */
static void note_ending(struct bt_checker *checker, const struct bt_view *view)
{
	const struct bt_io *io;

	if (view->ev->type != BT_PAGE_WRITE_END)
		return;
	io = bt_io_find(view->bitmap, view->ev->page.io);
	checker->ending = io ? io->start : (struct bt_event_ref){ .seq = 0 };
}

static void show(struct bt_checker *checker, const struct bt_subscriptions *subscriptions,
		 const struct bt_view *view)
{
	bool lockless = view->bitmap->ops->impl == BT_IMPL_LLBITMAP;
	unsigned int i, type = view->ev->type;
	struct bt_result *result;

	for (i = 0; i < subscriptions->nr[type]; i++) {
		result = &checker->results[subscriptions->to[type][i]];
		if (lockless && result->invariant->event_llbitmap)
			result->invariant->event_llbitmap(result, view);
		else
			result->invariant->event(result, view);
		if (result->unsettled)
			bt_settle(result);
	}
}

static void before(struct bt_observer *observer, const struct bt_view *view)
{
	struct bt_checker *checker = bt_container_of(observer, struct bt_checker, observer);

	/*
	 * Not traced; or user space handles the metadata and its order, so the rules do not
	 * apply.
	 */
	if (!view->bitmap || !view->bitmap->ops || view->bitmap->geometry.geometry.external)
		return;
	note_ending(checker, view);
	if (view->ev->type >= BT_EVENT_TYPE_MAX)
		return;
	show(checker, &checker->always[view->bitmap->ops->impl], view);
	if (bt_bitmap_stale(view->bitmap))
		show(checker, &checker->while_stale[view->bitmap->ops->impl], view);
}

/* An end of a data write that the counterexample shows the start of. */
static bool is_shown_bio(const struct bt_counterexample *cx, uint64_t bio)
{
	unsigned int i;

	for (i = 0; i < cx->nr; i++)
		if (cx->events[i].ev.type == BT_DATA_START && cx->events[i].ev.data.bio == bio)
			return true;
	for (i = 0; i < cx->story_nr; i++)
		if (cx->story[i].ev.type == BT_DATA_START && cx->story[i].ev.data.bio == bio)
			return true;
	return false;
}

/* Then what it is about is a chunk. */
static bool shows_data(const struct bt_counterexample *cx)
{
	unsigned int i;

	for (i = 0; i < cx->nr; i++)
		if (cx->events[i].ev.type == BT_DATA_START)
			return true;
	return false;
}

static bool is_data_for(const struct bt_view *view, uint64_t chunk)
{
	struct bt_data_walk walk;
	uint64_t first, nr;

	if (bt_data_class(view->model, view->ev) == BT_DATA_OTHER ||
	    !bt_data_walk(&walk, view->bitmap, view->ev))
		return false;
	while (bt_data_next(&walk, &first, &nr))
		if (chunk >= first && chunk - first < nr)
			return true;
	return false;
}

static bool is_on_block(const struct bt_view *view, uint32_t block)
{
	uint32_t first, nr = bt_event_blocks(view->bitmap, view->ev, &first);

	return block >= first && block - first < nr;
}

/* Does the event belong to the picture of this counterexample? */
static bool belongs(const struct bt_counterexample *cx, const struct bt_view *view)
{
	switch (view->ev->type) {
	case BT_DATA_START:
		return shows_data(cx) && is_data_for(view, cx->about);
	case BT_DATA_END:
		return is_shown_bio(cx, view->ev->data.bio);
	case BT_PAGE_WRITE_START:
	case BT_PAGE_WRITE_END:
		return is_on_block(view, cx->block);
	default:
		return false;
	}
}

/* A counterexample ends with the write that came too late, if it comes: its start and end. */
static void follow(struct bt_checker *checker, struct bt_counterexample *cx,
		   const struct bt_view *view)
{
	struct bt_event_ref ref = { .seq = view->seq, .ev = *view->ev };

	if (view->seq != cx->offending && belongs(cx, view))
		bt_story(cx, &ref);
	if (view->ev->type != BT_PAGE_WRITE_END ||
	    bt_block_covers(view->bitmap, bt_block_find(view->bitmap, cx->block), cx->need) ==
		    BT_NO)
		return;
	bt_evidence(cx, &checker->ending);
	bt_evidence(cx, &ref);
	cx->watching = false;
}

/* This end of a write may make up for violations. */
static void close_violations(struct bt_result *result, const struct bt_view *view)
{
	struct bt_violations *all = &result->violations;
	unsigned int i;

	for (i = 0; all->watched_nr && i < all->nr; i++) {
		struct bt_violation *violation = &all->list[i];

		if (!violation->watching || violation->bitmap != view->ev->bitmap ||
		    !is_on_block(view, violation->block) ||
		    bt_block_covers(view->bitmap, bt_block_find(view->bitmap, violation->block),
				    violation->need) == BT_NO)
			continue;
		violation->watching = false;
		violation->until_ns = view->ev->ts_ns;
		all->watched_nr--;
	}
}

static void after(struct bt_observer *observer, const struct bt_view *view)
{
	struct bt_checker *checker = bt_container_of(observer, struct bt_checker, observer);
	unsigned int i;

	if (!bt_type_set_has(FOLLOWED, view->ev->type) || !view->bitmap || !view->bitmap->ops)
		return;
	for (i = 0; i < checker->results_nr; i++) {
		struct bt_result *result = &checker->results[i];

		if (!result->broken)
			continue;
		if (result->first.watching && result->first.bitmap == view->ev->bitmap)
			follow(checker, &result->first, view);
		if (view->ev->type == BT_PAGE_WRITE_END)
			close_violations(result, view);
	}
}

/*
 * The kernel counts the runs of a probe that it skipped, and the tool reads the count now and
 * then: a run was skipped some time between two readings. A violation with evidence from that
 * time may be caused by the skipped run.
 */
static void suspect_recent(struct bt_checker *checker, const struct bt_event *ev)
{
	uint64_t since_ns = ev->lost.since_ns;
	unsigned int i;

	if (!since_ns && ev->ts_ns > BT_MISSED_WINDOW_NS)
		since_ns = ev->ts_ns - BT_MISSED_WINDOW_NS;

	for (i = 0; i < checker->results_nr; i++) {
		struct bt_result *result = &checker->results[i];
		const struct bt_counterexample *cx = &result->first;
		uint64_t latest_ns = 0;
		unsigned int n;

		if (!result->broken || !bt_rests_on(result->invariant, bt_lost_types(ev)))
			continue;
		for (n = 0; n < cx->nr; n++)
			if (cx->events[n].seq == cx->offending)
				latest_ns = cx->events[n].ev.ts_ns;
		if (latest_ns < since_ns)
			continue;
		result->suspect += result->broken;
		result->broken = 0;
		result->unsettled = false;
		bt_violations_free(&result->violations);
	}
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_checker *checker = bt_container_of(sink, struct bt_checker, sink);

	count(checker, ev);
	if (ev->type == BT_LOST && ev->lost.channel == BT_LOSS_MISSED)
		suspect_recent(checker, ev);
	return bt_model_event(&checker->model, ev);
}

static int sink_events(struct bt_sink *sink, const struct bt_event *ev, size_t nr)
{
	struct bt_checker *checker = bt_container_of(sink, struct bt_checker, sink);
	size_t i;
	int err = 0;

	for (i = 0; i < nr && !err; i++) {
		if (i + EVENTS_AHEAD < nr)
			bt_model_soon(&checker->model, &ev[i + EVENTS_AHEAD]);
		err = sink_event(sink, &ev[i]);
	}
	return err;
}

static void init(struct bt_checker *checker)
{
	memset(checker, 0, sizeof(*checker));
	checker->sink.event = sink_event;
	checker->sink.events = sink_events;
	checker->observer.before = before;
	checker->observer.after = after;
	bt_model_init(&checker->model);
	bt_model_observe(&checker->model, &checker->observer);
}

static void subscribe(struct bt_checker *checker, const struct bt_invariant *invariant,
		      unsigned int nr, uint8_t impl)
{
	const struct bt_impl_ops *ops = bt_impl_find(impl);
	struct bt_subscriptions *subscriptions =
		&(invariant->while_stale ? checker->while_stale : checker->always)[impl];
	unsigned int type;
	bt_type_set on;

	if (!ops || !bt_invariant_is_about(invariant, impl))
		return;
	on = impl == BT_IMPL_LLBITMAP && invariant->on_llbitmap ? invariant->on_llbitmap
								: invariant->on;
	on |= invariant->on_unprotect ? ops->unprotects : 0;
	for (type = 0; type < BT_EVENT_TYPE_MAX; type++)
		if (bt_type_set_has(on, type))
			subscriptions->to[type][subscriptions->nr[type]++] = (uint8_t)nr;
}

static void add(struct bt_checker *checker, const struct bt_invariant *invariant)
{
	unsigned int nr = checker->results_nr++;
	uint8_t impl;

	checker->results[nr].invariant = invariant;
	for (impl = 0; impl < BT_IMPLS; impl++)
		subscribe(checker, invariant, nr, impl);
}

void bt_checker_init_only(struct bt_checker *checker, const struct bt_invariant *const *only,
			  unsigned int nr)
{
	const struct bt_invariant *const *invariant;
	unsigned int i;

	init(checker);
	for (invariant = bt_invariants; *invariant; invariant++)
		for (i = 0; i < nr; i++)
			if (only[i] == *invariant) {
				add(checker, *invariant);
				break;
			}
}

void bt_checker_init(struct bt_checker *checker, bool strict)
{
	const struct bt_invariant *const *invariant;

	init(checker);
	for (invariant = bt_invariants; *invariant; invariant++)
		if (strict || !(*invariant)->strict)
			add(checker, *invariant);
}

void bt_checker_free(struct bt_checker *checker)
{
	unsigned int i;

	for (i = 0; i < BT_INVARIANTS_MAX; i++)
		bt_violations_free(&checker->results[i].violations);
	bt_model_free(&checker->model);
}

struct bt_sight bt_checker_sight(const struct bt_checker *checker, const struct bt_trace_info *info,
				 uint64_t lost_total, const char *incomplete)
{
	uint64_t lost = checker->lost;

	return (struct bt_sight){
		.lost = lost > lost_total ? lost : lost_total,
		/* A counted loss without a mark may be of any type. */
		.lost_types = lost_total > lost ? BT_TYPES_ALL : checker->lost_types,
		.incomplete = incomplete,
		.blind = checker->model.given_up || checker->model.out_of_memory,
		.backends_seen = checker->backends_seen,
		.levels_seen = checker->levels_seen,
		.impls_seen = checker->impls_seen,
		.external_only = checker->external && !checker->judged && !checker->untraced[0],
		.came = checker->came,
		.came_late = checker->came_late,
		.late = checker->late,
		.model = &checker->model,
		.untraced = checker->untraced[0] ? checker->untraced : NULL,
		.info = info,
	};
}
