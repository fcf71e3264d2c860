#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm_view_test.sh [ARGUMENTS]: what is seen while a run goes on: top, early failures, --fail-fast. On the kernel rfc, which
# breaks rules. Only with BT_VM=1 and BT_WIDE=1 (`make check-view`). ARGUMENTS go to vm/run.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 || ${BT_WIDE-} != 1 ]]; then
	echo '1..0 # SKIP boots a virtual machine; set BT_VM=1 and BT_WIDE=1'
	exit 0
fi

(in_guest view -k rfc --allow . --timeout 300 "$@") >"$WORK/tap"
grep -v '^1\.\.' "$WORK/tap"
N=$(grep -c '^\(not \)\?ok ' "$WORK/tap")

# The guest's terminal is its console.
seen() { grep -qF -- "$1" "$WORK/dir/console.log" || echo "the console does not say '$1'"; }
nothing 'on a terminal a run has a first line' "$(seen 'tracing md0 until COMMAND ends')"
nothing '... and a failure has its own at once, before the report' \
	"$(sed '/events, /,$d' "$WORK/dir/console.log" | grep -q '^FAIL    ' || echo none)"
nothing 'on a terminal top goes to its top' "$(seen $'\033[H')"
same '... three times, and once to clear it' 4 "$(grep -oF $'\033[H' "$WORK/dir/console.log" | wc -l)"
echo "1..$N"
