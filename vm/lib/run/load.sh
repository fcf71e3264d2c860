# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# All that a program needs that boots VMs: vm/run, vm/batch, vm/run-mutants, vm/leave-one-out, vm/explore,
# vm/matrix. VM_DIR is vm/.

# shellcheck source=vm/lib/common.sh
source "$VM_DIR/lib/common.sh"
# shellcheck source=vm/lib/run/settings.sh
source "$VM_DIR/lib/run/settings.sh"
# shellcheck source=vm/lib/header.sh
source "$VM_DIR/lib/header.sh"
# shellcheck source=vm/lib/run/case.sh
source "$VM_DIR/lib/run/case.sh"
# shellcheck source=vm/lib/guest-image/disk.sh
source "$VM_DIR/lib/guest-image/disk.sh"
# shellcheck source=vm/lib/guest-image/mdadm.sh
source "$VM_DIR/lib/guest-image/mdadm.sh"
# shellcheck source=vm/lib/guest-image/guest-env.sh
source "$VM_DIR/lib/guest-image/guest-env.sh"
# shellcheck source=vm/lib/guest-image/initramfs.sh
source "$VM_DIR/lib/guest-image/initramfs.sh"
# shellcheck source=vm/lib/qemu/accel.sh
source "$VM_DIR/lib/qemu/accel.sh"
# shellcheck source=vm/lib/qemu/image.sh
source "$VM_DIR/lib/qemu/image.sh"
# shellcheck source=vm/lib/qemu/qemu.sh
source "$VM_DIR/lib/qemu/qemu.sh"
# shellcheck source=vm/lib/qemu/watch.sh
source "$VM_DIR/lib/qemu/watch.sh"
# shellcheck source=vm/lib/judge/report.sh
source "$VM_DIR/lib/judge/report.sh"
