// SPDX-License-Identifier: GPL-2.0-only
/* The list of invariants, and what they share. */
#include "invariants/invariant.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

extern const struct bt_invariant bt_intent_before_data;
extern const struct bt_invariant bt_intent_recorded;
extern const struct bt_invariant bt_unplug_durable;
extern const struct bt_invariant bt_dirty_before_counter_clear;
extern const struct bt_invariant bt_writeback_before_stale_drop;
extern const struct bt_invariant bt_no_clear_in_flight;
extern const struct bt_invariant bt_two_pass_clear;
extern const struct bt_invariant bt_degraded_keeps_bits;
extern const struct bt_invariant bt_superblock_durable;
extern const struct bt_invariant bt_superblock_before_clears;
extern const struct bt_invariant bt_write_error_kicks;
extern const struct bt_invariant bt_failure_recorded;
extern const struct bt_invariant bt_page_identity;
extern const struct bt_invariant bt_dirty_context;
extern const struct bt_invariant bt_dirty_reaches_disk;
extern const struct bt_invariant bt_balanced_counters;
extern const struct bt_invariant bt_cleared_when_idle;
extern const struct bt_invariant bt_flush_before_data;
extern const struct bt_invariant bt_no_overlapping_writes;
extern const struct bt_invariant bt_infected_marked;
extern const struct bt_invariant bt_barrier_before_state;
extern const struct bt_invariant bt_discard_recorded;
extern const struct bt_invariant bt_sync_covers;
extern const struct bt_invariant bt_legal_transition;

/* By severity, the worst first. */
const struct bt_invariant *const bt_invariants[] = {
	&bt_intent_before_data,
	&bt_intent_recorded,
	&bt_unplug_durable,
	&bt_dirty_before_counter_clear,
	&bt_writeback_before_stale_drop,
	&bt_no_clear_in_flight,
	&bt_degraded_keeps_bits,
	&bt_superblock_before_clears,
	&bt_write_error_kicks,
	&bt_failure_recorded,
	&bt_page_identity,
	&bt_dirty_reaches_disk,
	&bt_infected_marked,
	&bt_barrier_before_state,
	&bt_sync_covers,
	&bt_discard_recorded,
	&bt_superblock_durable,
	&bt_balanced_counters,
	&bt_cleared_when_idle,
	&bt_two_pass_clear,
	&bt_legal_transition,
	&bt_dirty_context,
	/* strict */
	&bt_flush_before_data,
	&bt_no_overlapping_writes,
	NULL,
};

bool bt_invariant_needs(const struct bt_invariant *invariant, enum bt_capability capability)
{
	return capability == BT_SEES_LIFE || bt_capability_among(invariant->needs, capability) ||
	       bt_capability_among(invariant->needs_to_pass, capability);
}

const char *bt_severity_name(enum bt_severity severity)
{
	static const char *const names[] = { "data", "resync", "protocol", "context" };

	return names[severity];
}

bool bt_invariant_is_about(const struct bt_invariant *invariant, uint8_t impl)
{
	return !invariant->impls || invariant->impls >> impl & 1;
}

bool bt_rests_on(const struct bt_invariant *invariant, bt_type_set types)
{
	return types & (BT_TYPES_CORE | invariant->rests_on);
}

void bt_held(struct bt_result *result)
{
	result->held++;
}

void bt_unjudged(struct bt_result *result, const char *why)
{
	result->unjudged++;
	result->unjudged_why = why;
}

void bt_blind(struct bt_result *result, const char *why)
{
	result->blind++;
	result->blind_why = why;
}

void bt_about(struct bt_counterexample *cx, uint64_t chunk_or_page)
{
	cx->about = chunk_or_page;
}

bool bt_answered(struct bt_result *result, enum bt_tri answer, const char *maybe_why)
{
	if (answer == BT_YES)
		bt_held(result);
	else if (answer == BT_MAYBE)
		bt_unjudged(result, maybe_why);
	return answer != BT_NO;
}

/* In its place in the order. */
static void insert(struct bt_event_ref *events, unsigned int *nr, unsigned int max,
		   const struct bt_event_ref *ref)
{
	unsigned int at;

	if (!ref || !ref->seq || *nr == max)
		return;
	for (at = 0; at < *nr && events[at].seq <= ref->seq; at++)
		if (events[at].seq == ref->seq)
			return;
	memmove(&events[at + 1], &events[at], (*nr - at) * sizeof(events[0]));
	events[at] = *ref;
	(*nr)++;
}

