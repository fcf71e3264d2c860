# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# In the guest, by tests/vm_privileges_test.sh: the tool with many kinds of rights.

BT_CALLER=1000 # an ordinary user

# field FILE NAME: of a /proc/PID/status
field() { sed -n "s/^$2:[[:space:]]*//p" "$1"; }

# fields FILE NAME=VALUE...: says which differ
fields() {
	local file=$1 pair
	shift
	[[ -s $file ]] || echo "$file is empty"
	for pair; do
		[[ $(field "$file" "${pair%%=*}") == "${pair#*=}" ]] ||
			echo "${pair%%=*} is '$(field "$file" "${pair%%=*}")', expected '${pair#*=}'"
	done
}

# as_caller CAPS COMMAND...: as the ordinary user with these capabilities (",+bpf") and no others
as_caller() {
	local caps=$1
	shift
	setpriv --reuid "$BT_CALLER" --regid "$BT_CALLER" --clear-groups \
		--inh-caps="-all$caps" --ambient-caps="-all$caps" --bounding-set="-all$caps" -- "$@"
}

# Run by the tool as COMMAND: prints its own status and the tool's, and has root
# write to the array meanwhile.
make_command() {
	cat >"$DIR/command" <<-'END'
		#!/bin/bash
		cat /proc/$$/status >"$1.command"
		cat "/proc/$PPID/status" >"$1.tool"
		: >"$1.ready"
		for ((n = 0; n < 600; n++)); do [[ -e $1.done ]] && exit 0; sleep 0.1; done
		exit 1
	END
	chmod +x "$DIR/command"
}

# run_tool NAME RUNNER...: the runner is given a command line of the tool to run; says
# what is wrong. With WRITES=yes root writes to the array and waits for the daemon's
# two passes meanwhile, and it must pass; else nothing happens, and it cannot know.
run_tool() {
	local name=$1 pid wanted=3 status=0
	shift
	[[ ${WRITES-} != yes ]] || wanted=0
	"$@" bitmap-trace check --no-wait -o "$DIR/$name.bt" -- "$DIR/command" "$DIR/$name" >"$DIR/said" 2>&1 &
	pid=$!
	if await "$DIR/$name.ready" "$pid"; then
		[[ $wanted == 3 ]] || { write_spread 4 && wait_clean; }
		: >"$DIR/$name.done"
	fi
	wait "$pid" || status=$?
	[[ $status == "$wanted" ]] || echo "ended with $status, expected $wanted"
	[[ $wanted == 3 ]] || ! grep '^PASS *intent-recorded.*not judged' "$DIR/said"
}

refused() {
	local status=0
	"${@:2}" bitmap-trace check -- "$DIR/command" "$DIR/$1" >"$DIR/said" 2>&1 || status=$?
	[[ $status == 2 ]] || echo "ended with $status, expected 2"
	grep -q 'not permitted; run as root (CAP_BPF and CAP_PERFMON)' "$DIR/said" || echo 'no clear word'
	[[ ! -e $DIR/$1.ready ]] || echo 'the command was run'
}

no_caps=(CapPrm=0000000000000000 CapEff=0000000000000000 CapAmb=0000000000000000 NoNewPrivs=1)
caller_ids=("Uid=$BT_CALLER	$BT_CALLER	$BT_CALLER	$BT_CALLER" "Gid=$BT_CALLER	$BT_CALLER	$BT_CALLER	$BT_CALLER")
caller_plain=("${caller_ids[@]}" CapInh=0000000000000000 CapPrm=0000000000000000 CapEff=0000000000000000
	CapAmb=0000000000000000 NoNewPrivs=0)
both=+bpf,+perfmon
mask=000000c000000000 # CAP_BPF 39, CAP_PERFMON 38

test_root() {
	local all
	all=$(field /proc/$$/status CapEff)
	expect 'root: attaches' run_tool root
	expect 'root: the tool has no capability left, nor a way to one' \
		fields "$DIR/root.tool" "${no_caps[@]}" CapInh=0000000000000000 CapBnd=0000000000000000
	expect 'root: the command has all that root had' \
		fields "$DIR/root.command" 'Uid=0	0	0	0' "CapPrm=$all" "CapEff=$all" "CapBnd=$all" NoNewPrivs=0
}

test_two_capabilities() {
	expect 'two capabilities: attaches' run_tool two as_caller ",$both"
	expect 'two capabilities: the tool has none left' fields "$DIR/two.tool" "${caller_ids[@]}" "${no_caps[@]}"
	expect 'two capabilities: the command has what the caller had' fields "$DIR/two.command" \
		"${caller_ids[@]}" "CapPrm=$mask" "CapEff=$mask" "CapAmb=$mask" "CapInh=$mask" NoNewPrivs=0
	expect 'CAP_BPF alone: refused' refused bpf as_caller ,+bpf
	expect 'CAP_PERFMON alone: refused' refused perfmon as_caller ,+perfmon
	expect 'no capability: refused' refused none as_caller ''
}

