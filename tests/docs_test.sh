#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The documents name what the code has, no more and no less.
set -euo pipefail

cd "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.."
N=0

check() {
	N=$((N + 1))
	if diff <(printf '%s\n' "$2") <(printf '%s\n' "$3"); then
		echo "ok $N - $1"
	else
		echo "not ok $N - $1"
	fi
}

code=$(sed -n 's/^[[:space:]]*\.name = "\(.*\)",$/\1/p' user/invariants/*/*.c | sort)
[[ -n $code ]] || { echo 'Bail out! no invariant found in user/invariants'; exit 1; }
check 'docs/invariants.md has every invariant' "$code" \
	"$(sed -n '/^# Verdicts/q; s/^## //p' docs/invariants.md | sort)"
check 'every invariant is in the list that is run' "$(wc -l <<<"$code")" \
	"$(sed -n '/bt_invariants\[\] = {/,/};/p' user/invariants/invariant.c | grep -o '&bt_' | wc -l)"
check 'every invariant has a unit test' "$(tr - _ <<<"$code")" \
	"$(tr - _ <<<"$code" | while read -r name; do [[ ! -e tests/unit/${name}_test.c ]] || echo "$name"; done)"
# shellcheck disable=SC2016 # markdown's quotes
check 'docs/latency.md has every stage' "$(sed -n 's/^[[:space:]]*\.name = "\(.*\)",$/\1/p' user/hist/stage.c | sort)" \
	"$(sed -n 's/^| [^|]* | `\([a-z_]*\)` | .*/\1/p' docs/latency.md | sort)"

# agreement COLUMN: of the rows of docs/agreement.md; 1 is the kernel
agreement() { awk -F' [|] ' '/^\| kernel/ { on = 1; getline; next } on && /^\|/ { print $'"$1"' }' docs/agreement.md | sed 's/^| *//'; }

check 'docs/agreement.md has rows' yes "$([[ $(agreement 1 | wc -l) -ge 40 ]] && echo yes)"
check "docs/agreement.md: no PASS of the trace where the oracle says FAIL" '' \
	"$(paste -d: <(agreement 4) <(agreement 6) | grep '^PASS.*:FAIL')"
check 'docs/agreement.md: each FAIL of the trace alone has its reason' '' \
	"$(paste -d: <(agreement 4) <(agreement 6) <(agreement 8) | grep '^FAIL' | grep -v '^[^:]*:FAIL' | grep '^[^:]*:[^:]*: *|*$')"
check 'docs/agreement.md: its kernels are there' '' \
	"$(agreement 1 | cut -d' ' -f1 | sort -u | grep -vxF -e stock -f <(printf '%s\n' vm/patches/*/ vm/mutants/*.patch |
		sed 's,^vm/patches/\(.*\)/$,\1,; s,^vm/mutants/\(.*\).patch$,mutant/\1,'))"
check 'docs/agreement.md: its cases are there' '' \
	"$(agreement 3 | sort -u | grep -vxF -f <(printf '%s\n' vm/cases/* | sed 's,.*/,,'))"
check 'docs/agreement.md: its rules are there' '' \
	"$(agreement 4 | grep -o 'FAIL .*' | sed 's/^FAIL //' | tr -d ' ' | tr , '\n' | sort -u | grep -vxF -f <(echo "$code"))"
echo "1..$N"
