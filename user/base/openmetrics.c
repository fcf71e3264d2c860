// SPDX-License-Identifier: GPL-2.0-only
#include "base/openmetrics.h"

#include <inttypes.h>

void bt_openmetrics_family(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# TYPE bitmap_trace_%s %s\n", name, type);
	fprintf(out, "# HELP bitmap_trace_%s %s\n", name, help);
}

void bt_openmetrics_label(FILE *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		if (*value == '\n')
			fputs("\\n", out);
		else
			fputc(*value, out);
	}
}

/* Samples of a counter end in _total; the older format knows only the sample's name. */
void bt_openmetrics_counter(FILE *out, const char *name, const char *help, uint64_t value,
			    double created)
{
	bt_openmetrics_family(out, name, "counter", help);
	fprintf(out, "bitmap_trace_%s_total %" PRIu64 "\n", name, value);
	if (created > 0)
		fprintf(out, "bitmap_trace_%s_created %.3f\n", name, created);
}
