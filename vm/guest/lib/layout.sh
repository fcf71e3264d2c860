# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Where the array lies on the one disk, for the crash oracle (docs/crash.md).

# A sector before the first partition, for marks
BT_MARK_SECTOR=1024

# partition_start DEVICE: the first sector of vdaN, also when it is mapped under that name
partition_start() {
	local partition number start
	for partition in $BT_LAYOUT; do
		IFS=: read -r number start _ <<<"$partition"
		if [[ $number == "${1##*[!0-9]}" ]]; then
			echo "$start"
			return
		fi
	done
	fail "no partition for $1"
}

# member_field DEVICE OFFSET BYTES: of its superblock (1.2: at 4 KiB), a number
member_field() {
	dd if="$1" iflag=direct bs=4096 skip=1 count=1 status=none |
		tail -c +$(($2 + 1)) | head -c "$3" | od -An -t "u$3" | tr -d ' '
}

member_uuid() {
	dd if="$1" iflag=direct bs=4096 skip=1 count=1 status=none |
		tail -c +17 | head -c 16 | od -An -t x1 | tr -d ' \n'
}

# bitmap_extents: of the file, in its order; none while a part has no place yet
bitmap_extents() {
	local base
	base=$(partition_start "$BT_BITMAP_DEV") || return
	filefrag -v -b512 "$BT_BITMAP" | awk -F: -v base="$base" '
		/^ *[0-9]+:/ {
			split($2, logical, "[.]+"); split($3, physical, "[.]+")
			if ($0 ~ /delalloc/ || logical[1] + 0 != next_logical) exit 1
			printf "extent 0 %d %d\n", base + physical[1], $4
			next_logical = logical[2] + 1
		}'
}

layout_members() {
	local device number=0 start offset
	for device in $BT_MEMBERS; do
		start=$(partition_start "$device") || return
		echo "member $number super $((start + 8)) data $((start + $(member_field "$device" 128 8)))"
		number=$((number + 1))
	done
}

layout_internal() {
	local device number=0 offset
	for device in $BT_MEMBERS; do
		offset=$((8 + $(member_field "$device" 96 4)))
		echo "extent $number $(($(partition_start "$device") + offset)) $(($(member_field "$device" 128 8) - offset))"
		number=$((number + 1))
	done
}

# The lockless bitmap counts a chunk in sectors.
chunk_bytes() {
	if [[ $BT_BITMAP_KIND == llbitmap ]]; then
		awk '$1 == "chunksize" { print $2 * 512 }' "$(md_sysfs)/llbitmap/metadata"
	else
		cat "$(md_sysfs)/bitmap/chunksize"
	fi
}

layout_geometry() {
	[[ $BT_LEVEL == raid10 ]] || return 0
	echo "near-copies $(($(member_field "$1" 76 4) & 255))"
	echo "chunk $(member_field "$1" 88 4)"
}

print_layout() {
	local first=${BT_MEMBERS%% *}
	echo 'bitmap-trace-layout 1'
	echo "level $BT_LEVEL"
	echo "raid-disks $(member_field "$first" 92 4)"
	echo "size $(member_field "$first" 80 8)"
	echo "uuid $(member_uuid "$first")"
	layout_geometry "$first"
	layout_members
	echo "bitmap-chunk $(chunk_bytes)"
	echo "bitmap ${BT_BITMAP_KIND/#llbitmap/lockless}"
	if [[ $BT_BITMAP_KIND == file ]]; then bitmap_extents; else layout_internal; fi
	echo 'initial zero'
	echo 'judge-from mark created'
	echo "mark-sector $BT_MARK_SECTOR"
}

# mark_log NAME: into the log of the disk's writes
mark_log() {
	printf 'mark %s\n' "$1" | dd of=/dev/vda oflag=direct bs=512 seek="$BT_MARK_SECTOR" \
		conv=sync,notrunc count=1 status=none
}

# log_created: an array was created; what the log is judged by begins here. A crash soon
# after would leave a file system that knows nothing of the bitmap file yet, which is not
# what the oracle is about.
log_created() {
	[[ $BT_BITMAP_KIND != file ]] || sync
	mark_log created
	[[ $BT_BITMAP == none ]] || write_layout
}

# write_layout: of the running array, for --write-log. A case without one is none the worse.
# In a shell of its own, where the first command that fails ends it.
write_layout() {
	[[ $BT_WRITE_LOG == yes ]] || return 0
	(trap - ERR EXIT; set -e; print_layout >/tmp/layout) &
	if wait $! && cp /tmp/layout /out/layout; then return 0; fi
	say 'no layout for the write log yet'
}
