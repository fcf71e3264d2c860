#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The command line: usage errors, exit status, complete and damaged traces.
set -euo pipefail

cd "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.."
TOOL=${BT_TOOL:-${BUILD:-build}/san/bitmap-trace}
[[ $TOOL == /* ]] || TOOL=$PWD/$TOOL
TRACE=$PWD/tests/traces/single-writer.bt
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
N=0

result() {
	N=$((N + 1))
	if [[ $1 == 0 ]]; then
		echo "ok $N - $2"
	else
		echo "not ok $N - $2"
		sed 's/^/# /' "$SCRATCH/out" "$SCRATCH/err"
	fi
}

run() {
	STATUS=0
	"$TOOL" "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || STATUS=$?
}

# fails STATUS WORDS ARGUMENT...: words on stderr, nothing on stdout
fails() {
	local status=$1 words=$2 bad=0
	shift 2
	run "$@"
	[[ $STATUS == "$status" && ! -s $SCRATCH/out ]] || bad=1
	grep -qF -- "$words" "$SCRATCH/err" || bad=1
	result $bad "bitmap-trace $*: '$words'"
}

# prints STATUS WORDS ARGUMENT...: words on stdout
prints() {
	local status=$1 words=$2 bad=0
	shift 2
	run "$@"
	[[ $STATUS == "$status" ]] || bad=1
	grep -qF -- "$words" "$SCRATCH/out" || bad=1
	result $bad "bitmap-trace ${*##*/}: '$words'"
}

# holds DESCRIPTION COMMAND...: the command succeeds
holds() {
	local what=$1 bad=0
	shift
	"$@" || bad=1
	result $bad "$what"
}

says() { grep -qF -- "$1" "$SCRATCH/err"; }

test_usage() {
	local subcommand
	fails 2 'usage: bitmap-trace'
	fails 2 "unknown subcommand 'frob'" frob
	fails 2 "unknown option '-x'" check -x
	fails 2 "unknown option '--frob'" check --frob
	fails 2 "option '--output' needs an argument" record --output
	fails 2 "unknown format 'xml'" check -f xml
	fails 2 "unknown format 'ktap', expected text or json" dump -i x -f ktap
	fails 2 '-i TRACE is missing' dump
	fails 2 '-o TRACE is missing' record
	fails 2 '-i WRITELOG is missing' crash -l x
	fails 2 '-l LAYOUT is missing' crash -i x
	fails 2 '--at ENTRY and -o DISK need each other' crash -i x --at 3
	fails 2 '--at judges nothing' crash -i x --at 3 -o y -l z
	fails 2 "x/layout: No such file" crash -i x -l x/layout
	fails 2 'is not for this subcommand' check --cache
	fails 2 'no COMMAND can run with it' check -i x -- true
	fails 2 '-i and -o exclude each other' check -i x -o y
	fails 2 '--fail-fast is for the running kernel' check -i x --fail-fast
	fails 2 "'true' is no trace (No such file or directory); put '--' before a COMMAND" check true
	fails 2 "put '--' before the command" record true -o x
	fails 2 "'x' is no trace" dump x
	fails 2 'the name of the file is empty' check -i ''
	fails 2 "COMMAND is missing after '--'" check --
	fails 2 "INTERVAL '0'" hist 0
	fails 2 'is too large' hist 99999999999
	fails 2 "INTERVAL '99999999999999999999' is too large, at most 31536000" hist 99999999999999999999
	fails 2 "'1.5' is neither a trace (No such file or directory) nor INTERVAL" hist 1.5
	fails 2 "option '--events' is not for this subcommand" hist --events
	fails 2 "--perturb: SEED 'x': expected a whole number" check --perturb x
	fails 2 "MAX '0': expected microseconds, from 1 to 100000" check --perturb 1,0
	fails 2 "SLICE 'y'" check --perturb 1:y
	fails 2 "there is no PLACE 'plug', expected some of startwrite_exit, endwrite_enter" check --perturb 1,5,plug
	fails 2 '--perturb is for the running kernel' check -i x --perturb 1
	fails 2 "'--perturb' is not for this subcommand" record -o x --perturb 1
	fails 2 "option '--ring-size' is not for this subcommand" hist --ring-size 64
	fails 2 'is not for this subcommand' list -i x
	prints 0 'Judges' check --help
	prints 0 'after COUNT intervals it ends' hist --help
	for subcommand in check hist record dump crash; do
		prints 0 'Exit status: 0' "$subcommand" --help
	done
	prints 0 'usage: bitmap-trace SUBCOMMAND' --help
	prints 0 'usage: bitmap-trace SUBCOMMAND' help
	prints 0 'usage: bitmap-trace check ' help check
	fails 2 "unknown subcommand 'frob'" help frob
	full_disk --help
	prints 0 'bitmap-trace ' version
	run --version
	holds 'bitmap-trace --version: version and commit' grep -qxE \
		"bitmap-trace $(sed -n 's/.*BT_VERSION "\(.*\)"/\1/p' user/base/version.h) \(([0-9a-f]{12}\+?|unknown)\)" "$SCRATCH/out"
}

# full_disk ARGUMENT...: output that cannot be printed is an error, reported once and in the same words
full_disk() {
	STATUS=0
	"$TOOL" "$@" >/dev/full 2>"$SCRATCH/err" || STATUS=$?
	holds "bitmap-trace ${*##*/} to a full disk fails" test "$STATUS" = 2
	holds '... and says so' grep -qxE \
		'bitmap-trace: cannot write to standard output(: No space left on device)?' "$SCRATCH/err"
	holds '... and nothing else' test "$(wc -l <"$SCRATCH/err")" = 1
}

test_arrays() {
	fails 2 "array 'no-such-array'" record -a no-such-array -o "$SCRATCH/t" -- true
	fails 2 "'/dev/null' is no md array" check -a /dev/null -- true
	run list
	holds 'bitmap-trace list' test "$STATUS" = 0
	prints 0 '"arrays":[' list -f json
	# Tracing may or may not be possible here; doctor must say which.
	run doctor
	holds 'bitmap-trace doctor ends in order' test "$STATUS" = 0 -o "$STATUS" = 2 -o "$STATUS" = 3
	holds 'bitmap-trace doctor prints the kernel' grep -q '^kernel ' "$SCRATCH/out"
	run doctor -f json
	holds '... in JSON, too' grep -q '^  "requirements":\[$' "$SCRATCH/out"
	fails 2 "unknown format 'ktap', expected text or json" doctor -f ktap
}

