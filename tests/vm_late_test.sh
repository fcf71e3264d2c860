#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm_late_test.sh [ARGUMENTS]: the hooks of a personality that is loaded while tracing are attached then,
# and what was missed before is told. Only with BT_VM=1. ARGUMENTS go to vm/run.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

in_guest late --bitmap internal --timeout 240 "$@"
