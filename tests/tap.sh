# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# TAP for the tests that are shell scripts, also in the guest.

N=0

# A name may be a command line with a comment of its own, "# TODO ...", which is no directive.
ok() {
	N=$((N + 1))
	echo "ok $N - ${1//# TODO/\\# TODO}"
}

# not_ok NAME [WHY [DIR]]: with the end of DIR/out and DIR/err, if they exist; DIR is $WORK
not_ok() {
	local dir=${3:-${WORK-}} file
	N=$((N + 1))
	echo "not ok $N - $1"
	[[ -z ${2-} ]] || printf '%s\n' "$2" | sed 's/^/# /'
	for file in "$dir/out" "$dir/err"; do
		[[ ! -s $file ]] || tail -n 40 "$file" | sed 's/^/# /'
	done
}

# nothing NAME WORDS: ok if WORDS, a description of what is wrong, is empty
nothing() { if [[ -z $2 ]]; then ok "$1"; else not_ok "$1" "$2" /nonexistent; fi; }

# same NAME EXPECTED GOT
same() {
	local difference
	if difference=$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3")); then ok "$1"; else not_ok "$1" "$difference"; fi
}
