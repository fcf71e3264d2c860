#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm_latency_test.sh [ARGUMENTS]: the kernel's own measurement agrees with the events of the same time: each stage has
# the same count, and shortest, longest, total and percentiles agree within a bucket and the run time of the probes
# (tests/lib-latency.pl); with a bitmap file and an internal one. Only with BT_VM=1. ARGUMENTS go to vm/run.
#
# Emulated, even if KVM works, with a clock that counts instructions: otherwise the host may take the CPU away between
# the two clock readings of one hook, for longer than most stages last.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

# same PAIR STAGE=COUNT...: prints the differences of the two measurements, or nothing
same() {
	local pair=$WORK/dir/$1
	[[ $(cat "$pair.status") == 0 ]] || echo "ended with $(cat "$pair.status")"
	perl "$ROOT/tests/lib-latency.pl" "$pair.kernel" "$pair.events" "${@:2}" 2>&1
}

# The test must be able to fail: it must find one duration more, one array more, and durations that are a twentieth
# longer.
differs() {
	local pair=$WORK/dir/$1 name=$WORK/changed change field
	local -a changes=('s/"count":16,/"count":17,/' 's/"md0"/"md1"/')
	for field in low_ns min_ns max_ns total_ns; do changes+=("s/\"$field\":(\\d+)/qq(\"$field\":) . int(1.05 * \$1)/ge"); done
	for change in "${changes[@]}"; do
		perl -pe "$change" "$pair.events" >"$name"
		! cmp -s "$name" "$pair.events" || echo "nothing is changed by $change"
		[[ -n $(perl "$ROOT/tests/lib-latency.pl" "$pair.kernel" "$name" 2>&1) ]] || echo "passes after $change"
	done
}

# try NAME COMMAND...: COMMAND prints what is wrong, or nothing
try() {
	local name=$1 why
	shift
	why=$("$@")
	if [[ -z $why ]]; then ok "$name"; else not_ok "$name" "$why"; fi
}

# started PAIR: how long its start took
started() {
	local seconds
	seconds=$(sed -n 's/^open \([0-9.]*\) s, load \([0-9.]*\) s, attach \([0-9.]*\) s.*/\1 \2 \3/p' "$WORK/dir/$1.said" |
		awk '{ print $1 + $2 + $3 }')
	echo "# $1: the probes that measure were there after ${seconds:-?} s" >&3
	[[ -n $seconds ]] || echo 'no times were printed'
}

cat "$ROOT/tests/guest/latency.sh" >"$WORK/latency.sh"
export BT_ICOUNT=0
run --accel tcg --no-trace -c "$WORK/latency.sh" -o "$WORK/dir" --timeout 240 "$@"
if [[ $STATUS != 0 ]]; then
	sed 's/^/# /' "$WORK/err" | tail -40
	echo "Bail out! vm/run ended with $STATUS"
	exit 1
fi
exec 3>&1
# Two members: an internal bitmap's page is written in two copies. Each write sets a bit and waits for its unplug.
each=(set_to_disk dirty_to_write unplug user_write bitmap_wait lifetime)
try 'a bitmap file: each stage the same' same file "${each[@]/%/=16}" page_write=16+ daemon_pass=2+ update_sb=1+
try 'an internal bitmap, created, stopped and assembled: each stage the same' \
	same members "${each[@]/%/=18}" page_write=36+ daemon_pass=2+ update_sb=2+
try 'another count, array or length would be found' differs file
try 'the probes are there: bitmap file' started file
try 'the probes are there: internal bitmap' started members
try 'no program is left' cat "$WORK/dir/left"
echo "1..$N"
