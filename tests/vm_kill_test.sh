#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm_kill_test.sh [ARGUMENTS]: kill -9 of the tool at random moments, in one VM; each time
# no BPF program, map, link, BTF or hook may be left. KILLS (15) and SEED in the
# environment; ARGUMENTS go to vm/run. Only with BT_VM=1.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

KILLS=${KILLS:-15}
SEED=${SEED:-$RANDOM}
PARAMETERS="KILLS=$KILLS SEED=$SEED" in_guest kill --timeout $((120 + KILLS * 20)) "$@"
