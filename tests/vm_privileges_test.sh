#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The privileges that the tool needs, when it drops them, and that COMMAND gets the caller's: docs/privileges.md, in a
# VM. Only with BT_VM=1. ARGUMENTS go to vm/run.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

in_guest privileges --timeout 240 "$@"
