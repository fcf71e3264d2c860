# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# After the VM: the kernel's words, the phase times, the offline check, kernel-clean, the status.

declare -A RUN VM HEADER # settings.sh

VM_LOST=5
VM_LAST_WORDS=5 # lines
# The first words of trouble, in the kernel's own spelling
VM_TROUBLE='Kernel panic|BUG:|Oops|kernel BUG at|general protection|soft lockup|blocked for more than|rcu.*(stall|detected)|Unable to handle|double fault'
# Where a kernel broke down, whatever it did afterwards. Only at the start of what
# it says: a user's process may also have a "general protection fault".
VM_FATAL='^\[ *[0-9.]+\](\[[^]]*\])? (Kernel panic|.*Oops: |.* \[#[0-9]+\]|BUG: (kernel NULL|unable to handle)'
VM_FATAL+='|kernel BUG at|general protection fault|Unable to handle|.*watchdog: .*(soft lockup|hard LOCKUP)|(traps: )?PANIC:)'
# What kernel-clean does not count, for a case may want it, but is not to be overlooked
VM_NOTICES='(EXT4-fs|BTRFS|XFS).* (error|warning|critical|corruption)|I/O error'
# What it does, for runs without a verdict
VM_SPLATS='WARNING: (CPU|possible|suspicious|inconsistent|bad)|BUG: |INFO: task .* blocked'

vm_elapsed() { awk -v a="${VM[start_us]}" -v b="${EPOCHREALTIME/[.,]/}" 'BEGIN { printf "%.2f", (b - a) / 1e6 }'; }

# vm_phase NAME: the time since the start of vm/run, kept in the output directory/timing
vm_phase() {
	local at
	at=$(vm_elapsed)
	printf '%-10s %s\n' "$1" "$at" >>"${RUN[dir]}/timing"
	VM[timing]+="${VM[timing]:+, }$1 $at"
}

# The early console has all, to the end; a kernel may be built without it.
vm_console_file() {
	local file=${RUN[dir]}/console-early.log
	[[ -s $file ]] || file=${RUN[dir]}/console.log
	printf '%s\n' "$file"
}

# The console as the kernel printed it
vm_console_log() {
	local log
	log=$(vm_console_file)
	if [[ -r $log ]]; then tr -d '\r\017' <"$log"; fi
}

# The first word of a breakdown, if there was one
vm_fatal() {
	local lines
	lines=$({ vm_console_log; cat "${RUN[dir]}/dmesg.log" 2>/dev/null || true; } | grep -E "$VM_FATAL") || return 1
	head -n 1 <<<"$lines" | sed 's/^\[[^]]*\] *//'
}

# All lines with errors, and the last of them in full; else the tasks
# that were blocked at the deadline; else the last lines.
vm_kernel_words() {
	local words
	words=$(vm_trouble) || words=$(vm_blocked_tasks) || words=$(vm_console_log | tail -n 15)
	printf '%s\n' "${words:-(nothing on the console)}"
}

# A panic only sums up: the report before it has the stack that matters.
vm_trouble() {
	local headlines last
	headlines=$(vm_console_log | grep -En "$VM_TROUBLE" | grep -v 'Command line: ') || return 1
	last=$(grep -v 'Kernel panic' <<<"$headlines" | tail -n1) || last=$(tail -n1 <<<"$headlines")
	(($(wc -l <<<"$headlines") == 1)) || cut -d: -f2- <<<"$headlines"$'\n:--'
	vm_console_log | sed -n "${last%%:*},$((${last%%:*} + 39))p"
}

# What the kernel answered to vm_ask_blocked
vm_blocked_tasks() {
	local words
	vm_console_log | grep -q 'Show Blocked State' || return 1
	words=$(vm_console_log | sed -n '/Show Blocked State/,/Show backtrace/{/sysrq: Show/!p}')
	printf '%s\n' "${words:-(no task was blocked in the kernel: it was the case that waited)}"
}