test_dump() {
	local events
	prints 0 '# kernel 6.12' dump -i "$TRACE"
	prints 0 'end_io=raid1_end_write_request bio=' dump -i "$TRACE"
	prints 0 'md_bitmap_file_clear_bit+0x' dump -i "$TRACE"
	prints 0 '"event":"set_bit"' dump -i "$TRACE" -f json
	holds 'JSON begins with what the trace says of itself' \
		grep -qm1 '^{"release":"6.12' "$SCRATCH/out"
	events=$(grep -c '"event":' "$SCRATCH/out")
	run dump -i "$TRACE"
	holds 'text has the same events' test "$(grep -vc '^#' "$SCRATCH/out")" = "$events"
	holds '... all of them' test "$events" = 232
	full_disk dump -i "$TRACE"
	run dump "$TRACE" --event set_bit,clear_bit
	holds 'dump --event shows these' test "$(grep -vc '^#' "$SCRATCH/out")" = \
		"$("$TOOL" dump "$TRACE" | grep -vE '^#' | grep -cE ' (set_bit|clear_bit) ')"
	run dump "$TRACE" -n 7
	holds 'dump -n shows so many' test "$(grep -vc '^#' "$SCRATCH/out")" = 7
	run dump "$TRACE" --chunk 0
	holds 'dump --chunk shows no other chunk' test "$(grep -oE ' chunk=[0-9]+' "$SCRATCH/out" | sort -u)" = ' chunk=0'
	holds '... with its data, both ends' test "$(grep -c ' data_start ' "$SCRATCH/out")" = "$(grep -c ' data_end ' "$SCRATCH/out")"
	holds '... and there is some' grep -q ' data_end ' "$SCRATCH/out"
	prints 0 '     0.000000000 [' dump "$TRACE" --relative -n 1
	run dump "$TRACE" --relative --from 2.25 --to 2.5
	holds 'dump --from --to shows what is between' test "$(grep -vc '^#' "$SCRATCH/out")" = \
		"$("$TOOL" dump "$TRACE" --relative | awk '!/^#/ && $1 >= 2.25 && $1 <= 2.5' | wc -l)"
	holds '... and there is some' grep -q '^     2' "$SCRATCH/out"
	run dump "$TRACE" -a md7
	holds 'dump -a of an array that is not there is an error' test "$STATUS" = 2
	holds '... and names the array' says "array 'md7' is not in the trace"
	fails 2 "there is no event 'frob'" dump "$TRACE" --event frob
	fails 2 "--from 'x': expected seconds" dump "$TRACE" --from x
	fails 2 'is not for this subcommand' hist "$TRACE" -n 5
}

# A stock kernel, one writer, a bitmap file: recorded in a VM, every rule passes.
test_check() {
	prints 0 'verdict: PASS' check -i "$TRACE"
	holds 'check counts events and bits' grep -q '^232 events, 3 set_bits, 0 lost, kernel 6.12' \
		"$SCRATCH/out"
	holds 'the verdict comes last' test "$(tail -n 1 "$SCRATCH/out" | cut -c 1-14)" = 'verdict: PASS '
	holds 'no rule is broken or open' test "$(grep -cE '^(FAIL|UNKNOWN)' "$SCRATCH/out")" = 0
	prints 0 '# verdict: PASS' check -i "$TRACE" -f ktap
	holds 'KTAP begins as such' test "$(head -n 1 "$SCRATCH/out")" = 'KTAP version 1'
	holds 'KTAP has its plan' test "$(sed -n 's/^1\.\.//p' "$SCRATCH/out")" = \
		"$(grep -c '^ok ' "$SCRATCH/out")"
	prints 0 '"verdict":"PASS"' check -i "$TRACE" -f json
	prints 1 'verdict: FAIL (no-overlapping-writes)' check -i "$TRACE" --strict
	full_disk check -i "$TRACE"
	full_disk check -i "$TRACE" -f json
	full_disk check -i "$TRACE" -f ktap
	full_disk check "$TRACE" "$TRACE" -f json
}

# The failures: cause first, and nothing raw unless it is asked for.
test_report() {
	local bad=$SCRATCH/report-bad
	tests/trace-without.pl type 52 <"$TRACE" >"$bad"
	prints 1 'failure 1 of 2, DATA: ' check "$bad"
	holds '... no raw event' test "$(grep -c 'data_start' "$SCRATCH/out")" = 0
	holds '... no line is longer than 100 columns' test "$(sed -n '/^failure/,$p' "$SCRATCH/out" | awk 'length > 100' | wc -l)" = 0
	prints 1 'data_start ' check "$bad" --events
	prints 1 'each time (seconds' check "$bad" --all
	prints 1 '... and' check "$bad" --all --max 1
	fails 2 '--max is for --all' check "$bad" --max 1
	prints 1 'verdict: FAIL (intent-before-data)' check "$bad" --rule intent-before-data
	holds '... and no other rule is judged' test "$(grep -cE '^(PASS|FAIL|UNKNOWN|N/A) ' "$SCRATCH/out")" = 1
	prints 0 'verdict: PASS (every rule that was asked for held)' check "$bad" --rule intent-recorded
	fails 2 "there is no rule 'frob'" check "$bad" --rule frob
	prints 0 'intent-before-data ' check --list-rules
	prints 0 'correct       waits in __bitmap_unplug' explain unplug-durable
	fails 2 "there is no rule 'frob'" explain frob
	full_disk explain
	prints 1 '"groups":[' check "$bad" -f json
}

# Known failures fail nothing, new ones do.
test_known() {
	local bad=$SCRATCH/known-bad json=$SCRATCH/known.json
	tests/trace-without.pl type 52 <"$TRACE" >"$bad"
	run check "$bad" -f json
	cp "$SCRATCH/out" "$json"
	prints 0 'verdict: PASS (every rule that applies held, or is known not to)' check "$bad" --baseline "$json"
	holds '... and what is known is named' test "$(grep -c '^KNOWN ' "$SCRATCH/out")" = 3
	holds '... in short' test "$(grep -c 'at fault' "$SCRATCH/out")" = 0
	prints 0 'verdict: PASS' check "$bad" --baseline "$bad"
	prints 1 'verdict: FAIL (unplug-durable, superblock-durable)' check "$bad" --known intent-before-data
	prints 1 'verdict: FAIL (intent-before-data' check "$bad" --baseline "$TRACE"
	prints 0 '# TODO a known failure' check "$bad" --baseline "$json" -f ktap
	prints 0 '"known":true' check "$bad" --baseline "$json" -f json
	sed 's/no write of bitmap page N/no good write of bitmap page N/' "$json" >"$SCRATCH/other.json"
	prints 1 'verdict: FAIL (intent-before-data)' check "$bad" --baseline "$SCRATCH/other.json"
	fails 2 "there is no rule 'frob'" check "$bad" --known frob
	fails 2 'No such file' check "$bad" --baseline "$SCRATCH/none"
	echo '{}' >"$SCRATCH/empty.json"
	fails 2 "not what 'check -f json' prints" check "$bad" --baseline "$SCRATCH/empty.json"
	prints 1 'NEW   intent-before-data ' diff "$TRACE" "$bad"
	holds '... in a line at the end' test "$(tail -n 1 "$SCRATCH/out")" = \
		'broken in B, not so in A: 3; no longer: 0; in both: 0; judged in A only: 0'
	holds '... with latencies' grep -q '^unplug  *3 ' "$SCRATCH/out"
	prints 0 'gone  intent-before-data ' diff "$bad" "$TRACE"
	prints 0 'same  intent-before-data ' diff "$json" "$bad"
	prints 1 'new     data for chunk N goes to member N before its record is on disk: ' diff "$SCRATCH/other.json" "$bad"
	head -c 5000 "$TRACE" >"$SCRATCH/known-short"
	prints 3 'lost  intent-before-data ' diff "$TRACE" "$SCRATCH/known-short"
	fails 2 'two runs are compared, not 1' diff "$TRACE"
	fails 2 'two runs are compared, not 3' diff "$TRACE" "$TRACE" "$TRACE"
	fails 2 'No such file' diff -i "$TRACE" -i "$SCRATCH/none"
	full_disk diff "$TRACE" "$bad"
}

