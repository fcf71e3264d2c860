# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Programs that only some cases want in the guest (PROGRAMS of a case). What the host
# has not got is unpacked from its packages, not installed.

# "program package" for each that a case may name
VM_CASE_PROGRAMS=('bpftrace bpftrace' 'trace-cmd trace-cmd' 'bpftool bpftool')

# vm_program_package PROGRAM
vm_program_package() {
	local entry program package
	for entry in "${VM_CASE_PROGRAMS[@]}"; do
		read -r program package <<<"$entry"
		if [[ $program == "$1" ]]; then
			printf '%s\n' "$package"
			return
		fi
	done
	vm_die "PROGRAMS of the case: '$1' is not known; expected some of: ${VM_CASE_PROGRAMS[*]% *}"
}

vm_host_program() { PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin type -P "$1"; }

# vm_fetch_packages DIR PACKAGE...: unpacked into DIR/root, with what they depend on and the
# host has not got. With lists of our own if the host has none.
vm_fetch_packages() (
	dir=$1
	shift
	mkdir -p "$dir"/{root,lists/partial,cache/archives/partial}
	chmod 755 "$dir"
	own=(-qq -y --no-install-recommends -o Dir::Cache="$dir/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
	vm_say "fetching $* for the guest"
	if ! apt-get "${own[@]}" --download-only install "$@" >&2; then
		own+=(-o Dir::State::Lists="$dir/lists")
		{ apt-get "${own[@]}" update && apt-get "${own[@]}" --download-only install "$@"; } >&2 ||
			vm_die "could not fetch: $*; install them with: apt-get install $*"
	fi
	for file in "$dir"/cache/archives/*.deb; do dpkg -x "$file" "$dir/root" || exit 1; done
)

# vm_build_packages PROGRAM... OUTPUT
vm_build_packages() (
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	output=${!#}
	missing=()
	for program in "${@:1:$#-1}"; do
		vm_host_program "$program" >/dev/null || missing+=("$(vm_program_package "$program")")
	done
	((${#missing[@]} == 0)) || vm_fetch_packages "$dir" "${missing[@]}" || exit 1
	export LD_LIBRARY_PATH=$dir/root/usr/lib/x86_64-linux-gnu
	vm_layer_begin "$dir/guest"
	for program in "${@:1:$#-1}"; do
		file=$(vm_host_program "$program") || file=$(PATH=$dir/root/usr/bin:$dir/root/usr/sbin type -P "$program") ||
			vm_die "package $(vm_program_package "$program") has no program '$program'"
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
	key=$(for program in "${programs[@]}"; do
		vm_program_package "$program" >/dev/null || exit
		vm_stat_key "$(vm_host_program "$program")" 2>/dev/null || echo "$program fetched"
	done) || exit
	key=$({ printf '%s\n' "${programs[@]}" "$key"; vm_stat_key "${BASH_SOURCE[0]}"; } | sha256sum | cut -c1-16)
	vm_cached "layer/packages-$key.cpio" vm_build_packages "${programs[@]}"
}
