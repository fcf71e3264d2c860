# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# In the guest, before each script of this directory: TAP on stdout.
set -uo pipefail

DIR=/tmp/test # what is written to $DIR/said is shown when something goes wrong
N=0
mkdir -m 777 "$DIR"

# comment FILE: what it says, as TAP has it
comment() {
	local line
	while IFS= read -r line; do echo "# $line"; done <"$1"
}

# expect NAME COMMAND...: the command says what is wrong, or nothing. It runs in this shell.
expect() {
	local name=$1
	shift
	N=$((N + 1))
	: >"$DIR/said"
	"$@" >"$DIR/why" 2>&1
	if [[ ! -s $DIR/why ]]; then
		echo "ok $N - $name"
		return
	fi
	echo "not ok $N - $name"
	comment "$DIR/why"
	comment "$DIR/said"
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
