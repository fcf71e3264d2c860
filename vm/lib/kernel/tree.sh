# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A kernel tree that the user built.

# tree_prepare DIR: prints the ready directory for a built tree.
tree_prepare() {
	local tree
	tree=$(cd "$1" && pwd -P)
	tree_check "$tree"
	vm_cached "kernels/ready/tree-$(tree_key "$tree")" tree_assemble "$tree"
}

tree_check() {
	local tree=$1 option
	[[ -f $tree/arch/x86/Makefile ]] || vm_die "-k $tree: not a kernel source tree"
	[[ -f $tree/include/config/kernel.release ]] ||
		vm_die "-k $tree: not built (no include/config/kernel.release); run 'make' there first"
	[[ -f $tree/arch/x86/boot/bzImage ]] || vm_die "-k $tree: not built (no arch/x86/boot/bzImage); run 'make' there first"
	for option in BLK_DEV_MD=[ym] DEBUG_INFO_BTF=y MD_BITMAP_FILE=y; do
		grep -q "^CONFIG_$option\$" "$tree/.config" 2>/dev/null ||
			vm_say "warning: $tree/.config lacks CONFIG_${option/\[ym\]/m}, which the tracer or the cases need"
	done
}

# Identifies a build by its products: path, size and time of the image and of each module.
tree_key() {
	(
		cd "$1" || exit
		printf '%s\n' "$KERNEL_RECIPE" "$1"
		stat -c '%n %s %.Y' arch/x86/boot/bzImage include/config/kernel.release
		[[ ! -s modules.order ]] || sed 's/\.o$/.ko/' modules.order | xargs -d '\n' stat -c '%n %s %.Y' 2>/dev/null || true
	) | sha256sum | cut -c1-16
}

tree_assemble() {
	local tree=$1 ready=$2 release
	release=$(<"$tree/include/config/kernel.release")
	mkdir -p "$ready/ko"
	tree_modules "$tree" "$release" "$ready/modules"
	cp "$tree/arch/x86/boot/bzImage" "$ready/vmlinuz"
	# May be huge with debug information, so it stays where it is.
	[[ ! -f $tree/vmlinux ]] || ln -s "$tree/vmlinux" "$ready/vmlinux"
	printf '%s\n' "$release" >"$ready/release"
	printf '%s=%s\n' format 1 recipe "$KERNEL_RECIPE" kernel tree release "$release" \
		vmlinuz "sha256:$(sha256sum <"$ready/vmlinuz" | cut -d' ' -f1)" >"$ready/manifest"
}

# A kernel without modules still gets a (nearly empty) module folder, so that users of it need no second way.
tree_modules() {
	local tree=$1 release=$2 modules=$3 log=$WORK/modules.log root=$WORK/root
	mkdir -p "$root/lib/modules/$release"
	if [[ -s $tree/modules.order ]]; then
		vm_need_all make depmod strip
		vm_say "installing the modules of $tree into the cache"
		# depmod is in sbin.
		env -i PATH="$PATH:/usr/sbin:/sbin" HOME="$HOME" LC_ALL=C make -C "$tree" modules_install INSTALL_MOD_PATH="$root" \
			INSTALL_MOD_STRIP=1 >"$log" 2>&1 || {
			tail -n 20 "$log" | sed 's/^/    /' >&2
			vm_die "make modules_install failed in $tree; was it built completely ('make bzImage modules')?"
		}
		rm -f "$root/lib/modules/$release/build" "$root/lib/modules/$release/source"
	fi
	mv "$root/lib/modules/$release" "$modules"
}
