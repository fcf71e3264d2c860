# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2054 # the commas are QEMU's
# The QEMU command line, and starting and ending the one process.

declare -A RUN VM # settings.sh

# A comma ends an option's value in QEMU; doubled it is a comma.
vm_qemu_escape() { printf '%s\n' "${1//,/,,}"; }

# panic=-1 with -no-reboot ends QEMU at a panic. hung_task and softlockup make
# a guest that hangs say so, long before the deadline, with a stack. The early
# console is kept, for the other one is gone before power-off is complete. The
# test of the timer fails when a busy host does not let an emulated one tick in time.
vm_cmdline() {
	printf '%s ' console=hvc0 earlyprintk=serial,ttyS0,115200,keep loglevel=5 \
		panic=-1 oops=panic softlockup_panic=1 \
		sysctl.kernel.hung_task_panic=1 sysctl.kernel.hung_task_timeout_secs=30 \
		sysctl.kernel.hung_task_check_interval_secs=5 sysctl.kernel.panic_on_rcu_stall=1 \
		sysrq_always_enabled=1 nokaslr mitigations=off tsc=reliable no_timer_check \
		cryptomgr.notests=1 random.trust_cpu=1 rcupdate.rcu_expedited=1
}

# Before QEMU 8.1, a thread per CPU may run stale code where another CPU is just
# patching it ("int3" oopses, seen in 1 of 25 boots), and probing is patching.
# One thread for all CPUs cannot, and costs a run of ours nothing measurable.
# BT_TCG_THREAD=multi for who needs two CPUs at work at once.
vm_tcg_thread() {
	local major minor
	if [[ -n ${BT_TCG_THREAD-} ]]; then
		echo "$BT_TCG_THREAD"
		return
	fi
	IFS=. read -r major minor _ < <("${RUN[qemu]}" --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')
	if ((major * 100 + minor >= 801)); then echo multi; else echo single; fi
}

# BT_ICOUNT: the guest's clock counts instructions, 2^BT_ICOUNT ns each, and leaps where nothing
# is to be run; so a run takes as long as another, whatever the host is busy with. One CPU: with
# more, the clock would go on while another one runs.
vm_qemu_machine() {
	local accel=$1 cpus=2
	case $accel in
	kvm) QEMU_ARGS+=(-accel kvm -cpu host) ;;
	tcg) QEMU_ARGS+=(-accel "tcg,thread=$(vm_tcg_thread)" -cpu max) ;;
	icount)
		QEMU_ARGS+=(-accel tcg,thread=single -cpu max -icount "shift=$BT_ICOUNT,sleep=off")
		cpus=1
		;;
	esac
	QEMU_ARGS+=(-nodefaults -no-user-config -display none -no-reboot -smp "$cpus" -m "${BT_MEMORY:-2G}"
		-kernel "${RUN[image]}" -initrd "${RUN[work]}/initrd" -append "$(vm_cmdline)"
		-chardev "file,id=early,path=$(vm_qemu_escape "${RUN[dir]}/console-early.log")" -serial chardev:early)
}

# The disk outlives no run, so the guest's flushes need not reach the host's disk.
vm_qemu_disk() {
	local image drive=disk
	image=$(vm_qemu_escape "${RUN[work]}/disk.img")
	QEMU_ARGS+=(
		-blockdev "driver=file,node-name=file,filename=$image,cache.no-flush=on,discard=unmap"
		-blockdev driver=raw,node-name=disk,file=file,discard=unmap)
	if [[ ${RUN[write_log]} == yes ]]; then
		vm_writelog_qemu disk
		drive=logged
	fi
	QEMU_ARGS+=(-device "virtio-blk-pci,drive=$drive")
}

# vm_qemu_port NAME: a port in the guest, and a fifo with its output on the host
vm_qemu_port() {
	local name=$1
	mkfifo "${RUN[work]}/$name"
	QEMU_ARGS+=(-chardev "file,id=$name,path=$(vm_qemu_escape "${RUN[work]}/$name")"
		-device "virtserialport,chardev=$name,name=bt.$name")
}

# The console goes both ways, for the keys that make a hanging guest speak.
vm_qemu_console() {
	if [[ ${RUN[shell]} == yes ]]; then
		QEMU_ARGS+=(-chardev "stdio,id=console,signal=off,logfile=$(vm_qemu_escape "${RUN[dir]}/console.log")")
	else
		mkfifo "${RUN[work]}/console.in" "${RUN[work]}/console.out"
		QEMU_ARGS+=(-chardev "pipe,id=console,path=$(vm_qemu_escape "${RUN[work]}/console")")
	fi
	QEMU_ARGS+=(-device virtconsole,chardev=console)
}

# The share is written through to the output directory, so what was written survives the VM.
vm_qemu_share() {
	QEMU_ARGS+=(-fsdev "local,id=out,path=$(vm_qemu_escape "${RUN[dir]}"),security_model=none"
		-device virtio-9p-pci,fsdev=out,mount_tag=out)
}

# vm_qemu_args ACCEL: sets QEMU_ARGS, makes the fifos
vm_qemu_args() {
	local port
	QEMU_ARGS=()
	vm_qemu_machine "$1"
	vm_qemu_disk
	QEMU_ARGS+=(-device virtio-serial-pci)
	vm_qemu_console
	for port in status stdout stderr; do vm_qemu_port "$port"; done
	vm_qemu_share
}

# Ends our QEMU, by its pid: politely, then not.
vm_qemu_stop() {
	local tries
	[[ -n ${VM[pid]:-} ]] || return 0
	kill -TERM "${VM[pid]}" 2>/dev/null || true
	for ((tries = 0; tries < 30; tries++)); do
		kill -0 "${VM[pid]}" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL "${VM[pid]}" 2>/dev/null || true
}
