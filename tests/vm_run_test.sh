#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# TAP test of vm/run: its error messages, and its result for guests that end in different ways. Those boot, and so need
# BT_VM=1.
# shellcheck disable=SC2016 # expanded by the stubs and in the guest
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

# script COMMANDS: a script for the guest; prints its path
script() {
	echo "$1" >"$WORK/script.sh"
	echo "$WORK/script.sh"
}

# helps TOOL: of vm/; --help and unknown options only print a message
helps() {
	local tool=$1 text
	if text=$("$ROOT/vm/$tool" --help 2>&1) && [[ $text == "usage: vm/$tool"* ]]; then
		ok "vm/$tool --help prints the usage"
	else
		not_ok "vm/$tool --help prints the usage" "$text"
	fi
	STATUS=0
	"$ROOT/vm/$tool" --help >/dev/full 2>"$WORK/err" || STATUS=$?
	expect "vm/$tool --help that cannot be printed is an error" 2 err 'No space left on device'
	STATUS=0
	"$ROOT/vm/$tool" --bogus >"$WORK/out" 2>"$WORK/err" || STATUS=$?
	expect "vm/$tool refuses what it does not know" 2 err "'--bogus'"
}

test_help() {
	local tool
	for tool in run batch kernel soak demo deps; do helps "$tool"; done
}

# fits NAME FILE COLUMNS: no line is longer
fits() {
	local long
	long=$(awk -v max="$3" 'length($0) > max' "$2")
	nothing "$1" "$long"
}

# No guest is started.
test_values() {
	run --level=raid0
	expect 'a value may follow an equals sign' 2 err "--level 'raid0': expected one of"
	run --output=
	expect 'an empty value is refused' 2 err '--output needs a value'
	run --shell=1
	expect 'a value for an option without one is refused' 2 err "unknown argument '--shell=1'"
	run --shell -c idle
	expect '--shell and a case do not go together' 2 err '--shell runs no case'
	run --shell --timeout 3
	expect '--shell and a deadline do not go together' 2 err '--shell has no deadline'
}

test_debug() {
	local kernel
	kernel=$(stub kernel 'echo "called with $*" >&2' 'exit 2')
	BT_TOOL=$(type -P true) BT_KERNEL_TOOL=$kernel run --debug --series 7.3 -c idle
	expect '--debug is vm/kernel'"'"'s' 2 err 'called with --debug --series 7.3'
	expect '... and in the name of the kernel' 2 err 'vm: kernel stock-7.3-debug, idle'
}

test_no_rubbish() {
	local left
	BT_TOOL=$(type -P true) run -k no-such-kernel
	expect 'an unknown kernel is named, and where the known ones are' 2 err \
		"vm/run: there is no kernel 'no-such-kernel'; 'vm/run --list' shows those that there are"
	fits '... in a line that can be read' "$WORK/err" 120
	BT_TOOL=$(type -P true) run --patch "$(script 'no patch')" -c idle
	expect 'the kernel is printed first' 2 err 'vm: kernel stock+script.sh, idle'
	left=$(find "$ROOT/out" -maxdepth 1 -name '*-stock+script.sh-*' 2>/dev/null)
	if [[ -z $left ]]; then
		ok 'a start that fails leaves no directory'
	else
		not_ok 'a start that fails leaves no directory' "$left"
	fi
}

# in_vm COMMANDS: in a shell with the functions that handle the cache, and a separate cache
in_vm() {
	XDG_CACHE_HOME=$WORK/cache bash -euo pipefail -c \
		'source "$1/vm/lib/common.sh"; source "$1/vm/lib/qemu/image.sh"; '"$1" in_vm "$ROOT" "$WORK" 2>&1
}