vm_report_lost() {
	local panic
	panic=$(vm_console_log | grep -m1 -o 'Kernel panic.*') || panic=''
	vm_say "VM lost: ${VM[lost]}${panic:+; $panic}"
	vm_say "the kernel's words:"
	vm_kernel_words | tee "${RUN[dir]}/lost.txt" | sed 's/^/    /' >&2
	[[ -n ${VM[exit]} ]] || vm_last_words stdout "${RUN[dir]}/verdict.txt" # else it is the report
	vm_last_words stderr "${RUN[dir]}/stderr.log"
	vm_say "the whole console: $(vm_console_file)"
}

# vm_last_words CHANNEL FILE: what the case said last there
vm_last_words() {
	[[ -s $2 ]] || return 0
	vm_say "the last words of the case on $1:"
	tail -n "$VM_LAST_WORDS" "$2" | sed 's/^/    /' >&2
}

# A VM that was lost may have left enough to be judged. It says nothing about
# what came after, so it does not count; but a FAIL in it is a FAIL.
vm_report_partial() {
	local args status=0
	[[ ${RUN[trace]} == yes && ${RUN[shell]} == no && -s ${RUN[dir]}/trace.bt ]] || return 0
	read -ra args <<<"${HEADER[Check]}"
	printf 'what was recorded before the VM was lost (%s):\n' "${RUN[dir]}/trace.bt" | tee -a "${RUN[dir]}/verdict.txt"
	"${RUN[tool]}" check -i "${RUN[dir]}/trace.bt" "${args[@]}" | tee -a "${RUN[dir]}/verdict.txt" || status=${PIPESTATUS[0]}
	case $status in
	0 | 1 | 3 | 4) ;;
	*)
		vm_say "the trace of the VM that was lost cannot be judged (bitmap-trace ended with status $status)"
		return
		;;
	esac
	"${RUN[tool]}" check -i "${RUN[dir]}/trace.bt" "${args[@]}" -f json >"${RUN[dir]}/verdict.json" || true
	vm_say "before the VM was lost: $(grep '^verdict: ' "${RUN[dir]}/verdict.txt" | tail -n1); the exit status is that of a lost VM"
}

# A verdict of a VM that was lost afterwards is kept and reported, but does not count.
vm_report_late() {
	local verdict
	vm_held_verdict | tee -a "${RUN[dir]}/verdict.txt"
	verdict=$(grep '^verdict: ' "${RUN[dir]}/verdict.txt" 2>/dev/null) || verdict=''
	[[ ${RUN[trace]} == no || ${RUN[shell]} == yes ]] || (vm_check_offline "${VM[exit]}") || true
	vm_say "before, it had ended with status ${VM[exit]}${verdict:+, $verdict}; that is kept in ${RUN[dir]}"
}

# What the guest's kernel logged since the run began
vm_kernel_log() { sed -n "/bitmap-trace: run $1 begins/,\$p" "${RUN[dir]}/dmesg.log" 2>/dev/null | tr -d '\r'; }

# vm_kernel_clean NAME STATUS DIR: adds the rule kernel-clean to the verdict in DIR, and ends with the status of both
vm_kernel_clean() {
	vm_kernel_log "$1" | perl "$VM_DIR/lib/judge/kernel_clean.pl" "$2" "$3" "${ALLOW[@]/#/--allow=}"
}

# The last line of the report, which was kept back for kernel-clean
vm_held_verdict() { cat "${RUN[work]}/verdict" 2>/dev/null || true; }

# Whether kernel-clean is judged: of a case that did not take the VM along
vm_has_verdict() { [[ ${RUN[shell]} == no && -z ${RUN[crash_at]} && -z ${VM[lost]} ]]; }

# Notices: they are reported and do not change the status.
vm_report_notices() {
	local notices=$VM_NOTICES
	vm_has_verdict || notices+="|$VM_SPLATS"
	notices=$({ cat "${RUN[dir]}/dmesg.log" 2>/dev/null || vm_console_log; } |
		grep -E "$notices" | sed 's/^\[[^]]*\] *//' | sort | uniq -c | head -n 10) || return 0
	vm_say "notice: the guest's kernel complained (in full: ${RUN[dir]}/dmesg.log):"
	printf '%s\n' "$notices" | sed 's/^/    /' >&2
}

