# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files that vm/kernel reads share their variables
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel tree that the user built.

# tree_prepare DIR: prints the ready directory for a built tree.
tree_prepare() {
	local tree dir
	tree=$(cd "$1" && pwd -P)
	tree_check "$tree"
	dir=$cache/ready/tree-$(tree_key "$tree")
	if [ ! -d "$dir" ]; then
		cache_lock
		[ -d "$dir" ] || tree_assemble "$tree" "$dir"
		cache_prune
	fi
	cache_used "$dir"
	printf '%s\n' "$dir"
}

tree_check() {
	local tree=$1 option
	[ -f "$tree/arch/x86/Makefile" ] || die "-k $tree: not a kernel source tree"
	[ -f "$tree/include/config/kernel.release" ] ||
		die "-k $tree: not built (no include/config/kernel.release); run 'make' there first"
	[ -f "$tree/arch/x86/boot/bzImage" ] || die "-k $tree: not built (no arch/x86/boot/bzImage); run 'make' there first"
	for option in BLK_DEV_MD=[ym] DEBUG_INFO_BTF=y MD_BITMAP_FILE=y; do
		grep -q "^CONFIG_$option\$" "$tree/.config" 2>/dev/null ||
			say "warning: $tree/.config lacks CONFIG_${option/\[ym\]/m}, which the tracer or the cases need"
	done
}

# What was built, told by the build's own products: path, size and time of the image and of each module.
tree_key() {
	(
		cd "$1" || exit
		printf '%s\n' "$KERNEL_RECIPE" "$1"
		stat -c '%n %s %.Y' arch/x86/boot/bzImage include/config/kernel.release
		[ ! -s modules.order ] || sed 's/\.o$/.ko/' modules.order | xargs -d '\n' stat -c '%n %s %.Y' 2>/dev/null || true
	) | short_hash
}

tree_assemble() {
	local tree=$1 dir=$2 tmp=$cache_tmp/tree release
	release=$(cat "$tree/include/config/kernel.release")
	mkdir -p "$tmp/ready/ko"
	tree_modules "$tree" "$release" "$tmp"
	cp "$tree/arch/x86/boot/bzImage" "$tmp/ready/vmlinuz"
	# May be huge with debug information, so it stays where it is.
	[ ! -f "$tree/vmlinux" ] || ln -s "$tree/vmlinux" "$tmp/ready/vmlinux"
	printf '%s\n' "$release" >"$tmp/ready/release"
	printf '%s=%s\n' format 1 recipe "$KERNEL_RECIPE" kernel tree release "$release" \
		vmlinuz "sha256:$(sha256sum <"$tmp/ready/vmlinuz" | cut -d' ' -f1)" >"$tmp/ready/manifest"
	mv "$tmp/ready" "$dir"
}

# A kernel without modules still gets a (nearly empty) module folder, so that users of it need no second way.
tree_modules() {
	local tree=$1 release=$2 tmp=$3 log=$cache_tmp/modules.log
	mkdir -p "$tmp/root/lib/modules/$release"
	if [ -s "$tree/modules.order" ]; then
		need_tools make depmod strip
		say "installing the modules of $tree into the cache"
		env -i PATH="$PATH" HOME="$HOME" LC_ALL=C make -C "$tree" modules_install INSTALL_MOD_PATH="$tmp/root" \
			INSTALL_MOD_STRIP=1 >"$log" 2>&1 || {
			tail -n 20 "$log" | sed 's/^/    /' >&2
			die "make modules_install failed in $tree; was it built completely ('make bzImage modules')?"
		}
		rm -f "$tmp/root/lib/modules/$release/build" "$tmp/root/lib/modules/$release/source"
	fi
	mv "$tmp/root/lib/modules/$release" "$tmp/ready/modules"
}
