// SPDX-License-Identifier: GPL-2.0-only
/*
 * A LAYOUT and a write log: two bytes with the length of the LAYOUT, that, then the log.
 * Through `crash` in both models and both formats, which must agree, and print no control
 * characters and valid JSON.
 */
#include <json-c/json.h>
#include <string.h>

#include "cli/cli.h"
#include "fuzz.h"

static struct fuzz_file layout, write_log;

static int run(bool cache, enum bt_format format, struct fuzz_output *output)
{
	struct bt_options options = {
		.input = write_log.path,
		.layout = layout.path,
		.cache = cache,
		.format = format,
	};
	int status;

	fuzz_output_begin(output);
	status = bt_cmd_crash(&options);
	fuzz_output_end(output);
	fuzz_require(fuzz_printable(output->out, output->out_len));
	fuzz_require(fuzz_printable(output->err, output->err_len));
	/* Only an error is reported. */
	fuzz_require((status == BT_EXIT_ERROR) == !output->out_len);
	fuzz_require(status != BT_EXIT_ERROR || output->err_len);
	return status;
}

static int run_json(bool cache)
{
	struct fuzz_output output;
	int status = run(cache, BT_FORMAT_JSON, &output);
	json_object *object;

	if (status != BT_EXIT_ERROR) {
		object = json_tokener_parse(output.out);
		fuzz_require(object);
		json_object_put(object);
	}
	fuzz_output_free(&output);
	return status;
}

static int run_text(bool cache)
{
	struct fuzz_output output;
	int status = run(cache, BT_FORMAT_TEXT, &output);

	fuzz_require(status == BT_EXIT_ERROR || strstr(output.out, "\nverdict: "));
	fuzz_output_free(&output);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length = size < 2 ? 0 : (size_t)(data[0] | data[1] << 8);
	int completed, cache;

	if (!write_log.path[0]) {
		fuzz_file_open(&layout);
		fuzz_file_open(&write_log);
	}
	if (size < 2)
		return -1;
	if (length > size - 2)
		length = size - 2;
	fuzz_file_set(&layout, data + 2, length);
	fuzz_file_set(&write_log, data + 2 + length, size - 2 - length);
	completed = run_text(false);
	cache = run_text(true);
	fuzz_require(run_json(false) == completed);
	fuzz_require(run_json(true) == cache);
	/* The disk of one model is among the possible disks of the other. */
	fuzz_require(completed != BT_EXIT_FAIL || cache == BT_EXIT_FAIL ||
		     cache == BT_EXIT_UNKNOWN);
	return 0;
}
