# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Creating, assembling and stopping the array.

# A command of md that hangs does so in the kernel, beyond any signal; the
# timeout is for one that only waits.
bounded() { timeout "$BT_WAIT_S" "$@"; }

# create_array [MDADM OPTION...]: with the chosen level and bitmap, members taken
# as equal. The daemon runs each second, so that cases need not wait for long.
create_array() { create_array_unsynced --assume-clean "$@"; }

# create_array_unsynced [MDADM OPTION...]: starts with a resync
create_array_unsynced() {
	local members bitmap=(--bitmap="$BT_BITMAP" --bitmap-chunk="$BT_BITMAP_CHUNK" --delay=1)
	read -ra members <<<"$BT_MEMBERS"
	[[ $BT_BITMAP != lockless ]] || bitmap=(--bitmap=lockless) # it takes no other option
	bounded mdadm --create "$BT_MD" --run --force --level="${BT_LEVEL#raid}" \
		--raid-devices="${#members[@]}" "${bitmap[@]}" --metadata=1.2 \
		"$@" "${members[@]}" >&2 || return
	hurry_lockless
	[[ $BT_WRITE_LOG == no ]] || log_created
}

# A page of a lockless bitmap that was not written for a second is cleaned within the next.
hurry_lockless() {
	local name
	for name in daemon_sleep barrier_idle; do
		[[ ! -e $(md_sysfs)/llbitmap/$name ]] || echo 1 >"$(md_sysfs)/llbitmap/$name"
	done
}

# create_array_bare [MDADM OPTION...]: without a bitmap
create_array_bare() {
	local BT_BITMAP=none
	create_array "$@"
}

# assemble_array [MDADM OPTION...]: with its bitmap
assemble_array() {
	if [[ $BT_BITMAP_KIND == file ]]; then
		assemble_array_bare --bitmap="$BT_BITMAP" "$@" || return
	else
		assemble_array_bare "$@" || return
	fi
	hurry_lockless
	write_layout
}

# assemble_array_bare [MDADM OPTION...]: a bitmap file is left out, and so grows stale
assemble_array_bare() {
	local members
	read -ra members <<<"$BT_MEMBERS"
	bounded mdadm --assemble "$BT_MD" --run "$@" "${members[@]}" >&2
}

stop_array() { bounded mdadm --stop "$BT_MD" >&2; }

# start_check ACTION: check or repair, and sure that it has begun or is over
start_check() {
	wait_sync
	echo "$1" >"$(md_sysfs)/sync_action"
}

# Resync as fast as the machine can.
sync_fast() {
	echo 1000000 >/proc/sys/dev/raid/speed_limit_min
	echo 1000000 >/proc/sys/dev/raid/speed_limit_max
}
