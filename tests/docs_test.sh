#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The documents name exactly what the code has.
set -euo pipefail

cd "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.."
# shellcheck source=tests/tap.sh
source tests/tap.sh

code=$(sed -n 's/^[[:space:]]*\.name = "\(.*\)",$/\1/p' user/invariants/*/*.c | sort)
[[ -n $code ]] || { echo 'Bail out! no invariant found in user/invariants'; exit 1; }
same 'docs/invariants.md has every invariant' "$code" \
	"$(sed -n '/^# Verdicts/q; s/^## //p' docs/invariants.md | sort)"
same 'every invariant is in the list that is run' "$(wc -l <<<"$code")" \
	"$(sed -n '/bt_invariants\[\] = {/,/};/p' user/invariants/invariant.c | grep -o '&bt_' | wc -l)"
same 'every invariant has a unit test' "$(tr - _ <<<"$code")" \
	"$(tr - _ <<<"$code" | while read -r name; do [[ ! -e tests/unit/${name}_test.c ]] || echo "$name"; done)"

TOOL=${BT_TOOL:-${BUILD:-build}/san/bitmap-trace}
declare -A EXPLAINED
for name in $code; do EXPLAINED[$name]=$("$TOOL" explain "$name"); done
# plain: without markdown's quotes and the case of letters
plain() { tr -d '`' | tr '[:upper:]' '[:lower:]' | tr -s ' \t' ' '; }
# fields RULE: what explain says of it, a field a line
fields() {
	awk 'NR == 1 { next } /^ {14}/ { line = line " " substr($0, 15); next }
		{ if (line) print line; line = substr($0, 15) } END { print line }' <<<"${EXPLAINED[$1]}"
}
# missing RULE: the fields that its section of docs/invariants.md lacks
missing() {
	local section field
	section=$(awk -v rule="## $1" '$0 == rule { on = 1; next } /^##? / { on = 0 } on' docs/invariants.md | tr '\n' ' ' | plain)
	while read -r field; do
		[[ $section == *"$field"* ]] || echo "$1: $field"
	done < <(fields "$1" | plain)
}
same 'docs/invariants.md says of each rule what explain does' '' \
	"$(for name in $code; do missing "$name"; done)"
same 'explain says of each rule what it costs, and what is right' '' \
	"$(for name in $code; do for field in 'if broken' functions example correct; do
		[[ ${EXPLAINED[$name]} == *$'\n'"$field  "* ]] || echo "$name: $field"; done; done)"
same 'check --list-rules has every rule' "$code" "$("$TOOL" check --list-rules | sed -n 's/^\([a-z][a-z-]*\)  .*/\1/p' | sort)"
same 'so has explain' "$("$TOOL" check --list-rules)" "$("$TOOL" explain)"
# shellcheck disable=SC2016 # markdown's quotes
same 'docs/latency.md has every stage' "$(sed -n 's/^[[:space:]]*\.name = "\(.*\)",$/\1/p' user/hist/stage.c | sort)" \
	"$(sed -n 's/^| [^|]* | `\([a-z_]*\)` | .*/\1/p' docs/latency.md | sort)"

version=$(sed -n 's/^#define BT_VERSION "\(.*\)"$/\1/p' user/base/version.h)
same 'the last version of CHANGELOG.md is that of the tool' "$version" "$(sed -n 's/^## //p' CHANGELOG.md | head -n 1)"
same '... and that of the Debian package' "$version" "$(sed -n '1s/.*(\(.*\)-[0-9]*).*/\1/p' packaging/debian/changelog)"

# agreement COLUMN: of the rows of docs/agreement.md; 1 is the kernel
agreement() { awk -F' [|] ' '/^\| kernel/ { on = 1; getline; next } on && /^\|/ { print $'"$1"' }' docs/agreement.md | sed 's/^| *//'; }

same 'docs/agreement.md: its kernels are there' '' \
	"$(agreement 1 | cut -d' ' -f1 | sort -u | grep -vxF -e stock -f <(printf '%s\n' vm/patches/*/ vm/mutants/*.patch |
		sed 's,^vm/patches/\(.*\)/$,\1,; s,^vm/mutants/\(.*\).patch$,mutant/\1,'))"
same 'docs/agreement.md: its cases are there' '' \
	"$(agreement 3 | sort -u | grep -vxF -f <(printf '%s\n' vm/cases/* | sed 's,.*/,,'))"
same 'docs/agreement.md: its rules are there' '' \
	"$(agreement 4 | grep -o 'FAIL .*' | sed 's/^FAIL //' | tr -d ' ' | tr , '\n' | sort -u | grep -vxF -f <(echo "$code"))"
echo "1..$N"