# The tool installed with rights of its own: nobody else must get them.
plain_caller() {
	setpriv --reuid "$BT_CALLER" --regid "$BT_CALLER" --clear-groups env "PATH=$DIR/bin:$PATH" "$@"
}

# installed NAME: the tool in $DIR/bin, called by an ordinary user, gives its rights to nobody
installed() {
	local bounding
	bounding=$(field /proc/$$/status CapBnd)
	expect "$1: attaches" run_tool "$1" plain_caller
	expect "$1: the tool has none left" fields "$DIR/$1.tool" "${caller_ids[@]}" "${no_caps[@]}"
	expect "$1: the command has what the caller had, and no more" \
		fields "$DIR/$1.command" "${caller_plain[@]}" "CapBnd=$bounding"
	expect "$1: the trace is the caller's" owned "$DIR/$1.bt"
}

owned() { [[ $(stat -c %u:%g "$1") == "$BT_CALLER:$BT_CALLER" ]] || stat -c '%u:%g' "$1"; }

test_installed() {
	local tool=$DIR/bin/bitmap-trace
	cp /usr/bin/bitmap-trace "$tool"
	setcap cap_bpf,cap_perfmon=ep "$tool"
	installed file-capabilities
	setcap all=ep "$tool"
	installed all-file-capabilities
	setcap -r "$tool"
	chmod 4755 "$tool"
	installed set-uid
	expect 'set-uid: root opens no file for its caller' unreadable plain_caller bitmap-trace check -i "$DIR/secret"
	expect 'set-uid: nor writes one' unreadable plain_caller bitmap-trace record -o "$DIR/secret" -- true
	rm "$tool"
}

unreadable() {
	local status=0
	"$@" >"$DIR/said" 2>&1 || status=$?
	[[ $status == 2 ]] || echo "ended with $status"
	grep -q 'secret: .*Permission denied' "$DIR/said" || cat "$DIR/said"
}

# Closed for all who lack CAP_BPF, and addresses hidden: what the tool still asks of the
# kernel once it has given up its rights, such as names for stacks, works all the same.
test_sysctl() {
	echo 1 >/proc/sys/kernel/unprivileged_bpf_disabled
	echo 2 >/proc/sys/kernel/kptr_restrict
	echo 3 >/proc/sys/kernel/perf_event_paranoid
	WRITES=yes expect 'unprivileged_bpf_disabled=1, kptr_restrict=2, perf_event_paranoid=3: passes' \
		run_tool sysctl as_caller ",$both"
	expect 'no hook is missing but of what is not loaded' missing_hooks "$DIR/sysctl.bt"
	expect 'stacks have names' named_stacks "$DIR/sysctl.bt"
}

# Neither in the trace, nor to doctor.
missing_hooks() {
	as_caller ",$both" bitmap-trace doctor --no-wait >"$DIR/said" 2>&1 || echo "doctor ended with $?"
	grep -q '^rules *all can be judged' "$DIR/said" || cat "$DIR/said"
	bitmap-trace dump -i "$1" | sed -n 's/^# hook missing: //p' | grep -vE '^(raid10|raid5)_'
}

named_stacks() { grep -aqE 'md_thread\+' "$1" || echo 'no such name in the trace'; }

test_failures() {
	expect 'a missing command is reported' missing_command
	expect 'a command that became another user is waited for' other_user
}

# Without CAP_KILL root cannot end another user's process: that is reported, and the tool waits for it.
# shellcheck disable=SC2016 # expanded by the inner shell
other_user() {
	local pid status=0
	bitmap-trace check --no-wait -- setpriv --reuid "$BT_CALLER" --clear-groups \
		bash -c 'echo $$ >"$1"; exec sleep 100' bash "$DIR/other.ready" >"$DIR/said" 2>&1 &
	pid=$!
	await "$DIR/other.ready" "$pid" || echo 'it has not started'
	kill -TERM "$pid"
	sleep 1
	grep -q 'has changed its user' "$DIR/said" || echo 'nothing is said'
	kill -0 "$pid" || echo 'it has ended'
	kill -TERM "$(<"$DIR/other.ready")"
	wait "$pid" || status=$?
	[[ $status == 3 ]] || echo "ended with $status"
}

missing_command() {
	local status=0
	bitmap-trace check -- /no/such/command >"$DIR/said" 2>&1 || status=$?
	[[ $status == 2 ]] || echo "ended with $status"
	grep -q "cannot run '/no/such/command': No such file" "$DIR/said" || cat "$DIR/said"
}

main() {
	mkdir "$DIR/bin"
	make_command
	: >"$DIR/secret"
	chmod 600 "$DIR/secret"
	create_array
	wait_clean
	test_root
	test_two_capabilities
	test_installed
	test_failures
	test_sysctl
	expect 'nothing is pinned' find /sys/fs/bpf -mindepth 1
	stop_array
	echo "1..$N"
}

main
