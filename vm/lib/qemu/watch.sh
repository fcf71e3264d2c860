# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# From the start of the VM to its end: what the guest says on the status port,
# the deadline, and whether the VM was lost. The console is never asked.
#
# Status lines from the guest: "phase NAME UPTIME", "error TEXT" (the guest could
# not do its part), "exit STATUS" (the one result; without it the VM was lost, and
# it counts only if the kernel lasts until its power-off: report.sh). A batch says
# "run NAME begin" and "run NAME end STATUS" instead of exit.

declare -A RUN VM # settings.sh

VM_POWEROFF_S=45 # more than a hung task needs to be found

vm_watch_start() {
	local fd
	# Open for both, so that the open does not wait and no end of file is seen.
	exec {fd}<>"${RUN[work]}/status"
	VM[status_fd]=$fd
	WATCHER_PIDS=()
	if [[ ${RUN[trace]} == yes && ${RUN[shell]} == no ]]; then
		vm_watch_report &
	else
		vm_watch_follow stdout "${RUN[dir]}/verdict.txt" &
	fi
	WATCHER_PIDS+=($!)
	vm_watch_follow stderr "${RUN[dir]}/stderr.log" >&2 &
	WATCHER_PIDS+=($!)
	if [[ ${RUN[shell]} == no ]]; then
		exec {fd}<>"${RUN[work]}/console.in"
		VM[console_fd]=$fd
		cat "${RUN[work]}/console.out" >"${RUN[dir]}/console.log" &
		WATCHER_PIDS+=($!)
	fi
}

vm_watch_report() { exec perl "$VM_DIR/lib/judge/report_tee.pl" "${RUN[dir]}/verdict.txt" "${RUN[work]}/verdict" <"${RUN[work]}/stdout"; }
vm_watch_follow() { exec tee -p "$2" <"${RUN[work]}/$1"; }

# vm_on_status LINE ON_RUN
vm_on_status() {
	local word rest
	printf '%s %s\n' "$(vm_elapsed)" "$1" >>"${RUN[dir]}/status"
	read -r word rest <<<"$1"
	case $word in
	phase)
		VM[phase]=${rest% *}
		vm_phase "${VM[phase]}"
		;;
	error) VM[error]=$rest ;;
	run) [[ -z $2 ]] || "$2" "$rest" ;;
	exit)
		VM[exit]=$rest
		vm_phase verdict
		VM[deadline_s]=$((SECONDS + VM_POWEROFF_S))
		;;
	*) vm_say "unknown line on the status port: $1" ;;
	esac
}

# Makes the guest print its blocked tasks and the state of its CPUs: ^O is the
# sysrq key of a hypervisor console.
vm_ask_blocked() {
	local key
	[[ ${RUN[shell]} == no ]] || return 0
	for key in 7 w l; do
		printf '\x0f%s' "$key" >&"${VM[console_fd]}"
		sleep 0.3
	done
	sleep 0.5
}

vm_on_deadline() {
	if [[ -n ${VM[exit]} ]]; then
		VM[lost]="it did not power off within $VM_POWEROFF_S s of its verdict"
	else
		VM[lost]="the deadline of ${RUN[timeout_s]} s passed; the guest's last phase was '${VM[phase]}'"
	fi
	vm_ask_blocked
	vm_qemu_stop
}

# Takes a line off the status port; fails when there is none. A read that times out just as
# it takes the newline would lose it, so none waits but for the rest of a line.
vm_status_line() { # ON_RUN
	local line
	read -r -t 0 <&"${VM[status_fd]}" || return
	IFS= read -r -t 10 line <&"${VM[status_fd]}" || vm_say "half a line on the status port: $line"
	vm_on_status "$line" "$1"
}

# vm_watch ON_RUN: reads status lines until QEMU has ended. ON_RUN is the function that gets what a batch says of its
# runs; empty for none.
vm_watch() {
	local on_run=$1
	VM[deadline_s]=$((SECONDS + RUN[timeout_s]))
	while :; do
		while vm_status_line "$on_run"; do :; done
		kill -0 "${VM[pid]}" 2>/dev/null || break
		if ((SECONDS >= VM[deadline_s])); then
			vm_on_deadline
			break
		fi
		sleep 0.1
	done
	VM[qemu_status]=0
	wait "${VM[pid]}" 2>/dev/null || VM[qemu_status]=$?
	VM[pid]=''
	while vm_status_line "$on_run"; do :; done
	vm_phase off
	vm_watch_finish
}

# Ends the followers; for who cannot wait for vm_watch_finish
vm_watch_stop() { ((${#WATCHER_PIDS[@]} == 0)) || kill "${WATCHER_PIDS[@]}" 2>/dev/null || true; }

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