void bt_evidence(struct bt_counterexample *cx, const struct bt_event_ref *ref)
{
	insert(cx->events, &cx->nr, BT_EVIDENCE_MAX, ref);
}

void bt_story(struct bt_counterexample *cx, const struct bt_event_ref *ref)
{
	insert(cx->story, &cx->story_nr, BT_STORY_MAX, ref);
}

void bt_settle(struct bt_result *result)
{
	const struct bt_counterexample *cx = result->broken > 1 ? &result->later : &result->first;
	struct bt_violation violation = {
		.seq = cx->offending,
		.kind = cx->kind,
		.about = cx->about,
		.bitmap = cx->bitmap,
		.watching = cx->watching,
		.block = cx->block,
		.need = cx->need,
	};
	unsigned int i;

	if (!result->unsettled)
		return;
	result->unsettled = false;
	for (i = 0; i < cx->nr; i++)
		if (cx->events[i].seq == cx->offending) {
			violation.ts_ns = cx->events[i].ev.ts_ns;
			violation.member = cx->events[i].ev.member;
		}
	bt_violations_add(&result->violations, &violation);
}

const struct bt_invariant *bt_invariant_find(const char *name)
{
	const struct bt_invariant *const *invariant;

	for (invariant = bt_invariants; *invariant; invariant++)
		if (!strcmp((*invariant)->name, name))
			return *invariant;
	return NULL;
}

/* What most rules are about, where the event says so; the others call bt_about. */
static uint64_t about_of(const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_SET_BIT:
	case BT_CLEAR_BIT:
		return ev->bit.chunk;
	case BT_PAGE_DIRTY:
	case BT_PAGE_WRITE_START:
	case BT_PAGE_WRITE_END:
		return ev->page.page;
	default:
		return 0;
	}
}

struct bt_counterexample *bt_broken(struct bt_result *result, const struct bt_view *view,
				    const char *format, ...)
{
	struct bt_event_ref offending = { .seq = view->seq, .ev = *view->ev };
	struct bt_counterexample *cx;
	va_list args;

	bt_settle(result);
	cx = result->broken++ ? &result->later : &result->first;
	result->unsettled = true;
	memset(cx, 0, offsetof(struct bt_counterexample, events));
	cx->story_nr = 0;
	cx->watching = false;
	cx->kind = format;
	cx->about = about_of(view->ev);
	cx->offending = view->seq;
	cx->bitmap = view->bitmap->id;
	memcpy(cx->array, view->bitmap->name, sizeof(cx->array));
	va_start(args, format);
	vsnprintf(cx->message, sizeof(cx->message), format, args);
	va_end(args);
	bt_evidence(cx, &offending);
	return cx;
}

/* Was the block dirty at the call's entry, or has the call's thread a write of it in flight? */
static bool unplug_is_about(const struct bt_unplug *call, uint32_t block,
			    const struct bt_page_write *write)
{
	uint32_t i;

	if (write && write->start.ev.tid == call->tid)
		return true;
	for (i = 0; i < call->must_write_nr; i++)
		if (call->must_write[i].block == block)
			return true;
	return false;
}

void bt_evidence_block(struct bt_counterexample *cx, const struct bt_view *view, uint32_t index,
		       struct bt_window need)
{
	const struct bt_block *block = bt_block_find(view->bitmap, index);
	const struct bt_page_write *write = bt_block_in_flight(block);
	unsigned int i;

	cx->watching = true;
	cx->block = index;
	cx->need = need;
	if (write)
		bt_evidence(cx, &write->start);
	if (block && block->end.seq > need.seq)
		bt_story(cx, &block->end);
	for (i = 0; i < view->bitmap->state.unplugs_nr; i++)
		if (unplug_is_about(view->bitmap->state.unplugs[i], index, write))
			bt_evidence(cx, &view->bitmap->state.unplugs[i]->enter);
}

