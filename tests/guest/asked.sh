# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016 # expanded by the shell that is traced
# In the guest, by tests/vm_asked_test.sh: an array that was asked for on a running kernel and does not exist is an
# error, and an array without events is not judged. No output is lost to a run that did not start.

WRITES='source /bt/lib.sh; write_spread 4; wait_clean'

# ends STATUS WORDS SUBCOMMAND ARGUMENT...: prints what is wrong; stdout and stderr are in $DIR/said
ends() {
	local wanted=$1 words=$2 status=0
	shift 2
	bitmap-trace "$@" >"$DIR/said" 2>&1 || status=$?
	[[ $status == "$wanted" ]] || echo "ended with $status, expected $wanted"
	grep -qF -- "$words" "$DIR/said" || echo "does not say '$words'"
	[[ $wanted == 0 ]] || ! grep -q '^verdict: PASS' "$DIR/said" || echo 'says PASS'
}

main() {
	local words="there was no array 'md9'"
	create_array
	wait_clean
	expect 'the array that is there is judged' ends 0 'verdict: PASS' check --no-wait -a md0 -- bash -c "$WRITES"
	expect 'one more that is not there is an error' ends 2 "$words" \
		check --no-wait -a md0 -a md9 -- bash -c "$WRITES"
	expect 'so it is for hist' ends 2 "$words" hist --no-wait -a md9 -- true
	expect 'hist of one that is there' ends 0 'md0: unplug: ' hist --no-wait -a md0 -- bash -c "$WRITES"
	expect 'so it is for record' ends 2 "$words" record --no-wait -o "$DIR/t.bt" -a md9 -- true
	expect 'an array that does nothing is not judged' ends 3 'verdict: UNKNOWN' \
		check --no-wait -a md0 -- true
	echo precious >"$DIR/old.bt"
	expect 'a command that is not there leaves an old trace' ends 2 'No such file' \
		record --no-wait -o "$DIR/old.bt" -- /no/such/command
	expect '... as it was' grep -vx precious "$DIR/old.bt"
	expect '... and makes no new one' ends 2 'No such file' record --no-wait -o "$DIR/new.bt" -- /no/such/command
	expect '... at all' find "$DIR" -name new.bt
	stop_array
	echo "1..$N"
}

main
