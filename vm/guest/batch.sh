# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # BT_STDOUT is for init
# Several runs in one boot, one after the other, each with md modules, a disk layout
# and results of its own. What a run needs is in /bt/runs/NUMBER: env, case, *.ko.

# shellcheck source=vm/guest/lib/wait.sh
source /bt/lib/wait.sh

# Those that a run may replace; users before what they use
OWN_MODULES=(raid456 raid10 raid1 md-mod)
UNLOAD_TRIES=150 # of 0.2 s and more

run_batch() {
	local runs run
	MODULE_DIR=/usr/lib/modules/$(uname -r)
	mkdir /bt/own
	(cd "$MODULE_DIR" && cp "${OWN_MODULES[@]/%/.ko}" /bt/own/)
	runs=(/bt/runs/*)
	for run in $(printf '%s\n' "${runs[@]##*/}" | sort -n); do
		run_one "/bt/runs/$run"
		if kernel_is_damaged; then return; fi
		tidy_up
	done
}

# run_one DIR: an error of the harness in here ends the boot, by init's trap
run_one() {
	# shellcheck source=/dev/null
	source "$1/env"
	status "run $BT_RUN begin"
	log_begin
	BT_OUT=/out/$BT_RUN BT_STDOUT=/out/$BT_RUN/verdict.txt
	mkdir -p "$BT_OUT"
	cp "$1/case" /bt/case
	cp /bt/own/*.ko "$MODULE_DIR/"
	cp "$1"/*.ko "$MODULE_DIR/" 2>/dev/null || true # stock has none of its own
	run_with_modules 2>"$BT_OUT/stderr.log"
	log_end
	status "run $BT_RUN end $RESULT"
}

run_with_modules() {
	add_partitions
	load_modules
	export_names
	/bt/run-case setup
	run_traced
}

# A bad page, an oops, a WARNING or a soft lockup: the next run would be judged by what this one left, and a WARN_ONCE
# would not come again. The runs that are left get a new boot.
kernel_is_damaged() {
	local tainted
	read -r tainted </proc/sys/kernel/tainted
	((tainted & (1 << 5 | 1 << 7 | 1 << 9 | 1 << 14)))
}

# The next run must find a machine as after a boot. What a case left behind because
# it failed half-way goes, too; if something stays, the boot ends.
tidy_up() {
	local partition
	[[ ! -e /sys/block/md0/md ]] || stop_left_over
	! grep -q " $BT_MNT " /proc/mounts || umount "$BT_MNT"
	! grep -q '^dm_mod ' /proc/modules || dmsetup remove_all
	echo 'bitmap-trace: unloading' >/dev/kmsg
	unload_md
	echo 'bitmap-trace: wiping' >/dev/kmsg
	for partition in $BT_LAYOUT; do wipe_partition "${partition%%:*}"; done
	echo 'bitmap-trace: wiped' >/dev/kmsg
	sysctl -qw dev.raid.speed_limit_min=1000 dev.raid.speed_limit_max=200000 2>/dev/null || true
}

# All metadata is in the first MiB. What comes after it is never compared: arrays are
# taken as clean, or resynced. (A discard can take the host seconds.)
wipe_partition() {
	dd if=/dev/zero of="/dev/vda$1" oflag=direct bs=1M count=1 status=none
	delpart /dev/vda "$1"
}

# Not waited for in vain: what cannot be stopped ends the boot when md stays in use.
stop_left_over() { timeout 20 mdadm --stop /dev/md0 >&2 || true; }

# bitmap-trace has reported its verdict and is still detaching (--no-wait), which takes seconds
# under emulation; until then the modules are in use.
unload_md() {
	local module tries
	for module in "${OWN_MODULES[@]//-/_}"; do
		for ((tries = 0; tries < UNLOAD_TRIES; tries++)); do
			[[ -e /sys/module/$module ]] || break
			{ module_is_unused "$module" && rmmod "$module" 2>/dev/null; } || pause 0.2
		done
		if grep "^$module " /proc/modules >&2; then return 1; fi
	done
}

module_is_unused() {
	local users
	read -r users <"/sys/module/$1/refcnt" && ((users == 0))
}
