# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# After the VM: the kernel's words, the phase times, the offline check, kernel-clean, the status.

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

vm_elapsed() { awk -v a="$START_US" -v b="${EPOCHREALTIME/[.,]/}" 'BEGIN { printf "%.2f", (b - a) / 1e6 }'; }

# vm_phase NAME: the time since the start of vm/run, kept in OUTDIR/timing
vm_phase() {
	local at
	at=$(vm_elapsed)
	printf '%-10s %s\n' "$1" "$at" >>"$OUTDIR/timing"
	TIMING+="${TIMING:+, }$1 $at"
}

# The early console has all, to the end; a kernel may be built without it.
vm_console_file() {
	local file=$OUTDIR/console-early.log
	[[ -s $file ]] || file=$OUTDIR/console.log
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
	lines=$({ vm_console_log; cat "$OUTDIR/dmesg.log" 2>/dev/null || true; } | grep -E "$VM_FATAL") || return 1
	head -n 1 <<<"$lines" | sed 's/^\[[^]]*\] *//'
}

# All lines that tell of trouble and the last of them in full; else the tasks
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
	vm_say "VM lost: $LOST${panic:+; $panic}"
	vm_say "the kernel's words:"
	vm_kernel_words | tee "$OUTDIR/lost.txt" | sed 's/^/    /' >&2
	[[ -n $GUEST_EXIT ]] || vm_last_words stdout "$OUTDIR/verdict.txt" # else it is the report
	vm_last_words stderr "$OUTDIR/stderr.log"
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
	[[ $OPT_TRACE == yes && $OPT_SHELL == no && -s $OUTDIR/trace.bt ]] || return 0
	read -ra args <<<"${HEADER[Check]}"
	printf 'what was recorded before the VM was lost (%s):\n' "$OUTDIR/trace.bt" | tee -a "$OUTDIR/verdict.txt"
	"$TRACE_TOOL" check -i "$OUTDIR/trace.bt" "${args[@]}" | tee -a "$OUTDIR/verdict.txt" || status=${PIPESTATUS[0]}
	case $status in
	0 | 1 | 3 | 4) ;;
	*)
		vm_say "the trace of the VM that was lost cannot be judged (bitmap-trace ended with status $status)"
		return
		;;
	esac
	"$TRACE_TOOL" check -i "$OUTDIR/trace.bt" "${args[@]}" -f json >"$OUTDIR/verdict.json" || true
	vm_say "before the VM was lost: $(grep '^verdict: ' "$OUTDIR/verdict.txt" | tail -n1); the exit status is that of a lost VM"
}

# A verdict of a VM that was lost afterwards is kept and told, but does not count.
vm_report_late() {
	local verdict
	vm_held_verdict | tee -a "$OUTDIR/verdict.txt"
	verdict=$(grep '^verdict: ' "$OUTDIR/verdict.txt" 2>/dev/null) || verdict=''
	[[ $OPT_TRACE == no || $OPT_SHELL == yes ]] || (vm_check_offline "$GUEST_EXIT") || true
	vm_say "before, it had ended with status $GUEST_EXIT${verdict:+, $verdict}; that is kept in $OUTDIR"
}

# What the guest's kernel logged since the run began
vm_kernel_log() { sed -n "/bitmap-trace: run $1 begins/,\$p" "$OUTDIR/dmesg.log" 2>/dev/null | tr -d '\r'; }

# vm_kernel_clean NAME STATUS DIR: adds the rule kernel-clean to the verdict in DIR, and ends with the status of both
vm_kernel_clean() {
	vm_kernel_log "$1" | perl "$VM_DIR/lib/kernel_clean.pl" "$2" "$3" "${ALLOW[@]/#/--allow=}"
}

# The last line of the report, which was kept back for kernel-clean
vm_held_verdict() { cat "$RUN_DIR/verdict" 2>/dev/null || true; }

# Whether kernel-clean is judged: of a case that did not take the VM along
vm_has_verdict() { [[ $OPT_SHELL == no && -z $OPT_CRASH_AT && -z $LOST ]]; }

