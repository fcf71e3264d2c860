#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# TAP test of vm/run: what it says when it is used wrongly, and what it makes of
# guests that end in different ways. Those boot, and so need BT_VM=1.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

# expect NAME STATUS FILE WORDS: what the last run ended with and said
expect() {
	local name=$1 status=$2 file=$3 words=$4
	if [[ $STATUS != "$status" ]]; then
		not_ok "$name" "exit status $STATUS, expected $status"
	elif ! grep -qF -- "$words" "$WORK/$file"; then
		not_ok "$name" "std$file does not say: $words"
	else
		ok "$name"
	fi
}

# script COMMANDS: a script for the guest; prints its path
script() {
	echo "$1" >"$WORK/script.sh"
	echo "$WORK/script.sh"
}

# stub NAME LINE...: a program; prints its path
stub() {
	local path=$WORK/$1
	shift
	printf '%s\n' '#!/bin/bash' "$@" >"$path"
	chmod +x "$path"
	echo "$path"
}

test_usage() {
	local tool
	run --help
	expect '--help tells the options' 0 out '--bitmap KIND'
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
	run --debug
	expect '--debug says that it is not there' 2 err 'not available yet'
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

test_list() {
	local name missing=''
	run --list
	expect '--list has the kernels' 0 out 'stock'
	for name in "$ROOT"/vm/cases/*; do
		grep -Eq "^  ${name##*/} +[^ ]" "$WORK/out" || missing+=" ${name##*/}"
	done
	if [[ -z $missing ]]; then
		ok '--list has every case with its description'
	else
		not_ok '--list has every case with its description' "missing:$missing"
	fi
}

# KVM that takes the guest and never runs it must not stop us.
test_accel() {
	local qemu
	qemu=$(stub qemu 'case " $* " in *" -accel kvm "*) exec sleep 600 ;; esac' \
		"exec $(PATH=$PATH:/usr/sbin type -P qemu-system-x86_64) \"\$@\"")
	touch "$WORK/kvm"
	BT_QEMU=$qemu BT_KVM_DEVICE=$WORK/kvm BT_PROBE_DEADLINE=2 \
		run --no-trace -c "$(script true)" -o "$WORK/dir"
	expect 'a KVM that stalls is not used' 0 err 'trying whether KVM works'
	BT_QEMU=$qemu BT_KVM_DEVICE=$WORK/kvm run --no-trace -c "$(script 'false')" -o "$WORK/dir"
	expect 'a script that fails gives 4' 4 err 'status 4'
	if grep -q 'trying whether' "$WORK/err"; then
		not_ok 'the answer about KVM is remembered' 'it was tried again'
	else
		ok 'the answer about KVM is remembered'
	fi
}

test_lost() {
	run --no-trace -c "$(script 'echo c >/proc/sysrq-trigger')" -o "$WORK/dir"
	expect 'a panic loses the VM' 5 err 'sysrq triggered crash'
	run --no-trace --timeout 20 -c "$(script 'echo "about to hang" >&2; sleep 600')" -o "$WORK/dir"
	expect 'a hang loses the VM at the deadline' 5 err 'the deadline of 20 s passed'
	expect 'its last words are shown' 5 err 'about to hang'
	run --no-trace -c "$(script 'kill -9 -1; kill -9 $$')" -o "$WORK/dir"
	expect 'a script that is killed gives 4' 4 err 'status 4'
}

# at_end COMMAND: a script that passes, and has COMMAND run after the verdict: there
# the guest copies the kernel's log.
at_end() {
	script "rm /usr/bin/dmesg; printf '%s\\n' '#!/bin/bash' '$1' >/usr/bin/dmesg; chmod +x /usr/bin/dmesg"
}

test_lost_after_verdict() {
	run --no-trace -c "$(at_end 'echo c >/proc/sysrq-trigger')" -o "$WORK/dir"
	expect 'a panic after the verdict loses the VM' 5 err 'Kernel panic'
	expect 'the verdict is told' 5 err 'it had ended with status 0'
	run --no-trace -c "$(at_end 'echo "<1>BUG: kernel NULL pointer dereference" >/dev/kmsg')" -o "$WORK/dir"
	expect 'an oops that the kernel survives loses the VM' 5 err 'broke down: BUG: kernel NULL'
	run --no-trace -c "$(at_end 'echo b >/proc/sysrq-trigger')" -o "$WORK/dir"
	expect 'a reset after the verdict loses the VM' 5 err 'not by powering off'
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

# With a tool that pretends: what the offline check must agree with.
test_offline() {
	local tool
	# shellcheck disable=SC2016 # expanded by the tool
	tool=$(stub tool 'for a; do [[ $a != -i ]] || exit 1; done' 'echo trace >/out/trace.bt' 'exit 0')
	BT_TOOL=$tool run -c "$(script true)" -o "$WORK/dir"
	expect 'an offline check that disagrees is an error' 2 err 'THE OFFLINE CHECK DISAGREES'
}

test_usage
test_list
if [[ ${BT_VM-} == 1 ]]; then
	test_accel
	test_channels
	test_lost
	test_lost_after_verdict
	test_offline
else
	ok 'guests that end in different ways # SKIP boots virtual machines; set BT_VM=1'
fi
echo "1..$N"
