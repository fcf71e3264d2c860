# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files that vm/kernel reads share their variables
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernels that -k knows by name, and the patches each is made of.
#
# A variant is a folder vm/patches/NAME of patches applied in name order; a mutant is one patch vm/mutants/NAME.patch.
# The header of a variant's first patch, or of the mutant, may say `Base: NAME`: that variant's patches go first.

vm_dir=${here:?}

# Longer chains are a loop in the Base lines.
VARIANT_DEPTH_MAX=4

# header_field FILE NAME: value of "NAME: value" in the text above the first diff.
header_field() {
	sed -n -e '/^diff \|^--- /q' -e "s/^$2: *//p" "$1" | head -n 1
}

# Prints "NAME<tab>first patch" per variant and mutant.
variant_table() {
	local dir file
	for dir in "$vm_dir"/patches/*/; do
		for file in "$dir"*.patch; do
			[ -f "$file" ] || continue
			printf '%s\t%s\n' "$(basename "$dir")" "$file"
			break
		done
	done
	for file in "$vm_dir"/mutants/*.patch; do
		[ -f "$file" ] || continue
		printf 'mutant/%s\t%s\n' "$(basename "$file" .patch)" "$file"
	done
}

variant_list() {
	local name file
	printf '%-28s %s\n' stock "the distribution's kernel as it is"
	variant_table | while IFS=$'\t' read -r name file; do
		printf '%-28s %s\n' "$name" "$(header_field "$file" Subject | sed 's/^\[[^]]*\] *//')"
	done
}

variant_known() {
	[ "$1" = stock ] || variant_table | cut -f1 | grep -qxF -- "$1"
}

# Tells a name from a path. A known name wins, so that a folder of the same name does not get in its way.
kernel_kind() {
	if variant_known "$1" || [[ $1 == mutant/* ]]; then
		echo variant
	elif [ -d "$1" ]; then
		echo tree
	elif [[ $1 == */* ]]; then
		die "-k $1: no such directory, and no kernel of that name (see vm/kernel --list)"
	else
		echo variant
	fi
}

# Sets variant_patch_files to all patches of a variant, bases first.
variant_patches() {
	local name=$1 depth=0
	variant_patch_files=()
	while [ "$name" != stock ]; do
		depth=$((depth + 1))
		[ "$depth" -le "$VARIANT_DEPTH_MAX" ] || die "kernel '$1': the 'Base:' lines of its patches go round in a circle"
		variant_known "$name" || die "unknown kernel '$name'; known: $(printf 'stock\n%s\n' "$(variant_table | cut -f1)" |
			paste -sd' ')"
		variant_own_patches "$name"
		variant_patch_files=("${variant_own_files[@]}" "${variant_patch_files[@]}")
		name=$(header_field "${variant_own_files[0]}" Base)
		name=${name:-stock}
	done
}

variant_own_patches() {
	case $1 in
	mutant/*) variant_own_files=("$vm_dir/mutants/${1#mutant/}.patch") ;;
	*) variant_own_files=("$vm_dir/patches/$1"/*.patch) ;;
	esac
}
