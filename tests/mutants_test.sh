#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What can be said of the mutants without running them: their headers are complete, and
# every invariant has one that breaks it.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"
MUTANTS=$ROOT/vm/mutants

invariants() { sed -n '/^# Invariants/,/^# Verdicts/s/^## //p' "$ROOT/docs/invariants.md"; }

# header FILE FIELD...: the values of these lines
header() {
	local file=$1 field
	shift
	for field in "$@"; do sed -n -e '/^--- /q' -e "s/^$field: *//p" "$file"; done
}

# expect_empty NAME WORDS
expect_empty() {
	: >"$WORK/out"
	: >"$WORK/err"
	if [[ -z $2 ]]; then ok "$1"; else not_ok "$1" "$2"; fi
}

# refused NAME WORDS ARG...: vm/run-mutants ends with 2 and says WORDS
refused() {
	local name=$1 words=$2 status=0
	shift 2
	"$ROOT/vm/run-mutants" "$@" >"$WORK/out" 2>"$WORK/err" || status=$?
	if ((status == 2)) && grep -qF -- "$words" "$WORK/err"; then
		ok "$name"
	else
		not_ok "$name" "status $status, expected 2 and: $words"
	fi
}

known=" $(invariants | tr '\n' ' ') "
wrong='' tripped=' '
for file in "$MUTANTS"/*.patch "$MUTANTS"/*.base; do
	for field in Base Case Trips; do
		[[ $field == Trips && $file == *.base ]] || [[ -n $(header "$file" "$field") ]] || wrong+="${file##*/} has no line $field:"$'\n'
	done
	[[ -f $ROOT/vm/cases/$(header "$file" Case) ]] || wrong+="${file##*/}: there is no such case"$'\n'
	for name in $(header "$file" Trips Unknown May); do
		[[ $known == *" $name "* ]] || wrong+="${file##*/}: there is no invariant $name"$'\n'
	done
	tripped+="$(header "$file" Trips | tr '\n' ' ') "
done
expect_empty 'headers of mutants name a base, a case and invariants' "$wrong"

# By a mutant, or by stock itself, as the table of verdicts has it.
tripped+="$(sed -n "s/.*'\([a-z-]*\) FAIL .*/\1/p" "$ROOT/tests/vm_verdict_test.sh" | sort -u | tr '\n' ' ') "
wrong=''
for name in $known; do
	[[ $tripped == *" $name "* ]] || wrong+="$name "
done
expect_empty 'every invariant is broken by some kernel' "$wrong"

refused 'unknown mutant' "no mutant 'nonsense'" nonsense
refused 'unknown option' "unknown argument '--nonsense'" --nonsense
BT_TOOL=/nonexistent refused 'no tool' "'/nonexistent' is not there" one-pass-clear
echo "1..$N"
