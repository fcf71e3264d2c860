# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Waiting for the array, always with a bound and never with a side effect.

# None of this starts a process while it waits: emulated, that is dear, and takes the processor
# from what is waited for.

BT_WAIT_S=30

exec {BT_PAUSE_FD}<> <(:) # nothing ever comes from it

# pause SECONDS
pause() { read -rt "$1" -u "$BT_PAUSE_FD" || :; }

md_sysfs() { echo "/sys/block/${BT_MD##*/}/md"; }

# wait_for WHAT COMMAND...: until COMMAND succeeds
wait_for() {
	local what=$1 end=$((SECONDS + BT_WAIT_S))
	shift
	until "$@"; do
		((SECONDS < end)) || fail "$what: not within $BT_WAIT_S s: $(tr '\n' ' ' </proc/mdstat)" || return
		pause 0.1
	done
}

# No page of chunk counters in use, so no bit is set in memory. mdadm -X would
# show it, too, but it reads the file and so changes the page cache under test.
bitmap_is_clean() {
	local line array=''
	if [[ -e $(md_sysfs)/llbitmap/bits ]]; then
		lockless_is_clean
		return
	fi
	while read -r line; do
		case $line in
		*' : '*) array=${line%% *} ;;
		'bitmap: '*) [[ $array != "${BT_MD##*/}" ]] || break ;;
		esac
	done </proc/mdstat
	[[ $line == 'bitmap: 0/'* ]]
}

# No chunk of a lockless bitmap is Dirty, to be synced or being synced.
lockless_is_clean() {
	local line clean=yes
	while read -r line; do
		[[ ! $line =~ ^(dirty|need\ sync|syncing)\ [1-9] ]] || clean=no
	done <"$(md_sysfs)/llbitmap/bits"
	[[ $clean == yes ]]
}

wait_clean() { wait_for 'bitmap to become clean' bitmap_is_clean; }

array_is_idle() {
	local action
	read -r action <"$(md_sysfs)/sync_action" && [[ $action == idle ]]
}

# The same with safe mode off, and no resync: when the last write ends, nothing wakes
# the daemon then, and it may be asleep for good.
wait_clean_woken() { wait_for 'bitmap to become clean' woken_and_clean; }

woken_and_clean() {
	echo idle >"$(md_sysfs)/sync_action"
	bitmap_is_clean
}

# The end of a resync, recovery or check. It may not have begun yet, which the
# caller excludes, as with start_check.
wait_sync() { wait_for 'resync to end' array_is_idle; }

array_is_syncing() { ! array_is_idle; }

wait_sync_start() { wait_for 'resync to begin' array_is_syncing; }
