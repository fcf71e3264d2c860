# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files that vm/kernel reads share their variables
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's kernel: which version, its packages, and the directory made of them.

RESOLVE_AGE_MINUTES_MAX=1440
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# debian_prepare PATCH...: prints the ready directory for opt_series with these patches.
debian_prepare() {
	local patches=("$@") dir
	if [ "$opt_refresh" = no ] && debian_remembered; then
		dir=$cache/ready/$(debian_key "${patches[@]}")
		if [ -d "$dir" ]; then
			cache_used "$dir" "$cache/image/$deb_version"
			printf '%s\n' "$dir"
			return
		fi
	fi
	cache_lock
	debian_choose "${patches[@]}"
	dir=$cache/ready/$(debian_key "${patches[@]}")
	[ -d "$dir" ] || debian_assemble "$dir" "${patches[@]}"
	cache_used "$dir" "$cache/image/$deb_version" "$cache/build/$deb_version"
	cache_prune
	printf '%s\n' "$dir"
}

# Names the result: everything that decides its content, and nothing else.
debian_key() {
	local hash
	hash=$({
		printf '%s\n' "$KERNEL_RECIPE" "$opt_kernel" "$deb_abi" "$deb_version"
		[ "$#" -eq 0 ] || patch_lines "$@"
	} | short_hash)
	printf '%s-%s-%s\n' "$deb_version" "${opt_kernel//\//-}" "$hash"
}

# One manifest line per patch: name and changes. The text above them decides nothing, and editing it builds nothing.
patch_lines() {
	local n=0 file sum
	for file in "$@"; do
		n=$((n + 1))
		sum=$(sed -n '/^diff \|^--- /,$p' "$file" | sha256sum)
		printf 'patch.%d=%s changes.sha256:%s\n' "$n" "$(basename "$file")" "${sum%% *}"
	done
}

# ---- which version ------------------------------------------------------------------------------------------------

# Sets deb_abi and deb_version to what the last look found, if that was within a day.
debian_remembered() {
	local file=$cache/debian-$opt_series
	[ -n "$(find "$file" -mmin -"$RESOLVE_AGE_MINUTES_MAX" 2>/dev/null)" ] || return 1
	deb_abi=$(info_get "$file" abi)
	deb_version=$(info_get "$file" version)
	[ -n "$deb_abi" ] && [ -n "$deb_version" ]
}

debian_remember() {
	printf '%s=%s\n' abi "$deb_abi" version "$deb_version" lists "$apt_lists" >"$cache_tmp/resolved"
	mv "$cache_tmp/resolved" "$cache/debian-$opt_series"
}

# Settles on a version and has its parts in the cache. The ways are tried from the cheapest on.
debian_choose() {
	local way ways='remembered host_lists own_lists security_list cached'
	[ "$opt_refresh" = no ] || ways='own_lists security_list host_lists cached'
	for way in $ways; do
		if "debian_from_$way" "$#" && debian_download_parts "$#"; then
			debian_unpack_parts
			[ "$way" = remembered ] || debian_remember
			return
		fi
	done
	die "found no complete Debian $opt_series kernel (image, headers, kbuild and source of one version), neither through" \
		"apt nor in $cache; is there a network, and does 'apt-cache policy linux-source-$opt_series' show a version?"
}

debian_from_remembered() {
	debian_remembered || return 1
	apt_use_lists "$(info_get "$cache/debian-$opt_series" lists)"
}

debian_from_host_lists() {
	command -v apt-cache >/dev/null || return 1
	apt_use_lists host
	debian_newest
}

# The host's sources, with lists of our own: works as a normal user, and when the host's lists are absent or old.
debian_from_own_lists() {
	command -v apt-get >/dev/null || return 1
	apt_use_lists own
	say "fetching package lists"
	apt_update
	debian_newest
}

# A fresh Debian 12 may know the main suite only, where there is no 6.12.
debian_from_security_list() {
	command -v apt-get >/dev/null || return 1
	if [ ! -r "$DEBIAN_KEYRING" ]; then
		say "no $DEBIAN_KEYRING (package debian-archive-keyring), so Debian's security suite cannot be used"
		return 1
	fi
	apt_use_lists security
	say "the host's package sources have no usable $opt_series kernel; asking Debian's security suite"
	apt_update
	debian_newest
}

# The newest version whose needed parts are all here.
debian_from_cached() {
	local patch_count=$1 version info
	apt_use_lists none
	while read -r version; do
		info=$cache/image/$version/info
		[ "$(info_get "$info" series)" = "$opt_series" ] || continue
		deb_version=$version
		deb_abi=$(info_get "$info" abi)
		[ "$patch_count" -eq 0 ] || [ -d "$cache/build/$version" ] || continue
		say "apt has no usable $opt_series kernel now; using the cached $deb_version"
		return 0
	done < <(find "$cache/image" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -rV)
	return 1
}

