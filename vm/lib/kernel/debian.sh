# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2153 # set by series.sh and vm/kernel
# Debian's kernels: which version of a series, and its packages, unpacked in the cache.

DEBIAN_FOUND_MINUTES_MAX=1440

# ---- which version ------------------------------------------------------------------------------------------------

# debian_find PARTS...: sets DEB[suite], DEB[abi] and DEB[version], and has the packages of these parts (image, headers,
# source, scripts; debug and whole are made of the source) in the cache or in WORK/PART. What was found is good for a day; what has gone from the archive since is looked
# for anew; without a network, a version that is in the cache will do.
debian_find() {
	local way ways=(remembered looked_up cached)
	[[ $OPT_REFRESH == no ]] || ways=(looked_up cached)
	[[ -z ${DEB[version]-} ]] || ways=(same "${ways[@]}") # for another kernel of this call
	for way in "${ways[@]}"; do
		if "debian_$way" "$@" && debian_download "$@"; then return; fi
	done
	vm_die "found no complete kernel ${RECIPE[Series]} (${RECIPE[Suites]}), neither through apt nor in the cache;" \
		"is there a network, and does 'apt-get update' work?"
}

debian_same() { return 0; }

debian_found_file() { printf '%s/kernels/found-%s\n' "$(vm_cache_dir)" "${RECIPE[Series]}"; }

debian_remembered() {
	local file
	file=$(debian_found_file)
	[[ -n $(find "$file" -mmin "-$DEBIAN_FOUND_MINUTES_MAX" 2>/dev/null) ]] && debian_recall "$file"
}

# debian_recall FILE: "suite abi version" of an earlier time
debian_recall() {
	local suite abi version
	read -r suite abi version <"$1" && [[ -n $version ]] && DEB=([suite]=$suite [abi]=$abi [version]=$version)
}

# The first suite that has the series whole, and its newest version there.
debian_looked_up() {
	local suite abi version file
	vm_has apt-get || return 1
	file=$(debian_found_file)
	for suite in $(series_suites); do
		vm_apt_use "$suite" || continue
		vm_apt_update "$suite" "$([[ $OPT_REFRESH == no ]] || echo now)"
		read -r version abi < <(debian_complete | sort -k1,1rV) || continue
		DEB=([suite]=$suite [abi]=$abi [version]=$version)
		mkdir -p "${file%/*}"
		printf '%s\n' "$suite $abi $version" >"$file.$$" && mv "$file.$$" "$file"
		return
	done
	return 1
}

