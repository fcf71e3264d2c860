#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Other series. The verdicts on Debian 12's own kernel 6.1, whose md has other names and passes the bitmap where 6.12
# passes the array. A VM for each, two at a time; only with BT_VM=1.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

# start DIR ARGS...
start() {
	local dir=$WORK/$1
	shift
	mkdir "$dir"
	run_into "$dir" --series 6.1 -o "$dir/results" "$@"
	echo $? >"$dir/status"
}

# ends DIR STATUS NAME EXPECTATION...: as in lib-verdict.pl
ends() {
	local dir=$WORK/$1 status=$2 name=$3 why
	shift 3
	if [[ $(<"$dir/status") != "$status" ]]; then
		not_ok "6.1: $name" "vm/run ended with $(<"$dir/status"), expected $status" "$dir"
	elif ! grep -q ' 0 lost, kernel 6\.1\.' "$dir/out"; then
		not_ok "6.1: $name" 'it did not run on 6.1' "$dir"
	elif why=$(perl "$ROOT/tests/lib-verdict.pl" "$dir/results/verdict.json" "status $status" "$@"); then
		ok "6.1: $name"
	else
		not_ok "6.1: $name" "$why" "$dir"
	fi
}

start file -c single-writer --bitmap file &
start internal -c single-writer --bitmap internal &
wait
start stale -c stale-load &
start two -c two-writers &
wait
start plugged -c two-plugged &
start plugged-internal -c two-plugged --bitmap internal &
wait

dirty='dirty-before-counter-clear PASS held>=1'
no_stale='writeback-before-stale-drop N/A held=0 broken=0'
clears=('no-clear-in-flight PASS held>=1000' 'two-pass-clear PASS held>=1000')
rest=('superblock-durable PASS held>=2' 'kernel-clean PASS held>=1' 'page-identity N/A held=0' 'dirty-context N/A held=0'
	'dirty-reaches-disk N/A held=0' 'degraded-keeps-bits N/A held=0' 'write-error-kicks N/A held=0' 'failure-recorded N/A held=0'
	'superblock-before-clears PASS|N/A broken=0' 'intent-recorded PASS held>=1' 'balanced-counters PASS held>=1' 'cleared-when-idle PASS|UNKNOWN|N/A broken=0')

for bitmap in file internal; do
	ends "$bitmap" 0 "single-writer passes, $bitmap bitmap" 'total PASS set_bits=8' \
		'intent-before-data PASS held=16' 'unplug-durable PASS held=8' "$dirty" "$no_stale" \
		"${clears[@]}" "${rest[@]}"
done
ends stale 0 'stale-load passes' 'total PASS set_bits=3' 'intent-before-data PASS held=6' \
	'unplug-durable PASS held=3' "$dirty" 'writeback-before-stale-drop PASS held>=65536' \
	'no-clear-in-flight PASS held>=65536' 'two-pass-clear PASS held>=65536' "${rest[@]}"
# Without a plug raid1d submits all data, one unplug after the other: with these writers 6.12 FAILs, 6.1 does not.
ends two 0 'two-writers passes' 'total PASS set_bits=1' 'intent-before-data PASS held=4' \
	'unplug-durable PASS held>=1' "$dirty" "$no_stale" "${clears[@]}" "${rest[@]}"
# With a plug each writer unplugs and submits for itself, and the second finds no dirty page to wait for.
for run in plugged plugged-internal; do
	ends "$run" 1 "two-plugged fails, $run" 'total FAIL set_bits=1' 'intent-before-data FAIL broken=8 held=8' \
		'unplug-durable PASS held>=1' "$dirty" "$no_stale" "${clears[@]}" "${rest[@]}" \
		'evidence intent-before-data other-unplug-returned'
done
# 7.3, with other packages, from a Debian that may be newer than the host's: unmodified, and built here. No tracer.
# boots NAME ARGS...
boots() {
	local name=$1
	shift
	run --series 7.3 --no-trace --bitmap internal -c single-writer -o "$WORK/results" "$@"
	if [[ $STATUS == 0 ]] && grep -q '^kernel: .*(7\.3' "$WORK/results/run.txt"; then
		ok "7.3: $name"
	else
		not_ok "7.3: $name" "vm/run ended with $STATUS"
	fi
}
boots 'the kernel as it comes runs a case' -k stock
boots 'the kernel with md built here does' -k stock+llbitmap
manifest=$WORK/results/kernel-manifest
if grep -qx 'config=MD_LLBITMAP' "$manifest" && grep -q '^flags=.*-fno-ipa-sra' "$manifest" && grep -q '^ko.md-mod.ko=' "$manifest"; then
	ok '7.3: the manifest says how it was built'
else
	not_ok '7.3: the manifest says how it was built' "$(cat "$manifest")"
fi
echo "1..$N"
