// SPDX-License-Identifier: GPL-2.0-only
#include "timeline/overview.h"

#include <inttypes.h>
#include <string.h>

#define BIN_NS	   UINT64_C(1024) /* the first width */
#define LEFT	   110
#define WIDTH	   (1000 - LEFT)
#define ROW_HEIGHT 22

static const struct {
	const char *label, *class;
} rows[BT_OVERVIEW_ROWS] = {
	[BT_OVERVIEW_BITS] = { "bits set", "dirty" },
	[BT_OVERVIEW_PAGES] = { "page writes", "flight" },
	[BT_OVERVIEW_DATA] = { "data writes", "data" },
};

/* BT_OVERVIEW_ROWS: shown in none. */
static enum bt_overview_row row_of(const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_SET_BIT:
		return BT_OVERVIEW_BITS;
	case BT_PAGE_WRITE_START:
		return BT_OVERVIEW_PAGES;
	case BT_DATA_START:
		return BT_OVERVIEW_DATA;
	default:
		return BT_OVERVIEW_ROWS;
	}
}

static void widen(struct bt_overview *overview)
{
	unsigned int row, i;

	for (row = 0; row < BT_OVERVIEW_ROWS; row++) {
		uint64_t *bins = overview->rows[row];

		for (i = 0; i < BT_OVERVIEW_BINS / 2; i++)
			bins[i] = bins[2 * i] + bins[2 * i + 1];
		memset(&bins[i], 0, i * sizeof(*bins));
	}
	overview->bin_ns *= 2;
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_overview *overview = bt_container_of(sink, struct bt_overview, sink);
	enum bt_overview_row row = row_of(ev);

	if (!overview->from_ns)
		overview->from_ns = ev->ts_ns;
	/* Records are in order, their clocks only nearly. */
	if (ev->ts_ns < overview->from_ns)
		return 0;
	if (ev->ts_ns > overview->until_ns)
		overview->until_ns = ev->ts_ns;
	while ((ev->ts_ns - overview->from_ns) / overview->bin_ns >= BT_OVERVIEW_BINS)
		widen(overview);
	if (row < BT_OVERVIEW_ROWS)
		overview->rows[row][(ev->ts_ns - overview->from_ns) / overview->bin_ns]++;
	return 0;
}

void bt_overview_init(struct bt_overview *overview)
{
	memset(overview, 0, sizeof(*overview));
	overview->sink.event = sink_event;
	overview->bin_ns = BIN_NS;
}

static double x_of(const struct bt_overview *overview, uint64_t ns)
{
	uint64_t span = overview->until_ns - overview->from_ns;

	if (!span || ns < overview->from_ns)
		return LEFT;
	return LEFT + WIDTH * (double)(ns - overview->from_ns) / (double)span;
}

static void print_row(FILE *out, const struct bt_overview *overview, unsigned int row)
{
	const uint64_t *bins = overview->rows[row];
	double y = 4 + ROW_HEIGHT * (double)row;
	uint64_t max = 0;
	unsigned int i;

	for (i = 0; i < BT_OVERVIEW_BINS; i++)
		max = bins[i] > max ? bins[i] : max;
	fprintf(out, "<text x=\"0\" y=\"%.0f\">%s</text>", y + 15, rows[row].label);
	for (i = 0; i < BT_OVERVIEW_BINS; i++) {
		uint64_t from = overview->from_ns + i * overview->bin_ns;
		double height = max ? 18 * (double)bins[i] / (double)max : 0;
		double width = x_of(overview, from + overview->bin_ns) - x_of(overview, from);

		if (!bins[i])
			continue;
		height = height < 2 ? 2 : height;
		fprintf(out,
			"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
			"<title>%" PRIu64 " at %.3f s</title></rect>",
			rows[row].class, x_of(overview, from), y + 18 - height,
			width < 1.5 ? 1.5 : width, height, bins[i],
			(double)(from - overview->from_ns) / 1e9);
	}
	fputs("\n", out);
}

/* One line a pixel, however many there are. */
static void print_violations(FILE *out, const struct bt_overview *overview,
			     const struct bt_violations *violations)
{
	unsigned int i, nr = 0;
	double x, last = -1;

	fprintf(out, "<text x=\"0\" y=\"%d\">violations</text>", 4 + ROW_HEIGHT * 3 + 15);
	for (i = 0; i < violations->nr; i++) {
		x = x_of(overview, violations->list[i].ts_ns);
		if (x - last < 1)
			continue;
		last = x;
		nr++;
		fprintf(out,
			"<rect class=\"offence\" x=\"%.1f\" y=\"%d\" width=\"1\" height=\"18\">"
			"<title>%.3f s</title></rect>",
			x, 4 + ROW_HEIGHT * 3,
			(double)(violations->list[i].ts_ns - overview->from_ns) / 1e9);
	}
	fputs(nr ? "\n" : "<!-- none -->\n", out);
}

void bt_overview_svg(FILE *out, const struct bt_overview *overview,
		     const struct bt_violations *violations)
{
	unsigned int row;

	fprintf(out,
		"<svg viewBox=\"0 0 1000 %d\" role=\"img\" aria-label=\"the whole run\">\n"
		"<line class=\"line\" x1=\"%d\" y1=\"%d\" x2=\"1000\" y2=\"%d\"/>"
		"<text class=\"faint\" x=\"%d\" y=\"%d\">0 s</text>"
		"<text class=\"faint\" x=\"1000\" y=\"%d\" text-anchor=\"end\">%.3f s</text>\n",
		ROW_HEIGHT * 4 + 24, LEFT, ROW_HEIGHT * 4 + 5, ROW_HEIGHT * 4 + 5, LEFT,
		ROW_HEIGHT * 4 + 19, ROW_HEIGHT * 4 + 19,
		(double)(overview->until_ns - overview->from_ns) / 1e9);
	for (row = 0; row < BT_OVERVIEW_ROWS; row++)
		print_row(out, overview, row);
	print_violations(out, overview, violations);
	fputs("</svg>\n", out);
}