# Complaints that do not change the status are told.
vm_report_notices() {
	local notices=$VM_NOTICES
	vm_has_verdict || notices+="|$VM_SPLATS"
	notices=$({ cat "$OUTDIR/dmesg.log" 2>/dev/null || vm_console_log; } |
		grep -E "$notices" | sed 's/^\[[^]]*\] *//' | sort | uniq -c | head -n 10) || return 0
	vm_say "notice: the guest's kernel complained (in full: $OUTDIR/dmesg.log):"
	printf '%s\n' "$notices" | sed 's/^/    /' >&2
}

# The same trace must give the same verdict offline; it holds how COMMAND ended, too.
vm_check_offline() {
	local live=$1 offline=0 args
	case $live in 0 | 1 | 3 | 4) ;; *) return 0 ;; esac
	if [[ ! -s $OUTDIR/trace.bt ]]; then
		vm_die "the guest's check ended with status $live, but left no trace in '$OUTDIR/trace.bt'"
	fi
	read -ra args <<<"${HEADER[Check]}"
	"$TRACE_TOOL" check -i "$OUTDIR/trace.bt" "${args[@]}" -f json >"$OUTDIR/verdict.json" || offline=$?
	((offline == live)) ||
		vm_die "THE OFFLINE CHECK DISAGREES: status $live in the guest, $offline from '$OUTDIR/trace.bt'"
}

# Sets LOST when the kernel did not last from the verdict to the end of its power-off.
vm_judge_power_off() {
	local words
	if words=$(vm_fatal); then
		LOST="the kernel broke down: $words"
	elif ((QEMU_STATUS != 0)); then
		LOST="QEMU ended with status $QEMU_STATUS after the verdict $(tail -n1 "$OUTDIR/qemu.log")"
	elif [[ -s $OUTDIR/console-early.log ]] && ! vm_console_log | grep 'reboot: Power down' >/dev/null; then
		LOST='it ended after the verdict, but not by powering off'
	fi
}

# Sets LOST when there is no result, or none that counts, or ends with what kept
# QEMU from starting.
vm_judge_end() {
	[[ -z $LOST ]] || return 0
	if [[ -n $GUEST_EXIT ]]; then
		vm_judge_power_off
		return
	fi
	if ((QEMU_STATUS != 0)) && [[ $GUEST_PHASE == start && ! -s $OUTDIR/console.log ]]; then
		sed 's/^/    /' "$OUTDIR/qemu.log" >&2
		vm_die "'$QEMU' ended with status $QEMU_STATUS before the guest spoke (its words are above)"
	fi
	LOST="it ended without a result; the guest's last phase was '$GUEST_PHASE'"
	((QEMU_STATUS == 0)) || LOST+="; QEMU ended with status $QEMU_STATUS $(tail -n1 "$OUTDIR/qemu.log")"
}

# Ends with the status of the whole run.
vm_report() {
	local status
	vm_judge_end
	vm_report_notices
	vm_say "seconds since the start: $TIMING"
	vm_writelog_report
	if [[ -n $LOST ]]; then
		vm_report_lost
		if [[ -n $GUEST_EXIT ]]; then vm_report_late; else vm_report_partial; fi
		exit "$VM_LOST"
	fi
	[[ -z $GUEST_ERROR ]] || vm_die "in the guest: $GUEST_ERROR (see '$OUTDIR')"
	[[ $OPT_TRACE == no || $OPT_SHELL == yes ]] || vm_check_offline "$GUEST_EXIT"
	case $GUEST_EXIT in
	0 | 1 | 3 | 4) ;;
	*) vm_die "the guest's bitmap-trace ended with status $GUEST_EXIT (its words are in '$OUTDIR/stderr.log')" ;;
	esac
	status=$GUEST_EXIT
	if vm_has_verdict; then
		vm_held_verdict >>"$OUTDIR/verdict.txt"
		vm_kernel_clean single "$status" "$OUTDIR" || status=$?
	fi
	vm_say "status $status; results in $OUTDIR"
	[[ -z $OPT_CRASH_AT ]] || vm_crashat_report
	exit "$status"
}
