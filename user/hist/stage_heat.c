// SPDX-License-Identifier: GPL-2.0-only
#include "hist/stage_heat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Powers of two of microseconds: below 2 us, ... 2^30 us (18 minutes) and longer. */
#define COLUMNS 31

/* Labels beside the cells. */
#define LABEL_WIDTH 30
#define CELL_MAX    4

struct bt_heat_row {
	uint64_t end_ns, count;
	uint32_t nr; /* its number, for a stable sort */
	uint32_t stage;
	uint32_t array_nr;
	char array[33];
	uint8_t levels[COLUMNS]; /* bits of the count: 0 none, 1 one, 2 two or three, ... */
};

/* From few to many; indices of xterm's 256 colours. */
static const uint8_t shades[] = { 19,  20,  26,	 32,  38,  44,	43,  42,  41,
				  40,  76,  112, 148, 184, 220, 214, 208, 202,
				  196, 197, 199, 201, 207, 213, 219, 225, 231 };

#define SHADES (sizeof(shades) / sizeof(shades[0]))

void bt_heat_init(struct bt_heat *heat, FILE *out, struct bt_term term)
{
	memset(heat, 0, sizeof(*heat));
	heat->out = out;
	heat->term = term;
}

void bt_heat_free(struct bt_heat *heat)
{
	free(heat->rows);
}

static unsigned int cell_width(const struct bt_heat *heat)
{
	unsigned int width = (heat->term.width - LABEL_WIDTH) / COLUMNS;

	return width < 1 ? 1 : width > CELL_MAX ? CELL_MAX : width;
}

/* 1-9, a-z. */
static char level_char(unsigned int level)
{
	if (!level)
		return '.';
	if (level < 10)
		return (char)('0' + level);
	return (char)(level < 36 ? 'a' + (level - 10) : 'z');
}

static void print_cell(const struct bt_heat *heat, unsigned int level)
{
	unsigned int i, width = cell_width(heat);
	bool shaded = heat->term.colour && level;

	if (shaded)
		fprintf(heat->out, "\033[48;5;%um",
			shades[level <= SHADES ? level - 1 : SHADES - 1]);
	for (i = 0; i < width; i++)
		fputc(heat->term.colour ? ' ' : level_char(level), heat->out);
	if (shaded)
		fputs("\033[0m", heat->out);
}

static void print_title(struct bt_heat *heat, unsigned int stage)
{
	static const char *const ticks[] = { "1us", "32us", "1ms", "33ms", "1s", "34s", "18m" };
	int width = (int)cell_width(heat);
	unsigned int i;

	fprintf(heat->out, "%s%s\n%10s %-7s  ", heat->titled ? "\n" : "", bt_stages[stage].title,
		"time s", "array");
	for (i = 0; i < sizeof(ticks) / sizeof(ticks[0]) - 1; i++)
		fprintf(heat->out, "%-*s", 5 * width, ticks[i]);
	fprintf(heat->out, "%s count\n", ticks[i]);
	heat->titled = stage + 1;
}

static void print_row(struct bt_heat *heat, const struct bt_heat_row *row)
{
	unsigned int column;

	if (heat->titled != row->stage + 1)
		print_title(heat, row->stage);
	fprintf(heat->out, "%10.3f %-7s |", (double)row->end_ns / 1e9, row->array);
	for (column = 0; column < COLUMNS; column++)
		print_cell(heat, row->levels[column]);
	fprintf(heat->out, "| %" PRIu64 "\n", row->count);
}

static void fill_levels(struct bt_heat_row *row, const struct bt_histogram *histogram)
{
	uint64_t slots[BT_SLOTS];
	unsigned int column;

	bt_histogram_slots(histogram, BT_SLOTS_US, slots);
	for (column = 0; column < COLUMNS; column++)
		row->levels[column] = (uint8_t)(slots[column] ? bt_log2(slots[column]) + 1 : 0);
}

static struct bt_heat_row make_row(const struct bt_stage_view *view,
				   const struct bt_stage_array *array, unsigned int stage)
{
	struct bt_heat_row row = {
		.end_ns = view->until_ns,
		.count = array->stages[stage].count,
		.stage = stage,
	};

	memcpy(row.array, array->name, sizeof(row.array));
	if (row.count)
		fill_levels(&row, &array->stages[stage]);
	return row;
}

static int compare(const void *a, const void *b)
{
	const struct bt_heat_row *left = a, *right = b;

	if (left->stage != right->stage)
		return left->stage < right->stage ? -1 : 1;
	if (left->array_nr != right->array_nr)
		return left->array_nr < right->array_nr ? -1 : 1;
	return left->nr < right->nr ? -1 : 1;
}

/* The rows of one map, starting with this one; *any: does it have any count? */
static uint32_t map_length(const struct bt_heat *heat, uint32_t first, bool *any)
{
	const struct bt_heat_row *rows = heat->rows;
	uint32_t i;

	*any = false;
	for (i = first; i < heat->rows_nr && rows[i].stage == rows[first].stage &&
			rows[i].array_nr == rows[first].array_nr;
	     i++)
		if (rows[i].count)
			*any = true;
	return i - first;
}

static void flush(struct bt_heat *heat)
{
	uint32_t first, length, i;
	bool any;

	if (heat->rows_nr)
		qsort(heat->rows, heat->rows_nr, sizeof(heat->rows[0]), compare);
	for (first = 0; first < heat->rows_nr; first += length) {
		length = map_length(heat, first, &any);
		for (i = 0; any && i < length; i++)
			print_row(heat, &heat->rows[first + i]);
	}
	heat->rows_nr = 0;
}

static int keep(struct bt_heat *heat, struct bt_heat_row row)
{
	uint32_t cap = heat->rows_cap ? heat->rows_cap * 2 : 64;
	struct bt_heat_row *grown;

	if (heat->rows_nr == heat->rows_cap) {
		grown = realloc(heat->rows, cap * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		heat->rows = grown;
		heat->rows_cap = cap;
	}
	row.nr = heat->rows_nr;
	heat->rows[heat->rows_nr++] = row;
	return 0;
}

static bool is_one(uint32_t stages)
{
	return stages && !(stages & (stages - 1));
}

int bt_heat_add(struct bt_heat *heat, const struct bt_stage_view *view)
{
	const struct bt_stage_array *array, *next;
	uint32_t stage, array_nr = 0;
	struct bt_heat_row row;
	int err = 0;

	if (heat->rows_nr + HASH_COUNT(view->set->arrays) * BT_STAGES > BT_HEAT_ROWS_MAX)
		flush(heat);
	HASH_ITER (hh, view->set->arrays, array, next) {
		for (stage = 0; stage < BT_STAGES && !err; stage++) {
			if (!bt_stage_shown(view, stage))
				continue;
			row = make_row(view, array, stage);
			row.array_nr = array_nr;
			if (is_one(view->stages))
				print_row(heat, &row);
			else
				err = keep(heat, row);
		}
		array_nr++;
	}
	return err;
}

static void print_legend(const struct bt_heat *heat)
{
	unsigned int level;

	fputs("\ncounts:", heat->out);
	for (level = 1; level < 12; level++) {
		fputc(' ', heat->out);
		print_cell(heat, level);
		fprintf(heat->out, " %u+", 1u << (level - 1));
	}
	fputs(" ...\n", heat->out);
}

void bt_heat_end(struct bt_heat *heat)
{
	flush(heat);
	if (heat->titled)
		print_legend(heat);
	else
		fputs("no array with a bitmap did anything\n", heat->out);
}
