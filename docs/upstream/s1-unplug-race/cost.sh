# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # the library reads BT_*
# Description: what a write to a raid1 with an internal bitmap costs, lone and with six writers
# Modules: brd dm-mod dm-delay
# Timeout: 1800
# Bitmap-Chunk: 4K
# Levels: raid1; it measures raid1

# Members are RAM. With BT_ICOUNT=0 the guest's clock counts instructions of its one CPU, 1 ns each:
#   BT_ICOUNT=0 vm/run --no-trace --bitmap internal [-k fixed] -c docs/upstream/s1-unplug-race/cost.sh
# Prints a line each: what, writers, ns per write (of wall clock, so instructions per write when counted).

WRITES=6144
REPEATS=2

setup() {
	rmmod brd 2>/dev/null || :
	modprobe brd rd_nr=2 rd_size=98304 # the room for a bitmap of 4 KiB chunks
	local n
	for n in 0 1; do mapped_linear "ram$n" "/dev/ram$n"; done
}

# measure NAME WRITERS FIO-OPTION...
measure() {
	local name=$1 writers=$2 ns n
	shift 2
	for ((n = 0; n < REPEATS; n++)); do
		wait_clean_woken
		fio --name="$name" --filename="$BT_MD" --direct=1 --ioengine=psync --bs=4k --rw=randwrite --randrepeat=1 --thread \
			--numjobs="$writers" --io_size=$((4 * WRITES / writers))k --norandommap --group_reporting --output-format=json "$@" >/tmp/fio.json
		ns=$(sed -n 's/.*"iops" : \([0-9.]*\).*/\1/p' /tmp/fio.json | awk '$1 > 0 { printf "%.0f", 1e9 / $1; exit }')
		echo "cost $name $writers $ns"
	done
}

test() {
	BT_MEMBERS='/dev/mapper/ram0 /dev/mapper/ram1'
	BT_RAW_MEMBERS='/dev/ram0 /dev/ram1'
	create_array
	echo 0 >"$(md_sysfs)/safe_mode_delay"
	measure new-bit 1 --size=80M    # mostly into a chunk that is clean: the bitmap is written
	measure bit-is-set 1 --size=64k # 16 chunks, again and again
	measure new-bit 6 --size=80M
	measure bit-is-set 6 --size=64k
	slow_bitmap 2
	WRITES=1536
	measure new-bit-2ms 6 --size=80M
	measure bit-is-set-2ms 6 --size=64k
	slow_bitmap 0
	wait_clean_woken
	stop_array
}
