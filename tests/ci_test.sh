#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# TAP test of vm/ci without a VM: a stub in place of vm/run makes up what came of a row.
# shellcheck disable=SC2016 # expanded by the stubs
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

# The file outcomes has a line for each run that is not a PASS: SIDE CASE OUTCOME. SIDE: base, test
BT_KERNEL_TOOL=$(stub kernel 'echo "kernel ${*/--series/}" >>"$LOG"; echo "$MADE/$(cksum <<<"$*" | cut -d" " -f1)"')
BT_RUN=$(stub run 'side=base; [[ $* != *" --patch "* ]] || side=test' 'echo "$*" >>"$LOG"' \
	'while (($#)); do case $1 in -o) out=$2 ;; -c) case=$2 ;; esac; shift; done' 'mkdir -p "$out"' \
	'outcome= && while read -r of what how; do [[ "$of $what" != "$side $case" ]] || outcome=$how; done <"$OUTCOMES"' \
	'verdict() {' \
	'	echo "{\"verdict\":\"$1\",\"failed\":[],\"kernel\":\"6.12.1\",\"invariants\":[{\"name\":\"intent-before-data\",\"verdict\":\"$1\",\"kinds\":[{\"kind\":\"${2:-one way}\",\"count\":1}]}]}" >"$out/verdict.json"' \
	'	echo "verdict: $1"' '}' \
	'echo "<said> & \"done\"" >&2' \
	'case $outcome in' \
	'"") verdict PASS; exit 0 ;;' 'fail) verdict FAIL; exit 1 ;;' 'other) verdict FAIL "another way"; exit 1 ;;' \
	'unknown) verdict UNKNOWN; exit 3 ;;' 'case) verdict PASS; exit 4 ;;' \
	'lost) echo "vm: VM lost: the kernel broke down: Oops" >&2; exit 5 ;;' \
	'late) echo "vm: VM lost: the deadline of 120 s passed" >&2; exit 5 ;;' \
	'skip) echo "vm/run: on this kernel no bitmap file can be set (docs)" >&2; exit 2 ;;' \
	'error) echo "vm/run: something is missing" >&2; exit 2 ;;' \
	'nothing) exit 0 ;;' 'slow) echo $$ >>"$LOG.slow"; exec sleep 97.31 ;;' 'esac')
export BT_RUN BT_KERNEL_TOOL LOG=$WORK/log OUTCOMES=$WORK/outcomes MADE=/kernels
TOOL=${BT_TOOL:-${BUILD:-$ROOT/build}/bitmap-trace}
export BT_TOOL=$TOOL
echo patch >"$WORK/my.patch"
: >"$OUTCOMES"

# ci ARGS...: sets STATUS; output in $WORK/out and $WORK/err
ci() {
	STATUS=0
	: >"$LOG"
	"$ROOT/vm/ci" "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || STATUS=$?
}

# suite LINE...: prints the path of a suite
suite() {
	printf '%s\n' "$@" >"$WORK/suite"
	echo "$WORK/suite"
}

# refused NAME WORDS LINE...
refused() {
	local name=$1 words=$2
	shift 2
	ci --list --suite "$(suite "$@")"
	expect "$name" 2 err "vm/ci: $WORK/suite:$words"
}

ROW='stock 6.12 raid1 internal -' PREFIX=stock-6.12-raid1-internal

