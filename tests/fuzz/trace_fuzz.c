// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace file with any content, through the subcommands that read one: check in its three
 * formats, dump and hist. They must end with an exit status, agree with each other, and print
 * no control characters and valid JSON.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "fuzz.h"
#include "hist/stage.h"
#include "trace/trace_format.h"

static struct fuzz_file file;

static int run(int (*command)(const struct bt_options *), const struct bt_options *options,
	       struct fuzz_output *output)
{
	int status;

	fuzz_output_begin(output);
	status = command(options);
	fuzz_output_end(output);
	fuzz_require(fuzz_printable(output->out, output->out_len));
	fuzz_require(fuzz_printable(output->err, output->err_len));
	return status;
}

/* Every line is an object. */
static void require_json_lines(const char *text)
{
	json_object *object;
	const char *end;
	char *line;

	for (; *text; text = end + 1) {
		end = strchr(text, '\n');
		fuzz_require(end);
		line = strndup(text, (size_t)(end - text));
		object = json_tokener_parse(line);
		fuzz_require(object);
		json_object_put(object);
		free(line);
	}
}

static const char *const verdict_words[] = { "PASS", "FAIL", NULL, "UNKNOWN", "PASS" };

static void require_text(const struct fuzz_output *output, int status)
{
	char last[32];
	const char *at = output->out + output->out_len;

	snprintf(last, sizeof(last), "verdict: %s (", verdict_words[status]);
	fuzz_require(output->out_len && at[-1] == '\n');
	for (at--; at > output->out && at[-1] != '\n'; at--)
		;
	fuzz_require(!strncmp(at, last, strlen(last)));
	/* An incomplete trace cannot pass, and both streams report it. */
	fuzz_require(!strncmp(output->out, "trace incomplete: ", 18) ==
		     !!strstr(output->err, ": trace incomplete: "));
	if (output->err_len)
		fuzz_require(status == BT_EXIT_FAIL || status == BT_EXIT_UNKNOWN);
}

static void require_json(const struct fuzz_output *output, int status)
{
	json_object *root = json_tokener_parse(output->out), *verdict;

	fuzz_require(root && json_object_object_get_ex(root, "verdict", &verdict));
	fuzz_require(!strcmp(json_object_get_string(verdict), verdict_words[status]));
	json_object_put(root);
}

/* As many results as planned, whatever the names in the trace look like. */
static void require_ktap(const struct fuzz_output *output)
{
	const char *at = output->out;
	unsigned int planned = 0, results = 0;

	fuzz_require(sscanf(at, "KTAP version 1\n1..%u\n", &planned) == 1);
	while ((at = strchr(at, '\n')) && *++at)
		results += !strncmp(at, "ok ", 3) || !strncmp(at, "not ok ", 7);
	fuzz_require(results == planned);
}

/* In one format; its output is valid. Returns the exit status. */
static int check(struct bt_options *options, enum bt_format format)
{
	struct fuzz_output output;
	int status;

	options->format = format;
	status = run(bt_cmd_check, options, &output);
	fuzz_require(status >= BT_EXIT_PASS && status <= BT_EXIT_COMMAND);
	if (status == BT_EXIT_ERROR)
		fuzz_require(!output.out_len && output.err_len);
	else if (format == BT_FORMAT_JSON)
		require_json(&output, status);
	else if (format == BT_FORMAT_KTAP)
		require_ktap(&output);
	else
		require_text(&output, status);
	fuzz_output_free(&output);
	return status;
}

