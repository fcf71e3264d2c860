#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What -f json prints is as docs/*.schema.json say, with an independent validator.
set -euo pipefail

cd "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.."
# shellcheck source=tests/tap.sh
source tests/tap.sh
TOOL=${BT_TOOL:-${BUILD:-build}/san/bitmap-trace}
TRACE=tests/traces/single-writer.bt
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# problems SCHEMA lines|whole <JSON: what the validator finds
problems() {
	/usr/bin/python3 - "docs/$1.schema.json" "$2" 3<&0 <<-'EOP'
		import json, os, sys
		import jsonschema
		schema = json.load(open(sys.argv[1]))
		jsonschema.Draft202012Validator.check_schema(schema)
		validator = jsonschema.Draft202012Validator(schema)
		text = os.fdopen(3).read()
		objects = [json.loads(t) for t in (text.splitlines() if sys.argv[2] == "lines" else [text])]
		if not objects:
		    print("nothing to validate")
		for instance in objects:
		    for error in validator.iter_errors(instance):
		        best = jsonschema.exceptions.best_match([error])
		        print(best.json_path, best.message[:300])
	EOP
}

# valid SCHEMA FORM ARGUMENT...: of what the tool prints, whatever its verdict
valid() {
	local schema=$1 form=$2
	shift 2
	{ "$TOOL" "$@" -f json 2>"$WORK/err" || (($? < 4)); } >"$WORK/out"
	nothing "${*//$WORK\//} -f json is as docs/$schema.schema.json says" "$(problems "$schema" "$form" <"$WORK/out" | head -n 20)"
}

tests/trace-without.pl type 52 <"$TRACE" >"$WORK/bad.bt"
head -c 24 "$TRACE" >"$WORK/cut.bt"
xz -dc tests/traces/two-writers.log.xz >"$WORK/w.log"
head -c 20000 "$WORK/w.log" >"$WORK/torn.log"

valid list whole list
valid doctor whole doctor
valid check whole check "$TRACE"
valid check whole check "$TRACE" --strict
valid check whole check "$WORK/bad.bt"
valid check whole check "$WORK/bad.bt" --known intent-before-data --save-counterexample "$WORK/ce.bt:unplug-durable"
valid check whole check "$WORK/cut.bt"
valid check whole check "$TRACE" "$WORK/bad.bt" -i "$WORK/none"
valid dump lines dump "$TRACE"
valid dump lines dump "$WORK/bad.bt" --relative --event data_start,lost
valid dump lines dump "$WORK/cut.bt"
valid hist lines hist "$TRACE"
valid hist lines hist "$TRACE" 1
valid crash whole crash -i "$WORK/w.log" -l tests/traces/two-writers.layout
valid crash whole crash -i "$WORK/w.log" -l tests/traces/two-writers.layout --cache
valid crash whole crash -i "$WORK/torn.log" -l tests/traces/two-writers.layout

# An array of a machine that has none, and hooks that this one has not
echo '{"arrays":[{"array":"md0","level":"raid1","state":"clean","bitmap":"internal","traced":true,"chunk_bytes":65536,"members":"a[0]"}]}' |
	problems list whole >"$WORK/out"
nothing 'an array is valid' "$(<"$WORK/out")"

# refused NAME SCHEMA FORM SED ARGUMENT...: what the tool prints, changed, is not valid
refused() {
	"$TOOL" "${@:5}" -f json 2>/dev/null | sed "$4" >"$WORK/out" || true
	if [[ $(problems "$2" "$3" <"$WORK/out") ]]; then ok "refused: $1"; else not_ok "refused: $1"; fi
}
refused 'another verdict' check whole '0,/"PASS"/s//"GOOD"/' check "$TRACE"
refused 'a key that is not described' check whole '0,/"held"/s//"kept"/' check "$TRACE"
refused 'an event without a time' dump lines 's/"ts_ns"/"ts"/' dump "$TRACE"
refused 'a null where a number is' crash whole 's/"entries":61/"entries":null/' crash -i "$WORK/w.log" -l tests/traces/two-writers.layout
refused 'a state that there is not' doctor whole 's/"can_judge":"[a-z]*"/"can_judge":"most"/' doctor
for schema in docs/*.schema.json; do
	name=${schema##*/}
	nothing "$schema is of a subcommand that has -f json" \
		"$("$TOOL" complete "${name%.schema.json}" -f json | grep -q json || echo "$name")"
done
same 'each subcommand that has -f json has a schema' "$("$TOOL" complete '' | cut -f1 | grep -vx help | while read -r name; do
	[[ -z $("$TOOL" complete "$name" --format) ]] || echo "docs/$name.schema.json"; done | sort)" "$(printf '%s\n' docs/*.schema.json)"
echo "1..$N"
