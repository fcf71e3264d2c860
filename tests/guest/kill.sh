# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# In the guest, by tests/vm_kill_test.sh: kill -9 of the tool at KILLS random moments while the array is written to.
# Each time all its objects in the kernel must disappear.

KILLS=${KILLS:-15}
SEED=${SEED:-$RANDOM}
KINDS=(prog map link btf)
GONE_S=20 # what the kernel puts off must be done within this time

now_ms() { echo "$((${EPOCHREALTIME/./} / 1000))"; }

# below MAX_MS: a random time in seconds
below() {
	local ms=$(((RANDOM << 15 | RANDOM) % ($1 + 1)))
	printf '%d.%03d\n' $((ms / 1000)) $((ms % 1000))
}

# The number of BPF objects of each kind, and of functions with a hook
objects() {
	local kind
	for kind in "${KINDS[@]}"; do
		printf '%s=%s ' "$kind" "$(bpftool "$kind" show | grep -c '^[0-9]')"
	done
	printf 'hooked=%s\n' "$(grep -c . /sys/kernel/tracing/enabled_functions)"
}

# The tool's progress, by its objects; hooks also show whether it attaches or detaches
stage() {
	local held
	held=$(ls -l "/proc/$1/fd" 2>/dev/null) || { echo ended; return; }
	case $held in
	*bpf_link*) if [[ -e $DIR/ran ]]; then echo detaching; elif [[ -e $DIR/ready ]]; then echo running; else echo attaching; fi ;;
	*bpf-prog* | *bpf-map*) if [[ -e $DIR/ran ]]; then echo detaching; else echo loading; fi ;;
	*) if [[ -e $DIR/ran ]]; then echo ended; else echo opening; fi ;;
	esac
}

make_command() {
	cat >"$DIR/command" <<-'END'
		#!/bin/bash
		echo $$ >"$1/ready.new"
		mv "$1/ready.new" "$1/ready"
		[[ $2 == stay ]] && exec sleep 60
		: >"$1/ran"
	END
	chmod +x "$DIR/command"
}

# The probes that emit events, and every second time those that measure
RECORDS=(check -o "$DIR/trace.bt")
MEASURES=(hist 1)
TOOL_ARGUMENTS=("${RECORDS[@]}")
start_tool() {
	rm -f "$DIR/ready" "$DIR/ran"
	bitmap-trace "${TOOL_ARGUMENTS[@]}" "${@:2}" -- "$DIR/command" "$DIR" "$1" >"$DIR/said" 2>&1 &
	TOOL=$!
}

kill_command() {
	[[ ! -e $DIR/ready ]] || kill -9 "$(<"$DIR/ready")" 2>/dev/null
	rm -f "$DIR/ready"
}

# Waits until only the earlier objects are left; sets GONE_MS. The check is slow, so it waits first.
wait_gone() {
	local start left
	start=$(now_ms)
	while pause 0.2; left=$(objects); [[ $left != "$BEFORE" ]]; do
		if (($(now_ms) - start > GONE_S * 1000)); then
			echo "still there after $GONE_S s: $left; before: $BEFORE"
			bpftool prog show
			return
		fi
	done
	GONE_MS=$(($(now_ms) - start))
}

declare -A HITS
GONE_MS_MAX=0

# kill_once N: at one of three kinds of moments in turn: during its start, while it runs, during its end
kill_once() {
	local stage
	if (($1 % 2)); then TOOL_ARGUMENTS=("${MEASURES[@]}"); else TOOL_ARGUMENTS=("${RECORDS[@]}"); fi
	case $(($1 % 5)) in
	0 | 1 | 2)
		start_tool stay
		pause "$(below "$START_MS")"
		;;
	3)
		start_tool stay
		await "$DIR/ready" "$TOOL"
		pause "$(below 500)"
		;;
	4)
		if (($1 % 2)); then start_tool leave --no-wait; else start_tool leave; fi
		await "$DIR/ran" "$TOOL"
		pause "$(below "$END_MS")"
		;;
	esac
	stage=$(stage "$TOOL")
	HITS[$stage]=$((${HITS[$stage]:-0} + 1))
	kill -9 "$TOOL" 2>/dev/null
	wait "$TOOL" 2>/dev/null
	kill_command
	wait_gone
	((GONE_MS <= GONE_MS_MAX)) || GONE_MS_MAX=$GONE_MS
	[[ -z $(find /sys/fs/bpf -mindepth 1) ]] || echo 'something is pinned'
	kill -0 "$WRITER" 2>/dev/null || echo 'the writer has ended'
}