# with_info FROM TO FILE: the trace with one line of its info block replaced
with_info() { tests/trace-info.pl "$1" "$2" <"$TRACE" >"$3"; }

test_strict() {
	prints 1 'UNKNOWN flush-before-data            recorded without --strict' check -i "$TRACE" --strict
	holds '... and no hook is to blame' test "$(grep -c 'no hook' "$SCRATCH/out")" = 0
	prints 0 '# missing: flushes: recorded without --strict' dump -i "$TRACE"
	prints 0 '"flushes":"recorded without --strict"' dump -f json -i "$TRACE"
}

# Where and when a trace was recorded
test_host() {
	with_info 'version=0.1.0' $'host=tux\nclock=1800000000123456789' "$SCRATCH/host"
	prints 0 '# host tux, second 0 is 2027-01-15 08:00:00.123 UTC' dump "$SCRATCH/host"
	prints 0 '"host":"tux","clock_ns":1800000000123456789,' dump "$SCRATCH/host" -f json
	prints 0 '"clock_ns":1800000000123456789' check "$SCRATCH/host" -f json
}

# The command line of a trace may be anything: no line of it is longer than the buffer, none of it reaches a terminal.
test_command_line() {
	local line long
	line="bitmap-trace check -o 'my trace.bt' -- fio x.fio"
	with_info 'version=0.1.0' "version=0.2.0 (abcdef1)"$'\n'"command=$line" "$SCRATCH/line"
	prints 0 "# run: $line" dump "$SCRATCH/line"
	prints 0 'recorded by bitmap-trace 0.2.0 (abcdef1)' dump "$SCRATCH/line"
	prints 0 "\"version\":\"0.2.0 (abcdef1)\",\"command_line\":\"$line\"," dump "$SCRATCH/line" -f json
	prints 0 "run  $line; bitmap-trace 0.2.0 (abcdef1)" check "$SCRATCH/line"
	prints 0 "\"command_line\":\"$line\"" check "$SCRATCH/line" -f json
	holds '... and is of the schema' \
		/usr/bin/python3 -W ignore -m jsonschema -i "$SCRATCH/out" docs/check.schema.json
	run diff "$TRACE" "$SCRATCH/line"
	holds 'diff does not look at it' test "$STATUS" = 0
	long=$(printf 'x%.0s' {1..5000})
	with_info 'version=0.1.0' "version=$long"$'\n'"command=$long" "$SCRATCH/line"
	run dump "$SCRATCH/line"
	holds 'a long command line is cut off' test "$(sed -n 's/^# run: //p' "$SCRATCH/out" | wc -c)" = 1024
	holds '... so is a long version' test "$(sed -n 's/.*recorded by bitmap-trace //p' "$SCRATCH/out" | wc -c)" = 48
	with_info 'version=0.1.0' $'command=a\e[31m\xff\xc3\xa9\rb' "$SCRATCH/line"
	prints 0 '# run: a?[31m????b' dump "$SCRATCH/line"
	prints 0 '"a?[31m????b"' check "$SCRATCH/line" -f json
	with_info 'version=0.1.0' 'command=a\0b' "$SCRATCH/line"
	prints 3 'verdict: UNKNOWN (trace incomplete: block 0 is no text)' check "$SCRATCH/line"
	with_info 'version=0.1.0' 'command=' "$SCRATCH/line"
	run dump "$SCRATCH/line"
	holds 'an empty one is none' test "$(grep -c '^# run' "$SCRATCH/out")" = 0
}

# A capability that a newer version lacked may be needed by any rule.
test_missing_without_a_name() {
	with_info 'missing=flushes: recorded without --strict' 'missing=newer: x' "$SCRATCH/more"
	prints 3 'UNKNOWN intent-before-data' check "$SCRATCH/more"
	holds '... and nothing passes' test "$(grep -c '^PASS' "$SCRATCH/out")" = 0
	prints 0 '# missing: newer: x' dump "$SCRATCH/more"
}

