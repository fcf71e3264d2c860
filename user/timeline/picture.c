// SPDX-License-Identifier: GPL-2.0-only
#include "timeline/picture.h"

#include <string.h>

#include "report/phrase.h"
#include "timeline/html.h"

#define LEFT	   150
#define AFTER	   50 /* what comes behind the last event */
#define WIDTH	   (1000 - LEFT - AFTER)
#define LANE_TOP   34
#define LANE	   34 /* pixels high */
#define LANES_MAX  12
#define MEMBER_BIT 0x80000000u

/* Lanes from top to bottom: threads by tid, the page, members. */
struct picture {
	FILE *out;
	const struct bt_report *report;
	const struct bt_scene *scene;
	double at[BT_SCENE_MAX]; /* x of each event */
	struct {
		char label[32];
		uint32_t key; /* tid, or member | MEMBER_BIT */
	} lanes[LANES_MAX];
	unsigned int nr, page_lane;
};

static bool is_end(const struct bt_event *ev)
{
	return ev->type == BT_PAGE_WRITE_END || ev->type == BT_DATA_END ||
	       ev->type == BT_SB_WRITE_END;
}

static bool is_data(const struct bt_event *ev)
{
	return ev->type == BT_DATA_START || ev->type == BT_DATA_END;
}

static double bits_of(uint64_t number)
{
	unsigned int bits = 0;

	for (; number; number >>= 1)
		bits++;
	return bits;
}

/*
 * Not to scale: microseconds between steps and the tenths of a second of a disk
 * have to be seen in one picture. A pause is as wide as its length in bits.
 */
static void place_events(struct picture *picture)
{
	const struct bt_scene *scene = picture->scene;
	double sum = 0, weight[BT_SCENE_MAX] = { 0 };
	unsigned int i;

	for (i = 0; i < scene->nr; i++) {
		uint64_t gap = i ? scene->events[i].ev.ts_ns - scene->events[i - 1].ev.ts_ns : 0;

		weight[i] = i ? 1 + bits_of(gap / 20000) : 0;
		sum += weight[i];
	}
	picture->at[0] = LEFT;
	for (i = 1; i < scene->nr; i++)
		picture->at[i] = picture->at[i - 1] + WIDTH * weight[i] / (sum > 0 ? sum : 1);
}

static double x_of(const struct picture *picture, uint64_t ns)
{
	const struct bt_scene *scene = picture->scene;
	unsigned int i;
	uint64_t from, to;

	if (ns <= scene->events[0].ev.ts_ns)
		return picture->at[0];
	for (i = 1; i < scene->nr && scene->events[i].ev.ts_ns < ns; i++)
		;
	if (i == scene->nr)
		return picture->at[scene->nr - 1];
	from = scene->events[i - 1].ev.ts_ns;
	to = scene->events[i].ev.ts_ns;
	return picture->at[i - 1] +
	       (picture->at[i] - picture->at[i - 1]) *
		       (to > from ? (double)(ns - from) / (double)(to - from) : 1);
}

static unsigned int lane_of(struct picture *picture, uint32_t key, const char *label)
{
	unsigned int i;

	for (i = 0; i < picture->nr; i++)
		if (i != picture->page_lane && picture->lanes[i].key == key)
			return i;
	if (picture->nr == LANES_MAX)
		return LANES_MAX - 1;
	picture->lanes[picture->nr].key = key;
	snprintf(picture->lanes[picture->nr].label, sizeof(picture->lanes[0].label), "%s", label);
	return picture->nr++;
}

static void find_lanes(struct picture *picture)
{
	char label[32];
	uint32_t page;
	unsigned int i;

	picture->page_lane = LANES_MAX;
	for (i = 0; i < picture->scene->nr; i++) {
		const struct bt_event *ev = &picture->scene->events[i].ev;

		bt_phrase_task(ev, picture->report->names, label, sizeof(label));
		if (!is_end(ev))
			lane_of(picture, ev->tid, label);
	}
	if (bt_picture_page(picture->scene, &page) && picture->nr < LANES_MAX) {
		snprintf(label, sizeof(label), "bitmap page %u", page);
		snprintf(picture->lanes[picture->nr].label, sizeof(label), "%s", label);
		picture->page_lane = picture->nr++;
	}
	for (i = 0; i < picture->scene->nr; i++) {
		const struct bt_event *ev = &picture->scene->events[i].ev;

		snprintf(label, sizeof(label), "member %d", ev->member);
		if (is_data(ev))
			lane_of(picture, (uint32_t)ev->member | MEMBER_BIT, label);
	}
}

