#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# TAP test of vm/bisect without a VM: a stub replaces vm/run, and vm/bisect maps its exit status for git bisect.
# shellcheck disable=SC2016 # expanded by the stubs
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

# A kernel is its patch. What vm/run is to end with is in RUN_STATUS, or follows from the patch; its report is REPORT.
BT_KERNEL_TOOL=$(stub kernel 'case " $* " in *" --source "*) echo "$STOCK"; exit ;; esac' \
	'for last in "$@"; do :; done' '[[ $last != *.patch ]] || ! grep -q "^+.*does not compile" "$last" || exit 2' 'exit "${KERNEL_STATUS:-0}"')
BT_RUN=$(stub run 'echo "$*" >>"$LOG"' 'while (($#)); do case $1 in -o) out=$2 ;; --patch) patch=$2 ;; esac; shift; done' 'mkdir -p "$out"' \
	'status=0' '[[ ! $patch ]] || ! grep -q "^+.*bug" "$patch" || status=1' '[[ ! $patch ]] || ! grep -q "^+.*hangs" "$patch" || status=5' \
	'printf "%b" "${REPORT-}" >"$out/verdict.txt"' 'printf "%s" "${JSON-}" >"$out/verdict.json"' 'exit "${RUN_STATUS:-$status}"')
export BT_RUN BT_KERNEL_TOOL LOG=$WORK/log STOCK=$WORK/stock
export BT_TOOL=${BT_TOOL:-${BUILD:-$ROOT/build}/bitmap-trace}
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@localhost GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@localhost

# commit WORDS: adds them as a line to md, and commits; what does not compile is repaired by the next one
commit() {
	sed -i '/does not compile/d' "$WORK/tree/drivers/md/md.c"
	echo "/* $1 */" >>"$WORK/tree/drivers/md/md.c"
	git -C "$WORK/tree" add -A
	git -C "$WORK/tree" commit -qm "$1"
}

make_tree() {
	mkdir -p "$STOCK/drivers/md/bcache" "$WORK/tree"
	echo 'int md;' >"$STOCK/drivers/md/md.c"
	cp -r "$STOCK/drivers" "$WORK/tree"
	git init -q "$WORK/tree"
	git -C "$WORK/tree" add -A
	git -C "$WORK/tree" commit -qm stock
}

# bisect ARGS...: sets STATUS; output in $WORK/out and $WORK/err
bisect() {
	STATUS=0
	: >"$LOG"
	"$ROOT/vm/bisect" --tree "$WORK/tree" --md-only "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || STATUS=$?
}

test_usage() {
	bisect --help
	expect '--help lists the options' 0 out '--md-only'
	bisect --bogus
	expect 'a usage error stops bisecting' 128 err "unknown argument '--bogus'"
	bisect --runs 0
	expect 'so does a number that is none' 128 err "--runs '0'"
	BT_TOOL=$WORK/none bisect
	expect 'so does a missing tool' 128 err "'$WORK/none' is not there"
	TMPDIR=$WORK/none bisect
	expect 'so does what nobody has thought of' 128 err mktemp
}

test_statuses() {
	local status
	bisect -c idle -c busy -- --level raid10
	expect 'PASS is good' 0 err 'stock: good: all rules hold'
	same 'each case runs, with the options of vm/run' 2 "$(grep -cE -- '-k stock --series 6.12 -c (idle|busy) -o .* --level raid10$' "$LOG")"
	RUN_STATUS=1 bisect
	expect 'FAIL is bad' 1 err 'stock: bad: single-writer'
	for status in 3 4 5; do
		RUN_STATUS=$status bisect
		expect "$status of vm/run is skipped" 125 err "skip: single-writer: vm/run ended with status $status"
	done
	RUN_STATUS=5 bisect --lost-is-bad
	expect '... unless a lost VM is what is looked for' 1 err 'the VM was lost'
	for status in 2 77 130; do
		RUN_STATUS=$status bisect
		expect "$status of vm/run stops bisecting" 128 err "vm/run ended with status $status"
	done
	KERNEL_STATUS=2 bisect
	expect 'so does a stock that does not build' 128 err 'stock of 6.12 cannot be made ready'
	RUN_STATUS=1 bisect --runs 3
	same 'one run that is bad is enough' 1 "$(wc -l <"$LOG")"
	bisect --runs 3
	same 'all runs must be good' 3 "$(wc -l <"$LOG")"
}

test_rules() {
	local json='{"verdict":"FAIL","kernel":"6.12","invariants":[{"name":"intent-before-data","verdict":"FAIL","kinds":[]}]}'
	export REPORT='FAIL    intent-before-data   broken 3 times\nPASS    unplug-durable    checked\nUNKNOWN balanced-counters  none\nverdict: FAIL\n'
	RUN_STATUS=1 bisect --rule unplug-durable
	expect 'what other rules do is not asked for' 0 err good
	RUN_STATUS=1 bisect --rule unplug-durable --rule intent-before-data
	expect 'a rule that is asked for is' 1 err 'bad: single-writer: verdict: FAIL'
	RUN_STATUS=3 bisect --rule balanced-counters
	expect 'one that is UNKNOWN is skipped' 125 err skip
	RUN_STATUS=1 bisect --rule no-such-rule
	expect 'so is one that is not there' 125 err skip
	echo "$json" >"$WORK/baseline"
	JSON=$json RUN_STATUS=1 bisect --baseline "$WORK/baseline"
	expect 'what is broken in the baseline, too, is good' 0 err good
	JSON=${json//intent-before-data/unplug-durable} RUN_STATUS=1 bisect --baseline "$WORK/baseline"
	expect 'what is not is bad' 1 err bad
	JSON=nonsense RUN_STATUS=1 bisect --baseline "$WORK/baseline"
	expect 'what cannot be compared stops bisecting' 128 err "'bitmap-trace diff' ended with status 2"
	unset REPORT
}

test_history() {
	local subject found
	for subject in harmless1 'does not compile' harmless2 'a bug' harmless3 'harmless4'; do commit "$subject"; done
	bisect
	expect 'a commit is a patch on stock' 1 err 'harmless4: bad'
	found=$(cd "$WORK/tree" && git bisect start HEAD HEAD~6 >/dev/null && git bisect run "$ROOT/vm/bisect" --md-only 2>&1)
	same 'git bisect run finds the commit' 'a bug' "$(git -C "$WORK/tree" log -1 --format=%s "$(sed -n 's/ is the first bad commit//p' <<<"$found")")"
	git -C "$WORK/tree" bisect reset -q >/dev/null 2>&1
	echo 'does not compile' >>"$WORK/tree/drivers/md/md.c"
	bisect
	expect 'what does not build is skipped' 125 err 'skip: its md does not build on 6.12'
	git -C "$WORK/tree" checkout -q -- drivers
	echo 'all:;exit 1' >"$WORK/tree/Makefile"
	STATUS=0
	(cd "$WORK/tree" && "$ROOT/vm/bisect") >"$WORK/out" 2>"$WORK/err" || STATUS=$?
	expect 'so is a tree that does not build' 125 err 'skip: it does not build'
	printf '%s\n' 'olddefconfig bzImage modules:' >"$WORK/tree/Makefile"
	STATUS=0
	(cd "$WORK/tree" && "$ROOT/vm/bisect") >"$WORK/out" 2>"$WORK/err" || STATUS=$?
	expect 'a tree that builds is run' 0 log "-k $WORK/tree -c single-writer"
}

make_tree
test_usage
test_statuses
test_rules
test_history
echo "1..$N"
