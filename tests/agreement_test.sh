#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The judge of vm/agreement, with synthetic results: agreeing results of both checks give 0, and it ends with 1 when the
# oracle says FAIL and the trace PASS, or a row has no verdict.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

# trace VERDICT [RULE]: as bitmap-trace check -f json prints it, for one rule
trace() {
	local failed=''
	[[ $1 != FAIL ]] || failed="\"$2\""
	printf '{"verdict":"%s","reason":"%s","failed":[%s],"kernel":"6.12.1","invariants":[{"name":"%s","verdict":"%s"}]}\n' \
		"$1" "${2-}" "$failed" "${2:-intent-before-data}" "$1"
}

# oracle VERDICT UNSAFE: as bitmap-trace crash -f json
oracle() { printf '{"verdict":"%s","reason":"","unsafe":%d,"judged":50,"differing":3}\n' "$1" "$2"; }

# results CASE TRACE ORACLE [STRICT CACHE]: adds a row of a kernel with that case
results() {
	local dir=$WORK/results/row-stock-6.12-raid1-file-ext4-$1
	mkdir -p "$dir"
	echo "stock 6.12 raid1 file ext4 $1" >>"$WORK/results/rows"
	echo "$2" >"$dir/trace.json"
	echo "${4:-$2}" >"$dir/strict.json"
	echo "$3" >"$dir/crash.json"
	echo "${5:-$3}" >"$dir/crash-cache.json"
	echo 0 >"$dir/run-status"
}

# judged NAME STATUS FILE WORDS: judges the rows so far, and removes them
judged() {
	local status=0
	perl "$ROOT/vm/lib/judge/agreement.pl" "$WORK/results" >"$WORK/out" 2>"$WORK/err" || status=$?
	if [[ $status == "$2" ]] && grep -qF -- "$4" "$WORK/$3"; then
		ok "$1"
	else
		not_ok "$1" "status $status, expected $2 and std$3: $4"
	fi
	rm -rf "$WORK/results"
}

fail=$(trace FAIL intent-before-data)
pass=$(trace PASS)
results busy "$fail" "$(oracle FAIL 7)"
judged 'two witnesses of a defect agree' 0 out '| FAIL intent-before-data | FAIL | FAIL 7 of 50 |'
results busy "$pass" "$(oracle PASS 0)"
judged 'two witnesses of none agree' 0 out '| busy | PASS | PASS | PASS 50 |'
results busy "$fail" "$(oracle PASS 0)"
judged 'what the trace alone sees has its reason' 0 out 'window of intent-before-data not hit'

results idle "$pass" "$(oracle PASS 0)"
results busy "$pass" "$(oracle FAIL 7)"
judged 'a PASS of the trace where the oracle says FAIL' 1 err 'ext4 busy: the trace passes, the oracle says FAIL'
results busy "$pass" "$(oracle PASS 0)" "$pass" "$(oracle FAIL 7)"
judged 'the same with a volatile cache' 1 err 'passes with --strict, the oracle says FAIL with --cache'
results busy '' "$(oracle PASS 0)"
judged 'a row without a verdict' 1 err 'ext4 busy: no verdict'

# A rule without a text in the table would otherwise be noticed only after an hour of runs.
while read -r rule; do
	results "$rule" "$(trace FAIL "$rule")" "$(oracle PASS 0)"
done < <(sed -n '/^# Invariants/,/^# Verdicts/s/^## //p' "$ROOT/docs/invariants.md")
judged 'the table has words for every rule' 0 out '| no-overlapping-writes |'
echo "1..$N"
