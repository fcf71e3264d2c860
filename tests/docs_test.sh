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

code=$(sed -n 's/^[[:space:]]*\.name = "\(.*\)",$/\1/p' user/invariants/*.c | sort)
[[ -n $code ]] || { echo 'Bail out! no invariant found in user/invariants'; exit 1; }
check 'docs/invariants.md has every invariant' "$code" \
	"$(sed -n '/^# Verdicts/q; s/^## //p' docs/invariants.md | sort)"
check 'every invariant is in the list that is run' "$(wc -l <<<"$code")" \
	"$(sed -n '/bt_invariants\[\] = {/,/};/p' user/invariants/invariant.c | grep -o '&bt_' | wc -l)"
check 'every invariant has a unit test' "$(tr - _ <<<"$code")" \
	"$(tr - _ <<<"$code" | while read -r name; do [[ ! -e tests/unit/${name}_test.c ]] || echo "$name"; done)"
# shellcheck disable=SC2016 # markdown's quotes
check 'docs/latency.md has every stage' "$(sed -n 's/^[[:space:]]*\.name = "\(.*\)",$/\1/p' user/stage.c | sort)" \
	"$(sed -n 's/^| [^|]* | `\([a-z_]*\)` | .*/\1/p' docs/latency.md | sort)"
echo "1..$N"
