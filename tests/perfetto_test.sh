#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What `bitmap-trace timeline -o FILE.pftrace` writes, read by protoc: each field is one that is known, each event has its
# track and time, slices are nested, and arrows lead from bits to data.
set -euo pipefail

cd "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.."
# shellcheck source=tests/tap.sh
source tests/tap.sh
TOOL=${BT_TOOL:-${BUILD:-build}/san/bitmap-trace}
if ! command -v protoc >/dev/null; then
	echo '1..0 # SKIP there is no protoc (package protobuf-compiler)'
	exit 0
fi
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

decode() { protoc --proto_path=tests/perfetto --decode=bt.Trace tests/perfetto/trace.proto <"$1"; }
# seen TRACE: what is in it, as tests/perfetto/look says
seen() {
	"$TOOL" timeline "$1" -o "$SCRATCH/run.pftrace" && decode "$SCRATCH/run.pftrace" >"$SCRATCH/text" && tests/perfetto/look <"$SCRATCH/text"
}
number() { sed -n "s/^has: $1: //p" "$SCRATCH/seen"; }

tests/trace-without.pl type 52 <tests/traces/single-writer.bt >"$SCRATCH/bad"
seen "$SCRATCH/bad" >"$SCRATCH/seen" 2>&1 || true
nothing 'a trace with failures is well-formed' "$(grep -v '^has: ' "$SCRATCH/seen" || true)"
same 'from each bit an arrow leads to the write of its page and to the data of both members' 3 \
	"$(number 'arrow: thread -> bitmap page N in flight -> member N data -> member N data')"
same '... and there is no other arrow' 1 "$(grep -c 'has: arrow' "$SCRATCH/seen")"
same 'each write of data is a slice' "6 6" "$(number 'member N SLICE_BEGIN data') $(number 'member N SLICE_END ')"
same 'a page has its states' 3 "$(number 'bitmap page N SLICE_BEGIN bits not written')"
same 'each violation is marked' 6 "$(sed -n 's/^has: intent-before-data INSTANT .*: //p' "$SCRATCH/seen")"
same 'stacks can be read' yes "$(grep -q 'name: "stack"' "$SCRATCH/text" && echo yes)"
same 'a call that begins and ends is a slice' "$(number 'thread SLICE_BEGIN ')" "$(number 'thread SLICE_END ')"

# The test itself: what it must not take
sed '0,/SLICE_BEGIN/s//SLICE_END/' "$SCRATCH/text" | tests/perfetto/look >"$SCRATCH/wrong"
same 'an end without a beginning would be found' yes "$(grep -q 'an end without a beginning' "$SCRATCH/wrong" && echo yes)"
sed 's/timestamp: 1/7: 1/' "$SCRATCH/text" | tests/perfetto/look >"$SCRATCH/wrong"
same 'a field of another number would be found' yes "$(grep -q 'a field without a name' "$SCRATCH/wrong" && echo yes)"

tests/trace-without.pl type 255 <tests/traces/single-writer.bt >"$SCRATCH/good"
seen "$SCRATCH/good" >"$SCRATCH/seen" 2>&1 || true
same 'without a failure there is no track of one' '' "$(grep -v '^has: \(arrow\|thread\|bitmap page\|member\)' "$SCRATCH/seen" || true)"

"${BUILD:-build}/sim" --seed 7 --events 20000 --mutation unplug-no-wait --trace "$SCRATCH/long" >"$SCRATCH/out" 2>&1 ||
	sed 's/^/# /' "$SCRATCH/out"
seen "$SCRATCH/long" >"$SCRATCH/seen" 2>&1 || true
nothing 'many writes at the same time: each has a lane of its own' "$(grep -v '^has: ' "$SCRATCH/seen" | sort | uniq -c | head || true)"
same '... and each is there' "$("$TOOL" dump "$SCRATCH/long" --event data_start | grep -c data_start)" \
	"$(awk -F': ' '/^has: member N SLICE_BEGIN/ { n += $3 } END { print n }' "$SCRATCH/seen")"

head -c 9000 "$SCRATCH/bad" >"$SCRATCH/cut"
seen "$SCRATCH/cut" >"$SCRATCH/seen" 2>/dev/null || true
nothing 'so is a trace that ends early' "$(grep -v '^has: ' "$SCRATCH/seen" || true)"
echo precious >"$SCRATCH/old.pftrace"
same 'what is no trace leaves the file as it was' '2 precious' \
	"$("$TOOL" timeline "$SCRATCH/out" -o "$SCRATCH/old.pftrace" >/dev/null 2>&1 || echo "$?") $(cat "$SCRATCH/old.pftrace")"
echo "1..$N"