# The newest version in the cache that has all parts asked for.
debian_cached() {
	local entry
	while read -r entry; do
		if ! debian_recall "$entry/found" || ! debian_has "$@"; then continue; fi
		vm_say "apt has no usable kernel ${RECIPE[Series]} now; using the cached ${DEB[version]}"
		return
	done < <(grep -lx "series=${RECIPE[Series]}" "$(vm_cache_dir)"/kernels/{image,debug}/*/info 2>/dev/null | sort -rV | xargs -r dirname)
	return 1
}

# Prints "version abi" for each version that has all packages of the recipe. An ABI is such as 6.12.117+deb12, 6.1.0-49
# or 7.3-rc7; names with one more word (cloud, rt) are other flavours.
debian_complete() {
	local first=${RECIPE[Image]%% *} abi packages count
	for abi in $(apt-cache "${VM_APT[@]}" pkgnames "${first%%@*}${RECIPE[Series]}" |
		sed -nE "s/^${first%%@*}(${RECIPE[Series]//./\\.}(\.[^-]+)?(-(rc)?[0-9]+)?)${first##*@}\$/\1/p"); do
		readarray -t packages < <(series_packages Image Headers Source "$abi")
		count=${#packages[@]}
		apt-cache "${VM_APT[@]}" madison "${packages[@]}" 2>/dev/null |
			awk -F'|' -v count="$count" -v abi="$abi" '
				{ gsub(/ /, ""); if (!seen[$1, $2]++ && ++has[$2] == count) print $2, abi }'
	done
}

# ---- the packages -------------------------------------------------------------------------------------------------

debian_entry() {
	local key=''
	[[ $1 != debug ]] || key=-$(own_key)
	printf 'kernels/%s/%s%s\n' "$1" "${DEB[version]}" "$key"
}

# debian_has PART...: all are in the cache, where they count as used now
debian_has() {
	local part entry
	for part in "$@"; do
		entry=$(vm_cache_dir)/$(debian_entry "$part")
		[[ -d $entry ]] || return 1
		touch -ac "$entry"
	done
}

# debian_download PART...: fetches what is not in the cache. Apart from unpacking, because this may fail and be tried another way.
debian_download() {
	local part field package packages
	for part in "$@"; do
		rm -rf "${WORK:?}/$part"
		! debian_has "$part" || continue
		field=${part^}
		case $part in scripts | debug | whole) field=Source ;; esac
		packages=()
		for package in $(series_packages "$field" "${DEB[abi]}"); do packages+=("$package=${DEB[version]}"); done
		vm_has apt-get && vm_apt_use "${DEB[suite]}" || return 1
		vm_apt_update "${DEB[suite]}"
		vm_apt_download "$WORK/$part" "${packages[@]}" || return 1
	done
}

# debian_part PART: prints where it is unpacked; after debian_find
debian_part() {
	vm_cached "$(debian_entry "$1")" "debian_unpack_$1"
	rm -rf "${WORK:?}/$1"
}

debian_unpack_image() {
	local part=$1 release=${DEB[abi]}-amd64 root=$WORK/image.root lib
	vm_say "unpacking the kernel ${DEB[version]}"
	vm_apt_unpack "$WORK/image" "$root"
	for lib in "$root/usr/lib" "$root/lib"; do # /lib: Debian 12 and older
		[[ ! -d $lib/modules/$release ]] || break
	done
	rm -f "$lib/modules/$release"/{build,source}
	mkdir "$part"
	mv "$lib/modules/$release" "$part/modules"
	# Beside the modules since 7.x
	mv "$root/boot/vmlinuz-$release" "$part/vmlinuz" 2>/dev/null || mv "$part/modules/vmlinuz" "$part/vmlinuz"
	printf '%s\n' "$release" >"$part/release"
	debian_describe "$part"
	rm -rf "$root"
}

# debian_describe PART: for debian_cached
debian_describe() {
	printf '%s\n' "series=${RECIPE[Series]}" >"$1/info"
	printf '%s\n' "${DEB[suite]} ${DEB[abi]} ${DEB[version]}" >"$1/found"
}

# debian_from_source PACKAGE PART LEVELS PATTERN...: these files of the kernel's source, without so many levels of folders;
# PACKAGE is the folder that it was fetched into
debian_from_source() {
	local package=$1 part=$2 levels=$3 top=${RECIPE[Source]}
	shift 3
	mkdir "$part"
	dpkg-deb --fsys-tarfile "$WORK/$package"/*.deb |
		tar -xO "./usr/src/$top.tar.xz" |
		tar -x --use-compress-program='xz -T0' -C "$part" --strip-components="$levels" --wildcards --no-wildcards-match-slash \
			"${@/#/$top/}"
}

# Only the files right in drivers/md: all that md includes lies there or in the headers.
debian_unpack_source() {
	vm_say "unpacking md's source"
	debian_from_source source "$1" 1 'drivers/md/*.[ch]' drivers/md/Makefile drivers/md/Kconfig
	[[ -f $1/drivers/md/md-bitmap.c ]] || vm_die "${RECIPE[Source]} ${DEB[version]} has no drivers/md/md-bitmap.c"
}

# What the kernel's own check of patches needs
debian_unpack_scripts() {
	vm_say "unpacking the kernel's checkpatch.pl"
	debian_from_source scripts "$1" 2 scripts/checkpatch.pl scripts/spelling.txt scripts/const_structs.checkpatch
	[[ -f $1/checkpatch.pl ]] || vm_die "${RECIPE[Source]} ${DEB[version]} has no scripts/checkpatch.pl"
}

debian_unpack_headers() {
	local part=$1
	vm_say "unpacking the headers"
	vm_apt_unpack "$WORK/headers" "$part"
	toolchain_relocate "$part/usr/src/linux-headers-${DEB[abi]}-amd64"
	toolchain_adapt "$part" "$(vm_cache_dir)/$(debian_entry headers)"
}
