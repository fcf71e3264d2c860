# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The ready directory of one of Debian's kernels, with patches or without.

# Raise when what the code here makes of the same packages and patches changes.
KERNEL_RECIPE=2

# ready_prepare PATCH...: prints the ready directory for KERNEL with these patches; an empty line where one does not apply and
# may be skipped.
ready_prepare() {
	local name
	if ! ready_is_built "$@"; then
		debian_find "${PART[image]}"
		name=$(ready_key "$@")
		vm_cached "kernels/ready/$name" ready_assemble
		return
	fi
	ready_check_llbitmap
	debian_find "${PART[image]}" "${PART[headers]}" source
	name=$(ready_key "$@")
	if [[ ! -d $(vm_cache_dir)/kernels/ready/$name ]]; then
		debian_part "${PART[headers]}" >"$WORK/headers.entry"
		ready_source
		if ! ready_patch "$@"; then
			[[ $OPT_SKIP == yes ]] || exit 2
			printf '\n'
			return
		fi
	fi
	vm_cached "kernels/ready/$name" ready_assemble "$@"
}

# Whether md is built here
ready_is_built() { (($#)) || [[ $KERNEL == *+llbitmap ]]; }

ready_check_llbitmap() {
	[[ $KERNEL != *+llbitmap || " ${RECIPE[Config]-} " == *' MD_LLBITMAP '* ]] ||
		vm_die "-k $KERNEL: Linux ${RECIPE[Series]} has no llbitmap (no such option in $RECIPE_FILE)"
}

# The source in BUILD_TREE
ready_source() {
	local stock
	stock=$(debian_part source)
	build_tree
	build_source "$stock" "$BUILD_TREE"
}

# ready_patch PATCH...: false when one does not apply
ready_patch() {
	local patch
	for patch in "$@"; do
		patch_apply "$BUILD_TREE" "$patch" || return 1
	done
}

# ready_has PATCH...: ends with 0 if the source has all of OPT_HAS, with 1 if not
ready_has() {
	debian_find source
	ready_source
	ready_patch "$@" || exit 2
	defects_all_in "$BUILD_TREE/drivers/md" "${OPT_HAS[@]}" || exit 1
}

# Names the result: everything that decides its content, and nothing else. The defects of stock are known once its source is here.
ready_key() {
	local hash
	hash=$({
		printf '%s\n' "$KERNEL_RECIPE" "$KERNEL" "${DEB[abi]}" "${DEB[version]}"
		[[ $OPT_DEBUG == no ]] || debian_entry debug
		grep -v '^#' "$RECIPE_FILE"
		ready_is_built "$@" || ! debian_has source || echo source
		defects_table
		! ready_is_built "$@" || build_flags
		(($# == 0)) || patch_lines "$@"
	} | sha256sum | cut -c1-16)
	printf '%s-%s%s-%s\n' "${DEB[version]}" "${KERNEL//\//-}" "$([[ $OPT_DEBUG == no ]] || echo -debug)" "$hash"
}

# ready_assemble PATCH... READY
ready_assemble() {
	local ready=${!#} image stock headers
	local patches=("${@:1:$#-1}")
	image=$(debian_part "${PART[image]}")
	mkdir -p "$ready/ko"
	# Hard links: each ready directory stands alone and costs next to nothing.
	cp -al "$image"/{modules,vmlinuz,release} "$ready/"
	ready_manifest "$image" "${patches[@]}" >"$ready/manifest"
	if ready_is_built "${patches[@]}"; then
		stock=$(debian_part source)
		headers=$(<"$WORK/headers.entry")
		build_md "$stock" "$BUILD_TREE" "$headers" "$ready/ko"
		build_manifest "$headers" "$ready/ko" >>"$ready/manifest"
		ln "$(build_headers "$headers")/vmlinux" "$ready/" # what the modules' BTF is split off
	fi
}

# ready_manifest IMAGE PATCH...: what it was made of
ready_manifest() {
	local image=$1 package fields=(Image)
	shift
	printf '%s=%s\n' format 1 recipe "$KERNEL_RECIPE" kernel "$KERNEL" series "${RECIPE[Series]}" suite "${DEB[suite]}" \
		release "$(<"$image/release")" version "${DEB[version]}" defects "$(ready_defects "$@")"
	! ready_is_built "$@" || fields+=(Headers Source)
	if [[ $OPT_DEBUG == yes ]]; then
		fields=(Source)
		printf 'debug=%s\n' "$(basename "$image")"
	fi
	for package in $(series_packages "${fields[@]}" "${DEB[abi]}"); do
		printf 'package.%s=%s\n' "$package" "${DEB[version]}"
	done
	patch_lines "$@"
}

# Those of vm/defects that its source has; "unknown" as long as nothing has needed the source.
ready_defects() {
	local source
	if ready_is_built "$@"; then
		defects_in "$BUILD_TREE/drivers/md" | paste -sd' '
	elif debian_has source; then
		source=$(debian_part source)
		defects_in "$source/drivers/md" | paste -sd' '
	else
		echo unknown
	fi
}
