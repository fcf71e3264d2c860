#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Checks of the mutants without running them: their headers are complete, and the tests that run kernels cover every
# rule.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"
MUTANTS=$ROOT/vm/mutants

# shellcheck source=vm/lib/header.sh
source "$ROOT/vm/lib/header.sh"

# The last one belongs to the harness.
rules() {
	sed -n '/^# Invariants/,/^# Verdicts/s/^## //p' "$ROOT/docs/invariants.md"
	echo kernel-clean
}

# fields FILE NAME...: the values of all these fields
fields() {
	local file=$1 name
	shift
	for name in "$@"; do vm_header_field "$file" "$name"; done | paste -sd' '
}

# missing WORDS KNOWN: the words that are not in KNOWN
missing() {
	local word
	for word in $1; do [[ " $2 " == *" $word "* ]] || printf '%s ' "$word"; done
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

known=$(rules | paste -sd' ')
wrong=''
for file in "$MUTANTS"/*.patch "$MUTANTS"/*.base; do
	for field in Base Case Trips; do
		[[ $field == Trips && $file == *.base ]] || [[ -n $(fields "$file" "$field") ]] || wrong+="${file##*/} has no line $field:"$'\n'
	done
	[[ -f $ROOT/vm/cases/$(fields "$file" Case) ]] || wrong+="${file##*/}: there is no such case"$'\n'
	unknown=$(missing "$(fields "$file" Trips Unknown May)" "$known")
	[[ -z $unknown ]] || wrong+="${file##*/}: there is no rule $unknown"$'\n'
done
nothing 'headers of mutants name a base, a case and rules' "$wrong"

# Run by `make check` or `make verdicts`: the rows that must FAIL, and some mutants. Those runs show whether they do.
broken=$("$ROOT/tests/vm_verdict_test.sh" --list | sed -n 's/^\([a-z-]*\) FAIL .*/\1/p' | sort -u | paste -sd' ')
for name in $("$ROOT/tests/vm_mutants_test.sh" --list); do
	broken+=" $(fields "$MUTANTS/$name.patch" Trips)"
done
nothing 'every rule is broken by a kernel of vm_verdict_test.sh or vm_mutants_test.sh' "$(missing "$known" "$broken")"

# Mutants that no longer apply: MUTANTS in all, some of those asked for rejected
# rejection NAME STATUS WORDS ALL REJECTED ASKED
rejection() {
	local what=$1 expected=$2 words=$3 status=0
	(
		VM_DIR=$WORK/mutants-$4
		mkdir -p "$VM_DIR/mutants"
		for ((n = 0; n < $4; n++)); do touch "$VM_DIR/mutants/m$n.patch"; done
		# shellcheck source=vm/lib/run/mutants.sh
		source "$ROOT/vm/lib/run/mutants.sh"
		# shellcheck source=vm/lib/run/settings.sh
		source "$ROOT/vm/lib/run/settings.sh"
		vm_row_add kernel=stock kernel_dir=/stock
		for ((n = 0; n < $6; n++)); do vm_row_add "kernel=mutant/m$n" "kernel_dir=$( ((n < $5)) || echo /there)"; done
		mutant_rejected
	) >"$WORK/out" 2>"$WORK/err" || status=$?
	if ((status == expected)) && grep -qF -- "$words" "$WORK/out"; then
		ok "$what"
	else
		not_ok "$what" "status $status, expected $expected and: $words"
	fi
}
rejection 'none rejected' 0 '0 of 20 mutants do not apply' 20 0 20
rejection 'a tenth rejected is no error' 0 '2 of 20 mutants do not apply to this source: mutant/m' 20 2 20
rejection 'more than a tenth is' 1 '3 of 20 mutants do not apply' 20 3 20
rejection 'one rejected of a few that were asked for is none' 0 '1 of 3 mutants do not apply' 20 1 3
rejection 'all that were asked for rejected is' 1 '1 of 1 mutants do not apply' 20 1 1

# The first line is stock's, that of the mutant is empty.
printf '#!/bin/sh\necho "%s"\necho\n' "$WORK" >"$WORK/kernel"
chmod +x "$WORK/kernel"
status=0
BT_TOOL=/bin/true BT_KERNEL_TOOL=$WORK/kernel "$ROOT/vm/run-mutants" --tap --no-base -o "$WORK/results" no-kick >"$WORK/out" 2>"$WORK/err" ||
	status=$?
if ((status == 1)) && grep -q '^ok 1 - no-kick .*# SKIP its patch does not apply' "$WORK/out" && grep -q '^not ok 2 - 1 of 1' "$WORK/out" &&
	grep -qx '1..2' "$WORK/out"; then
	ok 'a mutant that is rejected is skipped, and named'
else
	not_ok 'a mutant that is rejected is skipped, and named' "status $status"
fi

refused 'unknown mutant' "no mutant 'nonsense'" nonsense
refused 'unknown option' "unknown argument '--nonsense'" --nonsense
BT_TOOL=/nonexistent refused 'no tool' "'/nonexistent' is not there" one-pass-clear
echo "1..$N"