# ---- apt ----------------------------------------------------------------------------------------------------------

# apt_use_lists host|own|security|none: sets apt_opts for the host's package lists, for lists of our own from the host's
# sources, or for lists of our own from Debian's security suite. apt's caches are ours in any case.
apt_use_lists() {
	local dir=$cache/apt/$1
	apt_lists=$1
	apt_opts=()
	[ "$1" != none ] || return 0
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	apt_opts=(-q -q -o Dir::Cache="$dir" -o APT::Architecture=amd64
		-o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::Languages=none)
	[ "$1" = host ] || apt_opts+=(-o Dir::State="$dir" -o Dir::State::status=/dev/null)
	[ "$1" != security ] || apt_use_security_source "$dir/sources.list"
	# apt's own download user may not reach a cache below /root.
	[ "$(id -u)" -ne 0 ] || apt_opts+=(-o APT::Sandbox::User=root)
}

apt_use_security_source() {
	printf 'deb [arch=amd64 signed-by=%s] http://deb.debian.org/debian-security bookworm-security main\n' \
		"$DEBIAN_KEYRING" >"$1"
	apt_opts+=(-o Dir::Etc::sourcelist="$1" -o Dir::Etc::sourceparts=/dev/null)
}

# A failing source among many is no reason to stop: what matters is whether a kernel is found afterwards.
apt_update() {
	apt-get "${apt_opts[@]}" update >&2 || say "apt-get update failed; going on with what it got"
}

# Sets deb_abi and deb_version to the newest version that has all packages.
debian_newest() {
	local best
	best=$(debian_complete_versions | sort -k1,1rV | head -n 1)
	[ -n "$best" ] || return 1
	read -r deb_version deb_abi <<<"$best"
}

