# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Description: a lockless bitmap on members with logical blocks of 4 KiB: three writes, stop, assemble
# Modules: null_blk
# Timeout: 120

# A case for vm/run --no-trace: fails (status 4) if the array cannot be assembled. Nothing but null_blk, mdadm and dd is
# needed, so it does as well in any machine with md-mod and mdadm 4.5 or later.
SECTOR=16 # of the bitmap's superblock on a member, as mdadm places it

setup() {
	local name dir
	mount -t configfs config /sys/kernel/config
	for name in big1 big2; do
		dir=/sys/kernel/config/nullb/$name
		mkdir "$dir"
		echo 1 >"$dir/memory_backed"
		echo 4096 >"$dir/blocksize"
		echo 256 >"$dir/size"
		echo 1 >"$dir/power"
	done
}

# Prints the first 16 bytes of the bitmap's superblock: magic, version, uuid
superblock() {
	dd if=/dev/big1 bs=4096 count=1 skip=$((SECTOR / 8)) iflag=direct status=none | od -A n -t x1 -N 16
}

test() {
	local chunk
	mdadm --create /dev/md9 --run --assume-clean --level=1 --raid-devices=2 --bitmap=lockless --metadata=1.2 /dev/big1 /dev/big2
	echo "new:      $(superblock)"
	for chunk in 0 1 2; do
		dd if=/dev/zero of=/dev/md9 bs=4096 count=1 seek=$((chunk * 100)) oflag=direct status=none
	done
	mdadm --stop /dev/md9
	echo "stopped:  $(superblock)"
	mdadm --assemble /dev/md9 /dev/big1 /dev/big2 || fail 'the array cannot be assembled any more'
	mdadm --stop /dev/md9
}