/* All formats agree. */
static void check_forms(struct bt_options *options)
{
	int status = check(options, BT_FORMAT_TEXT);

	fuzz_require(check(options, BT_FORMAT_JSON) == status);
	fuzz_require(check(options, BT_FORMAT_KTAP) == status);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* dump, hist: complete, incomplete, or not a trace; valid JSON if requested. */
static void print(int (*command)(const struct bt_options *), const struct bt_options *options)
{
	struct fuzz_output output;
	int status = run(command, options, &output);

	fuzz_require(status == BT_EXIT_PASS || status == BT_EXIT_ERROR ||
		     status == BT_EXIT_UNKNOWN || status == BT_EXIT_COMMAND);
	fuzz_require(status == BT_EXIT_PASS || status == BT_EXIT_COMMAND || output.err_len);
	if (options->format == BT_FORMAT_JSON)
		require_json_lines(output.out);
	if (options->format == BT_FORMAT_OPENMETRICS && status != BT_EXIT_ERROR)
		fuzz_require(ends_with(output.out, "\n# EOF\n"));
	fuzz_output_free(&output);
}

static void hist(struct bt_options *options, uint32_t choice)
{
	options->stages = choice & 128 ? 1 << BT_STAGE_PAGE_WRITE : 0;
	/* Timestamps over all of time would give very many intervals: few, or long ones. */
	options->interval = choice & 32 ? 31536000 : choice & 64 ? 1 : 0;
	options->count = options->interval == 1 ? 16 : 0;
	if (options->format == BT_FORMAT_TEXT) {
		options->heat = choice & 256 && options->interval;
		options->histograms = choice & 512 && options->interval && !options->heat;
	} else if (!options->interval && choice & 256) {
		options->format = BT_FORMAT_OPENMETRICS;
	}
	print(bt_cmd_hist, options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bt_options options = { 0 };
	uint32_t choice = libdeflate_crc32(0, data, size);

	if (!file.path[0])
		fuzz_file_open(&file);
	fuzz_file_set(&file, data, size);
	options.input = file.path;
	if (choice & 2)
		options.arrays[options.arrays_nr++] = choice & 4 ? "md0" : "9:0";
	/* One subcommand in one form: what breaks it is found sooner than by all of them in turn.
	 */
	switch (choice >> 28) {
	case 0:
		options.strict = choice & 1;
		check_forms(&options);
		break;
	case 1 ... 7:
		options.strict = choice & 1;
		check(&options, choice & 8    ? BT_FORMAT_TEXT
				: choice & 16 ? BT_FORMAT_JSON
					      : BT_FORMAT_KTAP);
		break;
	case 8 ... 11:
		options.format = choice & 8 ? BT_FORMAT_JSON : BT_FORMAT_TEXT;
		options.arrays_nr = 0;
		print(bt_cmd_dump, &options);
		break;
	default:
		options.format = choice & 8 ? BT_FORMAT_JSON : BT_FORMAT_TEXT;
		hist(&options, choice);
		break;
	}
	return 0;
}

/* The end block has the number of events. */
static void repair_end(uint8_t *payload, uint32_t length, uint64_t events)
{
	struct bt_trace_end_payload end;

	if (length < sizeof(end))
		return;
	memcpy(&end, payload, sizeof(end));
	end.events = events;
	memcpy(payload, &end, sizeof(end));
}

/*
 * Repairs the checksums and numbers of blocks, so that the code behind them is reached: as long
 * as blocks are recognizable, and not in every case.
 */
static void repair(uint8_t *data, size_t size)
{
	struct bt_trace_header header;
	struct bt_trace_block block;
	size_t at = sizeof(header);
	uint64_t events = 0;
	uint32_t seq = 0;

	if (size < sizeof(header))
		return;
	memcpy(&header, data, sizeof(header));
	header.crc = bt_trace_header_crc(&header);
	memcpy(data, &header, sizeof(header));
	for (; size - at >= sizeof(block); at += sizeof(block) + block.length) {
		memcpy(&block, data + at, sizeof(block));
		block.length &= ~(uint32_t)(BT_TRACE_ALIGN - 1);
		if (block.length > size - at - sizeof(block))
			block.length = (uint32_t)((size - at - sizeof(block)) &
						  ~(size_t)(BT_TRACE_ALIGN - 1));
		block.seq = seq++;
		if (block.type == BT_BLOCK_EVENTS)
			events += block.length / sizeof(struct bt_event);
		else if (block.type == BT_BLOCK_END)
			repair_end(data + at + sizeof(block), block.length, events);
		block.crc = bt_trace_block_crc(&block, data + at + sizeof(block));
		memcpy(data + at, &block, sizeof(block));
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	uint64_t state = seed;

	size = LLVMFuzzerMutate(data, size, max_size);
	if (fuzz_random(&state) % 8)
		repair(data, size);
	return size;
}
