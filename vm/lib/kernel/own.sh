# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A whole kernel, built here from the distribution's source or the user's, with a configuration that is data: files of vm/configs.

OWN_ERROR_LINES_MAX=40
OWN_DEBUG_CONFIGS=(small debug)

# own_key: names what a debug kernel is built with, beside its source
own_key() {
	{
		own_options "${OWN_DEBUG_CONFIGS[@]}"
		printf '%s\n' "$KERNEL_RECIPE" "$BUILD_WHOLE_FUNCTIONS" "$(gcc -dumpfullversion)" "$(pahole --version)"
	} | sha256sum | cut -c1-16
}

# own_options CONFIG...: prints the lines of these files as the kernel's Kconfig reads them
own_options() { (cd "$VM_DIR/configs" && sed -E '/^CONFIG_/!d; s/[[:space:]]+#.*//' -- "$@"); }

# ---- for --debug --------------------------------------------------------------------------------------------------

# debian_unpack_debug PART: the debug kernel, laid out as image and headers of the distribution are. It stands alone: source and objects go.
debian_unpack_debug() {
	local part=$1 tree=$WORK/debug.tree
	own_unpack debug "$tree"
	own_build "$tree" "${OWN_DEBUG_CONFIGS[@]}"
	mkdir -p "$part/usr/src"
	tree_modules "$tree" "$(<"$tree/include/config/kernel.release")" "$part/modules"
	cp "$tree/arch/x86/boot/bzImage" "$part/vmlinuz"
	cp "$tree/include/config/kernel.release" "$part/release"
	cp "$tree/.config" "$part/config"
	debian_describe "$part"
	own_headers "$tree" "$(build_headers "$part")"
	rm -rf "$tree"
}

# own_headers TREE DEST: what modules are built against, as in the distribution's package
own_headers() {
	local tree=$1 dest=$2
	mkdir -p "$dest"/arch "$dest"/tools/{objtool,bpf/resolve_btfids}
	cp -a "$tree"/{Makefile,Kbuild,.config,Module.symvers,include,scripts} "$dest/"
	cp -a "$tree/arch/x86" "$dest/arch/"
	rm -rf "$dest/arch/x86/boot"
	find "$dest" -type f \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) -delete
	cp "$tree/tools/objtool/objtool" "$dest/tools/objtool/"
	cp "$tree/tools/bpf/resolve_btfids/resolve_btfids" "$dest/tools/bpf/resolve_btfids/"
	objcopy --only-section=.BTF "$tree/vmlinux" "$dest/vmlinux"
	: >"$dest/.kernelvariables" # names no compiler: the host's, which built this
}

# ---- for --tree ---------------------------------------------------------------------------------------------------

# own_tree DIR: a kernel tree in DIR, built. The source is the distribution's if there is none yet.
own_tree() {
	local dir=$1 configs=(small)
	[[ $OPT_DEBUG == no ]] || configs=("${OWN_DEBUG_CONFIGS[@]}")
	if [[ ! -e $dir || -z $(ls -A "$dir") ]]; then
		debian_find whole
		rmdir "$dir" 2>/dev/null || true
		own_unpack whole "$dir"
	fi
	[[ -f $dir/Kconfig && -f $dir/arch/x86/Makefile ]] || vm_die "--tree $dir: neither empty nor a kernel source tree"
	dir=$(realpath -- "$dir")
	own_build "$dir" "${configs[@]}" >&2
	printf '%s\n' "$dir"
}

# ---- building -----------------------------------------------------------------------------------------------------

# own_unpack PACKAGE DIR: the whole source; PACKAGE is the folder that it was fetched into
own_unpack() {
	vm_say "unpacking the source of ${DEB[version]} (1.7 GB, and 4 GB when it is built)"
	debian_from_source "$1" "$2" 1 '*'
}

# own_build TREE CONFIG...
own_build() {
	local tree=$1
	vm_need_all make gcc ld flex bison bc pahole perl cpio objcopy depmod strip h:libelf.h h:zlib.h
	own_configure "$@"
	vm_say "building a kernel in $tree (${*:2}): ten minutes on two processors, the first time"
	own_make "$tree" -j"$(nproc)" KCFLAGS="$BUILD_WHOLE_FUNCTIONS" bzImage modules
}

# own_configure TREE CONFIG...
own_configure() {
	local tree=$1 name value
	own_options "${@:2}" >"$WORK/options"
	own_make "$tree" KCONFIG_ALLCONFIG="$WORK/options" allnoconfig
	while IFS='=' read -r name value; do
		! grep -qxF -- "$name=$value" "$tree/.config" || continue
		# One that this series does not have is left out.
		! own_has_option "$tree" "${name#CONFIG_}" ||
			vm_die "$tree: $name did not become $value: something that it depends on is missing in vm/configs (${*:2})"
	done <"$WORK/options"
}

own_has_option() { grep -rlxE --include='Kconfig*' "[[:space:]]*(menu)?config[[:space:]]+$2" "$1" >"$WORK/has-option"; }

# own_make TREE ARG...: without the variables of an outer make
own_make() {
	local tree=$1 log=$WORK/own.log kept
	shift
	if ! env -i PATH="$PATH" HOME="$HOME" LC_ALL=C make -C "$tree" "$@" >"$log" 2>&1 </dev/null; then
		kept=$(vm_cache_dir)/kernels/make.log
		cp "$log" "$kept"
		grep -E -A2 'error:|ERROR:|undefined|\*\*\*' "$log" | head -n "$OWN_ERROR_LINES_MAX" | sed 's/^/    /' >&2 || true
		vm_die "the kernel in $tree does not build; the whole log: $kept"
	fi
}
