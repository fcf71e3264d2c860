// SPDX-License-Identifier: GPL-2.0-only
#include "report/lanes.h"

#include <string.h>

#include "report/phrase.h"
#include "report/scene.h"

#define THREADS_MAX   3
#define LANES_MAX     (THREADS_MAX + 2)
#define LANE_MIN      14 /* columns; with less a list is easier to read */
#define MARGIN	      16 /* columns: the mark, the time, whether a crash costs data now */
#define WRITES_MAX    8
#define CELL_MAX      96
#define IN_FLIGHT     "|"
#define LONG_PAUSE(t) ((t) / 5)

enum lane_kind { LANE_THREAD, LANE_PAGE, LANE_MEMBERS };

struct lane {
	enum lane_kind kind;
	uint32_t tid;
	char head[32];
};

struct lanes {
	const struct bt_paper *paper;
	const struct bt_report *report;
	struct bt_scene scene;
	struct lane lanes[LANES_MAX];
	unsigned int nr, width;
	uint64_t writes[WRITES_MAX]; /* of the page: by what identifies them; 0: it is over */
	unsigned int writes_nr;
	unsigned int data_in_flight;
	unsigned int column; /* where the row ends so far */
	int decimals;
};

static bool is_io_end(const struct bt_event *ev)
{
	return ev->type == BT_PAGE_WRITE_END || ev->type == BT_DATA_END ||
	       ev->type == BT_SB_WRITE_END;
}

static bool is_member_io(const struct bt_event *ev)
{
	return ev->type == BT_DATA_START || ev->type == BT_DATA_END ||
	       ev->type == BT_SB_WRITE_START || ev->type == BT_SB_WRITE_END;
}

static bool is_page_io(const struct bt_event *ev)
{
	return ev->type == BT_PAGE_WRITE_START || ev->type == BT_PAGE_WRITE_END;
}

static void add_lane(struct lanes *lanes, enum lane_kind kind, const struct bt_event *ev)
{
	struct lane *lane = &lanes->lanes[lanes->nr];
	unsigned int i;

	for (i = 0; i < lanes->nr; i++)
		if (lanes->lanes[i].kind == kind &&
		    (kind != LANE_THREAD || lanes->lanes[i].tid == ev->tid))
			return;
	if (lanes->nr == LANES_MAX || (kind == LANE_THREAD && lanes->nr == THREADS_MAX))
		return;
	*lane = (struct lane){ .kind = kind, .tid = ev->tid };
	if (kind == LANE_THREAD)
		bt_phrase_task(ev, lanes->report->names, lane->head, sizeof(lane->head));
	else if (kind == LANE_PAGE)
		snprintf(lane->head, sizeof(lane->head), "bitmap page %u", ev->page.page);
	else
		snprintf(lane->head, sizeof(lane->head), "members");
	lanes->nr++;
}

/* What others wrote of the page afterwards has no thread's lane. */
static bool is_aside(const struct bt_scene *scene, unsigned int i)
{
	return scene->events[i].ev.type == BT_PAGE_WRITE_START &&
	       scene->events[i].seq > scene->offending;
}

static bool has_lane(const struct lanes *lanes, uint32_t tid)
{
	unsigned int i;

	for (i = 0; i < lanes->nr; i++)
		if (lanes->lanes[i].kind == LANE_THREAD && lanes->lanes[i].tid == tid)
			return true;
	return false;
}

/* The threads that broke the rules, and those that were last at work before. */
static void choose_threads(struct lanes *lanes, uint32_t *tids, unsigned int *nr)
{
	const struct bt_scene *scene = &lanes->scene;
	unsigned int i, n, pass;

	for (pass = 0; pass < 2; pass++) {
		for (i = scene->nr; i-- > 0;) {
			const struct bt_event_ref *ref = &scene->events[i];
			bool breaks = ref->seq == scene->offending || ref->seq == scene->cause;

			if (is_io_end(&ref->ev) || is_aside(scene, i) || (!pass && !breaks))
				continue;
			for (n = 0; n < *nr && tids[n] != ref->ev.tid; n++)
				;
			if (n == *nr && *nr < THREADS_MAX)
				tids[(*nr)++] = ref->ev.tid;
		}
	}
}

