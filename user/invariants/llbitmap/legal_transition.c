// SPDX-License-Identifier: GPL-2.0-only
/*
 * legal-transition: every change of a byte is one that the state machine allows for the action
 * under way, or infection, or both in turn: llbitmap_state_machine goes through its range
 * chunk by chunk, and each that it makes Dirty or NeedSync may infect the others of the
 * block, those that it has been at and those that it comes to. The table is the running
 * kernel's own (BT_LL_TABLE).
 */
#include "invariants/llbitmap/lockless.h"

/* Sets of states, as the kernel numbers them; a byte that is no state is in none. */
#define IN(state) ((state) < BT_LL_ROWS_MAX ? 1u << (state) : 0)

struct lt_rules {
	const struct bt_ll_kernel *kernel;
	const struct bt_event *ev;
	bool degraded, parity; /* raid456 */
	bool infects;	       /* the action makes some chunks Dirty or NeedSync */
};

static uint8_t lt_number(const struct lt_rules *rules, enum bt_ll_state name)
{
	return rules->kernel->states[name];
}

/* What the state machine makes of a state. */
static uint8_t lt_next(const struct lt_rules *rules, unsigned int state)
{
	const struct bt_ll_kernel *kernel = rules->kernel;
	uint8_t action = rules->ev->ll_state.action, next = kernel->table[state][action];
	bool start = action == kernel->actions[BT_LL_STARTWRITE];

	if (rules->degraded && next == lt_number(rules, BT_LL_DIRTY) && start)
		return lt_number(rules, BT_LL_NEED_SYNC);
	if (rules->degraded && state == lt_number(rules, BT_LL_DIRTY) &&
	    action == kernel->actions[BT_LL_STARTSYNC])
		return lt_number(rules, BT_LL_SYNCING);
	if (!rules->degraded && rules->parity && start && next == lt_number(rules, BT_LL_DIRTY) &&
	    state == lt_number(rules, BT_LL_UNWRITTEN))
		return lt_number(rules, BT_LL_NEED_SYNC);
	return next == BT_LL_NO_NAME ? (uint8_t)state : next;
}

static unsigned int lt_apply(const struct lt_rules *rules, unsigned int set)
{
	unsigned int state, out = 0;

	for (state = 0; state < BT_LL_ROWS_MAX; state++)
		if (set >> state & 1 && rules->kernel->table_actions[state])
			out |= IN(lt_next(rules, state));
	return out;
}

/* With what infection makes of it, if there is any. */
static unsigned int lt_infect(const struct lt_rules *rules, unsigned int set)
{
	unsigned int dirty = IN(lt_number(rules, BT_LL_DIRTY));
	unsigned int need_sync = IN(lt_number(rules, BT_LL_NEED_SYNC));

	if (!rules->infects || rules->degraded)
		return set;
	if (set & IN(lt_number(rules, BT_LL_UNWRITTEN)))
		set |= rules->parity ? need_sync : dirty;
	if (set & (IN(lt_number(rules, BT_LL_CLEAN)) | IN(lt_number(rules, BT_LL_CLEAN_UNWRITTEN))))
		set |= dirty;
	return set;
}

static bool lt_infects(const struct lt_rules *rules)
{
	unsigned int state;
	uint8_t next;

	for (state = 0; state < BT_LL_ROWS_MAX; state++) {
		if (!rules->kernel->table_actions[state])
			continue;
		next = rules->kernel->table[state][rules->ev->ll_state.action];
		if (next == lt_number(rules, BT_LL_DIRTY) ||
		    next == lt_number(rules, BT_LL_NEED_SYNC))
			return true;
	}
	return false;
}

static bool lt_is_legal(const struct lt_rules *rules)
{
	const struct bt_event *ev = rules->ev;
	unsigned int set;

	/* "invalid bit ... forcing resync" */
	if (ev->ll_state.before >= BT_LL_ROWS_MAX ||
	    !rules->kernel->table_actions[ev->ll_state.before])
		return ev->ll_state.after == lt_number(rules, BT_LL_NEED_SYNC);
	set = lt_infect(rules, IN(ev->ll_state.before));
	if (ev->ll_state.flags & BT_LL_OWN)
		set = lt_infect(rules, lt_apply(rules, set));
	return set & IN(ev->ll_state.after);
}

/* Why the call that made the change, or its rules, are not known; NULL: both are. */
static const char *lt_in_doubt(const struct bt_view *view, const struct bt_ll_call *call)
{
	const struct bt_event *ev = view->ev;

	if (ev->ll_state.flags & BT_LL_RESHAPE)
		return "the array was being reshaped";
	if (!call || call->action != ev->ll_state.action)
		return "a change by a call that was not seen from its entry";
	if (call->overlapped)
		return "two calls changed chunks of the same block at once";
	if (bt_member_failed_since(view->bitmap, call->enter_seq))
		return "a member failed meanwhile";
	return NULL;
}

static void lt_broken(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	unsigned int before = BT_LL_OTHER, after = BT_LL_OTHER;
	struct bt_counterexample *cx;

	bt_ll_name(view->bitmap, ev->ll_state.before, &before);
	bt_ll_name(view->bitmap, ev->ll_state.after, &after);
	cx = bt_broken(result, view,
		       "chunk %llu goes from %s to %s; neither action %u nor infection does that",
		       (unsigned long long)ev->ll_state.chunk, bt_ll_state_name(before),
		       bt_ll_state_name(after), ev->ll_state.action);
	if (cx)
		bt_about(cx, ev->ll_state.chunk);
}

static void lt_event(struct bt_result *result, const struct bt_view *view)
{
	const struct bt_event *ev = view->ev;
	const struct bt_ll_kernel *kernel = &view->bitmap->ll_kernel;
	int level = view->bitmap->geometry.geometry.level;
	struct lt_rules rules = {
		.kernel = kernel,
		.ev = ev,
		.degraded = ev->ll_state.flags & BT_LL_DEGRADED,
		.parity = level >= 4 && level <= 6,
	};
	const char *doubt;

	if (ev->ll_state.action >= BT_LL_BY_LOAD || ev->ll_state.before == BT_LL_NO_NAME)
		return;
	if (!kernel->named || ev->ll_state.action >= kernel->table_actions[0]) {
		bt_blind(result, "this kernel's table of states could not be read");
		return;
	}
	doubt = lt_in_doubt(view, bt_ll_call_of(view->bitmap, ev->tid));
	if (doubt) {
		bt_unjudged(result, doubt);
		return;
	}
	rules.infects = lt_infects(&rules);
	if (lt_is_legal(&rules))
		bt_held(result);
	else
		lt_broken(result, view);
}

const struct bt_invariant bt_legal_transition = {
	.name = "legal-transition",
	.severity = BT_SEVERITY_PROTOCOL,
	.impls = BT_ABOUT_LOCKLESS,
	.statement = "lockless: every change of a chunk's state is one that the kernel's state "
		     "machine, or infection, makes for the action under way",
	.consequence = "The byte means something else than what happened to the chunk: md resyncs "
		       "it too often, or not at all.",
	.functions = "llbitmap_state_machine, llbitmap_infect_dirty_bits",
	.example = "a start of a write leaves a Clean chunk Clean",
	.correct = "changes a state only as its table says for the action under way, or from "
		   "Unwritten or Clean by infection",
	.needs = BT_CAPABILITY_LIST(BT_SEES_LL_LIFE, BT_SEES_LL_STATES),
	.idle = "no state of a chunk changed",
	.on = BT_TYPE_BIT(BT_LL_STATE),
	.event = lt_event,
};
