# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # ROOT and STATUS are for those who source this
# Shared by the TAP tests of the VM harness.

ROOT=$(dirname -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# shellcheck source=tests/tap.sh
source "$ROOT/tests/tap.sh"

# run_into DIR ARGS...: vm/run; ends with its status; output in DIR/out and DIR/err
run_into() {
	local dir=$1
	shift
	"$ROOT/vm/run" "$@" >"$dir/out" 2>"$dir/err" </dev/null
}

# run ARGS...: sets STATUS; output in $WORK/out and $WORK/err
run() {
	STATUS=0
	run_into "$WORK" "$@" || STATUS=$?
}

# stub NAME LINE...: a program; prints its path
stub() {
	local path=$WORK/$1
	shift
	printf '%s\n' '#!/bin/bash' "$@" >"$path"
	chmod +x "$path"
	echo "$path"
}

# expect NAME STATUS FILE WORDS: exit status of the last run, and words of its output in FILE of WORK: out, err, ...
expect() {
	local name=$1 status=$2 file=$3 words=$4
	if [[ $STATUS != "$status" ]]; then
		not_ok "$name" "exit status $STATUS, expected $status"
	elif ! grep -qF -- "$words" "$WORK/$file"; then
		not_ok "$name" "$file does not say: $words"
	else
		ok "$name"
	fi
}

# has_defect DEFECT [ARG...]: does the source of the kernel that vm/kernel makes with ARG... have it?
has_defect() {
	local status=0
	"$ROOT/vm/kernel" --has "$@" 2>"$WORK/has" || status=$?
	if ((status > 1)); then
		sed 's/^/# /' "$WORK/has"
		echo "Bail out! cannot say whether the source has $1"
		exit 1
	fi
	return "$status"
}

# in_guest SCRIPT ARGS...: runs tests/guest/SCRIPT.sh, which prints TAP, in a VM of its own, without an outer trace.
# PARAMETERS: lines of shell that precede it. Ends the test.
in_guest() {
	local script=$1
	shift
	printf '%s\n' "${PARAMETERS-}" | cat - "$ROOT"/tests/{tap,guest/tap}.sh "$ROOT/tests/guest/$script.sh" \
		>"$WORK/$script.sh"
	run --no-trace -c "$WORK/$script.sh" -o "$WORK/dir" "$@"
	cat "$WORK/out"
	if [[ $STATUS != 0 ]] || ! grep -q '^1\.\.' "$WORK/out"; then
		sed 's/^/# /' "$WORK/err" | tail -40
		echo "Bail out! vm/run ended with $STATUS"
		exit 1
	fi
	exit 0
}