/* The threads first; ends of I/O come in whatever thread was interrupted. */
static void find_lanes(struct lanes *lanes)
{
	uint32_t tids[THREADS_MAX];
	unsigned int i, n, nr = 0;

	choose_threads(lanes, tids, &nr);
	for (i = 0; i < lanes->scene.nr; i++)
		for (n = 0; n < nr; n++)
			if (lanes->scene.events[i].ev.tid == tids[n] &&
			    !is_io_end(&lanes->scene.events[i].ev))
				add_lane(lanes, LANE_THREAD, &lanes->scene.events[i].ev);
	for (i = 0; i < lanes->scene.nr; i++)
		if (is_page_io(&lanes->scene.events[i].ev))
			add_lane(lanes, LANE_PAGE, &lanes->scene.events[i].ev);
	for (i = 0; i < lanes->scene.nr; i++)
		if (is_member_io(&lanes->scene.events[i].ev))
			add_lane(lanes, LANE_MEMBERS, &lanes->scene.events[i].ev);
}

static uint64_t since_first(const struct lanes *lanes, unsigned int i)
{
	return lanes->scene.events[i].ev.ts_ns - lanes->scene.events[0].ev.ts_ns;
}

static bool page_in_flight(const struct lanes *lanes)
{
	unsigned int i;

	for (i = 0; i < lanes->writes_nr; i++)
		if (lanes->writes[i])
			return true;
	return false;
}

static void page_cell(struct lanes *lanes, const struct bt_event_ref *ref, char *cell)
{
	const struct bt_scene *scene = &lanes->scene;
	char task[32];
	unsigned int i;

	if (ref->ev.type == BT_PAGE_WRITE_START && lanes->writes_nr < WRITES_MAX) {
		lanes->writes[lanes->writes_nr++] = ref->ev.page.io;
		snprintf(cell, CELL_MAX, "write %u begins", lanes->writes_nr);
		if (has_lane(lanes, ref->ev.tid))
			return;
		bt_phrase_task(&ref->ev, lanes->report->names, task, sizeof(task));
		snprintf(cell, CELL_MAX, "write %u begins, by %s", lanes->writes_nr, task);
		return;
	}
	for (i = 0; i < lanes->writes_nr; i++)
		if (lanes->writes[i] == ref->ev.page.io)
			break;
	if (i < lanes->writes_nr) {
		lanes->writes[i] = 0;
		snprintf(cell, CELL_MAX, "write %u ends%s", i + 1, ref->ev.status ? ": ERROR" : "");
	} else {
		snprintf(cell, CELL_MAX, "an earlier write ends%s",
			 ref->ev.status ? ": ERROR" : "");
	}
	if (scene->until_ns && ref->ev.ts_ns == scene->until_ns)
		strcat(cell, ": safe");
}

static void member_cell(struct lanes *lanes, const struct bt_event *ev, char *cell)
{
	const char *what = ev->type == BT_SB_WRITE_START || ev->type == BT_SB_WRITE_END
				   ? "superblock"
				   : "data";

	if (ev->type == BT_DATA_START || ev->type == BT_SB_WRITE_START) {
		lanes->data_in_flight++;
		snprintf(cell, CELL_MAX, "%d: %s on its way", ev->member, what);
		return;
	}
	lanes->data_in_flight -= lanes->data_in_flight > 0;
	snprintf(cell, CELL_MAX, "%d: %s is there%s", ev->member, what,
		 ev->status ? ", ERROR" : "");
}