test_cache() {
	local words
	mkdir -p "$WORK/one" "$WORK/two"
	echo image | tee "$WORK/one/vmlinuz" >"$WORK/two/vmlinuz"
	touch -d '1 hour ago' "$WORK/one/vmlinuz"
	words=$(in_vm 'for n in one two; do vm_boot_image "$2/$n" >/dev/null; done; cd "$(vm_cache_dir)/image"; ls | grep -vc lock')
	if [[ $words == 1 ]]; then
		ok 'equal images share one entry of the cache'
	else
		not_ok 'equal images share one entry of the cache' "$words"
	fi
	words=$(in_vm 'make() { touch "$1"; }; old=$(vm_cached some/old make); touch -ad "31 days ago" "$old"
		used=$(vm_cached some/used make); touch -ad "29 days ago" "$used"
		vm_cached some/new make >/dev/null; cd "${old%/*}"; ls | grep -v lock | paste -sd" "')
	if [[ $words == 'new used' ]]; then
		ok 'what was of no use for 30 days leaves the cache'
	else
		not_ok 'what was of no use for 30 days leaves the cache' "$words"
	fi
}

test_usage() {
	local tool
	run --help
	expect '--help lists the options' 0 out '--bitmap KIND'
	expect '--help says how to list the kernels' 0 out 'a kernel by name (vm/run --list)'
	fits '--help fits a terminal' "$WORK/out" 100
	run --bogus
	expect 'an unknown option is refused' 2 err "unknown argument '--bogus'"
	run --fs fat
	expect 'an unknown file system is refused' 2 err "--fs 'fat': expected one of: ext4 xfs btrfs"
	run --level raid0
	expect 'an unknown level is refused' 2 err "--level 'raid0': expected one of"
	run --timeout soon
	expect 'a timeout that is no number is refused' 2 err "--timeout 'soon'"
	run -c
	expect 'a missing value is named' 2 err '-c needs a value'
	run --patch "$WORK/none"
	expect 'a missing patch is named' 2 err "--patch '$WORK/none'"
	run -c no-such-case
	expect 'an unknown case is named' 2 err "case 'no-such-case'"
	run -c remount --bitmap internal
	expect 'a case says why it does not apply' 2 err 'an internal bitmap lies in no file system'
	tool=$(stub tool 'exit 2')
	BT_TOOL=$WORK/none run -o "$WORK/dir"
	expect 'a missing tool is named' 2 err "'$WORK/none' is not there"
	BT_TOOL=$tool run -k no-such-kernel -o "$WORK/dir"
	expect 'an unknown kernel is named' 2 err 'no-such-kernel'
	BT_TOOL=$tool BT_QEMU=no-such-qemu run -o "$WORK/dir"
	expect 'a missing QEMU is named with its package' 2 err 'apt-get install qemu-system-x86'
}

# case_file LINE...: a case that leaves a mark if it is executed on the host; prints its path
case_file() {
	printf '%s\n' "$@" "touch '$WORK/executed'" 'test() { :; }' >"$WORK/my-case"
	echo "$WORK/my-case"
}

# refused_case NAME WORDS LINE...: vm/run refuses the case with these lines at its top
refused_case() {
	local name=$1 words=$2 file
	shift 2
	file=$(case_file "$@")
	run -k no-such-kernel -c "$file"
	expect "$name" 2 err "$file:$words"
}

# It reaches the kernel, so the whole header was read.
test_case_header() {
	local file title='# Description: a case'
	export BT_TOOL
	BT_TOOL=$(type -P true)
	file=$(case_file "$title" 'DELAY_MS=100')
	run -k no-such-kernel -c "$file"
	expect 'a case with a command at top level is accepted' 2 err 'no-such-kernel'
	run -k no-such-kernel -c "$(case_file "$title" '# Levels: raid5; why not')"
	expect 'a case says why it is not for this level' 2 err "case 'my-case' cannot run with --level raid1: why not"
	refused_case 'an unknown field is named with its line' "2: unknown field 'Modlues'" "$title" '# Modlues: dm-mod'
	refused_case 'a value that is none is named' "2: Timeout 'soon': expected a number of seconds" "$title" '# Timeout: soon'
	refused_case 'a size that is none is named' "1: Member-Size '64X': expected a size" '# Member-Size: 64X'
	refused_case 'levels need a reason' "1: Levels 'raid1': expected" '# Levels: raid1'
	refused_case 'a field may be there once' "2: a second line 'Modules'" '# Modules: a' '# Modules: b'
	refused_case 'a field below the header is an error' "3: '# Modules: a' sets nothing there" "$title" '' '# Modules: a'
	refused_case 'a variable sets nothing' "1: 'CHECK_ARGS=--strict' sets nothing there" 'CHECK_ARGS=--strict'
	refused_case 'requires() is not called' "1: 'requires() { touch executed; }' sets nothing" 'requires() { touch executed; }'
	run --list
	if [[ ! -e $WORK/executed ]]; then
		ok 'no case was executed on the host'
	else
		not_ok 'no case was executed on the host' "$(ls -l "$WORK/executed")"
	fi
	unset BT_TOOL
}

# The guest can write to the directory of its results.
test_crash_at_settings() {
	local dir=$WORK/logged
	mkdir "$dir"
	printf '%s\n' fs=ext4 level=raid1 bitmap=file "layout=1:2048:8 \$(touch '$WORK/executed')" \
		"touch '$WORK/executed'" | tee "$dir/write.env" "$dir/write.log" >"$dir/crash.json"
	run --crash-at 5 "$dir"
	expect 'a file of settings that has been tampered with is refused' 2 err 'does not say fs, level, bitmap and layout'
	if [[ ! -e $WORK/executed ]]; then
		ok 'the settings of a run are not executed'
	else
		not_ok 'the settings of a run are not executed' "$(ls -l "$WORK/executed")"
	fi
}

test_list() {
	local name missing=''
	run --list
	expect '--list has the kernels' 0 out '  stock '
	expect '--list has the mutants apart' 0 out '  mutant/no-kick '
	fits '--list has lines that can be read' "$WORK/out" 160
	for name in "$ROOT"/vm/cases/*; do
		grep -Eq "^  ${name##*/} +[^ ]" "$WORK/out" || missing+=" ${name##*/}"
	done
	if [[ -z $missing ]]; then
		ok '--list has every case with its description'
	else
		not_ok '--list has every case with its description' "missing:$missing"
	fi
}

# If KVM accepts the guest and never runs it, the run must still end.
test_accel() {
	local qemu
	qemu=$(stub qemu 'case " $* " in *" -accel kvm "*) exec sleep 600 ;; esac' \
		"exec $(PATH=$PATH:/usr/sbin type -P qemu-system-x86_64) \"\$@\"")
	touch "$WORK/kvm"
	BT_QEMU=$qemu BT_KVM_DEVICE=$WORK/kvm BT_PROBE_DEADLINE=2 \
		run --no-trace -c "$(script true)" -o "$WORK/dir"
	expect 'a KVM that stalls is not used' 0 err 'trying whether KVM works'
	BT_QEMU=$qemu BT_KVM_DEVICE=$WORK/kvm \
		run -c "$(script 'create_array; wait_clean; write_at 1024; wait_clean; stop_array; exit 7')" -o "$WORK/dir"
	expect 'PASS of a script that fails gives 4' 4 err 'status 4'
	if grep -q 'trying whether' "$WORK/err"; then
		not_ok 'the answer about KVM is remembered' 'it was tried again'
	else
		ok 'the answer about KVM is remembered'
	fi
}

test_lost() {
	run --no-trace -c "$(script 'echo c >/proc/sysrq-trigger')" -o "$WORK/dir"
	expect 'a panic loses the VM' 5 err 'sysrq triggered crash'
	run --no-trace --timeout 20 \
		-c "$(script 'echo "about to hang" >&2; echo "and so it does"; sleep 600')" -o "$WORK/dir"
	expect 'a hang loses the VM at the deadline' 5 err 'the deadline of 20 s passed'
	expect 'its last words on stderr are shown' 5 err 'about to hang'
	expect 'its last words on stdout are shown' 5 err '    and so it does'
	run --no-trace -c "$(script 'kill -9 -1; kill -9 $$')" -o "$WORK/dir"
	expect 'a script that is killed gives 4' 4 err 'status 4'
}

# at_end COMMAND: a script that passes, and runs COMMAND after the verdict: at that time the guest copies the kernel's
# log and is no longer watched.
at_end() {
	script "killall dmesg; rm /usr/bin/dmesg; printf '%s\\n' '#!/bin/bash' '$1' >/usr/bin/dmesg; chmod +x /usr/bin/dmesg"
}

test_lost_after_verdict() {
	run --no-trace -c "$(at_end 'echo c >/proc/sysrq-trigger')" -o "$WORK/dir"
	expect 'a panic after the verdict loses the VM' 5 err 'Kernel panic'
	expect 'the verdict is reported' 5 err 'it had ended with status 0'
}

# play STATUS COMMANDS: vm/run with a QEMU that boots nothing and acts as a guest: prints "exit STATUS" (nothing, if it
# is empty) and runs COMMANDS with the output directory as $out
play() {
	local qemu commands=$2 status=$1
	shift 2
	qemu=$(stub guest '[[ $* != --version ]] || { echo "QEMU emulator version 8.1.0"; exit; }' \
		'path() { local p=" $*"; p=${p#*id=$NAME,path=}; p=${p%%[ ,]*}; echo "$p"; }' \
		'out=$(NAME=out path "$@")' \
		'exec 3>"$(NAME=status path "$@")" 4>"$(NAME=stdout path "$@")" 5>"$(NAME=stderr path "$@")"' \
		'exec 6>"$(NAME=console path "$@").out"' \
		'echo "[    1.0] bitmap-trace: run single begins" >"$out/dmesg.log"' \
		"$commands" "${status:+echo exit $status >&3}")
	BT_QEMU=$qemu run --accel tcg "$@"
}

BYE='echo "[    9.0] reboot: Power down" >>"$out/console-early.log"'

test_played() {
	local bug='echo "[    1.0] BUG: kernel NULL pointer dereference" >"$out/console-early.log"; '
	play 0 "$BYE" --no-trace -o "$WORK/dir"
	expect 'a guest that is only played passes' 0 err 'status 0'
	play 0 "$bug$BYE" --no-trace -o "$WORK/dir"
	expect 'an oops that the kernel survives loses the VM' 5 err 'broke down: BUG: kernel NULL'
	play 0 'echo "[    1.0] Linux" >"$out/console-early.log"' --no-trace -o "$WORK/dir"
	expect 'a reset after the verdict loses the VM' 5 err 'not by powering off'
}

# rule NAME STATUS LINE: the last run's verdict.txt has the line, and ends with its verdict
rule() {
	local name=$1 status=$2 line=$3
	expect "$name" "$status" out "$line"
	if grep -qxF -- "$line" "$WORK/dir/verdict.txt" && cmp -s "$WORK/out" "$WORK/dir/verdict.txt" &&
		[[ $(grep -c '^verdict: ' "$WORK/out") == 1 && $(tail -n1 "$WORK/out") == "verdict: "* ]]; then
		ok "$name: kept"
	else
		not_ok "$name: kept" "$(cat "$WORK/dir/verdict.txt")"
	fi
}

# A rule of its own judges the kernel's messages during the case.
test_kernel_clean() {
	local tool bad='echo "[    2.0] BUG: Bad page state in process mdadm" >>"$out/dmesg.log"; ' fail
	fail="FAIL    kernel-clean                 broken 1 times: BUG: Bad page state in process mdadm"
	play 0 "$bad$BYE" --no-trace -o "$WORK/dir"
	expect 'a BUG during a case fails' 1 out "$fail"
	play 4 "$bad$BYE" --no-trace -o "$WORK/dir"
	expect 'also when the case fails, too' 1 out "$fail"
	play 0 "$bad$BYE" --no-trace -o "$WORK/dir" --allow 'Bad .* state'
	expect 'unless it is allowed' 0 err 'status 0'
	play 0 "$bad$BYE" --no-trace -o "$WORK/dir" --allow 'soft lockup'
	expect '... and nothing else is' 1 out "$fail"
	play 0 '{ echo "[    0.5] BUG: before"; cat "$out/dmesg.log"; } >"$out/log"; mv "$out/log" "$out/dmesg.log"; '"$BYE" \
		--no-trace -o "$WORK/dir"
	expect 'what came before the case does not count' 0 err 'status 0'
	play 0 'echo "[    2.0] md0: WARNING: vda1 appears to be on the same physical disk" >>"$out/dmesg.log"; '"$BYE" \
		--no-trace -o "$WORK/dir"
	expect 'a warning of md about its members is no report' 0 err 'status 0'
	play 0 'rm "$out/dmesg.log"; '"$BYE" --no-trace -o "$WORK/dir"
	expect 'without a log nothing is known' 3 out 'UNKNOWN kernel-clean'
	run --no-trace --allow '(' -o "$WORK/dir"
	expect 'a pattern that is none is refused' 2 err "--allow '(': not a regular expression"

	tool=$(stub tool 'echo "{\"verdict\":\"PASS\",\"failed\":[],\"invariants\":[]}"')
	BT_TOOL=$tool play 0 'echo trace >"$out/trace.bt"; echo "verdict: PASS" >&4; '"$bad$BYE" -o "$WORK/dir"
	rule 'a PASS with a BUG is a FAIL' 1 'verdict: FAIL (kernel-clean)'
	BT_TOOL=$tool play 0 'echo trace >"$out/trace.bt"; echo "verdict: PASS" >&4; '"$BYE" -o "$WORK/dir"
	rule 'a clean kernel is a PASS' 0 "PASS    kernel-clean                 checked 1 lines of the kernel's log"
	expect '... in JSON, too' 0 dir/verdict.json '"name" : "kernel-clean"'
	tool=$(stub tool 'echo "{\"verdict\":\"FAIL\",\"failed\":[\"x\"],\"reason\":\"x\",\"invariants\":[]}"; exit 1')
	BT_TOOL=$tool play 1 'echo trace >"$out/trace.bt"; echo "verdict: FAIL (x)" >&4; '"$bad$BYE" -o "$WORK/dir"
	rule 'a FAIL with a BUG names both' 1 'verdict: FAIL (x, kernel-clean)'
}

# Events recorded before the VM was lost are judged, but the status stays.
test_lost_with_trace() {
	local tool
	tool=$(stub tool 'echo "verdict: FAIL (some-rule)"; exit 1')
	BT_TOOL=$tool play '' 'echo trace >"$out/trace.bt"; echo "[    1.0] Kernel panic" >"$out/console-early.log"' \
		-o "$WORK/dir"
	expect 'a FAIL in the trace of a lost VM is reported' 5 out 'verdict: FAIL (some-rule)'
	expect 'and said to be from before' 5 out 'what was recorded before the VM was lost'
	expect 'and reported at the end' 5 err 'before the VM was lost: verdict: FAIL (some-rule)'
	if grep -q FAIL "$WORK/dir/verdict.txt" && grep -q FAIL "$WORK/dir/verdict.json"; then
		ok 'and kept'
	else
		not_ok 'and kept' "$(ls -l "$WORK/dir")"
	fi
	BT_TOOL=$(stub tool 'echo "no trace" >&2; exit 2') play '' 'echo trace >"$out/trace.bt"' -o "$WORK/dir"
	expect 'a trace that cannot be judged does not change the status' 5 err 'cannot be judged'
}

# A run of a patched kernel must not look like one of stock.
test_names() {
	local dir
	touch "$WORK/my fix.patch"
	BT_KERNEL_TOOL=$(stub kernel "exec '$ROOT/vm/kernel' -k stock") \
		play 0 "$BYE" --no-trace --patch="$WORK/my fix.patch" -c idle
	expect 'the patch is printed first' 0 err 'vm: kernel stock+my fix, idle, raid1, bitmap file on ext4'
	dir=$(sed -n 's/^vm: status 0; results in //p' "$WORK/err")
	if [[ $dir == *-stock+my_fix-idle-* ]] && grep -q '^kernel: stock+my fix (' "$dir/run.txt"; then
		ok 'the patch is in the name of the results, and in run.txt'
	else
		not_ok 'the patch is in the name of the results, and in run.txt' "$dir"
	fi
	[[ -z $dir ]] || rm -rf "$dir"
}

test_shell() {
	local n pid
	mkfifo "$WORK/in"
	timeout 120 "$ROOT/vm/run" --shell -o "$WORK/dir" <"$WORK/in" >"$WORK/out" 2>"$WORK/err" &
	pid=$!
	exec 3>"$WORK/in"
	for ((n = 0; n < 600; n++)); do
		grep -q 'guest:' "$WORK/out" && break
		sleep 0.1
	done
	echo 'stty size; create_array && bitmap-trace check -- bash -c "wait_clean && write_at 1024 && wait_clean"; exit 9' >&3
	STATUS=0
	wait "$pid" || STATUS=$?
	exec 3>&-
	expect 'the status of a shell is 0, whatever it ends with' 0 err 'status 0'
	expect 'the console has a size' 0 out '24 80'
	expect 'an array can be created, and traced with the library; a console has colours' 0 out $'verdict: \e[32mPASS'
}

test_channels() {
	run --no-trace -c "$(script 'echo "to stdout"; echo "to stderr" >&2; echo file >/out/file')" -o "$WORK/dir, 2"
	expect 'stdout of the guest is stdout here' 0 out 'to stdout'
	expect 'stderr of the guest is stderr here' 0 err 'to stderr'
	if [[ $(cat "$WORK/dir, 2/file") == file && $(cat "$WORK/dir, 2/verdict.txt") == 'to stdout' ]]; then
		ok 'the output directory is shared, whatever its name'
	else
		not_ok 'the output directory is shared, whatever its name' "$(ls "$WORK/dir, 2")"
	fi
}

# With a fake tool: the offline check must agree with it.
test_offline() {
	local status
	for status in 0 4; do
		BT_TOOL=$(stub tool 'exit 1') play "$status" "echo trace >\"\$out/trace.bt\"; $BYE" -o "$WORK/dir"
		expect "an offline check that disagrees with $status is an error" 2 err 'THE OFFLINE CHECK DISAGREES'
	done
	BT_TOOL=$(stub tool 'exit 4') play 4 "echo trace >\"\$out/trace.bt\"; $BYE" -o "$WORK/dir"
	expect 'a trace shows that the script failed' 4 err 'status 4'
}

# On 7.3 no bitmap file can be set, and md is built with flags that keep its functions whole.
test_series() {
	local dir manifest
	run --series 7.3 -c single-writer
	expect '7.3: that no bitmap file can be set is said at once' 2 err 'no bitmap file can be set'
	dir=$("$ROOT/vm/kernel" --series 7.3 -k stock+llbitmap 2>"$WORK/err") || dir=/nonexistent
	manifest=$(cat "$dir/manifest" 2>&1)
	if grep -qx 'config=MD_LLBITMAP' <<<"$manifest" && grep -q '^flags=.*-fno-ipa-sra' <<<"$manifest" &&
		grep -q '^ko.md-mod.ko=' <<<"$manifest"; then
		ok '7.3: the manifest says how it was built'
	else
		not_ok '7.3: the manifest says how it was built' "$manifest"
	fi
}

# batch_refused NAME WORDS LINE...: vm/batch refuses these rows, and boots nothing
batch_refused() {
	local name=$1 words=$2
	printf '%s\n' "${@:3}" >"$WORK/rows"
	STATUS=0
	BT_TOOL=$(type -P true) "$ROOT/vm/batch" -o "$WORK/batch" "$WORK/rows" >"$WORK/out" 2>"$WORK/err" || STATUS=$?
	expect "vm/batch: $name" 2 err "$words"
}

test_batch() {
	local file=$WORK/rows
	batch_refused 'no row' "'$file' has no row" '# nothing' ''
	batch_refused 'an unknown option' "$file:2: unknown option '--frobnicate'" '# one' 'one --frobnicate now'
	batch_refused 'a missing value' "$file:1: -c needs a value" 'one -c'
	batch_refused 'a value that is none' "$file:1: --bitmap 'paper': expected one of: file internal llbitmap" 'one --bitmap paper'
	batch_refused 'a name that would leave the directory' "$file:1: '../one' is no name" '../one -c idle'
	batch_refused 'a name twice' "$file:2: a second row 'one'; the first is in line 1" 'one -c idle' 'one -c idle'
	batch_refused 'a case that there is not' "case 'no-such-case'" 'one -c no-such-case'
	batch_refused 'a case that does not apply' 'an internal bitmap lies in no file system' 'one -c remount --bitmap internal'
}

# What vm/run and its files know of a run is in one place (settings.sh).
test_settings() {
	local used
	used=$(cd "$ROOT/vm" && grep -rohE '\b(RUN|VM|ROW)\[[a-z_]+\]' run batch run-mutants lib | sed 's/.*\[\(.*\)\]/\1/' | sort -u)
	nothing 'each setting of a run is described where they all are' \
		"$(grep -vxF -f <(sed -n 's/^#//p' "$ROOT"/vm/lib/run/settings.sh | grep -oE '[a-z_]+') <<<"$used")"
	nothing 'no setting of a run is a variable of its own' "$(grep -rnE '\b(OPT|GUEST|CASE)_[A-Z]+=' "$ROOT/vm/run" "$ROOT/vm/batch" "$ROOT/vm/lib" | grep -vE 'OPT_BITMAP=|CASE_PROGRAMS=|VM_CASE_')"
}

test_settings
test_help
test_values
test_debug
test_no_rubbish
test_cache
test_usage
test_batch
test_case_header
test_crash_at_settings
test_list
if [[ ${BT_VM-} == 1 ]]; then
	test_series
	test_played
	test_kernel_clean
	test_lost_with_trace
	test_names
	test_offline
	test_accel
	test_channels
	test_lost
	test_lost_after_verdict
	test_shell
else
	ok 'guests that end in different ways # SKIP boots virtual machines; set BT_VM=1'
fi
echo "1..$N"
