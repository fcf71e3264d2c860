# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # GUEST_*, QEMU_STATUS, LOST are for report.sh
# From the start of the VM to its end: what the guest says on the status port,
# the deadline, and whether the VM was lost. The console is never asked.
#
# Status lines from the guest: "phase NAME UPTIME", "error TEXT" (the guest could
# not do its part), "exit STATUS" (the one result; without it the VM was lost, and
# it counts only if the kernel lasts until its power-off: report.sh). A batch says
# "run NAME begin" and "run NAME end STATUS" instead of exit.

VM_POWEROFF_S=45 # more than a hung task needs to be found

vm_watch_start() {
	GUEST_EXIT='' GUEST_ERROR='' GUEST_PHASE='start' LOST=''
	# Open for both, so that the open does not wait and no end of file is seen.
	exec {STATUS_FD}<>"$RUN_DIR/status"
	WATCHER_PIDS=()
	if [[ $OPT_TRACE == yes && $OPT_SHELL == no ]]; then
		vm_watch_report &
	else
		vm_watch_follow stdout "$OUTDIR/verdict.txt" &
	fi
	WATCHER_PIDS+=($!)
	vm_watch_follow stderr "$OUTDIR/stderr.log" >&2 &
	WATCHER_PIDS+=($!)
	if [[ $OPT_SHELL == no ]]; then
		exec {CONSOLE_FD}<>"$RUN_DIR/console.in"
		cat "$RUN_DIR/console.out" >"$OUTDIR/console.log" &
		WATCHER_PIDS+=($!)
	fi
}

vm_watch_report() { exec perl "$VM_DIR/lib/report_tee.pl" "$OUTDIR/verdict.txt" "$RUN_DIR/verdict" <"$RUN_DIR/stdout"; }
vm_watch_follow() { exec tee -p "$2" <"$RUN_DIR/$1"; }

vm_on_status() {
	local word rest
	printf '%s %s\n' "$(vm_elapsed)" "$1" >>"$OUTDIR/status"
	read -r word rest <<<"$1"
	case $word in
	phase)
		GUEST_PHASE=${rest% *}
		vm_phase "$GUEST_PHASE"
		;;
	error) GUEST_ERROR=$rest ;;
	run) vm_on_run "$rest" ;; # of a batch: batch.sh
	exit)
		GUEST_EXIT=$rest
		vm_phase verdict
		DEADLINE_S=$((SECONDS + VM_POWEROFF_S))
		;;
	*) vm_say "unknown line on the status port: $1" ;;
	esac
}

# Has the guest tell which tasks are blocked and where its CPUs are: ^O is the
# sysrq key of a hypervisor console.
vm_ask_blocked() {
	local key
	[[ $OPT_SHELL == no ]] || return 0
	for key in 7 w l; do
		printf '\x0f%s' "$key" >&"$CONSOLE_FD"
		sleep 0.3
	done
	sleep 0.5
}

vm_on_deadline() {
	if [[ -n $GUEST_EXIT ]]; then
		LOST="it did not power off within $VM_POWEROFF_S s of its verdict"
	else
		LOST="the deadline of $TIMEOUT_S s passed; the guest's last phase was '$GUEST_PHASE'"
	fi
	vm_ask_blocked
	vm_qemu_stop
}

# Takes a line off the status port; fails when there is none. A read that times out just as
# it takes the newline would lose it, so none waits but for the rest of a line.
vm_status_line() {
	local line
	read -r -t 0 <&"$STATUS_FD" || return
	IFS= read -r -t 10 line <&"$STATUS_FD" || vm_say "half a line on the status port: $line"
	vm_on_status "$line"
}

# Reads status lines until QEMU has ended.
vm_watch() {
	DEADLINE_S=$((SECONDS + TIMEOUT_S))
	while :; do
		while vm_status_line; do :; done
		kill -0 "$QEMU_PID" 2>/dev/null || break
		if ((SECONDS >= DEADLINE_S)); then
			vm_on_deadline
			break
		fi
		sleep 0.1
	done
	QEMU_STATUS=0
	wait "$QEMU_PID" 2>/dev/null || QEMU_STATUS=$?
	QEMU_PID=''
	while vm_status_line; do :; done
	vm_phase off
	vm_watch_finish
}

# QEMU has closed the fifos, so the followers end; unless it never opened them.
vm_watch_finish() {
	local pid tries
	for pid in "${WATCHER_PIDS[@]}"; do
		for ((tries = 0; tries < 20; tries++)); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.05
		done
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	WATCHER_PIDS=()
}
