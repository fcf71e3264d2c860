# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016 # expanded by the shell that is traced
# In the guest, by tests/series/late: personalities that are loaded while tracing. Booted with raid1, which is loaded.

# What the scripts have of processes: there is no pgrep here, and a process for each of /proc would take seconds.
cat >"$DIR/children" <<'END'
#!/bin/bash
# children PID NAME: those of this name
for status in /proc/[0-9]*/status; do
	name='' parent=''
	while read -r field value _; do
		case $field in
		Name:) name=$value ;;
		PPid:) parent=$value && break ;;
		esac
	done 2>/dev/null <"$status"
	[[ "$parent $name" != "$1 $2" ]] || { status=${status%/status} && echo "${status#/proc/}"; }
done
END
chmod +x "$DIR/children"

# What the tool runs as COMMAND: an array of this level, members /dev/vda1 to /dev/vdaN. Where GATE is a file, what
# attaches late hooks is halted until two writes are done.
make_command() {
	cat >"$DIR/command" <<-'END'
		#!/bin/bash
		set -e
		source /bt/lib.sh
		export BT_LEVEL=$1 BT_MEMBERS=$2
		helper=$(/tmp/test/children "$PPID" bitmap-trace)
		[[ -z $3 ]] || kill -STOP "$helper"
		BT_WAIT_S=90 # emulated, they take their time
		hooked() { bpftool prog show | grep -q "name $1"; }
		create_array
		wait_clean
		if [[ -n $3 ]]; then
			write_spread 2 1024 4096
			wait_clean
			kill -CONT "$helper"
		fi
		wait_for 'hooks of the personality' hooked "$4"
		sleep 3 # they are loaded; attaching follows
		write_spread 8
		wait_clean
		stop_array
	END
	chmod +x "$DIR/command"
}

# traced NAME STATUS LEVEL MEMBERS GATE PROGRAM: PROGRAM is one of those that come late; says what is wrong
traced() {
	local name=$1 wanted=$2 status=0
	bitmap-trace check --no-wait -o "$DIR/$name.bt" -- "$DIR/command" "${@:3}" >"$DIR/said" 2>&1 || status=$?
	cp "$DIR/said" "$DIR/$name.txt"
	[[ $status == "$wanted" ]] || echo "ended with $status, expected $wanted"
	status=0
	bitmap-trace check -i "$DIR/$name.bt" >"$DIR/$name.offline" 2>&1 || status=$?
	[[ $status == "$wanted" ]] || { echo "offline it ended with $status" && cat "$DIR/$name.offline"; }
	grep -E '^(PASS|FAIL|UNKNOWN|N/A)' "$DIR/$name.txt" >"$DIR/live.rules"
	grep -E '^(PASS|FAIL|UNKNOWN|N/A)' "$DIR/$name.offline" | diff "$DIR/live.rules" - || true
}

# says NAME PATTERN...: lines of the report
says() {
	local pattern
	for pattern in "${@:2}"; do
		grep -Eq -- "$pattern" "$DIR/$1.txt" || { echo "no line $pattern" && cat "$DIR/$1.txt"; }
	done
}

# unknown NAME RULE...: these are UNKNOWN, and no other
unknown() {
	sed -n 's/^UNKNOWN  *\([a-z-]*\) .*/\1/p' "$DIR/$1.txt" | sort | diff <(printf '%s\n' "${@:2}" | sort) - || true
}

# told NAME: hooks came once
told() { [[ $(bitmap-trace dump -i "$DIR/$1.bt" | grep -c ' probes ') == 1 ]] || echo 'not told once that hooks came'; }

# rights NAME: what attaches has the two capabilities and no way to more, while who reads has none
rights() {
	local helper caps
	bitmap-trace check --no-wait -- bash -c ': >/tmp/test/began; until [[ -e /tmp/test/seen ]]; do sleep 0.2; done' >/dev/null 2>&1 &
	await "$DIR/began" $! || echo 'the command was not run'
	helper=$("$DIR/children" $! bitmap-trace)
	caps=$(sed -n 's/^CapPrm:[[:space:]]*//p' "/proc/$helper/status")
	[[ $caps == 000000c000000000 ]] || echo "it has the capabilities '$caps'"
	grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$helper/status" || echo 'it may get more'
	: >"$DIR/seen"
	wait $!
	[[ ! -e /proc/$helper ]] || echo 'it is left behind'
}

main() {
	make_command
	expect 'what waits for personalities has two capabilities, and ends' rights
	expect 'raid5: no write before its hooks: all is judged' traced raid5 0 raid5 '/dev/vda1 /dev/vda2 /dev/vda3' '' raid5_end_write
	expect 'raid5: its hooks came while tracing' told raid5
	expect 'raid5: what rests on them is judged' says raid5 '^PASS +no-clear-in-flight +checked [1-9]' \
		'^PASS +intent-before-data +checked [1-9]' '^N/A +write-error-kicks'
	expect 'raid10: writes before its hooks' traced raid10 3 raid10 '/dev/vda1 /dev/vda2 /dev/vda3 /dev/vda4' halted raid10_end_writ
	expect 'raid10: its hooks came while tracing' told raid10
	expect 'raid10: what they would have shown is unknown, and nothing else' unknown raid10 no-clear-in-flight write-error-kicks
	expect 'raid10: and why' says raid10 '^UNKNOWN +no-clear-in-flight +md0 got writes before the hooks of its personality were there'
	expect 'raid10: the rest is judged' says raid10 '^PASS +intent-before-data +checked [1-9]'
	echo "1..$N"
}

main
