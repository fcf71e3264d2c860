# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016 # expanded by the shell that is measured
# In the guest, by tests/vm_latency_test.sh: the kernel measures a command while the events
# of the same time are recorded. Leaves PAIR.kernel, PAIR.bt and PAIR.events in /out.

# Idle before and after: the recording is the longer one.
QUIET='sleep 1.5'
export QUIET

# pair NAME HIST_ARGUMENTS COMMAND
pair() {
	local name=$1 arguments
	read -ra arguments <<<"$2"
	bitmap-trace record --no-wait -o "/out/$name.bt" -- \
		bitmap-trace hist -v --no-wait -f json "${arguments[@]}" -- \
		bash -c "source /bt/lib.sh; $QUIET; $3; $QUIET" >"/out/$name.kernel" 2>"/out/$name.said"
	echo "$?" >"/out/$name.status"
	bitmap-trace hist -a 9:0 -f json -i "/out/$name.bt" >"/out/$name.events" 2>>"/out/$name.said"
}

# A bitmap file, and an end of the interval each second
in_file() {
	unmount_bitmap_fs
	map_bitmap
	create_array
	wait_clean
	slow_bitmap 20
	pair file '-a md0 1' 'write_spread 12; wait_clean; write_spread 4; wait_clean'
	slow_bitmap 0
	stop_array
	unmount_bitmap_fs
}

# Not requested; it must not appear.
other() { BT_MD=/dev/md1 BT_LEVEL=raid1 BT_MEMBERS='/dev/ram0 /dev/ram1' "$@"; }

# An internal bitmap of an array that is created, stopped and assembled meanwhile. The last bits are cleared at the
# stop, whose passes follow each other at once.
in_members() {
	modprobe brd rd_nr=2 rd_size=65536
	export BT_BITMAP_KIND=internal BT_BITMAP=internal
	map_bitmap
	use_mapped_members
	export BT_MEMBERS BT_RAW_MEMBERS
	export -f other
	other create_array
	other wait_clean
	pair members '-a 9:0' '
		create_array
		wait_clean
		slow_bitmap 20
		other write_spread 4
		write_spread 8
		wait_clean
		write_spread 4
		stop_array
		assemble_array
		write_spread 6
		wait_clean
		slow_bitmap 0'
	stop_array
	other stop_array
}

# Our programs that are still loaded, besides those of a detaching run
left() {
	local n
	for ((n = 0; n < 100; n++)); do
		bpftool prog show | grep -q tracing || return 0
		sleep 0.2
	done
	bpftool prog show
}

in_file
in_members
left >/out/left