/* What the lane shows in the row of this event; between events, of NULL. */
static void fill_cell(struct lanes *lanes, const struct lane *lane, const struct bt_event_ref *ref,
		      char *cell)
{
	const struct bt_event *ev = ref ? &ref->ev : NULL;

	cell[0] = 0;
	if (lane->kind == LANE_THREAD) {
		if (ev && !is_io_end(ev) && ev->tid == lane->tid)
			bt_phrase(ev, lanes->report->names, cell, CELL_MAX);
	} else if (lane->kind == LANE_PAGE) {
		if (ev && is_page_io(ev))
			page_cell(lanes, ref, cell);
		else if (page_in_flight(lanes))
			strcpy(cell, IN_FLIGHT);
	} else if (ev && is_member_io(ev)) {
		member_cell(lanes, ev, cell);
	} else if (lanes->data_in_flight) {
		strcpy(cell, IN_FLIGHT);
	}
}

/* Of a thread that has no lane. */
static void fill_other(const struct lanes *lanes, const struct bt_event *ev, char *cell)
{
	char task[32], words[CELL_MAX];

	if (has_lane(lanes, ev->tid) || is_io_end(ev) || ev->type == BT_PAGE_WRITE_START)
		return;
	bt_phrase_task(ev, lanes->report->names, task, sizeof(task));
	bt_phrase(ev, lanes->report->names, words, sizeof(words));
	snprintf(cell, CELL_MAX, "%.30s: %.60s", task, words);
}

/* At the column where it belongs; blanks only if something follows them. */
static void print_at(struct lanes *lanes, unsigned int column, const char *text, enum bt_ink ink)
{
	if (!text[0])
		return;
	for (; lanes->column < column; lanes->column++)
		fputc(' ', lanes->paper->out);
	bt_paper_ink(lanes->paper, ink, text);
	lanes->column += (unsigned int)strlen(text);
}

static void end_row(struct lanes *lanes)
{
	fputs("\n", lanes->paper->out);
	lanes->column = 0;
}

/* The part of the cell that is not printed yet, as far as the lane is wide. */
static const char *print_cell(struct lanes *lanes, unsigned int lane, const char *rest,
			      enum bt_ink ink)
{
	size_t len = bt_paper_fit(rest, lanes->width - 1);
	char line[CELL_MAX];

	snprintf(line, sizeof(line), "%.*s", (int)len, rest);
	print_at(lanes, MARGIN + lane * lanes->width, line, ink);
	return rest + len + strspn(rest + len, " ");
}

static void print_rows(struct lanes *lanes, char cells[][CELL_MAX], const char *margin,
		       bool exposed, enum bt_ink ink)
{
	const char *rest[LANES_MAX];
	bool more = true;
	unsigned int i;

	for (i = 0; i < lanes->nr; i++)
		rest[i] = cells[i];
	for (; more; margin = "") {
		more = false;
		print_at(lanes, 0, margin, ink);
		print_at(lanes, MARGIN - 2, exposed ? "#" : "", BT_INK_BAD);
		for (i = 0; i < lanes->nr; i++) {
			bool bar = !strcmp(cells[i], IN_FLIGHT);

			rest[i] = print_cell(lanes, i, rest[i], bar ? BT_INK_FAINT : ink);
			more |= *rest[i] != 0;
			if (bar)
				rest[i] = cells[i];
		}
		end_row(lanes);
	}
}

static const char *mark(const struct lanes *lanes, const struct bt_event_ref *ref)
{
	if (ref->seq == lanes->scene.offending)
		return ">>";
	return ref->seq == lanes->scene.cause ? "!!" : "  ";
}

static enum bt_ink ink_of(const struct lanes *lanes, const struct bt_event_ref *ref)
{
	return ref->seq == lanes->scene.offending || ref->seq == lanes->scene.cause ? BT_INK_BAD
										    : BT_INK_NONE;
}

static void print_pause(struct lanes *lanes, unsigned int i)
{
	uint64_t pause_ns = since_first(lanes, i) - since_first(lanes, i - 1);
	char cells[LANES_MAX][CELL_MAX], margin[48], took[24];
	unsigned int n;

	if (pause_ns < LONG_PAUSE(since_first(lanes, lanes->scene.nr - 1)))
		return;
	for (n = 0; n < lanes->nr; n++)
		fill_cell(lanes, &lanes->lanes[n], NULL, cells[n]);
	bt_phrase_duration(pause_ns, took, sizeof(took));
	snprintf(margin, sizeof(margin), "   .. %s", took);
	print_rows(lanes, cells, margin,
		   bt_scene_exposed(&lanes->scene, i - 1) && bt_scene_exposed(&lanes->scene, i),
		   BT_INK_NONE);
}

