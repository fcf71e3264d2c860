# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Messages and the cache, shared by the vm scripts.

# shellcheck source=vm/lib/tools.sh
source "${BASH_SOURCE[0]%/*}/tools.sh"
# shellcheck source=vm/lib/apt.sh
source "${BASH_SOURCE[0]%/*}/apt.sh"

VM_CACHE_DAYS_MAX=30 # since an entry was last of use

vm_say() { printf 'vm: %s\n' "$*" >&2; }

# An error of usage or environment: nothing was judged.
vm_die() {
	printf '%s: %s\n' "${VM_PROGRAM:-vm/run}" "$*" >&2
	exit 2
}

vm_cache_dir() {
	local dir=${XDG_CACHE_HOME:-$HOME/.cache}/bitmap-trace
	[[ $dir == /* ]] || dir=$PWD/$dir
	mkdir -p "$dir" || vm_die "cannot create the cache directory '$dir'; set XDG_CACHE_HOME to a writable place"
	printf '%s\n' "$dir"
}

# vm_results_dir DIR NAME: makes the directory for results, DIR or, when that is empty, out/NAME, and prints its path
vm_results_dir() {
	local base=$ROOT_DIR/out dir
	[[ -w $ROOT_DIR/Makefile ]] || base=$(vm_cache_dir)/out
	dir=${1:-$base/$2}
	mkdir -p -- "$dir" || vm_die "cannot create the output directory '$dir'"
	realpath -- "$dir"
}

# The key of something made from FILES: their paths, sizes and times.
vm_stat_key() {
	stat -L -c '%n %s %Y' -- "$@" | sha256sum | cut -c1-16
}

# The key of something made from what FILE holds, wherever it lies
vm_content_key() { sha256sum <"$1" | cut -c1-16; }

# vm_cached NAME FUNCTION ARGS...: prints the path of the cache entry NAME, a file or a directory; when it is not there,
# FUNCTION ARGS... makes it at the path given as last argument. The lock keeps two runs from making the same thing
# twice; the rename keeps a reader from ever seeing half of it.
vm_cached() {
	local name=$1 entry lock
	entry=$(vm_cache_dir)/$name
	shift
	if [[ ! -e $entry ]]; then
		mkdir -p "${entry%/*}"
		exec {lock}>"$entry.lock"
		flock -n "$lock" || { vm_say "waiting for another run, which makes $name" && flock "$lock"; }
		[[ -e $entry ]] || vm_make_entry "$entry" "$@"
		exec {lock}>&-
		[[ -e $entry ]] || return 1
	fi
	touch -ac "$entry" # the access time shows when it was last used
	printf '%s\n' "$entry"
}

# vm_make_entry ENTRY FUNCTION ARGS...: with the lock held, so what is left beside ENTRY is of runs that were killed.
vm_make_entry() {
	local entry=$1 tmp=$1.$BASHPID.tmp status
	shift
	rm -rf "$entry".*.tmp
	"$@" "$tmp" >&2 # no ||, which would have the shell go on after what fails in FUNCTION
	status=$?
	if ((status)); then
		rm -rf "$tmp"
		return "$status"
	fi
	mv "$tmp" "$entry"
	vm_cache_prune "${entry%/*}"
}

# vm_cache_prune DIR: what was of no use for long goes. Another run may be doing the same.
vm_cache_prune() {
	find "$1" -mindepth 1 -maxdepth 1 ! -name '*.lock' -atime "+$VM_CACHE_DAYS_MAX" -exec rm -rf {} + 2>/dev/null || true
}

# size_to_sectors 64M: 512-byte sectors
vm_sectors() {
	local bytes
	[[ $1 =~ ^[0-9]+[KMG]?$ ]] || vm_die "size '$1': expected a number with K, M or G, such as 64M"
	bytes=$(numfmt --from=iec "$1")
	printf '%s\n' "$((bytes / 512))"
}
