#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The verdicts on real kernels: which case, which exit status, which invariants.
# Boots a VM for each; only with BT_VM=1.
set -uo pipefail

ROOT=$(dirname -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
N=0

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

ok() {
	N=$((N + 1))
	echo "ok $N - $1"
}

# not_ok NAME WHY: with what the run printed
not_ok() {
	N=$((N + 1))
	echo "not ok $N - $1"
	printf '# %s\n' "$2"
	sed 's/^/# /' "$WORK/out" "$WORK/err" | tail -60
}

# run_vm ARGS...: sets STATUS; output in $WORK/out, $WORK/err, results in $WORK/dir
run_vm() {
	rm -rf "$WORK/dir"
	STATUS=0
	"$ROOT/vm/run" -o "$WORK/dir" "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || STATUS=$?
}

# expect NAME STATUSES [LINE...]: the last run had one of these statuses, and a
# line that matches each regular expression.
expect() {
	local name=$1 statuses=$2 line
	shift 2
	if [[ " $statuses " != *" $STATUS "* ]]; then
		not_ok "$name" "exit status $STATUS, expected $statuses"
		return
	fi
	for line in "$@"; do
		if ! grep -Eq "$line" "$WORK/out"; then
			not_ok "$name" "no line of the report matches: $line"
			return
		fi
	done
	ok "$name"
}

# The stock kernel on what it gets right: all that applies held, nothing was lost.
quiet=(
	'^PASS +intent-before-data +checked [1-9]'
	'^PASS +unplug-durable +checked [1-9]'
	'^PASS +dirty-before-counter-clear +checked [1-9]'
	'^PASS +no-clear-in-flight +checked [1-9]'
	', 0 lost,'
	'^verdict: PASS'
)

for bitmap in file internal; do
	run_vm -k stock --bitmap "$bitmap" -c single-writer
	expect "stock, $bitmap: single-writer passes" 0 "${quiet[@]}"
done
for case in stop-start resync remount; do
	run_vm -k stock -c "$case"
	expect "stock: $case passes" 0 "${quiet[@]}"
done
run_vm -k stock -c stale-load
expect 'stock: stale-load passes' 0 "${quiet[@]}" '^PASS +writeback-before-stale-drop +checked [1-9]'

# The stock race: the second unplug returns while the first one's write is in flight.
for bitmap in file internal; do
	run_vm -k stock --bitmap "$bitmap" -c two-writers
	expect "stock, $bitmap: two-writers fails" 1 \
		'^FAIL +intent-before-data' '^PASS +unplug-durable' '^PASS +no-clear-in-flight' \
		'set_bit' 'page_write_start' 'unplug_exit' '>> .*data_start' 'page_write_end' \
		'raid1' '^verdict: FAIL \(intent-before-data\)'
done

run_vm -k stock -c idle
expect 'stock: idle is unknown' 3 '^verdict: UNKNOWN'

run_vm -k rfc -c single-writer
expect 'rfc: single-writer fails' 1 '^FAIL +unplug-durable' '^FAIL +intent-before-data' \
	'>> .*unplug_exit' '__bitmap_unplug|raid1' '^verdict: FAIL'

run_vm -k rfc -c stale-load
expect 'rfc: stale-load fails' '1' '^FAIL +writeback-before-stale-drop'

run_vm -k rfc -c remount
expect 'rfc: remount never passes' '1 5'

echo "1..$N"
