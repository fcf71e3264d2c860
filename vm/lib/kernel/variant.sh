# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The kernels that -k knows by name, and the patches each is made of.
#
# A variant is a folder vm/patches/NAME of patches applied in name order, or with a folder of them for each series that it
# is made for (vm/patches/NAME/SERIES); a mutant is one patch vm/mutants/NAME.patch.
# The header of a variant's first patch, or of the mutant, may say `Base: NAME`: that variant's patches go first.
# NAME+llbitmap is NAME with an md that is built here in any case, and so with llbitmap where the series has it.

# Longer chains are a loop in the Base lines.
VARIANT_DEPTH_MAX=4

# Prints "NAME<tab>first patch" per variant and mutant.
variant_table() {
	local dir file
	for dir in "$VM_DIR"/patches/*/; do
		for file in "$dir"*.patch "$dir"*/*.patch; do
			[[ -f $file ]] || continue
			printf '%s\t%s\n' "$(basename "$dir")" "$file"
			break
		done
	done
	for file in "$VM_DIR"/mutants/*.patch; do
		[[ -f $file ]] || continue
		printf 'mutant/%s\t%s\n' "$(basename "$file" .patch)" "$file"
	done
}

variant_list() {
	local name file
	printf '%-28s %s\n' stock "the distribution's kernel as it is" \
		stock+llbitmap "the same with md built here, llbitmap included (--series 7.3)"
	variant_table | while IFS=$'\t' read -r name file; do
		printf '%-28s %s\n' "$name" "$(vm_header_field "$file" Subject | sed 's/^\[[^]]*\] *//')"
	done
}

variant_known() {
	[[ $1 == stock ]] || variant_table | cut -f1 | grep -qxF -- "$1"
}

# Distinguishes a name from a path. A known name wins, so that a folder of the same name does not get in its way.
kernel_kind() {
	if variant_known "${1%+llbitmap}" || [[ $1 == mutant/* ]]; then
		echo variant
	elif [[ -d $1 ]]; then
		echo tree
	elif [[ $1 == */* ]]; then
		vm_die "-k $1: no such directory, and no kernel of that name (see vm/kernel --list)"
	else
		echo variant
	fi
}

# Sets VARIANT_PATCHES to all patches of a variant, bases first.
variant_patches() {
	local name=${1%+llbitmap} depth=0
	local -a own
	VARIANT_PATCHES=()
	while [[ $name != stock ]]; do
		depth=$((depth + 1))
		((depth <= VARIANT_DEPTH_MAX)) || vm_die "kernel '$1': the 'Base:' lines of its patches go round in a circle"
		variant_known "$name" || vm_die "unknown kernel '$name'; known: $(printf 'stock\n%s\n' "$(variant_table | cut -f1)" |
			paste -sd' ')"
		readarray -t own < <(variant_own_patches "$name")
		VARIANT_PATCHES=("${own[@]}" "${VARIANT_PATCHES[@]}")
		name=$(vm_header_field "${own[0]}" Base)
		name=${name:-stock}
	done
}

variant_own_patches() {
	case $1 in
	mutant/*) printf '%s\n' "$VM_DIR/mutants/${1#mutant/}.patch" ;;
	*) variant_folder_patches "$VM_DIR/patches/$1" ;;
	esac
}

variant_folder_patches() {
	local dir=$1 folder
	if ! compgen -G "$dir/*.patch" | sort; then
		folder=$dir/${RECIPE[Series]}
		compgen -G "$folder/*.patch" | sort ||
			vm_die "kernel '${dir##*/}' is not made for --series ${RECIPE[Series]}; it is for $(cd "$dir" && printf '%s\n' * | paste -sd' ')"
	fi
}
