#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Each fuzz target over its seeds and some seconds of fuzzing. `make fuzz` takes longer.
set -euo pipefail

cd "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.."
BUILD=${BUILD:-build}
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
export FUZZ_CACHE=$SCRATCH/cache
N=0

# holds DESCRIPTION COMMAND...
holds() {
	local what=$1
	shift
	N=$((N + 1))
	if "$@"; then
		echo "ok $N - $what"
	else
		echo "not ok $N - $what"
		sed 's/^/# /' "$SCRATCH/out"
	fi
}

# A failure must be reproducible: its input is kept.
fuzz() {
	tests/fuzz/run 2 "$1" >"$SCRATCH/out" 2>&1 && return
	mkdir -p "$BUILD/fuzz/findings"
	cp "$FUZZ_CACHE"/findings/* "$BUILD/fuzz/findings/" && echo "kept in $BUILD/fuzz/findings" >>"$SCRATCH/out"
	return 1
}

test_targets() {
	local source target
	for source in tests/fuzz/*_fuzz.c; do
		target=$(basename "$source" _fuzz.c)
		holds "$target: seeds and 2 s more" fuzz "$target"
		holds "... from seeds of its own" test -n "$(ls -A "tests/fuzz/corpus/$target")"
	done
	holds 'all seeds are less than 200 KiB' \
		test "$(find tests/fuzz/corpus -type f -printf '%s\n' | awk '{n += $1} END {print n}')" -lt 204800
}

# A failing target must make the run fail, and the run must name its input.
test_finding() {
	local status=0
	mkdir -p "$SCRATCH/build/fuzz"
	cat >"$SCRATCH/build/fuzz/broken_fuzz" <<-'STUB'
		#!/bin/sh
		echo 'stat::number_of_executed_units: 7'
		echo 'x.c:1: broken promise: it holds'
		echo 'Test unit written to somewhere'
		exit 77
	STUB
	chmod +x "$SCRATCH/build/fuzz/broken_fuzz"
	BUILD=$SCRATCH/build tests/fuzz/run 2 broken >"$SCRATCH/out" 2>&1 || status=$?
	holds 'a finding is exit status 1' test "$status" = 1
	holds '... is shown' grep -q '^broken: .*broken promise: it holds' "$SCRATCH/out"
	holds '... with its input' grep -q 'Test unit written to somewhere' "$SCRATCH/out"
	holds '... and counted' grep -qE '^broken +[0-9]+ +21 .* 3$' "$SCRATCH/out"
}

test_targets
test_finding
echo "1..$N"
