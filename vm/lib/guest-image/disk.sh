# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The one virtual disk: four members, the bitmap's file system and a spare on a
# single device, so that a log of its writes gives one total order over all.

declare -A HEADER # settings.sh

VM_MEMBERS_MAX=4
VM_ALIGN_SECTORS=2048

# Prints "number:start:length" in sectors for each partition. There is no
# partition table on the disk; the guest registers these with addpart.
vm_disk_layout() {
	local start=$VM_ALIGN_SECTORS length number
	for ((number = 1; number <= VM_MEMBERS_MAX + 2; number++)); do
		length=$(vm_sectors "${HEADER[Member-Size]}")
		((number != VM_MEMBERS_MAX + 1)) || length=$(vm_sectors "${HEADER[Bitmap-Size]}")
		printf '%s:%s:%s\n' "$number" "$start" "$length"
		((start += (length + VM_ALIGN_SECTORS - 1) / VM_ALIGN_SECTORS * VM_ALIGN_SECTORS))
	done
}

# vm_disk_create IMAGE LAYOUT: a sparse file that ends with the last partition
vm_disk_create() {
	local image=$1 start length
	IFS=: read -r _ start length < <(tail -n1 <<<"$2")
	truncate -s "$(((start + length + VM_ALIGN_SECTORS) * 512))" "$image"
}