bool bt_picture_page(const struct bt_scene *scene, uint32_t *page)
{
	unsigned int i;

	for (i = 0; i < scene->nr; i++) {
		const struct bt_event *ev = &scene->events[i].ev;

		if (ev->type == BT_PAGE_WRITE_START || ev->type == BT_PAGE_WRITE_END ||
		    ev->type == BT_PAGE_DIRTY)
			*page = ev->page.page;
		else if (ev->type == BT_SET_BIT || ev->type == BT_CLEAR_BIT)
			*page = ev->bit.page;
		else
			continue;
		return true;
	}
	return false;
}

static double y_of(unsigned int lane)
{
	return LANE_TOP + LANE * (double)lane;
}

static void print_bar(const struct picture *picture, unsigned int lane, const char *class,
		      double from, double until, const char *title)
{
	if (until - from < 0.3)
		return;
	fprintf(picture->out,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"16\" rx=\"2\">"
		"<title>%s</title></rect>\n",
		class, from, y_of(lane) + 4, until - from, title);
}

static void print_page(const struct picture *picture, const struct bt_page_states *states)
{
	static const struct {
		const char *class, *title;
	} looks[] = { [BT_PAGE_QUIET] = { "clear", "nothing seen of it yet" },
		      [BT_PAGE_WAITS] = { "dirty", "bits are set that no write has taken along" },
		      [BT_PAGE_FLIGHT] = { "flight", "a write with the bits is in flight" },
		      [BT_PAGE_DURABLE] = { "durable", "the bits are on disk" } };
	unsigned int i;

	if (picture->page_lane == LANES_MAX)
		return;
	for (i = 0; i < states->nr; i++) {
		double from = x_of(picture, states->changes[i].ts_ns);
		double until = i + 1 < states->nr ? x_of(picture, states->changes[i + 1].ts_ns)
						  : LEFT + WIDTH + AFTER - 15;

		print_bar(picture, picture->page_lane, looks[states->changes[i].state].class, from,
			  until, looks[states->changes[i].state].title);
	}
}

static void print_data(struct picture *picture)
{
	const struct bt_scene *scene = picture->scene;
	unsigned int i, end;

	for (i = 0; i < scene->nr; i++) {
		const struct bt_event *ev = &scene->events[i].ev;

		if (ev->type != BT_DATA_START)
			continue;
		for (end = i + 1; end < scene->nr; end++)
			if (scene->events[end].ev.type == BT_DATA_END &&
			    scene->events[end].ev.data.bio == ev->data.bio)
				break;
		print_bar(picture, lane_of(picture, (uint32_t)ev->member | MEMBER_BIT, ""), "data",
			  picture->at[i], picture->at[end < scene->nr ? end : scene->nr - 1],
			  "the data is on its way");
	}
}

static void print_exposed(const struct picture *picture)
{
	const struct bt_scene *scene = picture->scene;
	uint64_t from_ns = 0, until_ns = scene->until_ns;
	double from, until;
	char took[24];
	unsigned int i;

	for (i = 0; i < scene->nr; i++)
		if (scene->events[i].seq == scene->offending)
			from_ns = scene->events[i].ev.ts_ns;
	if (!scene->watched || !from_ns)
		return;
	if (!until_ns)
		until_ns = scene->events[scene->nr - 1].ev.ts_ns;
	from = x_of(picture, from_ns);
	until = x_of(picture, until_ns);
	bt_phrase_duration(until_ns - from_ns, took, sizeof(took));
	fprintf(picture->out,
		"<rect class=\"area\" x=\"%.1f\" y=\"18\" width=\"%.1f\" height=\"%.1f\"/>"
		"<text class=\"bad\" x=\"%.1f\" y=\"13\" text-anchor=\"middle\">exposed "
		"%s%s</text>\n",
		from, until - from, y_of(picture->nr) - 18, (from + until) / 2, took,
		scene->until_ns ? "" : " and longer");
}

