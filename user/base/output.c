// SPDX-License-Identifier: GPL-2.0-only
#include "base/output.h"

const char *bt_verdict_name(enum bt_verdict verdict)
{
	static const char *const names[] = { "PASS", "FAIL", "UNKNOWN", "N/A" };

	return names[verdict];
}