# How long the tool takes to start and to end
measure() {
	local start
	start=$(now_ms)
	start_tool leave
	await "$DIR/ran" "$TOOL"
	START_MS=$(($(now_ms) - start))
	start=$(now_ms)
	wait "$TOOL"
	END_MS=$(($(now_ms) - start))
	wait_gone
}

writer() {
	while [[ ! -e $DIR/enough ]]; do
		write_at $((RANDOM % 16000 * 4)) || exit
		pause 0.5
	done
	: >"$DIR/written"
}

# kill_from FIRST END: the kills of these numbers
kill_from() {
	local n said=0
	for ((n = $1; n < $2; n++)); do
		kill_once "$n"
		[[ $(wc -c <"$DIR/why") == "$said" ]] || echo "... that was kill $n of seed $SEED"
		said=$(wc -c <"$DIR/why")
	done
}

# A second tracer of the same functions: the kernel has less to wait for, and the removal must leave the second one's
# hooks alone.
start_keeper() {
	bitmap-trace check -- bash -c ": >'$DIR/keeping'; exec sleep 10000" >"$DIR/kept" 2>&1 &
	KEEPER=$!
	await "$DIR/keeping" "$KEEPER"
	BEFORE=$(objects)
	echo "# another one: $BEFORE"
}

# It has seen all writes since, in spite of the kills.
end_keeper() {
	kill -TERM "$KEEPER"
	wait "$KEEPER"
	grep -E '^(FAIL|verdict: FAIL)|lost: ' "$DIR/kept"
	grep -q '^PASS    intent-before-data' "$DIR/kept" || cat "$DIR/kept"
}

works_on() {
	: >"$DIR/enough"
	wait "$WRITER"
	[[ -e $DIR/written ]] || echo 'a write failed'
	wait_clean || echo 'the bits are not cleared'
}

passes() {
	local status=0
	bitmap-trace check --no-wait -- bash -c 'source /bt/lib.sh; wait_clean; write_spread 4; wait_clean' >"$DIR/said" 2>&1 || status=$?
	[[ $status == 0 ]] || echo "ended with $status"
}

kernel_silent() { dmesg | grep -E 'WARNING: CPU|BUG:|Call Trace|INFO: task'; }

main() {
	local first stage
	RANDOM=$SEED
	make_command
	create_array
	wait_clean
	NOTHING=$(objects)
	BEFORE=$NOTHING
	measure
	echo "# seed $SEED, before: $BEFORE, start $START_MS ms, end $END_MS ms"
	writer &
	WRITER=$!
	first=$((KILLS / 4))
	expect "$first kills: nothing is left" kill_from 0 "$first"
	start_keeper
	expect "$((KILLS - first)) kills beside another that traces: nothing is left" kill_from "$first" "$KILLS"
	expect 'that other one has missed nothing' end_keeper
	BEFORE=$NOTHING
	echo "# all gone after $GONE_MS_MAX ms at most; hit while: $(for stage in "${!HITS[@]}"; do printf '%s %s  ' "$stage" "${HITS[$stage]}"; done)"
	expect 'the array works on' works_on
	expect 'the tool works, too' passes
	expect 'nothing is left of that, either' wait_gone
	expect 'the kernel has said nothing' kernel_silent
	stop_array
	echo "1..$N"
}

main
