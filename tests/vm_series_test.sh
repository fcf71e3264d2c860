#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Other series. The verdicts on Debian 12's own kernel 6.1, whose md has other names and passes the bitmap where 6.12
# passes the array, and on 7.3. A VM for each; only with BT_VM=1. BT_WIDE=1: more of them.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

dirty='dirty-before-counter-clear PASS held>=1'
no_stale='writeback-before-stale-drop N/A held=0 broken=0'
clears=('no-clear-in-flight PASS held>=1000' 'two-pass-clear PASS held>=1000')
rest=('superblock-durable PASS held>=2' 'kernel-clean PASS held>=1' 'page-identity N/A held=0' 'dirty-context N/A held=0'
	'dirty-reaches-disk N/A held=0' 'degraded-keeps-bits N/A held=0' 'write-error-kicks N/A held=0' 'failure-recorded N/A held=0'
	'superblock-before-clears PASS|N/A broken=0' 'intent-recorded PASS held>=1' 'balanced-counters PASS held>=1' 'cleared-when-idle PASS|UNKNOWN|N/A broken=0')

# on SERIES NAME STATUS EXPECTATIONS ARGS...: EXPECTATIONS, one a line, of rules that the name is about
on() {
	local series=$1 name="$1: $2" status=$3 wanted why
	readarray -t wanted <<<"$4"
	shift 4
	run --series "$series" -o "$WORK/results" "$@"
	if [[ $STATUS != "$status" ]] || ! grep -q "^kernel: .*(${series//./[.]}[.]" "$WORK/results/run.txt"; then
		not_ok "$name" "vm/run ended with $STATUS, expected $status" "$WORK"
	elif ! grep -q ' 0 lost, kernel ' "$WORK/out"; then
		not_ok "$name" 'events were lost' "$WORK"
	elif why=$(perl "$ROOT/tests/lib-verdict.pl" "$WORK/results/verdict.json" "status $status" "${wanted[@]}" \
		"$dirty" "${clears[@]}" "${rest[@]}"); then
		ok "$name"
	else
		not_ok "$name" "$why" "$WORK"
	fi
}

# wide_on ...: one that says little that others do not
wide_on() { [[ -z ${BT_WIDE-} ]] || on "$@"; }

declare -A whole=([file]=wide_on [internal]=on)
for bitmap in file internal; do
	"${whole[$bitmap]}" 6.1 "single-writer passes, $bitmap bitmap" 0 "total PASS set_bits=8
intent-before-data PASS held=16
unplug-durable PASS held=8
$no_stale" -c single-writer --bitmap "$bitmap"
done
on 6.1 'stale-load passes' 0 'total PASS set_bits=3
intent-before-data PASS held=6
unplug-durable PASS held=3
writeback-before-stale-drop PASS held>=65536
no-clear-in-flight PASS held>=65536
two-pass-clear PASS held>=65536' -c stale-load
# Without a plug raid1d submits all data, one unplug after the other: with these writers 6.12 FAILs, 6.1 does not.
wide_on 6.1 'two-writers passes' 0 "total PASS set_bits=1
intent-before-data PASS held=4
unplug-durable PASS held>=1
$no_stale" -c two-writers
# With a plug each writer unplugs and submits for itself, and the second finds no dirty page to wait for.
for bitmap in file internal; do
	"${whole[$bitmap]}" 6.1 "two-plugged fails, $bitmap bitmap" 1 "total FAIL set_bits=1
intent-before-data FAIL broken=8 held=8
unplug-durable PASS held>=1
$no_stale
evidence intent-before-data other-unplug-returned" -c two-plugged --bitmap "$bitmap"
done

# 7.3, in other packages, from a newer Debian than the host may be: as it comes, and built here. Bitmap files cannot be
# set there. `make check-series` has more of it.
on 7.3 'single-writer passes' 0 'total PASS set_bits=8
intent-before-data PASS held=16
unplug-durable PASS held=8
'"$no_stale" --bitmap internal -k stock -c single-writer
on 7.3 'an unplug that does not wait fails' 1 'total FAIL set_bits>=1
intent-before-data FAIL broken>=1
unplug-durable FAIL broken>=1
'"$no_stale" --bitmap internal --patch "$ROOT/vm/mutants/unplug-returns-early.patch" -c spaced-writer
manifest=$WORK/results/kernel-manifest
if grep -qx 'config=MD_LLBITMAP' "$manifest" && grep -q '^flags=.*-fno-ipa-sra' "$manifest" && grep -q '^ko.md-mod.ko=' "$manifest"; then
	ok '7.3: the manifest says how it was built'
else
	not_ok '7.3: the manifest says how it was built' "$(cat "$manifest")"
fi
run --series 7.3 -c single-writer
if [[ $STATUS == 2 ]] && grep -qF 'no bitmap file can be set' "$WORK/err" && ! grep -q ' boot ' "$WORK/err"; then
	ok '7.3: that no bitmap file can be set is said at once'
else
	not_ok '7.3: that no bitmap file can be set is said at once' "vm/run ended with $STATUS"
fi
echo "1..$N"
