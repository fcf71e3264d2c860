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

static void count(struct bt_checker *checker, const struct bt_event *ev)
{
	checker->events++;
	if (ev->impl && ev->impl < BT_IMPLS)
		checker->impls_seen |= 1U << ev->impl;
	if (ev->type == BT_LOST)
		count_lost(checker, ev);
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

/* A counterexample ends with the write that came too late, if it comes: its start and end. */
static void after(struct bt_observer *observer, const struct bt_view *view)
{
	struct bt_checker *checker = bt_container_of(observer, struct bt_checker, observer);
	struct bt_event_ref end;
	unsigned int i;

	if (view->ev->type != BT_PAGE_WRITE_END || !view->bitmap || !view->bitmap->ops)
		return;
	end = (struct bt_event_ref){ .seq = view->seq, .ev = *view->ev };
	for (i = 0; i < checker->results_nr; i++) {
		struct bt_counterexample *cx = &checker->results[i].first;

		if (!checker->results[i].broken || !cx->watching || cx->bitmap != view->ev->bitmap)
			continue;
		if (bt_block_covers(view->bitmap, bt_block_find(view->bitmap, cx->block),
				    cx->need) == BT_NO)
			continue;
		bt_evidence(cx, &checker->ending);
		bt_evidence(cx, &end);
		cx->watching = false;
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

void bt_checker_init_one(struct bt_checker *checker, const struct bt_invariant *invariant)
{
	init(checker);
	add(checker, invariant);
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
		.model = &checker->model,
		.untraced = checker->untraced[0] ? checker->untraced : NULL,
		.info = info,
	};
}