void bt_evidence_clear(struct bt_counterexample *cx, const struct bt_view *view, uint64_t chunk)
{
	const struct bt_block *block =
		bt_block_find(view->bitmap, bt_block_of_chunk(view->bitmap, chunk));
	const struct bt_chunk *state = bt_chunk_find(view->bitmap, chunk);
	uint64_t first, last;

	/* Only the last clear of each block is known, and it may belong to another chunk. */
	if (block && block->clear.seq > view->bitmap->state.init_exit.seq &&
	    view->bitmap->ops->unprotected(view->bitmap, &block->clear.ev, &first, &last) &&
	    chunk >= first && chunk <= last)
		bt_evidence(cx, &block->clear);
	else if (!state || state->set.seq <= view->bitmap->state.init_exit.seq)
		bt_evidence(cx, &view->bitmap->state.init_exit);
}

static void evidence_since(struct bt_counterexample *cx, const struct bt_event_ref *ref,
			   uint64_t since)
{
	if (ref->seq > since)
		bt_evidence(cx, ref);
}

void bt_evidence_task(struct bt_counterexample *cx, const struct bt_view *view, uint64_t since)
{
	const struct bt_task *task = bt_task_find(view->bitmap, view->ev->tid);
	const struct bt_task *unplugger;

	if (!task)
		return;
	unplugger = bt_task_find(view->bitmap, task->unplug_exit.ev.tid);
	evidence_since(cx, &task->unplug_enter, since);
	if (unplugger)
		evidence_since(cx, &unplugger->writeback, since);
	evidence_since(cx, &task->unplug_exit, since);
	evidence_since(cx, &task->work_enter, since);
	evidence_since(cx, &task->work_exit, since);
}

/* Does a rule of its own judge it? */
static bool is_discard_apart(const struct bt_view *view)
{
	return view->bitmap->ops->discards_apart && (view->ev->opf & BT_OP_MASK) == BT_OP_DISCARD;
}

/* Classifies the write. walk is initialized if the result is BT_USER_WRITE. */
static enum bt_user_write user_write(const struct bt_view *view, bool discards,
				     struct bt_data_walk *walk)
{
	enum bt_data_class class = bt_data_class(view->model, view->ev);

	if (class == BT_DATA_OTHER || is_discard_apart(view) != discards)
		return BT_USER_WRITE_NONE;
	if (class == BT_DATA_UNKNOWN)
		return BT_USER_WRITE_OWNER;
	if (!view->bitmap->mapped)
		return BT_USER_WRITE_UNMAPPED;
	if (view->ev->bm_flags & BT_BM_RESHAPE)
		return BT_USER_WRITE_RESHAPE;
	return bt_data_walk(walk, view->bitmap, view->ev) ? BT_USER_WRITE : BT_USER_WRITE_OUTSIDE;
}

static enum bt_user_write
for_each_chunk(struct bt_result *result, const struct bt_view *view, bool discards,
	       void (*judge)(struct bt_result *result, const struct bt_view *view,
			     const struct bt_user_chunk *chunk))
{
	const struct bt_bitmap *bitmap = view->bitmap;
	struct bt_user_chunk chunk;
	struct bt_data_walk walk;
	uint64_t first, nr;
	enum bt_user_write kind = user_write(view, discards, &walk);

	while (kind == BT_USER_WRITE && bt_data_next(&walk, &first, &nr)) {
		for (chunk.index = first; chunk.index < first + nr; chunk.index++) {
			chunk.known = bt_chunk_find(bitmap, chunk.index);
			chunk.protection = bt_chunk_protection(bitmap, chunk.known, chunk.index);
			chunk.block_index = bt_block_of_chunk(bitmap, chunk.index);
			judge(result, view, &chunk);
		}
	}
	return kind;
}

enum bt_user_write bt_for_each_user_chunk(struct bt_result *result, const struct bt_view *view,
					  void (*judge)(struct bt_result *result,
							const struct bt_view *view,
							const struct bt_user_chunk *chunk))
{
	return for_each_chunk(result, view, false, judge);
}

enum bt_user_write bt_for_each_discarded_chunk(struct bt_result *result, const struct bt_view *view,
					       void (*judge)(struct bt_result *result,
							     const struct bt_view *view,
							     const struct bt_user_chunk *chunk))
{
	return for_each_chunk(result, view, true, judge);
}

void bt_for_each_unprotected(struct bt_result *result, const struct bt_view *view,
			     void (*judge)(struct bt_result *result, const struct bt_view *view,
					   uint64_t chunk))
{
	uint64_t first, last;

	if (!view->bitmap->ops->unprotected(view->bitmap, view->ev, &first, &last))
		return;
	for (; first <= last; first++)
		judge(result, view, first);
}
