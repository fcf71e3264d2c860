#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The page of `bitmap-trace timeline`: whole, of its own, as large for a long trace as for a short
# one; drawn by a browser where there is one (SHOTS=DIR keeps what it has drawn).
set -euo pipefail

cd "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.."
# shellcheck source=tests/tap.sh
source tests/tap.sh
TOOL=${BT_TOOL:-${BUILD:-build}/san/bitmap-trace}
TRACE=tests/traces/single-writer.bt
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
SHOTS=${SHOTS:-$SCRATCH}

page() { "$TOOL" timeline "$1" -o "$SCRATCH/page.html" >"$SCRATCH/out" 2>"$SCRATCH/err"; }
well_formed() {
	/usr/bin/python3 -c 'import sys, xml.dom.minidom
page = open(sys.argv[1]).read()
xml.dom.minidom.parseString(page[page.index("<html"):])' "$1" 2>&1
}

tests/trace-without.pl type 52 <$TRACE >"$SCRATCH/bad"
page "$SCRATCH/bad"
same 'a page is written, and nothing said' '' "$(cat "$SCRATCH/out" "$SCRATCH/err")"
same 'it is well-formed' '' "$(well_formed "$SCRATCH/page.html")"
same 'it needs no network and runs no script' '' "$(grep -iE '<script|https?://|@import|url\(' "$SCRATCH/page.html" || true)"
same 'it has each failure' 2 "$(grep -c '<h2 id="failure-' "$SCRATCH/page.html")"
same 'with a picture of it, and one of the run' 4 "$(grep -c '</svg>' "$SCRATCH/page.html")"
same 'the exposed time is red' 2 "$(grep -c 'class="area"' "$SCRATCH/page.html")"
same 'stacks can be read at the events' yes "$(grep -qE 'md_bitmap_unplug_fn.*' "$SCRATCH/page.html" && echo yes)"
"$TOOL" timeline "$SCRATCH/bad" $TRACE -o "$SCRATCH/page.html" >"$SCRATCH/out" 2>&1 || true
same 'beside another run it is well-formed' '' "$(cat "$SCRATCH/out"; well_formed "$SCRATCH/page.html")"
same '... has the same chunk from there' 6 "$(grep -c '</svg>' "$SCRATCH/page.html")"
same '... and what the rule came to' yes \
	"$(grep -q 'intent-before-data was broken 0 times and held 6 times' "$SCRATCH/page.html" && echo yes)"
# shellcheck disable=SC2016 # sed's
same '... its data comes last' 'sets the bit of chunk 0 sends DATA to member 1' \
	"$(sed -n '/<h3>The same chunk 0 in/,/<\/table>/s/.*<td>\(.*\)<\/td><\/tr>/\1/p' "$SCRATCH/page.html" |
		sed -n '1p; /DATA/h; ${x; p}' | paste -sd' ')"
tests/trace-without.pl type 22 <$TRACE >"$SCRATCH/none"
"$TOOL" timeline "$SCRATCH/bad" "$SCRATCH/none" -o "$SCRATCH/page.html" >"$SCRATCH/out" 2>&1 || true
same '... or that it was not written to there' 2 "$(grep -c 'Its bit was not set in that run' "$SCRATCH/page.html")"
same '... a third run is refused' 2 "$("$TOOL" timeline "$SCRATCH/bad" $TRACE $TRACE -o "$SCRATCH/x.html" >/dev/null 2>&1 || echo $?)"
same '... so is a second one for Perfetto' 2 "$("$TOOL" timeline "$SCRATCH/bad" $TRACE -o "$SCRATCH/x.pftrace" >/dev/null 2>&1 || echo $?)"
page $TRACE
same 'without a failure it says so' yes "$(grep -q 'No rule is broken' "$SCRATCH/page.html" && echo yes)"
same 'an input is no output' 2 "$("$TOOL" timeline "$SCRATCH/bad" -o "$SCRATCH/bad" >/dev/null 2>&1 || echo $?)"
same 'nor is a pipe read twice' 2 "$("$TOOL" timeline <(cat "$SCRATCH/bad") -o "$SCRATCH/x" >/dev/null 2>&1 || echo $?)"
same '-o is needed' 2 "$("$TOOL" timeline "$SCRATCH/bad" >/dev/null 2>&1 || echo $?)"

rm "$SCRATCH/page.html"
"${BUILD:-build}/sim" --seed 7 --events 1000000 --mutation unplug-no-wait --trace "$SCRATCH/long" >"$SCRATCH/out" 2>&1 ||
	sed 's/^/# /' "$SCRATCH/out"
page "$SCRATCH/long" || true
same 'a million events do not make it large' "$SCRATCH/page.html" "$(find "$SCRATCH/page.html" -size -513k 2>&1)"
if browser=$(command -v chromium || command -v google-chrome); then
	page "$SCRATCH/bad"
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --window-size=1200,1600 --user-data-dir="$SCRATCH/profile" \
		--screenshot="$SHOTS/timeline.png" "file://$SCRATCH/page.html" >"$SCRATCH/out" 2>&1 || true
	same 'a browser draws it' yes "$([[ -s $SHOTS/timeline.png ]] && echo yes)"
else
	ok 'a browser draws it # SKIP there is none'
fi
echo "1..$N"
