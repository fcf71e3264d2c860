# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # the library reads BT_*
# Description: what a write to a raid1 with a bitmap file costs, lone and with six writers
# Modules: brd dm-mod dm-delay
# Timeout: 1800
# Bitmap-Chunk: 4K
# Levels: raid1; it measures raid1
# Bitmaps: file; it measures that

# Members and the disk of the bitmap file are RAM. With BT_ICOUNT=0 the guest's clock counts instructions of its one
# CPU, 1 ns each:
#   BT_ICOUNT=0 vm/run --no-trace [--fs FS] [-k KERNEL] -c vm/file-cost.sh
# Prints a line each: what, writers, ns per write, ns of the write at the 50th and 99th percentile.

WRITES=1536
BT_BITMAP_DEV=/dev/ram2

setup() {
	rmmod brd 2>/dev/null || :
	modprobe brd rd_nr=3 rd_size=393216 # xfs takes nothing smaller; used is what is written
	map_bitmap
}

# measure NAME WRITERS FIO-OPTION...
measure() {
	local name=$1 writers=$2
	shift 2
	wait_clean_woken
	fio --name="$name" --filename="$BT_MD" --direct=1 --ioengine=psync --bs=4k --rw=randwrite --randrepeat=1 --thread \
		--numjobs="$writers" --io_size=$((4 * WRITES / writers))k --norandommap --group_reporting --output-format=terse \
		--terse-version=3 "$@" >/tmp/fio
	awk -F';' -v name="$name" -v writers="$writers" '/^3;/ {
		for (field = 51; field <= NF; field++) {
			if ($field ~ /^50\.000000%=/) median = substr($field, index($field, "=") + 1)
			if ($field ~ /^99\.000000%=/) high = substr($field, index($field, "=") + 1)
		}
		printf "cost %s %d %.0f p50-us %s p99-us %s\n", name, writers, 1e9 / $49, median, high }' /tmp/fio
}

test() {
	BT_MEMBERS='/dev/ram0 /dev/ram1'
	create_array --size=81920
	echo 0 >"$(md_sysfs)/safe_mode_delay"
	measure new-bit 1 --size=80M    # mostly into a chunk that is clean: the bitmap is written
	measure bit-is-set 1 --size=64k # 16 chunks, again and again
	measure new-bit 6 --size=80M
	measure bit-is-set 6 --size=64k
	slow_bitmap 2
	WRITES=768
	measure new-bit-2ms 1 --size=80M
	measure new-bit-2ms 6 --size=80M
	slow_bitmap 0
	wait_clean_woken
	stop_array
}
