# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The file system that holds a bitmap file.

# ext4 gets no journal: a bitmap file on one would be written in place anyway,
# and the fewer writes there are, the clearer the trace.
make_bitmap_fs() {
	local words
	words=$(run_mkfs "$1" 2>&1) || fail "cannot make $BT_FS on $1: $words"
}

run_mkfs() {
	case $BT_FS in
	ext4) mkfs.ext4 -q -F -O ^has_journal -E nodiscard,lazy_itable_init=1 "$1" ;;
	xfs) mkfs.xfs -q -f -K "$1" ;;
	btrfs) mkfs.btrfs -q -f -K "$1" ;;
	esac
}

# mount_bitmap_fs [DEVICE]: makes and mounts it; nothing to do for an internal bitmap
mount_bitmap_fs() {
	local device=${1:-$BT_BITMAP_DEV}
	[[ $BT_BITMAP_KIND == file ]] || return 0
	make_bitmap_fs "$device"
	remount_bitmap_fs "$device"
}

remount_bitmap_fs() {
	mkdir -p "$BT_MNT"
	mount -t "$BT_FS" "${1:-$BT_BITMAP_DEV}" "$BT_MNT"
}

unmount_bitmap_fs() { bounded umount "$BT_MNT"; }