test_suite() {
	local name
	refused 'a line that lacks columns is named' '2: 5 columns; expected 6: kernel series level bitmap fs case' '# comment' "$ROW"
	refused 'a field that is none is named' "1: level 'raid0': expected one of: raid1" 'stock 6.12 raid1,raid0 internal - idle'
	refused 'so is a series' "1: series '6': expected one such as 6.12" 'stock 6 raid1 internal - idle'
	refused 'so is a bitmap' "1: bitmap 'disk': expected one of" 'stock 6.12 raid1 disk - idle'
	refused 'so is a file system' "1: fs 'fat': expected one of" 'stock 6.12 raid1 file fat idle'
	refused 'so is a kernel' "1: kernel '-k': expected a kernel" '-k 6.12 raid1 file ext4 idle'
	refused 'so is a case' "3: case 'no-case': expected a case" "$ROW idle" '' "$ROW no-case"
	refused 'so is an option' "1: option '--shell': expected one of: --strict" "$ROW idle --shell"
	refused 'a line without any row is an error' '1: no row: remount is not for bitmap internal' "$ROW remount"
	refused 'a bitmap file needs a file system' '1: no row: a bitmap file needs a file system' 'stock 6.12 raid1 file - idle'
	ci --list --suite "$(suite 'stock 6.12,7.3 raid1 internal ext4,xfs idle,remount # x' "$ROW idle" "$ROW busy --strict --timeout=9")"
	same 'a line stands for all combinations that there are, once' \
		"$(printf '%s\n' stock-6.12-raid1-internal-idle stock-7.3-raid1-internal-idle stock-6.12-raid1-internal-busy--strict--timeout_9)" \
		"$(cat "$WORK/out")"
	ci --list --suite "$WORK/none"
	expect 'a suite that is not there is named' 2 err "--suite '$WORK/none': no readable file, and none of: full quick"
	ci --list --series 6.1 --suite "$WORK/suite" --filter 'internal id*'
	same '--series and --filter' stock-6.1-raid1-internal-idle "$(cat "$WORK/out")"
	ci --list --suite "$WORK/suite" --filter stock-7.3-raid1-internal-idle
	same 'a name is a filter' stock-7.3-raid1-internal-idle "$(cat "$WORK/out")"
	ci --list --suite "$WORK/suite" --filter file
	expect 'a filter that leaves nothing is an error' 2 err "no row of '$WORK/suite' has all of: file"
	for name in quick full; do
		ci --list -f json --suite "$name"
		nothing "the suite $name is in order, and a matrix" \
			"$(perl -MJSON::PP -0777 -ne '@n = map { $_->{row} } @{decode_json($_)->{include}}; print "few rows" if @n < 8' "$WORK/out" 2>&1
			cat "$WORK/err")"
	done
}

