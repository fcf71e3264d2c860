# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# User writes to the array.

# write_at OFFSET_KIB [SIZE_KIB]: one direct write, done on return. Of what was not there
# before: on members that hold the same already, no crash could do harm.
write_at() {
	dd if=/dev/urandom of="$BT_MD" iflag=fullblock oflag=direct,seek_bytes conv=notrunc,fsync status=none \
		bs="${2:-4}K" count=1 seek="$(($1 * 1024))"
}

# write_spread COUNT [STEP_KIB] [FIRST_KIB]: 4 KiB writes, each into a chunk of its own
write_spread() {
	local count=$1 step=${2:-1024} first=${3:-0} index
	for ((index = 0; index < count; index++)); do
		write_at "$((first + index * step))"
	done
}

# Prints how many writes to the array have begun.
writes_begun() {
	local numbers
	read -ra numbers <"$(md_sysfs)/../stat"
	echo $((numbers[4] + numbers[8])) # ended, in flight
}

# begun COUNT: so many have, for wait_for
begun() { (($(writes_begun) >= $1)); }
