# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Devices of which a range can be made slow to write, or to fail, by device mapper.

# mapped_linear NAME DEVICE: /dev/mapper/NAME, the whole DEVICE
mapped_linear() {
	modprobe -a dm-mod dm-delay
	dmsetup create "$1" --table "0 $(blockdev --getsz "$2") linear $2 0"
	dmsetup mknodes "$1" # there is no udev to do it
}

swap_table() {
	dmsetup load "$1"
	dmsetup suspend --nolockfs "$1"
	dmsetup resume "$1"
}

# mapped_slow NAME DEVICE DELAY_MS [FIRST LENGTH [FLUSH_MS]]: writes to these sectors,
# or to all, take DELAY_MS longer, and flushes of the device FLUSH_MS (as long);
# DELAY_MS 0 ends that
mapped_slow() {
	local name=$1 device=$2 delay_ms=$3 flush_ms=${6:-$3} size first length end
	size=$(blockdev --getsz "$device")
	first=${4:-0} length=${5:-$size}
	end=$((first + length))
	{
		((first == 0)) || echo "0 $first linear $device 0"
		if ((delay_ms > 0)); then
			echo "$first $length delay $device $first 0 $device $first $delay_ms $device $first $flush_ms"
		else
			echo "$first $length linear $device $first"
		fi
		((end == size)) || echo "$end $((size - end)) linear $device $end"
	} | swap_table "$name"
}

# mapped_broken NAME DEVICE [FIRST LENGTH]: these sectors, or all, cannot be read or written
mapped_broken() {
	local name=$1 device=$2 size first length end
	size=$(blockdev --getsz "$device")
	first=${3:-0} length=${4:-$size}
	end=$((first + length))
	{
		((first == 0)) || echo "0 $first linear $device 0"
		echo "$first $length error"
		((end == size)) || echo "$end $((size - end)) linear $device $end"
	} | swap_table "$name"
}

# The bitmap's way to disk made slow: its file system for a bitmap file, else
# the sectors of the members between the superblock (sector 8) and the data.

# map_bitmap: for setup(); the devices are there, not yet slow
map_bitmap() {
	local device
	if [[ $BT_BITMAP_KIND == file ]]; then
		mapped_linear bitmap "$BT_BITMAP_DEV"
		mount_bitmap_fs /dev/mapper/bitmap
	else
		for device in $BT_MEMBERS; do mapped_linear "${device##*/}" "$device"; done
	fi
}

# use_mapped_members: for test(), before the array is made
use_mapped_members() {
	BT_RAW_MEMBERS=$BT_MEMBERS
	[[ $BT_BITMAP_KIND == file ]] || BT_MEMBERS=${BT_MEMBERS//\/dev\//\/dev\/mapper\/}
}

# Prints where the bitmap begins, in sectors behind the superblock.
bitmap_location() {
	cat "$(md_sysfs)/bitmap/location" 2>/dev/null || sed -n 's/^offset //p' "$(md_sysfs)/llbitmap/metadata"
}

# slow_bitmap DELAY_MS: of the running array, from now on; 0 ends it
slow_bitmap() {
	local member first data
	if [[ $BT_BITMAP_KIND == file ]]; then
		mapped_slow bitmap "$BT_BITMAP_DEV" "$1"
		return
	fi
	first=$((8 + $(bitmap_location)))
	data=$(cat "$(md_sysfs)/rd0/offset")
	for member in $BT_RAW_MEMBERS; do
		mapped_slow "${member##*/}" "$member" "$1" "$first" $((data - first))
	done
}

# break_bitmap: from now on it cannot be written, or not to the last member
break_bitmap() {
	local member first
	if [[ $BT_BITMAP_KIND == file ]]; then
		mapped_broken bitmap "$BT_BITMAP_DEV"
		return
	fi
	member=${BT_RAW_MEMBERS##* }
	first=$((8 + $(bitmap_location)))
	mapped_broken "${member##*/}" "$member" "$first" 8
}

# mend_bitmap: so that the array can be stopped and the file system unmounted
mend_bitmap() {
	local member=${BT_RAW_MEMBERS##* }
	if [[ $BT_BITMAP_KIND == file ]]; then
		mapped_slow bitmap "$BT_BITMAP_DEV" 0
	else
		mapped_slow "${member##*/}" "$member" 0
	fi
}

# Sets MAPPED_WRITES: what the mapped devices have got so far
count_mapped_writes() {
	local file numbers
	MAPPED_WRITES=0
	for file in /sys/block/dm-*/stat; do
		read -ra numbers <"$file"
		MAPPED_WRITES=$((MAPPED_WRITES + numbers[4]))
	done
}

# wait_quiet: until the mapped devices were not written for 2.5 s, more than two
# passes of the daemon: a clean bitmap still has its last page to be written
wait_quiet() {
	local end=$((SECONDS + BT_WAIT_S)) quiet=0 before
	count_mapped_writes
	until ((quiet == 25)); do
		((SECONDS < end)) || fail "no end of writes to the bitmap's devices within $BT_WAIT_S s" || return
		before=$MAPPED_WRITES
		pause 0.1
		count_mapped_writes
		if ((MAPPED_WRITES == before)); then quiet=$((quiet + 1)); else quiet=0; fi
	done
}
