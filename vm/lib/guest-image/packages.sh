# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Programs that only some cases want in the guest (PROGRAMS of a case). What the host
# has not got is unpacked from its packages, not installed.

# that a case may name
VM_CASE_PROGRAMS=(bpftrace trace-cmd bpftool strace)

vm_check_case_programs() {
	local program
	for program in "$@"; do
		[[ " ${VM_CASE_PROGRAMS[*]} " == *" $program "* ]] ||
			vm_die "PROGRAMS of the case: '$program' is not known; expected some of: ${VM_CASE_PROGRAMS[*]}"
	done
}

# vm_build_packages PROGRAM... OUTPUT
vm_build_packages() (
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	output=${!#}
	readarray -t missing < <(vm_missing_packages "${@:1:$#-1}")
	if ((${#missing[@]})); then
		vm_apt_host "${missing[0]}"
		{ vm_apt_fetch_missing "$dir/debs" "${missing[@]}" && vm_apt_unpack "$dir/debs" "$dir/root"; } ||
			vm_die "could not fetch: ${missing[*]}; install them with: apt-get install ${missing[*]}"
	fi
	export LD_LIBRARY_PATH=$dir/root/usr/lib/x86_64-linux-gnu
	vm_layer_begin "$dir/guest"
	for program in "${@:1:$#-1}"; do
		file=$(vm_find_program "$program") || file=$(PATH=$dir/root/usr/bin:$dir/root/usr/sbin type -P "$program") ||
			vm_die "package $(vm_package_of "$program") has no program '$program'"
		vm_install_program "$dir/guest" "$file" "/usr/bin/$program"
	done
	vm_move_unpacked "$dir/guest" "$dir"
	vm_cpio "$dir/guest" "$output"
)

# vm_move_unpacked GUEST DIR: libraries of unpacked packages were installed under the path they
# were found at, DIR/root/usr/...
vm_move_unpacked() {
	[[ -d $1$2/root ]] || return 0
	cp -r "$1$2/root/." "$1/"
	rm -r "${1:?}/$(cut -d/ -f2 <<<"$2")"
}

# Prints the path of the layer with the programs the case names, if it names any.
vm_layer_packages() {
	local program key programs
	read -ra programs <<<"$CASE_PROGRAMS"
	((${#programs[@]})) || return 0
	vm_check_case_programs "${programs[@]}"
	key=$({
		for program in "${programs[@]}"; do
			vm_stat_key "$(vm_find_program "$program")" 2>/dev/null || echo "$program fetched"
		done
		printf '%s\n' "${programs[@]}"
		cat "${BASH_SOURCE[0]}"
	} | sha256sum | cut -c1-16)
	vm_cached "layer/packages-$key.cpio" vm_build_packages "${programs[@]}"
}
