# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# In the guest, before each script of this directory: TAP on stdout.
set -uo pipefail

DIR=/tmp/test # what is written to $DIR/said is shown when something goes wrong
N=0
mkdir -m 777 "$DIR"

# expect NAME COMMAND...: the command says what is wrong, or nothing
expect() {
	local name=$1 why
	shift
	N=$((N + 1))
	if why=$("$@" 2>&1) && [[ -z $why ]]; then
		echo "ok $N - $name"
		return
	fi
	echo "not ok $N - $name"
	while IFS= read -r line; do echo "# $line"; done <<<"$why"
	if [[ -s $DIR/said ]]; then
		while IFS= read -r line; do echo "# said: $line"; done <"$DIR/said"
	fi
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