test_usage() {
	local bin=$WORK/bin
	ci --help
	expect '--help lists the options' 0 out '--baseline DIR'
	nothing '--help fits a terminal' "$(awk 'length($0) > 112' "$WORK/out")"
	ci --bogus
	expect 'an unknown option is refused' 2 err "unknown argument '--bogus'"
	ci -f xml
	expect 'so is an unknown format' 2 err "-f 'xml': expected one of: text json ktap junit"
	ci -j none
	expect 'so is a number that is none' 2 err "-j 'none'"
	ci --patch "$WORK/none"
	expect 'so is a patch that is not there' 2 err "--patch '$WORK/none': no such file"
	ci --resume "$WORK"
	expect 'so is a directory without results' 2 err "'$WORK': not the results of vm/ci"
	ci --build
	expect '--build needs a tree' 2 err '--build needs the tree'
	TMPDIR=$WORK/none ci
	expect 'what nobody has thought of is no verdict' 2 err mktemp
	BT_TOOL=$WORK/none ci
	expect 'a missing tool is named' 2 err "'$WORK/none' is not there"
	mkdir "$bin"
	ln -s /usr/bin/* "$bin" && rm -f "$bin/parallel"
	PATH=$bin ci
	expect 'a missing parallel is named with its package' 2 err 'apt-get install parallel'
	printf '%s\n' '#!/bin/sh' 'exit 1' >"$bin/parallel" && chmod +x "$bin/parallel"
	PATH=$bin ci
	expect 'another program of that name is none' 2 err "'parallel' is not GNU parallel"
}

# base_results SUFFIX=OUTCOME...: as an earlier vm/ci has left them for these rows: fail, lost, or pass
base_results() {
	local what dir
	mkdir -p "$WORK/earlier"
	printf '%s\n' 'suite: x' 'compare: self' >"$WORK/earlier/about"
	for what in "$@"; do
		dir=$WORK/earlier/test/$PREFIX-${what%=*}
		mkdir -p "$dir"
		case ${what#*=} in
		fail) what=FAIL && echo 1 >"$dir/status" ;;
		lost) what=UNKNOWN && echo 5 >"$dir/status" ;;
		*) what=PASS && echo 0 >"$dir/status" ;;
		esac
		echo "{\"verdict\":\"$what\",\"kernel\":\"6.12\",\"invariants\":[{\"name\":\"intent-before-data\",\"verdict\":\"$what\",\"kinds\":[{\"kind\":\"one way\",\"count\":1}]}]}" >"$dir/verdict.json"
	done
}

# judged NAME STATUS CASE...: the report on only these rows of the last run
judged() {
	local name=$1 status=$2
	shift 2
	grep -E "internal-($(paste -sd'|' < <(printf '%s\n' "$@")))"$'\t' "$WORK/rows" >"$WORK/dir/rows"
	ci --report "$WORK/dir"
	expect "$name" "$status" out "$# rows: "
}

# row NAME CASE WORDS: the line of a row in the last report
row() {
	local line
	line=$(grep -F "$PREFIX-$2 " "$WORK/report")
	if [[ $line == *"$3"* ]]; then ok "$1"; else not_ok "$1" "$line"; fi
}

# All rows in one go, since starting parallel takes a while
test_verdicts() {
	printf 'test %s\n' 'busy fail' 'rewrite fail' 'mix other' 'resync unknown' 'discard lost' 'grow lost' 'neighbours late' 'stop-start case' \
		'degraded error' 'slow-member nothing' 'write-stop fail' 'discard-clean skip' >"$OUTCOMES"
	base_results busy idle rewrite=fail mix=fail resync discard grow=lost neighbours stop-start degraded slow-member two-arrays=lost discard-clean
	ci --suite "$(suite "$ROW idle,two-arrays,$(cut -d' ' -f2 "$OUTCOMES" | paste -sd,)")" --patch "$WORK/my.patch" -o "$WORK/dir" \
		--baseline "$WORK/earlier"
	expect 'worse goes before what is not known' 1 out '14 rows: 3 not worse, 4 worse, 6 could not be judged, 1 skipped'
	cp "$WORK/out" "$WORK/report"
	cp "$WORK/dir/rows" "$WORK/rows"
	row 'what breaks a rule is worse' busy 'PASS         FAIL         WORSE NEW intent-before-data'
	row 'what the other kernel breaks as well is not' rewrite 'FAIL         FAIL         as before: intent-before-data'
	row 'in another way it is' mix 'FAIL         FAIL         WORSE NEW'
	row 'UNKNOWN is not success' resync 'PASS         UNKNOWN      ? UNKNOWN'
	row 'a kernel that breaks down is worse' discard 'PASS         LOST         WORSE LOST: the kernel broke down: Oops'
	row 'one that does so either way cannot be judged' grow '? nothing to compare with: LOST'
	row 'a deadline says nothing about the kernel' neighbours 'TIMEOUT      ? the deadline of'
	row 'a case that fails only now is worse' stop-start 'CASE-FAILED  WORSE the case itself failed'
	row 'a harness that fails says nothing about the kernel' degraded 'ERROR        ? vm/run: something is missing'
	row 'a run that leaves no verdict does not either' slow-member 'ERROR        ? status 0, but no verdict.json'
	row 'a FAIL with nothing to compare it with cannot be judged' write-stop '? nothing to compare with: MISSING'
	row 'what the kernel cannot be given is left out' discard-clean 'SKIP         skipped no bitmap file'
	expect 'the rows are named' 1 out "worse: $PREFIX-busy: NEW intent-before-data PASS -> FAIL"
	judged 'worse is 1' 1 busy idle
	judged 'known, PASS without a baseline, skipped: 0' 0 rewrite two-arrays idle discard-clean
	judged 'UNKNOWN is 3' 3 resync idle
	judged 'an error is 3' 3 degraded idle
	judged 'nothing but what is skipped is 3' 3 discard-clean
	STATUS=0
	"$ROOT/vm/ci" --report "$WORK/dir" >/dev/full 2>"$WORK/err" || STATUS=$?
	expect 'a report that cannot be printed is an error' 2 err 'the report cannot be printed'
	ci --report "$WORK/dir" --json "$WORK/none/json"
	expect 'so is a file that cannot be written' 2 err "cannot write '$WORK/none/json'"
	STATUS=0
	"$ROOT/vm/ci" --list >/dev/full 2>"$WORK/err" || STATUS=$?
	expect 'so is a list that cannot be printed' 2 err 'the list cannot be printed'
}

test_baseline() {
	printf '%s\n' 'base busy fail' 'test busy fail' >"$OUTCOMES"
	rm -rf "$WORK/dir"
	ci --suite "$(suite "$ROW busy,idle")" -o "$WORK/stock" --timeout 300
	expect 'stock itself is compared with nothing' 0 out 'for it is the one to compare with'
	same '--timeout is that of vm/run' 2 "$(grep -c -- '--timeout 300 -o ' "$LOG")"
	same '... and runs once' 2 "$(grep -c -- '-o ' "$LOG")"
	ci --suite "$WORK/suite" --patch "$WORK/my.patch" -o "$WORK/dir" --baseline "$WORK/stock" -f json
	expect 'results of an earlier run are a baseline' 0 out '"why" : "as before: intent-before-data"'
	same '... and only the other kernel runs' 2 "$(grep -c -- '-o ' "$LOG")"
	ci --report "$WORK/dir"
	expect 'a report can be had again' 0 out '2 rows: 2 not worse'
	sed -i 's/^compare: base/compare: none/' "$WORK/dir/about"
	ci --report "$WORK/dir"
	expect 'compared with nothing what is broken is broken' 1 out 'worse: stock-6.12-raid1-internal-busy'
	ci --suite "$WORK/suite" -o "$WORK/dir"
	expect 'results are not mixed' 2 err 'has results; go on with them by --resume'
}

# What reads XML and KTAP is not ours.
test_formats() {
	printf '%s\n' 'test busy fail' 'test mix unknown' 'test discard skip' >"$OUTCOMES"
	rm -rf "$WORK/dir"
	ci --suite "$(suite "$ROW busy,idle,mix,discard --allow=a<&\"b")" --patch "$WORK/my.patch" -o "$WORK/dir" -f ktap --junit "$WORK/junit" \
		--json "$WORK/json" --baseline none
	expect 'KTAP: broken' 1 out 'not ok 1 stock-6.12-raid1-internal-busy'
	expect 'KTAP: kept' 1 out 'ok 2 stock-6.12-raid1-internal-idle'
	expect 'KTAP: UNKNOWN' 1 out 'not ok 3 stock-6.12-raid1-internal-mix--allow_a___b # UNKNOWN: UNKNOWN'
	expect 'KTAP: skipped' 1 out 'ok 4 stock-6.12-raid1-internal-discard--allow_a___b # SKIP no bitmap file'
	expect '... with a plan' 1 out '1..4'
	same 'JSON' 'worse same unjudged skipped 1' \
		"$(perl -MJSON::PP -0777 -ne '$r = decode_json($_); print join " ", (map { $_->{change} } @{$r->{rows}}), $r->{status}' "$WORK/json")"
	expect 'an option of a row is that of vm/run' 1 log '--allow=a<&"b'
	if /usr/bin/python3 -c 'import junitparser' 2>/dev/null; then
		same 'JUnit XML is read by junitparser' '4 1 1 1 stock.6_12.raid1.internal <said> & "done"' "$(/usr/bin/python3 - "$WORK/junit" <<-'END'
			import sys, junitparser
			xml = junitparser.JUnitXml.fromfile(sys.argv[1])
			case = list(list(xml)[0])[0]
			assert case.result[0].type == 'FAIL'
			print(xml.tests, xml.failures, xml.errors, list(xml)[0].skipped, case.classname, case.system_out.split('\n')[-1])
		END
		)"
	else
		ok 'JUnit XML is read by junitparser # SKIP python3-junitparser is not there'
	fi
}

# until_true COMMAND...: waits at most 10 s
until_true() {
	local n
	for ((n = 0; n < 100; n++)); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

all_gone() { ! pgrep -f 'sleep 97.31' >/dev/null && flock -n "$WORK/dir/lock" true; }
is_slow() { [[ -s $LOG.slow && $(cat "$WORK"/dir/test/*/status 2>/dev/null | wc -l) == 2 ]]; }