# The same trace must give the same verdict offline; it holds how COMMAND ended, too.
vm_check_offline() {
	local live=$1 offline=0 args
	case $live in 0 | 1 | 3 | 4) ;; *) return 0 ;; esac
	if [[ ! -s ${RUN[dir]}/trace.bt ]]; then
		vm_die "the guest's check ended with status $live, but left no trace in '${RUN[dir]}/trace.bt'"
	fi
	read -ra args <<<"${HEADER[Check]}"
	"${RUN[tool]}" check -i "${RUN[dir]}/trace.bt" "${args[@]}" -f json >"${RUN[dir]}/verdict.json" || offline=$?
	((offline == live)) ||
		vm_die "THE OFFLINE CHECK DISAGREES: status $live in the guest, $offline from '${RUN[dir]}/trace.bt'"
}

# Sets VM[lost] when the kernel did not last from the verdict to the end of its power-off.
vm_judge_power_off() {
	local words
	if words=$(vm_fatal); then
		VM[lost]="the kernel broke down: $words"
	elif ((VM[qemu_status] != 0)); then
		VM[lost]="QEMU ended with status ${VM[qemu_status]} after the verdict $(tail -n1 "${RUN[dir]}/qemu.log")"
	elif [[ -s ${RUN[dir]}/console-early.log ]] && ! vm_console_log | grep 'reboot: Power down' >/dev/null; then
		VM[lost]='it ended after the verdict, but not by powering off'
	fi
}

# Sets VM[lost] when there is no result, or none that counts, or ends with what kept
# QEMU from starting.
vm_judge_end() {
	[[ -z ${VM[lost]} ]] || return 0
	if [[ -n ${VM[exit]} ]]; then
		vm_judge_power_off
		return
	fi
	if ((VM[qemu_status] != 0)) && [[ ${VM[phase]} == start && ! -s ${RUN[dir]}/console.log ]]; then
		sed 's/^/    /' "${RUN[dir]}/qemu.log" >&2
		vm_die "'${RUN[qemu]}' ended with status ${VM[qemu_status]} before the guest spoke (its words are above)"
	fi
	VM[lost]="it ended without a result; the guest's last phase was '${VM[phase]}'"
	((VM[qemu_status] == 0)) || VM[lost]+="; QEMU ended with status ${VM[qemu_status]} $(tail -n1 "${RUN[dir]}/qemu.log")"
}

# Ends with the status of the whole run.
vm_report() {
	local status
	vm_judge_end
	vm_report_notices
	vm_say "seconds since the start: ${VM[timing]}"
	vm_writelog_report
	if [[ -n ${VM[lost]} ]]; then
		vm_report_lost
		if [[ -n ${VM[exit]} ]]; then vm_report_late; else vm_report_partial; fi
		exit "$VM_LOST"
	fi
	[[ -z ${VM[error]} ]] || vm_die "in the guest: ${VM[error]} (see '${RUN[dir]}')"
	[[ ${RUN[trace]} == no || ${RUN[shell]} == yes ]] || vm_check_offline "${VM[exit]}"
	case ${VM[exit]} in
	0 | 1 | 3 | 4) ;;
	*) vm_die "the guest's bitmap-trace ended with status ${VM[exit]} (its words are in '${RUN[dir]}/stderr.log')" ;;
	esac
	status=${VM[exit]}
	if vm_has_verdict; then
		vm_held_verdict >>"${RUN[dir]}/verdict.txt"
		vm_kernel_clean single "$status" "${RUN[dir]}" || status=$?
	fi
	vm_say "status $status; results in ${RUN[dir]}"
	[[ -z ${RUN[crash_at]} ]] || vm_crashat_report
	exit "$status"
}
