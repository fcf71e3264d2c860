# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The guest's mdadm. Where the host has none, or one that is too new, it is unpacked, not installed: its package would add
# hooks and services to the host that look for arrays.

# The last release of Debian whose mdadm makes bitmap files
VM_MDADM_SUITE=bookworm

# The one whose mdadm makes lockless bitmaps (since 4.5), with the C library that it is linked to
VM_MDADM_LOCKLESS_SUITE=sid
VM_MDADM_LOCKLESS_PACKAGES=(mdadm libc6 libudev1 libcap2)

# vm_mdadm BITMAP: prints the path of a mdadm that can make such a bitmap
vm_mdadm() {
	local bitmap=$1 mdadm=${BT_MDADM-}
	if [[ -n $mdadm ]]; then
		[[ -x $mdadm ]] || vm_die "BT_MDADM '$mdadm': no such program"
		[[ $bitmap != file ]] || vm_mdadm_does_files "$mdadm" ||
			vm_die "since 4.4 mdadm makes no bitmap files, as BT_MDADM '$mdadm' says that it is; use --bitmap internal"
	elif ! mdadm=$(vm_find_program mdadm) || ! { [[ $bitmap != file ]] || vm_mdadm_does_files "$mdadm"; }; then
		mdadm=$(vm_cached "program/$VM_MDADM_SUITE/mdadm" vm_fetch_mdadm) ||
			vm_die "a mdadm for the guest could not be fetched; name one (4.2 or 4.3 for bitmap files) in BT_MDADM"
	fi
	printf '%s\n' "$mdadm"
}

# vm_fetch_mdadm OUTPUT
vm_fetch_mdadm() (
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	vm_apt_use "$VM_MDADM_SUITE" && vm_apt_update "$VM_MDADM_SUITE" &&
		vm_apt_download "$dir" mdadm && vm_apt_unpack "$dir" "$dir/root" || exit 1
	cp "$dir"/root/sbin/mdadm "$1" 2>/dev/null || cp "$dir"/root/usr/sbin/mdadm "$1"
)

# mdadm 4.4 dropped bitmap files; the kernel still has them, up to 7.x.
vm_mdadm_does_files() {
	local version
	version=$("$1" --version 2>&1 | sed -n 's/^mdadm - v\([0-9.]*\).*/\1/p')
	[[ $version == $(printf '%s\n4.3.999\n' "$version" | sort -V | head -n1) ]]
}

# Prints the path of a layer with a mdadm that makes lockless bitmaps, which stands above the one of the programs.
vm_layer_mdadm_lockless() {
	vm_cached "layer/mdadm-lockless-$(vm_content_key "${BASH_SOURCE[0]}").cpio" vm_build_mdadm_lockless ||
		vm_die "a mdadm that makes lockless bitmaps (4.5 or later) could not be fetched from $VM_MDADM_LOCKLESS_SUITE"
}

# vm_build_mdadm_lockless OUTPUT: it runs by its own loader, with its own libraries.
vm_build_mdadm_lockless() (
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	vm_apt_use "$VM_MDADM_LOCKLESS_SUITE" && vm_apt_update "$VM_MDADM_LOCKLESS_SUITE" &&
		vm_apt_download "$dir/debs" "${VM_MDADM_LOCKLESS_PACKAGES[@]}" && vm_apt_unpack "$dir/debs" "$dir/root" || exit 1
	vm_layer_begin "$dir/guest"
	own=/usr/lib/mdadm-lockless
	mkdir -p "$dir/guest$own"
	find "$dir/root" \( -name 'ld-linux-x86-64.so.2' -o -name 'libc.so.6' -o -name 'libudev.so.*' -o -name 'libcap.so.*' \
		-o -name 'libm.so.6' -o -name 'libdl.so.2' -o -name 'libpthread.so.0' \) -exec cp -L {} "$dir/guest$own/" \;
	find "$dir/root" -name mdadm -type f -perm -u+x -path '*bin/*' -exec cp {} "$dir/guest$own/" \;
	printf '#!/bin/sh\nexec %s/ld-linux-x86-64.so.2 --library-path %s --argv0 mdadm %s/mdadm "$@"\n' "$own" "$own" "$own" \
		>"$dir/guest/usr/sbin/mdadm"
	chmod 755 "$dir/guest/usr/sbin/mdadm"
	"$dir/guest$own/ld-linux-x86-64.so.2" --library-path "$dir/guest$own" "$dir/guest$own/mdadm" --version >&2 || exit 1
	vm_cpio "$dir/guest" "$1"
)