test_resume() {
	local pid before
	printf '%s\n' 'test mix slow' 'test busy late' >"$OUTCOMES"
	rm -rf "$WORK/dir"
	"$ROOT/vm/ci" --suite "$(suite "$ROW busy,idle,mix,discard")" -j 1 -o "$WORK/dir" --patch "$WORK/my.patch" --baseline none \
		>"$WORK/out" 2>"$WORK/err" </dev/null &
	pid=$!
	if until_true is_slow; then ok 'rows run one after the other with -j 1'; else not_ok 'rows run one after the other with -j 1'; fi
	ci --resume "$WORK/dir"
	expect 'two cannot use one directory at a time' 2 err 'is in use by another vm/ci'
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	if until_true all_gone; then ok 'nothing is left when vm/ci is killed'; else not_ok 'nothing is left when vm/ci is killed'; fi
	ci --report "$WORK/dir"
	expect 'what did not end has no result' 3 out 'could not be judged: stock-6.12-raid1-internal-mix: no result'
	MADE=/others ci --resume "$WORK/dir"
	expect 'another kernel is no way to go on' 2 err 'a kernel is another one than when the results'
	: >"$OUTCOMES"
	before=$(cat "$WORK"/dir/test/*-{busy,idle}/host | wc -l)
	ci --resume "$WORK/dir" --timeout 777
	expect 'after a kill the rest is run, and what was given up' 0 out '4 rows: 4 not worse'
	same '... and only that, with the new deadline' "3 $before" "$(grep -c -- '--timeout 777 -o ' "$LOG") 2"
	same 'the log has each row once, without failures' '0 0 0 0' "$(awk 'NR > 1 && !$7 { print $7 }' "$WORK/dir/joblog" | paste -sd' ')"
}

test_usage
test_suite
if type -P parallel >/dev/null; then
	test_verdicts
	test_baseline
	test_formats
	test_resume
else
	ok 'rows are run and judged # SKIP GNU parallel is not there'
fi
echo "1..$N"
