#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Kernels with one bug each: exactly the invariants in their headers FAIL. In the same case their bases FAIL nothing, or
# what the *.base file names. One test per kernel and bitmap. Boots VMs, with several kernels each; only with BT_VM=1.
# BT_OUT=DIR keeps the results. This runs some mutants, for the invariants that no kernel of vm_verdict_test.sh breaks;
# `make mutants` runs all, and the bases. --list prints their names.
set -euo pipefail

SOME=(clear-bit-unmarked daemon-backwards daemon-ignores-needed endwrite-not-pending no-kick one-pass-clear rfc-cancels-dirty
	set-bit-neighbour unplug-writes-twice)
if [[ ${1-} == --list ]]; then
	printf '%s\n' "${SOME[@]}"
	exit 0
fi

ROOT=$(dirname -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")")

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
"$ROOT/vm/run-mutants" --tap --no-base -o "${BT_OUT:-$WORK/out}" "${SOME[@]}"