# Each trace is judged, and the worst verdict is the result.
test_several_traces() {
	local form bad=$SCRATCH/several-bad short=$SCRATCH/several-short
	tests/trace-without.pl type 52 <"$TRACE" >"$bad"
	head -c 5000 "$TRACE" >"$short"
	prints 0 'verdict: PASS (all of 2 traces)' check -i "$TRACE" -i "$TRACE"
	prints 1 "verdict: FAIL (1 of 2 traces; $bad: intent-before-data" check -i "$bad" -i "$TRACE"
	holds '... each has its report' test "$(grep -c '^[A-Z/]* *intent-recorded ' "$SCRATCH/out")" = 2
	holds '... under its name' grep -qx "trace: $TRACE" "$SCRATCH/out"
	holds '... and its verdict' test "$(grep -c '^verdict: ' "$SCRATCH/out")" = 3
	holds 'the verdict of all comes last' test "$(tail -n 1 "$SCRATCH/out" | cut -c 1-14)" = 'verdict: FAIL '
	prints 1 'verdict: FAIL (1 of 3 traces' check "$TRACE" "$bad" "$short"
	prints 3 'verdict: UNKNOWN (1 of 2 traces; ' check "$TRACE" "$short"
	prints 2 "verdict: UNKNOWN (1 of 2 traces; $SCRATCH/none: cannot be read)" check "$TRACE" -i "$SCRATCH/none"
	holds '... which is reported' says "$SCRATCH/none: No such file or directory"
	prints 2 'verdict: FAIL' check "$bad" -i "$SCRATCH/none"
	prints 2 'cannot be read' check -a md0 "$TRACE" -a md7 "$TRACE"
	holds '... an array that is not in it' says "array 'md7' is not in the trace"
	for form in text json ktap; do
		prints 1 'FAIL' check "$bad" "$TRACE" -f "$form"
		prints 3 'UNKNOWN' check "$short" "$TRACE" -f "$form"
		prints 0 'PASS' check "$TRACE" "$TRACE" -f "$form"
		prints 2 'UNKNOWN' check "$TRACE" -i "$SCRATCH/none" -f "$form"
	done
	run check "$bad" "$TRACE" -i "$SCRATCH/none" -f json
	holds 'JSON has one object for each' test "$(/usr/bin/python3 -c 'import json, sys
report = json.load(sys.stdin)
print(report["verdict"], *(t["verdict"] for t in report["traces"]), report["traces"][1]["failed"][0])' \
		<"$SCRATCH/out")" = 'FAIL UNKNOWN FAIL PASS intent-before-data' # -i comes first
	run check "$bad" "$TRACE" -f ktap
	holds 'KTAP has one test for each' test "$(grep -E '^(not )?ok|^1\.\.' "$SCRATCH/out" | tr '\n' ' ')" = \
		"1..2 not ok 1 $bad ok 2 $TRACE "
	holds '... with its own indented' grep -qE '^  not ok 1 intent-before-data$' "$SCRATCH/out"
	fails 2 'is of one trace, not of 2' check "$bad" "$TRACE" --save-counterexample "$SCRATCH/ce"
	for form in dump hist; do
		run "$form" -i "$TRACE"
		cp "$SCRATCH/out" "$SCRATCH/with-i"
		run "$form" "$TRACE"
		holds "$form TRACE is $form -i TRACE" cmp -s "$SCRATCH/with-i" "$SCRATCH/out"
		fails 2 'it reads one file' "$form" "$TRACE" "$bad"
		fails 2 'it reads one file' "$form" -i "$TRACE" -i "$bad"
	done
	prints 0 '"end_ns":14590980535}' hist 1 "$TRACE" 2 -f json
}

# keeps FILE STATUS WORDS ARGUMENT...: fails like this, FILE is unchanged, and there is no other file
keeps() {
	local file=$1 status=$2 words=$3 files
	shift 3
	cp "$file" "$SCRATCH/kept"
	files=$(ls -A "$SCRATCH")
	fails "$status" "$words" "$@"
	holds '... and the file is as it was' cmp -s "$SCRATCH/kept" "$file"
	holds '... with nothing beside it' test "$(ls -A "$SCRATCH")" = "$files"
}

test_outputs() {
	local log=$SCRATCH/w.log trace=$SCRATCH/t.prom layout=$SCRATCH/w.layout
	xz -dc tests/traces/two-writers.log.xz >"$log"
	cp tests/traces/two-writers.layout "$layout"
	cp "$TRACE" "$trace"
	ln -s w.log "$SCRATCH/symlink"
	ln "$log" "$SCRATCH/hardlink"
	ln "$trace" "$SCRATCH/hardlink.prom"
	echo precious >"$SCRATCH/disk"
	: >"$SCRATCH/kept"
	keeps "$log" 2 'would overwrite the input' crash -i "$log" --at 5 -o "$log"
	keeps "$log" 2 'would overwrite the input' crash -i "$log" --at 5 -o "$SCRATCH/symlink"
	keeps "$log" 2 'would overwrite the input' crash -i "$log" --at 5 -o "$SCRATCH/hardlink"
	keeps "$log" 2 'would overwrite the input' crash -i "$log" --at 5 -o "$SCRATCH/./w.log"
	keeps "$trace" 2 'would overwrite the input' hist -i "$trace" --textfile "$trace"
	keeps "$trace" 2 'would overwrite the input' hist "$trace" --textfile "$SCRATCH/hardlink.prom"
	keeps "$SCRATCH/disk" 2 'no crash point after entry 9999999' \
		crash -i "$log" --at 9999999 -o "$SCRATCH/disk"
	head -c 20000 "$log" >"$SCRATCH/torn"
	keeps "$SCRATCH/disk" 2 'the log ends in entry' crash -i "$SCRATCH/torn" --at 38 -o "$SCRATCH/disk"
	keeps "$trace" 2 "no md array" record -a /dev/null -o "$trace" -- true
	fails 2 'only files named *.prom' hist -i "$TRACE" --textfile "$SCRATCH/x.txt"
	fails 2 'only files named *.prom' hist -i "$TRACE" --textfile .prom
	STATUS=0
	# shellcheck disable=SC2094 # that is what it must not do
	"$TOOL" hist -i - --textfile "$trace" <"$trace" >"$SCRATCH/out" 2>"$SCRATCH/err" || STATUS=$?
	holds 'standard input is an input, too' test "$STATUS" = 2
	holds '... and stays' cmp -s "$trace" "$TRACE"
	STATUS=0
	# shellcheck disable=SC2094
	"$TOOL" dump -i "$trace" >>"$trace" 2>"$SCRATCH/err" || STATUS=$?
	holds 'nothing is printed into the input' test "$STATUS" = 2
	holds '... which stays' cmp -s "$trace" "$TRACE"
	run crash -i "$log" --at 0 -o "$SCRATCH/disk"
	holds 'crash --at 0 is before the first entry' test "$STATUS" = 0 -a ! -s "$SCRATCH/disk"
}

test_array_names() {
	local name subcommand
	for name in md0 /dev/md0 9:0; do
		prints 0 'verdict: PASS' check -i "$TRACE" -a "$name"
		holds '... with all its bits' grep -q ' 3 set_bits' "$SCRATCH/out"
	done
	fails 2 "array 'md7' is not in the trace" check -i "$TRACE" -a md7 -a md0
	holds '... and names those that are' says 'arrays in the trace: md0'
	for subcommand in check hist; do
		for name in md7 9:7 md_home; do
			fails 2 "array '$name' is not in the trace" "$subcommand" -i "$TRACE" -a "$name"
			holds '... and names those that are' says 'arrays in the trace: md0'
		done
	done
	for name in /dev/md/home home; do
		fails 2 'no links in /dev/md' check -i "$TRACE" -a "$name"
		holds '... and names those that are' says 'arrays in the trace: md0'
	done
}

# As far as two significant digits go
near() { awk '{ print $1, $2, int(log($3) * 33), int(log($4) * 33) }' | sort; }

