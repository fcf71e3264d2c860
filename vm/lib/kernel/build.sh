# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Rebuilds the md modules that a set of patches touches, against the distribution's headers.

BUILD_ERROR_LINES_MAX=40

# Without these gcc splits functions as it sees fit, another patch another one, and the tracer's hooks see a part of the calls.
BUILD_WHOLE_FUNCTIONS='-fno-partial-inlining -fno-ipa-sra -fno-ipa-cp'

# Sets BUILD_TREE, where md is compiled: one of this version that stays, with its objects, so that the next patch costs what it changes;
# one of our own while another vm/kernel has that.
build_tree() {
	[[ -z ${BUILD_TREE-} ]] || return 0 # for another kernel
	BUILD_TREE=$(vm_cache_dir)/kernels/tree/$(basename "$(debian_entry "${PART[headers]}")")
	mkdir -p "${BUILD_TREE%/*}"
	exec {BUILD_LOCK}>"$BUILD_TREE.lock"
	flock -n "$BUILD_LOCK" || BUILD_TREE=$WORK/tree
	touch -ac "$BUILD_TREE"
	vm_cache_prune "${BUILD_TREE%/*}"
	[[ ! -e $BUILD_TREE/unfinished ]] || rm -rf "$BUILD_TREE" # that one was killed
}

# build_source STOCK SRC: md's sources as the distribution has them. Where another kernel was built before, only what
# differs is written, with the time of now: what was compiled from the rest is still good.
build_source() {
	local stock=$1 src=$2 file
	if [[ ! -d $src ]]; then
		mkdir -p "$src"
		cp -a "$stock/drivers" "$src/"
		return
	fi
	for file in "$src"/drivers/md/*.[ch]; do
		[[ -e $stock/${file#"$src"/} || $file == *.mod.c ]] || rm "$file"
	done
	for file in "$stock"/drivers/md/*; do
		cmp -s "$file" "$src/${file#"$stock"/}" || cp "$file" "$src/${file#"$stock"/}"
	done
}

# build_md STOCK SRC HEADERS DEST: leaves the rebuilt modules of SRC in DEST. STOCK is the source as it was, HEADERS the
# entry of the cache.
build_md() {
	local stock=$1 src=$2 headers=$3 dest=$4
	build_modules "$stock/drivers/md" "$src/drivers/md" >"$WORK/modules"
	readarray -t BUILD_MODULES <"$WORK/modules"
	((${#BUILD_MODULES[@]})) || { vm_say "the patches change no module of this kernel" && return; }
	vm_need_all make strip readelf nproc "$(toolchain_pahole "$headers")" "$(toolchain_wanted "$(build_headers "$headers")")"
	build_make "$headers" "$src/drivers/md"
	build_deliver "$src/drivers/md" "$dest"
}

build_headers() { printf '%s/usr/src/linux-headers-%s-amd64\n' "$1" "${DEB[abi]}"; }

# ---- modules ------------------------------------------------------------------------------------------------------

# build_modules STOCK PATCHED: prints the modules to build: those that the changed files go into, less what the distribution does
# not ship. An option that is switched on is one of md-mod.
build_modules() {
	local stock=$1 patched=$2 file image module
	image=$(debian_part "${PART[image]}")
	{
		[[ -z ${RECIPE[Config]-} ]] || echo md-mod
		while read -r file; do
			build_modules_of "$file" "$stock"
		done < <(diff -rqN -x '*.mod.c' "$stock" "$patched" | sed -n 's|^Files .* and .*/\([^/]*\) differ$|\1|p')
	} | sort -u | while read -r module; do
		[[ -z $(find "$image/modules/kernel/drivers/md" -name "$module.ko*") ]] || echo "$module"
	done
}

# A change to a header, to the Makefile or a new file may reach all of md.
build_modules_of() {
	case $1 in
	md.c | md-bitmap.c | md-llbitmap.c) echo md-mod ;;
	raid0.c | raid1.c | raid10.c | md-cluster.c | dm-raid.c) echo "${1%.c}" ;;
	md-linear.c) echo linear ;;
	raid1-10.c) printf '%s\n' raid1 raid10 ;;
	raid5*.c) echo raid456 ;;
	md*.[ch] | raid*.h | Makefile) printf '%s\n' md-mod raid0 raid1 raid10 raid456 linear md-cluster dm-raid ;;
	Kconfig) vm_say "drivers/md/Kconfig is changed: the distribution's configuration stays as it is" ;;
	# A new file matters through the Makefile or the file that includes it, which is changed then.
	*) [[ ! -e $2/$1 ]] || vm_die "drivers/md/$1 is no part of md; only md's own modules are rebuilt" ;;
	esac
}

