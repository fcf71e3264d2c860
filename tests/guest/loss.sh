# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016 # expanded by the shell that is traced
# In the guest, by tests/vm_loss_test.sh: real losses of records, and the resulting verdict. The operations are correct
# on stock md, except for one race of writers.

# check_live NAME RING_KIB COMMAND: leaves the reports, live and from the trace, and the events
check_live() {
	local name=$1 status=0
	bitmap-trace check --no-wait --ring-size "$2" -o "$DIR/$name.bt" -- \
		bash -c "source /bt/lib.sh; $3" >"$DIR/$name.live" 2>"$DIR/said" || status=$?
	echo "$status" >"$DIR/$name.status"
	cat "$DIR/$name.live" >>"$DIR/said"
	status=0
	bitmap-trace check -i "$DIR/$name.bt" >"$DIR/$name.offline" 2>>"$DIR/said" || status=$?
	[[ $status == "$(<"$DIR/$name.status")" ]] || echo "the trace gives status $status, the run $(<"$DIR/$name.status")"
	diff "$DIR/$name.live" "$DIR/$name.offline"
	bitmap-trace check -f json -i "$DIR/$name.bt" >"$DIR/$name.json"
	bitmap-trace dump -i "$DIR/$name.bt" >"$DIR/$name.dump"
}

# unknown NAME: the run is UNKNOWN, and no invariant passed or failed
unknown() {
	[[ $(<"$DIR/$1.status") == 3 ]] || echo "status $(<"$DIR/$1.status")"
	tail -n 1 "$DIR/$1.live" | grep -q '^verdict: UNKNOWN' || tail -n 1 "$DIR/$1.live"
	grep -E '^(PASS|FAIL) ' "$DIR/$1.live"
}

# verdict NAME INVARIANT
verdict() { awk -v rule="$2" '$2 == rule { print $1 }' "$DIR/$1.live"; }

# partly NAME: ends of data writes are missing, and perhaps more; rules that need them are UNKNOWN, the others pass
partly() {
	local types expected=PASS
	types=$(sed -n 's/.* lost  .* types=\([a-z_|]*\).*/\1/p' "$DIR/$1.dump" | tr '|' '\n' | sort -u)
	grep -qx data_end <<<"$types" || echo "lost types: $types"
	[[ $types == data_end ]] || expected=UNKNOWN
	[[ $(<"$DIR/$1.status") == 3 ]] || echo "status $(<"$DIR/$1.status")"
	[[ $(verdict "$1" no-clear-in-flight) == UNKNOWN ]] || grep no-clear-in-flight "$DIR/$1.live"
	[[ $(verdict "$1" unplug-durable) == "$expected" ]] || grep unplug-durable "$DIR/$1.live"
}

# lost NAME CHANNEL: how many, as the report says
lost() { sed -n "s/^lost: \([0-9]*\) ($2)$/\1/p" "$DIR/$1.live"; }

# counted NAME CHANNEL: the report's count by channel is that of all types, and that of the marks
counted() {
	local total by_type marks
	total=$(lost "$1" "$2")
	by_type=$(sed -n 's/^lost: \([0-9]*\) of type .*/\1/p' "$DIR/$1.live" | awk '{ n += $1 } END { print n + 0 }')
	marks=$(sed -n 's/.* lost  .*count=\([0-9]*\).*/\1/p' "$DIR/$1.dump" | awk '{ n += $1 } END { print n + 0 }')
	[[ ${total:-0} -gt 0 ]] || echo "no loss ($2)"
	[[ $total == "$by_type" ]] || echo "lost $total, of all types $by_type"
	[[ $total == "$marks" ]] || echo "lost $total, marks say $marks"
}

# field NAME INVARIANT KEY: of the report in JSON
field() { tr -d ' \n' <"$DIR/$1.json" | grep -o "\"name\":\"$2\"[^}]*" | grep -o "\"$3\":[0-9]*" | cut -d: -f2; }

# before_mark NAME EVENT: how many there are before the last mark
before_mark() {
	awk -v event="$2" '/ lost  / { n = seen } $5 == event { seen++ } END { print n + 0 }' "$DIR/$1.dump"
}

# recovers NAME INVARIANT EVENT: it held more often than it could have been put to the test
# by these events before the loss
recovers() {
	local held
	held=$(field "$1" "$2" held)
	[[ ${held:-0} -gt $(before_mark "$1" "$3") ]] || echo "held ${held:-?} times, $3: $(before_mark "$1" "$3") before the loss"
}

recovers_all() {
	recovers "$1" intent-before-data data_start
	recovers "$1" unplug-durable unplug_page
	recovers "$1" no-clear-in-flight clear_bit
	recovers "$1" two-pass-clear clear_bit
}