static void print_event(struct lanes *lanes, unsigned int i)
{
	const struct bt_event_ref *ref = &lanes->scene.events[i];
	char cells[LANES_MAX][CELL_MAX], margin[48];
	unsigned int n;

	for (n = 0; n < lanes->nr; n++)
		fill_cell(lanes, &lanes->lanes[n], ref, cells[n]);
	fill_other(lanes, &ref->ev, cells[0]);
	snprintf(margin, sizeof(margin), "%s %+9.*f", mark(lanes, ref), lanes->decimals,
		 (double)since_first(lanes, i) / 1e6);
	print_rows(lanes, cells, margin, bt_scene_exposed(&lanes->scene, i), ink_of(lanes, ref));
}

static void print_heads(struct lanes *lanes)
{
	unsigned int i;

	print_at(lanes, 3, "time in ms", BT_INK_STRONG);
	for (i = 0; i < lanes->nr; i++)
		print_cell(lanes, i, lanes->lanes[i].head, BT_INK_STRONG);
	end_row(lanes);
}

static void print_legend(const struct lanes *lanes)
{
	const struct bt_scene *scene = &lanes->scene;
	bool data = lanes->lanes[lanes->nr - 1].kind == LANE_MEMBERS;

	bt_paper_item(lanes->paper, MARGIN, scene->cause ? "   (!!" : "   (>>", BT_INK_FAINT,
		      "%s; | a write is in flight%s%s)",
		      scene->cause ? "breaks the rule of the cause, >> that of the effect"
				   : "breaks the rule",
		      scene->watched ? "; # exposed: what should be on disk first is not" : "",
		      scene->watched && data ? ". After a crash there members differ if one of "
					       "them lacks the data, or loses it with its cache"
					     : "");
}

static void print_list(const struct lanes *lanes, unsigned int i)
{
	const struct bt_event_ref *ref = &lanes->scene.events[i];
	char margin[48], task[32] = "", words[CELL_MAX];

	if (!is_io_end(&ref->ev))
		bt_phrase_task(&ref->ev, lanes->report->names, task, sizeof(task));
	else if (is_page_io(&ref->ev))
		snprintf(task, sizeof(task), "page %u", ref->ev.page.page);
	else
		snprintf(task, sizeof(task), "member %d", ref->ev.member);
	bt_phrase(&ref->ev, lanes->report->names, words, sizeof(words));
	snprintf(margin, sizeof(margin), "%s %+9.*f %s", mark(lanes, ref), lanes->decimals,
		 (double)since_first(lanes, i) / 1e6,
		 bt_scene_exposed(&lanes->scene, i) ? "#" : "");
	bt_paper_item(lanes->paper, MARGIN, margin, ink_of(lanes, ref), "%s: %s", task, words);
}

void bt_lanes_print(const struct bt_paper *paper, const struct bt_report *report,
		    const struct bt_group *group)
{
	struct lanes lanes = { .paper = paper, .report = report };
	uint64_t span_ns;
	unsigned int i;

	bt_scene_of(report, group, &lanes.scene);
	if (!lanes.scene.nr)
		return;
	find_lanes(&lanes);
	span_ns = since_first(&lanes, lanes.scene.nr - 1);
	lanes.decimals = span_ns >= 100000000 ? 1 : span_ns >= 10000000 ? 2 : 3;
	lanes.width = lanes.nr ? (bt_paper_width(paper) - MARGIN) / lanes.nr : 0;
	if (lanes.width < LANE_MIN) {
		for (i = 0; i < lanes.scene.nr; i++)
			print_list(&lanes, i);
		return;
	}
	print_heads(&lanes);
	for (i = 0; i < lanes.scene.nr; i++) {
		if (i)
			print_pause(&lanes, i);
		print_event(&lanes, i);
	}
	print_legend(&lanes);
}