# Prints "version abi" for each version that has image, headers, kbuild and source. An image's name carries the ABI
# (6.12.117+deb12, 6.1.0-49); names with one more word (cloud, rt) are other flavours.
debian_complete_versions() {
	local series_re=${opt_series//./\\.} abis abi
	local -a packages=("linux-source-$opt_series" "linux-kbuild-$opt_series")
	abis=$(apt-cache "${apt_opts[@]}" pkgnames "linux-image-$opt_series." 2>/dev/null |
		sed -nE "s/^linux-image-($series_re\.[^-]+(-[0-9]+)?)-amd64-unsigned$/\1/p")
	for abi in $abis; do
		packages+=("linux-image-$abi-amd64-unsigned" "linux-headers-$abi-amd64" "linux-headers-$abi-common"
			"linux-kbuild-$abi")
	done
	{ apt-cache "${apt_opts[@]}" madison "${packages[@]}" 2>/dev/null || true; } |
		awk -F'|' -v abis="${abis//$'\n'/ }" -v series="$opt_series" '
			{ gsub(/ /, ""); if (!seen[$2]++) versions[++n] = $2; has[$1, $2] = 1 }
			function complete(abi, v) {
				return (("linux-image-" abi "-amd64-unsigned", v) in has) &&
				       (("linux-headers-" abi "-amd64", v) in has) &&
				       (("linux-headers-" abi "-common", v) in has) &&
				       (("linux-source-" series, v) in has) &&
				       ((("linux-kbuild-" abi, v) in has) || (("linux-kbuild-" series, v) in has))
			}
			END {
				count = split(abis, list, " ")
				for (i = 1; i <= count; i++)
					for (j = 1; j <= n; j++)
						if (complete(list[i], versions[j]))
							print versions[j], list[i]
			}'
}

# debian_fetch DIR PACKAGE...: downloads the packages at deb_version into DIR; fails when any is not to be had.
debian_fetch() {
	local dir=$1 package
	shift
	[ "${#apt_opts[@]}" -gt 0 ] || return 1
	need_tools apt-get dpkg-deb tar xz
	mkdir -p "$dir"
	for package in "$@"; do
		say "fetching $package $deb_version"
		(cd "$dir" && apt-get "${apt_opts[@]}" download "$package=$deb_version" >&2) || return 1
	done
}

# The kbuild package is named after the ABI, or after the series in older releases.
kbuild_package() {
	if apt-cache "${apt_opts[@]}" show "linux-kbuild-$deb_abi" >/dev/null 2>&1; then
		echo "linux-kbuild-$deb_abi"
	else
		echo "linux-kbuild-$opt_series"
	fi
}

# ---- the parts ----------------------------------------------------------------------------------------------------

# debian_download_parts PATCHES: the image and, when there are patches, what a build needs, unless they are in the cache.
# Downloading and unpacking are apart because the first may fail and be tried another way; the second must not fail.
debian_download_parts() {
	rm -rf "$cache_tmp/image" "$cache_tmp/build"
	if [ ! -d "$cache/image/$deb_version" ]; then
		debian_fetch "$cache_tmp/image" "linux-image-$deb_abi-amd64-unsigned" || return 1
	fi
	if [ "$1" -gt 0 ] && [ ! -d "$cache/build/$deb_version" ]; then
		debian_fetch "$cache_tmp/build" "linux-headers-$deb_abi-amd64" "linux-headers-$deb_abi-common" \
			"$(kbuild_package)" "linux-source-$opt_series" || return 1
	fi
}

debian_unpack_parts() {
	[ ! -d "$cache_tmp/image" ] || debian_unpack_image "$cache_tmp/image"
	[ ! -d "$cache_tmp/build" ] || debian_unpack_build "$cache_tmp/build"
}

debian_unpack_image() {
	local tmp=$1 release=$deb_abi-amd64 lib
	need_tools depmod
	say "unpacking the kernel image"
	dpkg-deb -x "$tmp"/linux-image-*.deb "$tmp/x"
	# Later releases of Debian put modules below /usr.
	for lib in "$tmp/x/usr/lib" "$tmp/x/lib"; do
		[ ! -d "$lib/modules/$release" ] || break
	done
	rm -f "$lib/modules/$release/build" "$lib/modules/$release/source"
	mkdir -p "$tmp/base/lib/modules" "$tmp/part"
	mv "$lib/modules/$release" "$tmp/base/lib/modules/"
	depmod -b "$tmp/base" "$release" >&2
	mv "$tmp/base/lib/modules/$release" "$tmp/part/modules"
	mv "$tmp/x/boot/vmlinuz-$release" "$tmp/part/vmlinuz"
	printf '%s\n' "$release" >"$tmp/part/release"
	printf '%s=%s\n' series "$opt_series" abi "$deb_abi" image "linux-image-$release-unsigned" >"$tmp/part/info"
	mv "$tmp/part" "$cache/image/$deb_version"
	rm -rf "$tmp"
}

debian_unpack_build() {
	local tmp=$1 deb
	say "unpacking headers and md's source"
	mkdir -p "$tmp/part/drivers/md"
	for deb in "$tmp"/linux-headers-*.deb "$tmp"/linux-kbuild-*.deb; do
		dpkg-deb -x "$deb" "$tmp/part"
	done
	debian_relocate_headers "$tmp/part/usr/src/linux-headers-$deb_abi-amd64/Makefile"
	debian_unpack_md "$tmp" "$tmp/part/drivers/md"
	for deb in "$tmp"/*.deb; do
		dpkg-deb -f "$deb" Package
	done >"$tmp/part/packages"
	mv "$tmp/part" "$cache/build/$deb_version"
	rm -rf "$tmp"
}

# The package's Makefile is one line that includes an absolute path below /usr/src.
debian_relocate_headers() {
	# shellcheck disable=SC2016 # make expands it
	printf 'include $(dir $(lastword $(MAKEFILE_LIST)))../linux-headers-%s-common/Makefile\n' "$deb_abi" >"$1"
}

# Only the files right in drivers/md: all that md includes lies there or in the headers.
debian_unpack_md() {
	local tmp=$1 dest=$2 top=linux-source-$opt_series
	dpkg-deb --fsys-tarfile "$tmp"/linux-source-*.deb |
		tar -xO "./usr/src/$top.tar.xz" |
		tar -xJ -C "$dest" --strip-components=3 --wildcards --no-wildcards-match-slash \
			"$top/drivers/md/*.[ch]" "$top/drivers/md/Makefile" "$top/drivers/md/Kconfig"
	[ -f "$dest/md-bitmap.c" ] || die "linux-source-$opt_series $deb_version has no drivers/md/md-bitmap.c"
}

# ---- the ready directory ------------------------------------------------------------------------------------------

debian_assemble() {
	local dir=$1 tmp=$cache_tmp/ready image=$cache/image/$deb_version
	shift
	mkdir -p "$tmp/ko"
	# Hard links: each ready directory stands alone and costs next to nothing.
	cp -al "$image/modules" "$image/vmlinuz" "$image/release" "$tmp/"
	[ "$#" -eq 0 ] || build_md "$tmp/ko" "$@"
	debian_manifest "$@" >"$tmp/manifest"
	[ "$#" -eq 0 ] || build_manifest "$tmp/ko" >>"$tmp/manifest"
	chmod -R a+rX "$tmp"
	mv "$tmp" "$dir"
}

debian_manifest() {
	local package
	printf '%s=%s\n' format 1 recipe "$KERNEL_RECIPE" kernel "$opt_kernel" series "$opt_series" \
		release "$deb_abi-amd64" version "$deb_version"
	printf 'package.%s=%s\n' "$(info_get "$cache/image/$deb_version/info" image)" "$deb_version"
	[ "$#" -gt 0 ] || return 0
	while read -r package; do
		printf 'package.%s=%s\n' "$package" "$deb_version"
	done <"$cache/build/$deb_version/packages"
	patch_lines "$@"
}
