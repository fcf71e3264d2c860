# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# In the guest, behind tests/tap.sh and before each script of this directory: TAP on stdout.
set -uo pipefail

DIR=/tmp/test # what is written to $DIR/said is shown when something goes wrong
mkdir -m 777 "$DIR"

# expect NAME COMMAND...: the command says what is wrong, or nothing. It runs in this shell.
expect() {
	local name=$1
	shift
	: >"$DIR/said"
	"$@" >"$DIR/why" 2>&1
	if [[ ! -s $DIR/why ]]; then ok "$name"; else not_ok "$name" "$(cat "$DIR/why" "$DIR/said")"; fi
}

# await FILE PID: until the file is there; fails when the process has ended, or after a minute
await() {
	local n
	for ((n = 0; n < 600; n++)); do
		[[ ! -e $1 ]] || return 0
		kill -0 "$2" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}
