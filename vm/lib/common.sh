# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Messages, the cache directory and checks for host tools, shared by the vm scripts.

VM_CACHE_DAYS_MAX=30 # since an entry was last of use

vm_say() { printf 'vm: %s\n' "$*" >&2; }

# An error of usage or environment: nothing was judged.
vm_die() {
	printf '%s: %s\n' "${VM_PROGRAM:-vm/run}" "$*" >&2
	exit 2
}

vm_cache_dir() {
	local dir=${XDG_CACHE_HOME:-$HOME/.cache}/bitmap-trace
	mkdir -p "$dir" || vm_die "cannot create the cache directory '$dir'; set XDG_CACHE_HOME to a writable place"
	printf '%s\n' "$dir"
}

# vm_need TOOL PACKAGE: prints the path of a host program. Looks into the sbin
# directories too, which are not in an ordinary user's PATH on Debian.
vm_need() {
	local tool=$1 package=$2
	PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin type -P "$tool" ||
		vm_die "'$tool' is missing; install it with: apt-get install $package"
}

# The key of something made from FILES: their paths, sizes and times.
vm_stat_key() {
	stat -L -c '%n %s %Y' -- "$@" | sha256sum | cut -c1-16
}

# The key of something made from what FILE holds, wherever it lies
vm_content_key() { sha256sum <"$1" | cut -c1-16; }

# vm_cached NAME FUNCTION ARGS...: prints the path of the cache entry NAME; when
# it is not there, FUNCTION ARGS... writes it to the path given as last argument.
# The lock keeps two runs from building the same thing twice; the rename keeps
# a reader from ever seeing half of it.
vm_cached() {
	local entry lock tmp
	entry=$(vm_cache_dir)/$1
	shift
	if [[ ! -e $entry ]]; then
		mkdir -p "${entry%/*}"
		exec {lock}>"$entry.lock"
		flock "$lock"
		if [[ ! -e $entry ]]; then
			tmp=$entry.$BASHPID.tmp
			"$@" "$tmp" || { rm -f "$tmp"; return 1; }
			mv "$tmp" "$entry"
			# Another run may be doing the same.
			find "${entry%/*}" -maxdepth 1 -type f -atime "+$VM_CACHE_DAYS_MAX" -delete 2>/dev/null || true
		fi
		exec {lock}>&-
	fi
	touch -ac "$entry" # the access time tells when it was last of use
	printf '%s\n' "$entry"
}

# size_to_sectors 64M: 512-byte sectors
vm_sectors() {
	local bytes
	[[ $1 =~ ^[0-9]+[KMG]?$ ]] || vm_die "size '$1': expected a number with K, M or G, such as 64M"
	bytes=$(numfmt --from=iec "$1")
	printf '%s\n' "$((bytes / 512))"
}
