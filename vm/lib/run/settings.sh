# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # the other files read them
# What the files of vm/run, vm/batch and vm/run-mutants know of a run, all in one place. With set -u a key that is not set, a
# misspelt one among them, ends the program. Other variables are local to a function or to the file of a program.

# RUN: what is run, set before the VM starts
#   kernel series debug name    -k, --series, --debug; what the kernel is called with its patches
#   fs level bitmap             of the array
#   case case_file              -c; the path of the case or script
#   output timeout accel        -o, --timeout, --accel, empty if not given
#   shell trace strict          yes or no
#   perturb load_s              --perturb, empty if not given; how long the case windows writes, seconds
#   write_log                   yes or no
#   crash_at crash_dir crash_layout  --crash-at: points, directory of the run, layout of its disk
#   dir work results            where results go; temporary files; results of several runs (a batch)
#   kernel_dir image accelerator     of vm/kernel; what QEMU boots; kvm, tcg or icount
#   layout timeout_s            partitions of the disk (disk.sh); seconds
#   tool kernel_tool qemu kvm   programs, the device
declare -A RUN=()

# VM: the one VM, from its start on
#   start_us timing             the start, the phases so far
#   phase error exit            what the guest said last (watch.sh)
#   lost                        why the VM is lost, empty if it is not
#   pid qemu_status             of QEMU
#   deadline_s status_fd console_fd  the deadline, the ports
#   terminal booted dir_is_new  for vm/run's cleanup
#   now last                    of a batch: the row that runs, the one that ran
declare -A VM=()

# ROW: the table of a batch, ROW[count] rows, ROW[N.FIELD]. FIELD: name kernel kernel_dir case bitmap level fs check;
# of a mutant also trips unknown may; of vm/batch args and base, what makes its kernel, and that of the boot, and group,
# of those that can share a boot; of vm/explore perturb load_s.
declare -A ROW=([count]=0)

# HEADER: the fields of the case's header (case.sh)
declare -A HEADER=()

QEMU_ARGS=()    # qemu.sh
WATCHER_PIDS=() # watch.sh
ALLOW=()        # --allow
CRASH_POINTS=() # --crash-at: the points, and behind which names of points there are disks
CRASH_COPIES=()

# vm_settings: what holds when nothing is said
vm_settings() {
	RUN=(
		[kernel]=stock [series]='' [debug]='' [name]='' [fs]=ext4 [level]=raid1 [bitmap]=file [case]='' [case_file]='' [output]=''
		[timeout]='' [perturb]='' [load_s]=5 [accel]=auto [shell]=no [trace]=yes [strict]=no [write_log]=no [crash_at]='' [crash_dir]='' [crash_layout]=''
		[kernel_tool]=${BT_KERNEL_TOOL:-$VM_DIR/kernel} [qemu]=${BT_QEMU:-qemu-system-x86_64} [kvm]=${BT_KVM_DEVICE:-/dev/kvm}
		[tool]=${BT_TOOL:-${BUILD:-$ROOT_DIR/build}/bitmap-trace}
	)
}

# vm_vm_reset: a VM that has not started
vm_vm_reset() {
	VM=(
		[start_us]=${EPOCHREALTIME/[.,]/} [timing]='' [phase]=start [error]='' [exit]='' [lost]='' [pid]='' [qemu_status]=0
		[terminal]='' [booted]=no [dir_is_new]=no [now]='' [last]=''
	)
}

# vm_row_add FIELD=VALUE...: one row more
vm_row_add() {
	local field
	for field in "$@"; do ROW[${ROW[count]}.${field%%=*}]=${field#*=}; done
	ROW[count]=$((ROW[count] + 1))
}
