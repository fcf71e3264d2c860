# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Description: two writers into one chunk, watched through tracefs
# Modules: dm-mod dm-delay

# The race of case two-writers, seen by the kernel's own tracing and no BPF:
#   vm/run --no-trace -c docs/findings/stock-unplug-race.sh [--bitmap internal]

T=/sys/kernel/tracing

setup() { map_bitmap; }

race() {
	local first second
	write_at 1024 &
	first=$!
	sleep 0.1
	write_at 1032 &
	second=$!
	wait "$first"
	wait "$second"
}

watch_block() {
	echo 'p:unplug __bitmap_unplug' >"$T/kprobe_events"
	echo 'r:unplug_return __bitmap_unplug' >>"$T/kprobe_events"
	echo "$1" >"$T/events/kprobes/enable"
	echo "$1" >"$T/events/block/block_bio_queue/enable"
	echo "$1" >"$T/events/block/block_bio_complete/enable"
}

test() {
	use_mapped_members
	create_array
	wait_clean
	# The array is active and stays so: the race is about the bitmap alone.
	echo 0 >"$(md_sysfs)/safe_mode_delay"
	write_at 8192
	wait_clean
	wait_quiet
	slow_bitmap 500
	watch_block 1
	race
	echo 0 >"$T/events/enable"
	slow_bitmap 0
	grep -E 'unplug|block_bio_(queue|complete): [0-9,]+ [FW]' "$T/trace"
	stop_array
}
