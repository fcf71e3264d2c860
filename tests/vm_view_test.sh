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

in_guest view -k rfc --allow . --timeout 300 "$@"
