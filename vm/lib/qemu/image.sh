# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What QEMU boots: the unpacked kernel where that can be had, else the vmlinuz.

# vm_unpack_kernel VMLINUZ OUTPUT: the ELF image inside a zstd bzImage; an empty
# file when there is none that QEMU could start by its PVH entry.
vm_unpack_kernel() {
	local vmlinuz=$1 output=$2 offset
	: >"$output"
	offset=$(LC_ALL=C grep -obUaPm1 '\x28\xb5\x2f\xfd' "$vmlinuz" | head -n1 | cut -d: -f1) || true
	[[ -n $offset ]] || return 0
	# zstd complains about what follows the kernel in the file: not our concern
	tail -c "+$((offset + 1))" "$vmlinuz" | zstd -qdc >"$output" 2>/dev/null || true
	vm_has_pvh_entry "$output" || : >"$output"
}

# The note "Xen" of type 18, XEN_ELFNOTE_PHYS32_ENTRY
vm_has_pvh_entry() { LC_ALL=C grep -qUaP '\x04\x00\x00\x00.\x00\x00\x00\x12\x00\x00\x00Xen\x00' "$1"; }

# vm_boot_image KERNELDIR: under emulation the decompressor takes a third of
# the boot, so unpack once here. Kernels that differ in md only share it.
vm_boot_image() {
	local vmlinuz=$1/vmlinuz unpacked
	unpacked=$(vm_cached "image/$(vm_content_key "$vmlinuz")" vm_unpack_kernel "$vmlinuz")
	if [[ -s $unpacked ]]; then
		printf '%s\n' "$unpacked"
	else
		printf '%s\n' "$vmlinuz"
	fi
}
