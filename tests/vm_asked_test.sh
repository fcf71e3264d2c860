#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm_asked_test.sh [ARGUMENTS]: an array or trace that was asked for on a running kernel and does not exist is an error,
# and no output is lost. Only with BT_VM=1. ARGUMENTS go to vm/run.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

in_guest asked --timeout 240 "$@"
