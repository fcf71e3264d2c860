#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two writers into one chunk of a raid1 with a slow bitmap. Does the second one's data go to the members before its bit is on disk?
# A crash while it is on one of them only would leave members that differ, and no resync would look at them.
#
#   reproduce.sh [DEVICE DEVICE]     two devices of 64 MiB or more, OVERWRITTEN; without them, two files on loop devices
#   BITMAP=lockless reproduce.sh     the lockless bitmap (Linux 6.18 with MD_LLBITMAP, mdadm 4.5)
#
# Needs root, mdadm, dmsetup, dm-delay, coreutils. /dev/md0 must be free. 20 s. Exit status: 1 yes, 0 no, 2 not met: run it again.
# Here: vm/run --no-trace --bitmap internal -c docs/upstream/s1-unplug-race/reproduce.sh, which ends with 4 for 1 and 2: the script failed

set -euo pipefail

BITMAP=${BITMAP:-internal}
DELAY_MS=3000
MD=/dev/md0
SYS=/sys/block/md0/md
CHUNK_KIB=64

# members DEVICE...: sets MEMBERS
members() {
	local n
	MEMBERS=("$@")
	(($# == 0)) || return 0
	for n in 0 1; do
		truncate -s 64M "/tmp/member$n"
		MEMBERS+=("$(losetup -f --show "/tmp/member$n")")
	done
}

# table NUMBER [FIRST END]: the member's device mapper table; writes to these sectors are slow, flushes are not
table() {
	local dev=${MEMBERS[$1]} size
	size=$(blockdev --getsz "$dev")
	if (($# == 1)); then
		echo "0 $size linear $dev 0"
		return
	fi
	echo "0 $2 linear $dev 0"
	echo "$2 $(($3 - $2)) delay $dev $2 0 $dev $2 $DELAY_MS $dev $2 0"
	echo "$3 $((size - $3)) linear $dev $3"
}

# reload TABLE-ARGUMENTS: of both members
reload() {
	local n
	for n in 0 1; do
		table "$n" "$@" | dmsetup load "race$n"
		dmsetup suspend --nolockfs "race$n"
		dmsetup resume "race$n"
	done
}

create() {
	local n options=(--bitmap=internal --bitmap-chunk="${CHUNK_KIB}K" --delay=1)
	[[ $BITMAP == internal ]] || options=(--bitmap=lockless)
	for n in 0 1; do
		table "$n" | dmsetup create "race$n"
		dmsetup mknodes "race$n"
	done
	mdadm --create "$MD" --run --force --level=1 --raid-devices=2 --metadata=1.2 --assume-clean "${options[@]}" \
		/dev/mapper/race0 /dev/mapper/race1
	echo 0 >"$SYS/safe_mode_delay" # the array stays active: its superblock is not written meanwhile
	[[ $BITMAP == internal ]] || CHUNK_KIB=$(($(sed -n 's/^chunksize //p' "$SYS/llbitmap/metadata") / 2))
}

# write KIB: 16 KiB, written back by the writer itself under a plug; done on return
write() {
	dd if=/dev/urandom of="$MD" iflag=fullblock oflag=sync,seek_bytes conv=notrunc status=none bs=16K count=1 seek=$(($1 * 1024))
}

# bitmap_sector: of the members
bitmap_sector() {
	local offset
	offset=$(cat "$SYS/bitmap/location" 2>/dev/null || sed -n 's/^offset //p' "$SYS/llbitmap/metadata")
	echo $((8 + offset))
}

# on_disk NUMBER CHUNK: whether the chunk is recorded as dirty on this member, below the delay
on_disk() {
	local byte bit=0
	byte=$((1024 + $2)) # lockless: a byte each, 2 is Dirty
	[[ $BITMAP != internal ]] || byte=$((256 + $2 / 8)) bit=$(($2 % 8))
	byte=$(dd if="${MEMBERS[$1]}" iflag=direct,skip_bytes bs=4096 count=1 skip=$(($(bitmap_sector) * 512)) status=none |
		od -An -v -t u1 -j "$byte" -N 1)
	if [[ $BITMAP == internal ]]; then ((byte >> bit & 1)); else ((byte == 2)); fi
}

both_on_disk() { on_disk 0 "$1" && on_disk 1 "$1"; }

# Until the bitmap on disk is clean, a minute at most
wait_clean() {
	local tries
	for ((tries = 0; tries < 120; tries++)); do
		on_disk 0 "$1" || on_disk 1 "$1" || return 0
		echo idle >"$SYS/sync_action" # wakes the daemon
		sleep 0.5
	done
	echo "chunk $1 does not become clean" >&2
	exit 2
}

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# race CHUNK: sets T_SECOND, T_FIRST: when the writes were acknowledged, in ms; RECORDED: whether the bit was on both members
# when the second one was
race() {
	local kib=$(($1 * CHUNK_KIB)) first start tries
	start=$(now_ms)
	(write "$kib") &
	first=$!
	for ((tries = 0; tries < 100; tries++)); do
		! grep -qv ' 0$' /sys/block/md0/inflight || break
		sleep 0.02
	done
	SECOND_STARTS=$(($(now_ms) - start))
	write $((kib + 16))
	T_SECOND=$(($(now_ms) - start))
	RECORDED=no
	! both_on_disk "$1" || RECORDED=yes
	wait "$first"
	T_FIRST=$(($(now_ms) - start))
}

answer() {
	echo "first write acknowledged after $T_FIRST ms, second after $T_SECOND ms, started at $SECOND_STARTS ms; the bitmap takes $DELAY_MS ms"
	if [[ $RECORDED == no ]]; then
		echo "RACE: the second write was on both members, and its chunk clean on disk for another $((T_FIRST - T_SECOND)) ms"
		return 1
	elif ((SECOND_STARTS < DELAY_MS / 2 && T_SECOND >= DELAY_MS)); then
		echo 'NO RACE: the second writer waited for the bitmap'
	else
		echo 'NOT MET: the second writer came too late'
		return 2
	fi
}

main() {
	local chunk=16 status=0
	modprobe -a dm-mod dm-delay raid1
	members "$@"
	create
	write 8192 # so that the array is active
	[[ $BITMAP != internal ]] || wait_clean $((8192 / CHUNK_KIB)) # a lockless bitmap is cleaned in memory only
	wait_clean "$chunk"
	sleep 3 # the last writes of the bitmap
	[[ $BITMAP == internal ]] || echo 30 >"$SYS/llbitmap/barrier_idle"
	reload "$(bitmap_sector)" "$(cat "$SYS/rd0/offset")"
	race "$chunk"
	reload
	mdadm --stop "$MD"
	dmsetup remove race0 race1
	uname -r
	answer || status=$?
	return "$status"
}

if (($# == 0)); then read -ra devices <<<"${BT_MEMBERS-}"; else devices=("$@"); fi
main "${devices[@]}"