# golden NAME ARGUMENT...: stdout is exactly tests/golden/NAME; UPDATE_GOLDEN=1 rewrites it
golden() {
	local file=tests/golden/$1 bad=0
	shift
	run "$@"
	[[ -z ${UPDATE_GOLDEN-} ]] || cp "$SCRATCH/out" "$file"
	[[ $STATUS == 0 && ! -s $SCRATCH/err ]] || bad=1
	diff "$file" "$SCRATCH/out" >"$SCRATCH/diff" || bad=1
	cp "$SCRATCH/diff" "$SCRATCH/err"
	result $bad "bitmap-trace ${*##*/}: as in $file"
}

test_hist() {
	prints 0 'md0: unplug: 3, total 5.51 ms, mean 1.84 ms' hist -i "$TRACE"
	prints 0 'md0: page write (page_write): 9, ' hist -i "$TRACE" -a md0
	golden hist.txt hist -i "$TRACE"
	golden hist-table.txt hist -i "$TRACE" 1
	golden hist-interval.txt hist -i "$TRACE" 3 1 --histograms --stage page_write
	golden hist-heat.txt hist -i "$TRACE" --heat
	golden hist-heat-one.txt hist -i "$TRACE" --heat --stage page_write 2
	run hist -i "$TRACE" -f hdr
	cp "$SCRATCH/out" "$SCRATCH/log"
	run hist -i "$TRACE" -f json
	holds 'a log of HdrHistogram has each duration, and their median and maximum' cmp -s <(tests/hdr_log.py <"$SCRATCH/log" | near) \
		<(/usr/bin/python3 -c 'import json, sys
for array in json.load(sys.stdin)["arrays"]:
    for stage in array["stages"]:
        if stage["count"]: print(array["array"] + ":" + stage["stage"], stage["count"], stage["p50_ns"], stage["max_ns"])' \
			<"$SCRATCH/out" | near)
	prints 0 '3.000,' hist -i "$TRACE" -f hdr 3 --stage page_write
	holds '... a line an interval' test "$(grep -c '^Tag=md0:page_write,' "$SCRATCH/out")" = 2
	prints 0 '  p50 1.80 ms, p99.95 -' hist -i "$TRACE" --percentiles 50,99.95
	holds '... in the table, too' grep -qE 'p50 us p99.95 us +max us' "$SCRATCH/out"
	fails 2 "--percentiles '0'" hist -i "$TRACE" --percentiles 0
	fails 2 "--percentiles '100.1'" hist -i "$TRACE" --percentiles 50,100.1
	fails 2 "--percentiles ''" hist -i "$TRACE" --percentiles 50,
	fails 2 'more than 8 percentiles' hist -i "$TRACE" --percentiles 1,2,3,4,5,6,7,8,9
	with_info 'version=0.1.0' $'version=0.1.0\nhost=tux\nclock=1800000000123456789' "$SCRATCH/host"
	prints 0 'BaseTime: 1800000000.123' hist "$SCRATCH/host" -f hdr
	prints 0 '15.591 s, 2027-01-15 08:00:15.714 UTC' hist "$SCRATCH/host" 3
	golden hist.json hist -i "$TRACE" -f json --stage set_to_disk --stage unplug_idle
	golden hist-openmetrics.txt hist -i "$TRACE" -f openmetrics --stage page_write --stage unplug_idle
	prints 0 '13.591 s' hist -i "$TRACE" 1
	holds 'hist with an interval prints each, and the rest' \
		test "$(grep -c '^[0-9.]* s$' "$SCRATCH/out")" = 6
	prints 0 '"end_ns":14590980535}' hist -i "$TRACE" -f json 1 2
	holds 'hist prints COUNT intervals' test "$(wc -l <"$SCRATCH/out")" = 2
	full_disk hist -i "$TRACE" 1
	full_disk hist -i "$TRACE" --heat
	full_disk hist -i "$TRACE" -f openmetrics
	COLUMNS=200 TERM=xterm run hist -i "$TRACE"
	holds 'what is no terminal has no colours, and its own width' cmp -s tests/golden/hist.txt "$SCRATCH/out"
}

test_hist_json() {
	run hist -i "$TRACE" -f json
	holds 'hist -f json is one line' test "$(wc -l <"$SCRATCH/out")" = 1
}

refuses() { ! "$@" 2>/dev/null; }

# With independent parsers, and compared with the buckets in JSON.
test_openmetrics() {
	local textfile=$SCRATCH/bitmap.prom
	"$TOOL" hist -i "$TRACE" -f json >"$SCRATCH/json"
	run hist -i "$TRACE" -f openmetrics
	holds 'OpenMetrics is parsed, and has the counts of JSON' \
		tests/openmetrics.py "$SCRATCH/out" "$SCRATCH/json" 2>"$SCRATCH/err"
	cp "$SCRATCH/out" "$SCRATCH/exposition"
	golden hist-table.txt hist -i "$TRACE" 1 --textfile "$textfile"
	holds '--textfile has the counts of the whole run' cmp -s "$SCRATCH/exposition" "$textfile"
	holds '... readable by all' test "$(stat -c %a "$textfile")" = 644
	holds '... and nothing lies beside it' test "$(find "$SCRATCH" -name '*bitmap.prom*' | wc -l)" = 1
	run hist -i "$TRACE" -f openmetrics --stage lifetime
	sed -i 's/_count{array="md0"} 3/_count{array="md0"} 4/' "$SCRATCH/out"
	holds 'a wrong count would be found' refuses tests/openmetrics.py "$SCRATCH/out"
}

# A trace without an event.
# column NAME: of md0 in the second-long interval in which it is written to
column() {
	awk -v name="$1" '/^array/ { for (i = 1; i <= NF; i++) if ($i == name) at = i + (i > 6) }
		/^md0/ && $2 > 0 { print $at }' "$SCRATCH/out"
}

test_top() {
	prints 0 'array    writes/s  held%  wait%  unplug/s' top "$TRACE"
	holds '... every second, and the rest' test "$(grep -c '^array ' "$SCRATCH/out")" = 6
	holds '... no escape sequence, for it is no terminal' test -z "$(tr -d '\11\12\40-\176' <"$SCRATCH/out")"
	holds '... writes' test "$(column writes/s)" = 3.0
	holds '... all held back by an unplug' test "$(column held%)" = 100.0
	holds '... unplugs' test "$(column unplug/s)" = 3.0
	holds '... too few for a p99' test "$(column p99)" = -
	holds '... bits of three chunks' test "$(column bits)" = 3
	holds '... which are cleared in the end' grep -qE '^md0 .* 0 +0$' <(tail -1 "$SCRATCH/out")
	prints 0 '207 events' top "$TRACE" 1 3
	holds '... COUNT ends it' test "$(grep -c '^array ' "$SCRATCH/out")" = 3
	prints 0 '232 events' top "$TRACE" 3600
	holds '... one that is longer than the trace' test "$(grep -c '^array ' "$SCRATCH/out")" = 1
	tests/trace-without.pl type 52 <"$TRACE" >"$SCRATCH/bad"
	prints 0 'FAIL    intent-before-data ' top "$SCRATCH/bad"
	holds '... when it is broken, and when no more' \
		test "$(sed -n 's/^FAIL  *intent-before-data.*times, \(.*\) now/\1/p' "$SCRATCH/out" | paste -sd' ')" = '6 0 0 0'
	head -c 20000 "$TRACE" >"$SCRATCH/cut"
	run top "$SCRATCH/cut"
	holds 'top: a trace that ends early is not whole' test "$STATUS" = 3
	fails 2 'is not for this subcommand' top -i "$TRACE" -f json
	fails 2 'is neither a trace' top frob
}

test_hist_empty() {
	local none=$SCRATCH/none.bt form words='no array with a bitmap did anything'
	# shellcheck disable=SC2046 # numbers
	tests/trace-without.pl type $(seq 0 255) <"$TRACE" >"$none"
	for form in '' 1 --heat '--heat --stage unplug' '1 --histograms'; do
		# shellcheck disable=SC2086 # options
		prints 0 "$words" hist -i "$none" $form
		holds '... once' test "$(grep -cF "$words" "$SCRATCH/out")" = 1
	done
	prints 0 '{"arrays":[],"not_measured":[],' hist -i "$none" -f json
	holds '... and is of the schema' \
		/usr/bin/python3 -W ignore -m jsonschema -i "$SCRATCH/out" docs/hist.schema.json
	prints 0 '# EOF' hist -i "$none" -f openmetrics
	holds '... and is parsed' tests/openmetrics.py "$SCRATCH/out"
}

# textfile_fails WORDS FILE: that FILE could not be written is reported once and is an error
textfile_fails() {
	run hist -i "$TRACE" 1 --textfile "$2"
	holds "--textfile $2 is an error" test "$STATUS" = 2
	holds '... reported once' test "$(grep -cF -- "--textfile $2: $1" "$SCRATCH/err")" = 1
	holds '... and all is printed' cmp -s tests/golden/hist-table.txt "$SCRATCH/out"
}

# metric NAME RULE: its value of a rule in the textfile of watch
metric() { sed -n "s/^bitmap_trace_$1{rule=\"$2\",severity=\"[a-z]*\"} //p" "$SCRATCH/watch.prom"; }

test_watch() {
	local file=$SCRATCH/watch.prom
	prints 0 'verdict: PASS' watch "$TRACE" --textfile "$file"
	holds 'watch: both parsers of prometheus_client read the metrics' tests/openmetrics.py "$file"
	holds '... a rule that held' test "$(metric rule_held_total intent-before-data) $(metric rule_broken_total intent-before-data)" = '6 0'
	holds '... and is no failure' test "$(metric rule_failed intent-before-data) $(metric rule_unknown intent-before-data)" = '0 0'
	holds '... latencies, too' grep -q '^bitmap_trace_unplug_seconds_count{array="md0"} 3$' "$file"
	tests/trace-without.pl type 52 <"$TRACE" >"$SCRATCH/bad"
	prints 1 'verdict: FAIL' watch "$SCRATCH/bad" --textfile "$file" 1
	holds '... a broken rule has one line' test "$(grep -c '^FAIL    intent-before-data: ' "$SCRATCH/err")" = 1
	holds '... and counted' test "$(metric rule_failed intent-before-data) $(metric rule_broken_total intent-before-data)" = '1 6'
	fails 2 '--textfile FILE is missing' watch "$TRACE"
	fails 2 'node_exporter reads only files named *.prom' watch "$TRACE" --textfile "$SCRATCH/x"
	fails 2 'is not for this subcommand' watch --textfile "$file" -f json
	run watch "$TRACE" --textfile "$SCRATCH/no/dir.prom"
	holds '... a file that cannot be written is an error' test "$STATUS" = 2
}

test_textfile_refused() {
	fails 2 "--textfile '': node_exporter reads only files named *.prom" hist --textfile ''
	textfile_fails 'No such file' "$SCRATCH/no/dir/x.prom"
	mkdir "$SCRATCH/dir.prom"
	textfile_fails 'Is a directory' "$SCRATCH/dir.prom"
	ln -s target "$SCRATCH/link.prom"
	textfile_fails 'not a regular file' "$SCRATCH/link.prom"
	holds '... and the link is one still' test -L "$SCRATCH/link.prom"
	fails 2 'is not for this subcommand' check --textfile x
	fails 2 "there is no stage 'frob', expected one of unplug, " hist --stage frob
	fails 2 '--heat is text' hist --heat -f json
	fails 2 '--heat and --histograms' hist --heat --histograms 1
	fails 2 '--histograms needs INTERVAL' hist --histograms
	fails 2 'prints once, at the end' hist -f openmetrics 5
	fails 2 'expected text, json, openmetrics or hdr' hist -f ktap
	fails 2 'expected text, json or ktap' check -f openmetrics
}

# pipes FILE WORDS STATUS ARGUMENT...: -i - reads it from a pipe, which cannot seek
pipes() {
	local file=$1 words=$2 status=$3 bad=0
	shift 3
	STATUS=0
	# shellcheck disable=SC2002 # a pipe is what this is about
	cat "$file" | "$TOOL" "$@" -i - >"$SCRATCH/out" 2>"$SCRATCH/err" || STATUS=$?
	[[ $STATUS == "$status" ]] && cat "$SCRATCH/out" "$SCRATCH/err" | grep -qF -- "$words" || bad=1
	result $bad "bitmap-trace $* -i - <${file##*/}: '$words'"
}

test_stdin() {
	pipes "$TRACE" 'verdict: PASS' 0 check
	pipes "$TRACE" '"event":"set_bit"' 0 dump -f json
	pipes "$TRACE" 'md0: unplug: 3' 0 hist
	pipes /dev/null 'standard input: not a trace: it is empty' 2 check
	pipes /dev/null 'standard input: not a trace' 2 dump
	STATUS=0
	"$TOOL" check -i - <&- >"$SCRATCH/out" 2>"$SCRATCH/err" || STATUS=$?
	holds 'standard input that is closed is an error' test "$STATUS" = 2
}

# The write log of stock with two writers and an internal bitmap, recorded in a VM by
# vm/run -k stock -c two-writers --bitmap internal --write-log: data before its bit.
test_crash() {
	local log=$SCRATCH/write.log layout=$PWD/tests/traces/two-writers.layout
	xz -dc tests/traces/two-writers.log.xz >"$log"
	prints 1 'verdict: FAIL (1 of 49 crash points is unsafe)' crash -i "$log" -l "$layout"
	holds '... where the data of the second writer is on one member' \
		grep -q '^  after entry 38, chunk 16: members 0 and 1 differ, and its bit is clear' "$SCRATCH/out"
	holds 'the verdict comes last' test "$(tail -n 1 "$SCRATCH/out" | cut -c 1-14)" = 'verdict: FAIL '
	prints 1 '2 crash points are unsafe, one after the other: after entries ' crash -i "$log" -l "$layout" --cache
	prints 1 '"after_entry":38' crash -i "$log" -l "$layout" -f json
	pipes "$log" 'verdict: FAIL' 1 crash -l "$layout"
	head -c 20000 "$log" >"$SCRATCH/short"
	prints 3 'verdict: UNKNOWN (the log ends in entry' crash -i "$SCRATCH/short" -l "$layout"
	holds '... and says so' says 'is incomplete'
	fails 2 "not a write log: it is a trace of bitmap-trace; use 'bitmap-trace check'" crash -i "$TRACE" -l "$layout"
	fails 2 'it is compressed; unpack it with unxz' crash -i tests/traces/two-writers.log.xz -l "$layout"
	fails 2 'it is compressed; unpack it with unxz' check tests/traces/two-writers.log.xz
	fails 2 "not a trace: it is a write log; use 'bitmap-trace crash'" check "$log"
	fails 2 'not a write log: it is empty' crash -i /dev/null -l "$layout"
	fails 2 "$SCRATCH/none: No such file or directory" crash -i "$SCRATCH/none" -l "$layout"
	fails 2 "$SCRATCH: Is a directory" crash -i "$SCRATCH" -l "$layout"
	sed '/^member 1 /d' "$layout" >"$SCRATCH/layout"
	fails 2 'member 1 is missing: raid-disks is 2' crash -i "$log" -l "$SCRATCH/layout"
	fails 2 'line 1: no layout' crash -i "$log" -l "$TRACE"
	sed 's/^bitmap-chunk .*/bitmap-chunk 131072/' "$layout" >"$SCRATCH/layout"
	prints 3 "bitmap-chunk in LAYOUT differs from the bitmap's superblock" \
		crash -i "$log" -l "$SCRATCH/layout"
	fails 2 'the log has 61 entries' crash -i "$log" --at 62 -o "$SCRATCH/disk"
	run crash -i "$log" --at 38 -o "$SCRATCH/disk"
	holds 'crash --at writes the disk: data on the second member alone' \
		test "$(member_data 6160 | cksum)" != "$(member_data 137232 | cksum)"
	run crash -i "$log" --at 39 -o "$SCRATCH/disk"
	holds '... and then on both' test "$(member_data 6160 | cksum)" = "$(member_data 137232 | cksum)"
	full_disk crash -i "$log" -l "$layout"
}

member_data() { dd if="$SCRATCH/disk" bs=512 skip="$1" count=8 status=none; }

test_damaged() {
	local size
	size=$(stat -c %s "$TRACE")
	head -c $((size - 1)) "$TRACE" >"$SCRATCH/short"
	head -c 5000 "$TRACE" >"$SCRATCH/half"
	{ head -c 5000 "$TRACE"; printf X; tail -c +5002 "$TRACE"; } >"$SCRATCH/wrong"
	head -c 10 "$TRACE" >"$SCRATCH/stub"
	head -c 100000 /dev/urandom >"$SCRATCH/noise"
	: >"$SCRATCH/empty"
	prints 3 'set_bit' dump -i "$SCRATCH/short"
	holds '... and says where it is cut off' says 'cut off within the block at offset'
	prints 3 'task' dump -i "$SCRATCH/half"
	holds '... and has what was recorded, no more' test "$(grep -c ' lost ' "$SCRATCH/out")" = 0
	prints 3 'task' dump -i "$SCRATCH/wrong"
	holds '... and says that it is damaged' says 'wrong checksum'
	prints 3 'md0: unplug: ' hist -i "$SCRATCH/short"
	holds '... and says that it is not all' says 'trace incomplete: cut off'
	holds '... and not that records are lost' test "$(grep -c 'lost' "$SCRATCH/out" "$SCRATCH/err" | grep -vc ':0$')" = 0
	fails 2 'ends within the header' dump -i "$SCRATCH/stub"
	fails 2 'not a trace' dump -i "$SCRATCH/noise"
	fails 2 'not a trace: it is empty' dump -i "$SCRATCH/empty"
	fails 2 'not a trace: it is empty' check -i "$SCRATCH/empty"
	fails 2 "bitmap-trace: $SCRATCH/none: No such file or directory" dump -i "$SCRATCH/none"
	fails 2 "bitmap-trace: $SCRATCH/none: No such file or directory" check -i "$SCRATCH/none"
	fails 2 "bitmap-trace: $SCRATCH: Is a directory" dump -i "$SCRATCH"
}

# An incomplete trace: that is reported first, and is the reason of the verdict.
test_incomplete() {
	local words='trace incomplete: cut off at offset 24' form
	head -c 24 "$TRACE" >"$SCRATCH/header"
	prints 3 "verdict: UNKNOWN ($words)" check -i "$SCRATCH/header"
	holds '... that is said first' test "$(head -n 1 "$SCRATCH/out")" = "$words"
	holds '... no events are counted, and no losses' test "$(sed -n 2p "$SCRATCH/out")" = '0 events, 0 set_bits'
	holds '... all rules are in one line' test "$(sed -n 3,4p "$SCRATCH/out")" = "UNKNOWN 22 of 22 rules
verdict: UNKNOWN ($words)"
	for form in text json ktap; do
		run check -i "$SCRATCH/header" -f "$form"
		holds "check -f $form says so on standard error" says "$SCRATCH/header: $words"
	done
	holds '... KTAP for each rule' test "$(grep -c "# UNKNOWN: $words\$" "$SCRATCH/out")" = 22
	prints 3 "\"reason\":\"$words\"" check -i "$SCRATCH/header" -f json
	tests/trace-without.pl type 52 <"$TRACE" | head -c -1 >"$SCRATCH/cut"
	prints 1 'verdict: FAIL (intent-before-data' check -i "$SCRATCH/cut"
	holds 'a FAIL stays one, and the rest is one line' grep -qE '^UNKNOWN [0-9]+ of 22 rules$' "$SCRATCH/out"
	prints 3 '# the kernel is not known' dump -i "$SCRATCH/header"
	holds '... and nothing else' test "$(wc -l <"$SCRATCH/out")" = 1
	holds '... and says why' says "$SCRATCH/header: $words"
	prints 3 '{"release":null,"version":null,' dump -i "$SCRATCH/header" -f json
	run hist -i "$SCRATCH/header"
	holds 'hist says so, too' says "$SCRATCH/header: $words"
}

# Truncated and damaged in many places: no way of reading it may crash.
test_hostile() {
	local at size bad=0 subcommand
	size=$(stat -c %s "$TRACE")
	for ((at = 13; at < size; at += 1531)); do
		{ head -c "$at" "$TRACE"; head -c 64 /dev/urandom; tail -c +"$((at + 65))" "$TRACE"; } \
			>"$SCRATCH/broken"
		for subcommand in dump check 'hist 1' 'check -f json'; do
			# shellcheck disable=SC2086 # options of the subcommand
			run $subcommand -i "$SCRATCH/broken"
			[[ $STATUS == [0-3] ]] && ! grep -q Sanitizer "$SCRATCH/err" || bad=1
		done
	done
	result $bad 'traces broken in many places'
}

# slice FILE ARGUMENT...: check of the failing trace, which writes FILE
slice() {
	local to=$1
	shift
	run check -i "$SCRATCH/bad" --save-counterexample "$to" "$@"
}

# The failing trace: the golden one, as if the bitmap's pages had never reached the disk (without page_write_end).
test_counterexample() {
	local ce=$SCRATCH/ce events n bad=0 stack
	tests/trace-without.pl type 52 <"$TRACE" >"$SCRATCH/bad"
	prints 1 'verdict: FAIL (intent-before-data' check -i "$SCRATCH/bad"
	tail -n 1 "$SCRATCH/out" >"$SCRATCH/last"
	holds 'unasked, nothing is marked as the proof' test "$(grep -c 'are the proof' "$SCRATCH/out")" = 0
	slice "$ce"
	holds 'a counterexample is saved, the status stays' test "$STATUS" = 1 -a -s "$ce" -a ! -s "$SCRATCH/err"
	holds '... and the verdict line, too' cmp -s "$SCRATCH/last" <(tail -n 1 "$SCRATCH/out")
	holds '... and the proof is marked' grep -qF '(* and >> are the proof' "$SCRATCH/out"
	sed '/are the proof/q' "$SCRATCH/out" | grep -E '^ +(\*|>>) ' | grep -oE '[0-9]+\.[0-9]{9}' >"$SCRATCH/marked"
	stack=$(sed -n '/^  >>/{n;p;q}' "$SCRATCH/out")
	prints 0 '# kernel 6.12' dump -i "$ce"
	grep -v '^#' "$SCRATCH/out" | grep -oE '^ +[0-9]+\.[0-9]{9}' | tr -d ' ' >"$SCRATCH/saved"
	holds '... these are the events that were saved' cmp -s "$SCRATCH/marked" "$SCRATCH/saved"
	prints 1 'verdict: FAIL (intent-before-data)' check -i "$ce"
	holds '... with the stack of the one that broke the rule' grep -qF -- "$stack" "$SCRATCH/out"
	grep -E '^ +(\*|>>|  ) +[0-9]' "$SCRATCH/out" | grep -oE '[0-9]+\.[0-9]{9}' >"$SCRATCH/shown"
	holds '... and its report shows these' cmp -s "$SCRATCH/shown" "$SCRATCH/saved"
	holds '... other rules are not judged by it' grep -qF 'this trace is a slice for intent-before-data only' "$SCRATCH/out"
	events=$(wc -l <"$SCRATCH/saved")
	for ((n = 0; n < events; n++)); do
		tests/trace-without.pl event "$n" <"$ce" >"$SCRATCH/less"
		run check -i "$SCRATCH/less"
		[[ $STATUS == 3 ]] && ! grep -q '^FAIL' "$SCRATCH/out" || bad=1
	done
	result $bad "... none of its $events events can be left out"
	slice "$SCRATCH/again" -f json
	holds 'JSON marks the proof' test "$(grep -c '"proof":true' "$SCRATCH/out")" = "$events"
	holds '... and the same is saved' cmp -s "$ce" "$SCRATCH/again"
	slice "$SCRATCH/unplug:unplug-durable" -a md0
	prints 1 'verdict: FAIL (unplug-durable)' check -i "$SCRATCH/unplug" -f ktap
	run check -i "$ce" --save-counterexample "$SCRATCH/again"
	holds 'of a slice there is no smaller one' cmp -s "$ce" "$SCRATCH/again"
	pipes "$ce" 'verdict: FAIL (intent-before-data)' 1 check
}

test_counterexample_refused() {
	local none=$SCRATCH/none-saved
	run check -i "$TRACE" --save-counterexample "$none"
	holds 'of a PASS nothing is saved' test "$STATUS" = 0 -a ! -e "$none"
	holds '... which is reported' says "no rule is broken; $none is not written"
	slice "$none:two-pass-clear"
	holds 'nor of a rule that held' test "$STATUS" = 1 -a ! -e "$none"
	holds '... which is reported' says "two-pass-clear is not broken; $none is not written"
	slice "$SCRATCH/no/such/dir"
	holds 'a file that cannot be written leaves the verdict' test "$STATUS" = 1 -a -s "$SCRATCH/out"
	holds '... and is reported' says 'No such file or directory; the counterexample is not saved'
	slice /dev/full
	holds 'so does a full disk' test "$STATUS" = 1
	holds '... and is reported' says 'No space left on device; the counterexample is not saved'
	cp "$SCRATCH/bad" "$SCRATCH/bad.copy"
	ln -s bad "$SCRATCH/link"
	fails 2 'would overwrite the input' check -i "$SCRATCH/bad" --save-counterexample "$SCRATCH/link"
	fails 2 'would overwrite the input' check -i "$SCRATCH/bad" --save-counterexample "$SCRATCH/bad"
	holds 'the trace is as it was' cmp -s "$SCRATCH/bad" "$SCRATCH/bad.copy"
	fails 2 'are one file' check -o "$none" --save-counterexample "$none" -- true
	fails 2 'can read again' check -o /dev/null --save-counterexample "$none" -- true
	fails 2 'can read again' check -i <(cat "$SCRATCH/bad") --save-counterexample "$none"
	fails 2 'needs -o TRACE' check --save-counterexample "$none" -- true
	fails 2 'cannot read standard input again' check -i - --save-counterexample "$none"
	fails 2 "there is no invariant 'two-pass'" check -i x --save-counterexample "$none:two-pass"
	fails 2 'FILE is missing' check -i x --save-counterexample :two-pass-clear
	fails 2 'is not for this subcommand' dump -i x --save-counterexample "$none"
}

test_usage
test_arrays
test_dump
test_check
test_report
test_known
test_strict
test_host
test_command_line
test_missing_without_a_name
test_several_traces
test_outputs
test_counterexample
test_counterexample_refused
test_array_names
test_hist
test_hist_json
test_hist_empty
test_top
test_openmetrics
test_watch
test_textfile_refused
test_stdin
test_damaged
test_incomplete
test_crash
test_hostile
echo "1..$N"
