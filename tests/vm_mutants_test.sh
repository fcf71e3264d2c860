#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Kernels with one bug each break the invariants that their headers name and no other; what
# they are based on breaks nothing in the same case, or what its *.base file names. A test a
# kernel and bitmap. Boots VMs, several kernels to each; only with BT_VM=1. BT_OUT=DIR keeps
# what they leave. These are some, at least one for each invariant that a mutant can break;
# `make mutants` runs all, and the bases.
set -euo pipefail

ROOT=$(dirname -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")")

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
SOME=(bitmap-after-superblock clear-bit-unmarked daemon-backwards daemon-ignores-needed double-endwrite
	internal-no-fua no-kick raid1-no-unplug raid10-no-unplug raid5-no-bit-delay rfc-cancels-dirty
	rfc-private-page clear-under-writers stale-fill-unwritten startwrite-no-raise unplug-no-wait-before
	unplug-returns-early)
"$ROOT/vm/run-mutants" --tap --no-base -o "${BT_OUT:-$WORK/out}" "${SOME[@]}"