# ---- make ---------------------------------------------------------------------------------------------------------

# The build system reads Kbuild before Makefile: this one takes over what modules consist of, and builds only ours.
build_kbuild() {
	# shellcheck disable=SC2016 # make expands it
	printf 'include $(src)/Makefile\nobj-y :=\nobj-m := %s\n' "${BUILD_MODULES[*]/%/.o}" >"$1/Kbuild"
}

build_flags() {
	local option
	printf '%s' "$BUILD_WHOLE_FUNCTIONS"
	for option in ${RECIPE[Config]-}; do printf ' -DCONFIG_%s=1' "$option"; done
}

# Variables of an outer make (jobs, V=1, M) must not leak into the kernel's.
build_make() {
	local headers=$1 md=$2 log=$WORK/make.log option options=() status=0
	vm_say "building ${BUILD_MODULES[*]}"
	build_kbuild "$md"
	for option in ${RECIPE[Config]-}; do options+=("CONFIG_$option=y"); done
	touch "$BUILD_TREE/unfinished"
	env -i PATH="$PATH" HOME="$HOME" LC_ALL=C make -C "$(build_headers "$headers")" M="$md" \
		-j"$(nproc)" PAHOLE="$(toolchain_pahole "$headers")" "${options[@]}" \
		KCFLAGS="$(build_flags) -ffile-prefix-map=$md/=drivers/md/ -ffile-prefix-map=$headers/=" \
		modules >"$log" 2>&1 || status=$?
	rm "$BUILD_TREE/unfinished"
	((status == 0)) || build_make_failed "$md" "$log"
	grep -E 'warning:|WARNING:' "$log" | sed -e "s|$md/|drivers/md/|" -e "s|^|$VM_PROGRAM: |" >&2 || true
}

build_make_failed() {
	local md=$1 log=$2 kept
	kept=$(vm_cache_dir)/kernels/make.log
	cp "$log" "$kept"
	grep -E -A2 'error:|ERROR:|undefined!|error while loading' "$log" | head -n "$BUILD_ERROR_LINES_MAX" |
		sed -e "s|$md/|drivers/md/|" -e 's/^/    /' >&2 || tail -n "$BUILD_ERROR_LINES_MAX" "$log" >&2
	vm_die "md does not compile with these patches ($KERNEL); the whole log: $kept"
}

build_deliver() {
	local md=$1 dest=$2 module
	for module in "${BUILD_MODULES[@]}"; do
		[[ -f $md/$module.ko ]] || continue
		strip -g "$md/$module.ko"
		# A file, because grep -q would end readelf by a signal.
		readelf -SW "$md/$module.ko" >"$WORK/sections"
		grep -q ' \.BTF ' "$WORK/sections" ||
			vm_die "$module.ko was built without BTF, which the tracer needs; does 'pahole --version' work (package pahole)?"
		mv "$md/$module.ko" "$dest/"
	done
	[[ -n $(ls -A "$dest") ]] || vm_die "the build made no module of: ${BUILD_MODULES[*]}"
}

# build_manifest HEADERS DEST: what the modules in DEST were made with
build_manifest() {
	local headers=$1 dest=$2 ko
	printf '%s=%s\n' compiler "$("$(toolchain_wanted "$(build_headers "$headers")")" -dumpfullversion)" \
		config "${RECIPE[Config]-}" flags "$(build_flags)" pahole "$("$(toolchain_pahole "$headers")" --version)"
	[[ ! -f $headers/host/versions ]] || cat "$headers/host/versions"
	for ko in "$dest"/*.ko; do
		[[ ! -f $ko ]] || printf 'ko.%s=sha256:%s\n' "$(basename "$ko")" "$(sha256sum <"$ko" | cut -d' ' -f1)"
	done
}