static unsigned int lane_of_event(struct picture *picture, const struct bt_event *ev)
{
	if (ev->type == BT_PAGE_WRITE_END && picture->page_lane < LANES_MAX)
		return picture->page_lane;
	if (ev->type == BT_DATA_END)
		return lane_of(picture, (uint32_t)ev->member | MEMBER_BIT, "");
	return lane_of(picture, ev->tid, "");
}

static void print_title(const struct picture *picture, const struct bt_event *ev)
{
	const struct bt_stack *stack = bt_stacks_find(picture->report->stacks, ev->stack);
	char words[160], task[32];
	unsigned int i;

	bt_phrase(ev, picture->report->names, words, sizeof(words));
	bt_phrase_task(ev, picture->report->names, task, sizeof(task));
	fputs("<title>", picture->out);
	bt_html_text(picture->out, task);
	fputs(": ", picture->out);
	bt_html_text(picture->out, words);
	for (i = 0; stack && i < stack->nr; i++) {
		fputs("\n", picture->out);
		bt_html_text(picture->out, stack->frames[i]);
	}
	fputs("</title>", picture->out);
}

/* A number that the table below explains. */
static void print_event(struct picture *picture, unsigned int i)
{
	const struct bt_event_ref *ref = &picture->scene->events[i];
	bool bad = ref->seq == picture->scene->offending || ref->seq == picture->scene->cause;
	double y = y_of(lane_of_event(picture, &ref->ev)) + 12;

	fprintf(picture->out,
		"<g><circle class=\"mark%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"8\"/>"
		"<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" "
		"font-size=\"10\">%u</text>",
		bad ? " offence" : "", picture->at[i], y, bad ? "on-bad" : "", picture->at[i],
		y + 4, i + 1);
	print_title(picture, &ref->ev);
	fputs("</g>\n", picture->out);
}

static void print_lanes(const struct picture *picture)
{
	unsigned int i;

	for (i = 0; i < picture->nr; i++) {
		fprintf(picture->out,
			"<line class=\"line\" x1=\"%d\" y1=\"%.0f\" x2=\"1000\" y2=\"%.0f\"/>"
			"<text x=\"0\" y=\"%.0f\">",
			LEFT, y_of(i) + 12, y_of(i) + 12, y_of(i) + 16);
		bt_html_text(picture->out, picture->lanes[i].label);
		fputs("</text>\n", picture->out);
	}
}

/* Times at the foot, as far as there is room between them. */
static void print_times(const struct picture *picture)
{
	const struct bt_scene *scene = picture->scene;
	double last = -100;
	unsigned int i;

	for (i = 0; i < scene->nr; i++) {
		if (picture->at[i] - last < 60)
			continue;
		last = picture->at[i];
		fprintf(picture->out,
			"<text class=\"faint\" x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">"
			"%.2f ms</text>\n",
			last, y_of(picture->nr) + 14,
			(double)(scene->events[i].ev.ts_ns - scene->events[0].ev.ts_ns) / 1e6);
	}
}

void bt_picture_svg(FILE *out, const struct bt_report *report, const struct bt_scene *scene,
		    const struct bt_page_states *states)
{
	struct picture picture = { .out = out, .report = report, .scene = scene };
	unsigned int i;

	if (!scene->nr)
		return;
	find_lanes(&picture);
	place_events(&picture);
	fprintf(out, "<svg viewBox=\"0 0 1000 %.0f\" role=\"img\" aria-label=\"the failure\">\n",
		y_of(picture.nr) + 22);
	print_exposed(&picture);
	print_lanes(&picture);
	print_page(&picture, states);
	print_data(&picture);
	for (i = 0; i < scene->nr; i++)
		print_event(&picture, i);
	print_times(&picture);
	fputs("</svg>\n", out);
}
