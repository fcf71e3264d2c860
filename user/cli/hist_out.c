// SPDX-License-Identifier: GPL-2.0-only
#include "cli/hist_out.h"

#include <string.h>
#include <time.h>

#include "hist/stage_hdr.h"
#include "hist/stage_json.h"
#include "hist/stage_openmetrics.h"
#include "hist/stage_text.h"

void bt_hist_out_init(struct bt_hist_out *out, const struct bt_options *options, FILE *stream)
{
	memset(out, 0, sizeof(*out));
	out->options = options;
	out->out = stream;
	out->term = bt_term_of(stream);
	bt_stage_set_init(&out->total);
	bt_heat_init(&out->heat, stream, out->term);
}

void bt_hist_out_free(struct bt_hist_out *out)
{
	bt_heat_free(&out->heat);
	bt_stage_set_free(&out->total);
}

static uint32_t stages_of(const struct bt_options *options)
{
	return options->stages ? options->stages : BT_STAGES_ALL;
}

static struct bt_stage_view total_view(const struct bt_hist_out *out)
{
	return (struct bt_stage_view){ .set = &out->total, .stages = stages_of(out->options) };
}

static void write_textfile(struct bt_hist_out *out)
{
	struct bt_stage_view view = total_view(out);
	FILE *text;

	out->textfile.path = out->options->textfile;
	text = bt_textfile_begin(&out->textfile);
	if (!text)
		return;
	bt_stage_openmetrics(text, &view, out->created);
	bt_textfile_end(&out->textfile);
}

int bt_hist_out_start(struct bt_hist_out *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	out->created = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	write_textfile(out);
	return out->textfile.err;
}

static void print_json(FILE *out, const struct bt_stage_view *view)
{
	struct json_object *object = bt_stage_json(view);

	fputs(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							     JSON_C_TO_STRING_NOSLASHESCAPE),
	      out);
	fputc('\n', out);
	json_object_put(object);
}

static void print_hdr(struct bt_hist_out *out, const struct bt_stage_view *view)
{
	if (!out->begun)
		bt_stage_hdr_begin(out->out, view);
	out->begun = true;
	if (bt_stage_hdr(out->out, view))
		fputs("bitmap-trace: out of memory; the log lacks lines\n", stderr);
}

/* "12.500 s, 2026-11-30 20:00:12.345 UTC" */
static void print_time(FILE *out, const struct bt_stage_view *view)
{
	int64_t ns = (int64_t)view->until_ns + view->clock_ns;
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm utc;
	char text[32];

	fprintf(out, "\n%.3f s", (double)view->until_ns / 1e9);
	if (view->clock_ns && ns > 0 && gmtime_r(&seconds, &utc) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc))
		fprintf(out, ", %s.%03d UTC", text, (int)(ns % 1000000000 / 1000000));
	fputs("\n", out);
}

static void print_text(const struct bt_hist_out *out, const struct bt_stage_view *view)
{
	const struct bt_options *options = out->options;

	if (options->interval)
		print_time(out->out, view);
	bt_stage_table(out->out, &out->term, view);
	if (view->set->arrays && (!options->interval || options->histograms)) {
		fputs("\n", out->out);
		bt_stage_text(out->out, &out->term, view);
	}
	bt_stage_notes(out->out, view);
}

void bt_hist_out_interval(struct bt_hist_out *out, const struct bt_stage_set *set, uint64_t from_ns,
			  uint64_t until_ns)
{
	struct bt_stage_view view = {
		.set = set,
		.stages = stages_of(out->options),
		.percentiles = &out->options->percentiles,
		.clock_ns = out->clock_ns,
		.from_ns = from_ns,
		.until_ns = until_ns,
	};

	bt_stage_set_merge(&out->total, set);
	if (out->options->format == BT_FORMAT_JSON)
		print_json(out->out, &view);
	else if (out->options->format == BT_FORMAT_HDR)
		print_hdr(out, &view);
	else if (out->options->heat && bt_heat_add(&out->heat, &view))
		fputs("bitmap-trace: out of memory; the heat map lacks rows\n", stderr);
	else if (out->options->format == BT_FORMAT_TEXT && !out->options->heat)
		print_text(out, &view);
	fflush(out->out);
	write_textfile(out);
}

int bt_hist_out_end(struct bt_hist_out *out)
{
	struct bt_stage_view view = total_view(out);

	if (out->options->format == BT_FORMAT_OPENMETRICS) {
		bt_stage_openmetrics(out->out, &view, out->created);
	} else if (out->options->heat) {
		bt_heat_end(&out->heat);
		bt_stage_notes(out->out, &view);
	}
	return out->textfile.err;
}
