# shellcheck shell=bash
# shellcheck disable=SC2034 # the files that vm/kernel reads share their variables
# SPDX-License-Identifier: GPL-2.0-only
#
# Messages, tools, and the cache that vm/kernel keeps.
#
# Everything in the cache is made in a temporary directory beside its final place and then renamed, so a directory
# that is there is complete. One lock serialises writers; readers of a finished directory need none.

# Raise when the build recipe changes in a way that makes earlier results wrong.
KERNEL_RECIPE=1

CACHE_UNUSED_DAYS_MAX=30

say() {
	printf 'vm/kernel: %s\n' "$*" >&2
}

die() {
	printf 'vm/kernel: error: %s\n' "$*" >&2
	exit 2
}

# The Debian package that holds a tool which this project calls.
package_of_tool() {
	case $1 in
	flock) echo util-linux ;;
	strip | readelf | objcopy) echo binutils ;;
	pahole) echo pahole ;;
	dpkg | dpkg-deb) echo dpkg ;;
	apt-get | apt-cache) echo apt ;;
	xz) echo xz-utils ;;
	depmod) echo kmod ;;
	sha256sum | nproc) echo coreutils ;;
	diff) echo diffutils ;;
	find) echo findutils ;;
	awk) echo mawk ;;
	x86_64-linux-gnu-*) echo "${1#x86_64-linux-gnu-}" ;;
	*) echo "$1" ;;
	esac
}

# need_tools TOOL...: all that is missing is named at once, with the command that installs it.
need_tools() {
	local tool missing=() packages=()
	for tool in "$@"; do
		if ! command -v "$tool" >/dev/null; then
			missing+=("$tool")
			packages+=("$(package_of_tool "$tool")")
		fi
	done
	[ "${#missing[@]}" -eq 0 ] || die "missing: ${missing[*]}; install with:" \
		"apt-get install $(printf '%s\n' "${packages[@]}" | sort -u | paste -sd' ')"
}

cache_init() {
	[ -z "${cache:-}" ] || return 0 # for another kernel
	# depmod lives in sbin, which a normal user's PATH does not have.
	PATH=$PATH:/usr/sbin:/sbin
	[ "$(uname -m)" = x86_64 ] || die "this machine is $(uname -m); only x86_64 kernels are supported"
	need_tools flock sha256sum find awk
	cache=${XDG_CACHE_HOME:-${HOME:?set HOME or XDG_CACHE_HOME}/.cache}/bitmap-trace/kernel
	mkdir -p "$cache"/{ready,image,build,log} || die "cannot create the cache $cache; set XDG_CACHE_HOME elsewhere"
	cache=$(cd "$cache" && pwd -P)
	# The kernel's build system cannot work below such a path.
	[[ $cache != *[[:space:]:]* ]] || die "the cache path '$cache' has a space or colon; set XDG_CACHE_HOME elsewhere"
	cache_tmp=
	trap cache_cleanup EXIT
}

cache_cleanup() {
	[ -z "$cache_tmp" ] || rm -rf "$cache_tmp"
}

# Held until the process ends.
cache_lock() {
	[ -z "${cache_locked:-}" ] || return 0
	exec 9>"$cache/lock"
	if ! flock -n 9; then
		say "waiting for another vm/kernel to finish"
		flock 9
	fi
	cache_locked=yes
	# Only the holder makes these, so what is left belongs to runs that were killed.
	rm -rf "$cache"/tmp.*
	cache_tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	chmod 755 "$cache_tmp"
}

# Marks a directory as used, then drops what nobody used for long. Never fails: it is housekeeping.
cache_used() {
	local dir
	for dir in "$@"; do
		touch -c "$dir"
	done
}

cache_prune() {
	find "$cache"/{ready,image,build} -mindepth 1 -maxdepth 1 -mtime +"$CACHE_UNUSED_DAYS_MAX" \
		-exec rm -rf {} + || true
}

# info_get FILE KEY: value of KEY in a key=value file, empty when absent.
info_get() {
	sed -n "s/^$2=//p" "$1"
}

short_hash() {
	sha256sum | cut -c1-16
}