# The mark of a stalled reader is one, behind the writes from before and ahead of those after.
placed() {
	awk '/ lost  / { marks++ }
		/ data_start / {
			match($0, /sector=[0-9]+/)
			sector = substr($0, RSTART + 7, RLENGTH - 7) + 0
			if (sector < 16384 && marks) print "after the mark: " $0
			if (sector >= 98304 && !marks) print "before the mark: " $0
			if (sector < 16384) early++
			if (sector >= 98304) late++
		}
		END { if (marks != 1 || early != 8 || late != 8) print marks + 0, "marks", early + 0, "and", late + 0, "writes" }' \
		"$DIR/stalled.dump"
}

# Four writes, a great many while the reader stands still, four again: each into a chunk of its own
STALL='
	kill -STOP "$PPID"
	write_spread 150 128 8192
	kill -CONT "$PPID"
	sleep 1'

stalled() {
	check_live stalled 64 "
		write_spread 4 1024 0
		wait_clean
		$STALL
		write_spread 4 1024 49152
		wait_clean"
}

# Losses all the time, at any place
tiny() {
	check_live tiny 4 '
		fio --name=tiny --filename="$BT_MD" --direct=1 --rw=randwrite --bs=4k --ioengine=psync --numjobs=1 \
			--time_based --runtime=3 --size=32M --randrepeat=1 >&2
		wait_clean'
}

# After a loss the two writers of the case of that name: what is wrong then is seen to be wrong.
raced() {
	check_live raced 64 "
		echo 0 >\"\$(md_sysfs)/safe_mode_delay\"
		$STALL
		wait_clean
		wait_quiet
		slow_bitmap 500
		write_at 1024 &
		sleep 0.1
		write_at 1032 &
		wait
		slow_bitmap 0
		echo 0.2 >\"\$(md_sysfs)/safe_mode_delay\"
		wait_clean"
}

# two_broken NAME: that race and nothing else, by evidence from after the loss
two_broken() {
	[[ $(<"$DIR/$1.status") == 1 ]] || echo "status $(<"$DIR/$1.status")"
	grep -E '^(PASS|FAIL) ' "$DIR/$1.live" | grep -v '^FAIL    intent-before-data'
	[[ $(field "$1" intent-before-data broken) == 2 ]] || echo "broken $(field "$1" intent-before-data broken) times"
	[[ $(tail -n 1 "$DIR/$1.live") == 'verdict: FAIL (intent-before-data)' ]] || tail -n 1 "$DIR/$1.live"
}

# The kernel skips a probe that is at work already on the same CPU. One member of this array
# ends its writes in an interrupt, NS after they came, the other at once in the writer's
# context: now and then the one comes upon the other in the same probe.
mixed_array() {
	modprobe null_blk nr_devices=1 gb=1 irqmode=2 memory_backed=1 "completion_nsec=$1"
	bounded mdadm --create /dev/md1 --run --force --level=1 --raid-devices=2 --assume-clean --size=32M \
		--bitmap=internal --bitmap-chunk=64K --delay=1 /dev/nullb0 /dev/ram0
}

skipped() {
	local ns
	modprobe brd rd_nr=1 rd_size=65536
	for ns in 20000 50000 5000 100000 10000 200000; do
		mixed_array "$ns" 2>>"$DIR/said"
		BT_MD=/dev/md1 check_live skipped 32768 '
			wait_clean
			fio --name=skipped --filename=/dev/md1 --direct=1 --rw=randwrite --bs=4k --ioengine=psync \
				--numjobs=1 --time_based --runtime=3 --size=32M --randrepeat=1 >&2
			wait_clean'
		bounded mdadm --stop /dev/md1 2>>"$DIR/said"
		rmmod null_blk
		[[ -z $(lost skipped 'probe skipped by the kernel') ]] || return 0
	done
}

main() {
	unmount_bitmap_fs
	map_bitmap
	create_array
	wait_clean
	expect 'stalled reader: live and offline agree' stalled
	expect 'stalled reader: unknown' unknown stalled
	expect 'stalled reader: all losses are counted and marked' counted stalled 'ring buffer full'
	expect 'stalled reader: the mark is at its place' placed
	expect 'stalled reader: what comes after is judged' recovers_all stalled
	expect 'race after a loss: live and offline agree' raced
	expect 'race after a loss: fails' two_broken raced
	expect 'race after a loss: all losses are counted and marked' counted raced 'ring buffer full'
	expect 'tiny buffer: live and offline agree' tiny
	expect 'tiny buffer: unknown' unknown tiny
	expect 'tiny buffer: all losses are counted and marked' counted tiny 'ring buffer full'
	stop_array
	expect 'skipped probes: live and offline agree' skipped
	expect 'skipped probes: unknown where it matters' partly skipped
	expect 'skipped probes: all losses are counted and marked' counted skipped 'probe skipped by the kernel'
	for name in stalled raced tiny skipped; do
		echo "# $name: $(head -n 1 "$DIR/$name.live"), $(grep -c ' lost  ' "$DIR/$name.dump") marks"
		cp "$DIR/$name".{live,json,bt} /out
	done
	echo "1..$N"
}

main
