# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The guest's mdadm. Where the host has none it is unpacked, not installed: its
# package would add hooks and services to the host that look for arrays.

# vm_mdadm: prints the path of a mdadm that can do what the run asks for
vm_mdadm() {
	local mdadm
	mdadm=${BT_MDADM:-$(vm_find_program mdadm)} ||
		mdadm=$(vm_cached program/mdadm vm_fetch_mdadm) || vm_mdadm_missing
	[[ -x $mdadm ]] || vm_die "BT_MDADM '$mdadm': no such program"
	[[ $OPT_BITMAP == internal ]] || vm_mdadm_does_files "$mdadm"
	printf '%s\n' "$mdadm"
}

vm_mdadm_missing() {
	vm_die "'mdadm' is missing and could not be fetched; install it with: apt-get install mdadm," \
		"or name one in BT_MDADM"
}

# vm_fetch_mdadm OUTPUT: from the host's package sources
vm_fetch_mdadm() (
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	vm_apt_host mdadm
	vm_apt_download "$dir" mdadm && vm_apt_unpack "$dir" "$dir/root" || exit 1
	cp "$dir"/root/sbin/mdadm "$1" 2>/dev/null || cp "$dir"/root/usr/sbin/mdadm "$1"
)

# mdadm 4.4 dropped bitmap files; the kernel still has them.
vm_mdadm_does_files() {
	local version
	version=$("$1" --version 2>&1 | sed -n 's/^mdadm - v\([0-9.]*\).*/\1/p')
	[[ $version == $(printf '%s\n4.3.999\n' "$version" | sort -V | head -n1) ]] ||
		vm_die "'$1' is version $version, and since 4.4 mdadm makes no bitmap files;" \
			"use --bitmap internal, or name an mdadm 4.2 or 4.3 in BT_MDADM"
}
