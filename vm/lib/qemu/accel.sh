# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# KVM where it really works, emulation (TCG) otherwise.

declare -A RUN # settings.sh

VM_PROBE_DEADLINE_S=${BT_PROBE_DEADLINE:-10}

# On a nested host /dev/kvm may be there, open, and then run nothing, for ever.
# Only a guest that has booted is believed.
vm_kvm_boots() {
	local image=$1 dir=$2 pid deadline
	vm_build_probe "$dir/probe.cpio"
	: >"$dir/probe.out"
	"${RUN[qemu]}" -nodefaults -no-user-config -display none -no-reboot \
		-accel kvm -cpu host -smp 2 -m 512M -kernel "$image" -initrd "$dir/probe.cpio" \
		-append 'console=hvc0 quiet panic=-1' \
		-device virtio-serial-pci -chardev "file,id=c,path=$(vm_qemu_escape "$dir/probe.out")" \
		-device virtconsole,chardev=c </dev/null >"$dir/probe.log" 2>&1 &
	pid=$!
	disown "$pid" # if it stalls where no signal reaches it, nobody waits
	deadline=$((SECONDS + VM_PROBE_DEADLINE_S))
	while ((SECONDS < deadline)) && kill -0 "$pid" 2>/dev/null; do
		grep -q kvm-works "$dir/probe.out" && break
		sleep 0.1
	done
	kill -KILL "$pid" 2>/dev/null || true
	grep -q kvm-works "$dir/probe.out"
}

vm_build_probe() (
	root=$(mktemp -d)
	trap 'rm -rf "$root"' EXIT
	mkdir -p "$root"/{bin,dev,proc}
	cp "$(vm_need busybox busybox-static)" "$root/bin/busybox"
	cat >"$root/init" <<-'INIT'
		#!/bin/busybox sh
		/bin/busybox mount -t devtmpfs dev /dev
		echo kvm-works >/dev/hvc0
		/bin/busybox poweroff -f
	INIT
	chmod +x "$root/init"
	vm_cpio "$root" "$1"
)

# vm_probe_kvm IMAGE OUTPUT: writes "kvm" or "tcg" and why
vm_probe_kvm() {
	local image=$1 output=$2
	vm_say "trying whether KVM works here (at most $VM_PROBE_DEADLINE_S s, remembered until the next boot)"
	if vm_kvm_boots "$image" "${RUN[work]}"; then
		echo 'kvm a guest booted' >"$output"
	else
		echo "tcg /dev/kvm is there, but no guest booted with it in $VM_PROBE_DEADLINE_S s" >"$output"
	fi
}

# vm_accel IMAGE CONTENT_KEY: prints "kvm" or "tcg", or for an emulation that is to count
# instructions (BT_ICOUNT: qemu.sh) "icount"
vm_accel() {
	local accel
	accel=$(vm_accel_works "$@")
	[[ $accel != tcg || -z ${BT_ICOUNT-} ]] || accel=icount
	printf '%s\n' "$accel"
}

vm_accel_works() {
	local image=$1 content=$2 key answer
	if [[ ${RUN[accel]} != auto ]]; then
		printf '%s\n' "${RUN[accel]}"
	elif [[ ! -r ${RUN[kvm]} || ! -w ${RUN[kvm]} ]]; then
		echo tcg
	else
		key=$({
			cat /proc/sys/kernel/random/boot_id
			"${RUN[qemu]}" --version
			echo "$content"
			vm_stat_key "${RUN[qemu]}"
		} | sha256sum | cut -c1-16)
		answer=$(vm_cached "accel/$key" vm_probe_kvm "$image")
		read -r answer _ <"$answer"
		printf '%s\n' "$answer"
	fi
}
