# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Recipes of kernel series: one file each in vm/kernels, lines of "Name: value".
#
#   Suites          of Debian that have the series, in order of preference; those of the host's release go first
#   Image           packages with kernel and modules; @ is the ABI, such as 6.12.117+deb12
#   Headers         packages that md's modules are built against
#   Source          package with the source
#   Config          options (without CONFIG_) that are switched on when md is built here
#   Host-suite, Host-packages      where the host is too old to run the build tools of Headers: what runs them
#   Other-gcc-lacks options that are switched off when the host does not have the compiler of the kernel

series_list() { (cd "$VM_DIR/kernels" && printf '%s\n' *) | sort -V; }

# series_load SERIES: sets RECIPE_FILE, and RECIPE[NAME] for all names
series_load() {
	local name value
	RECIPE_FILE=$VM_DIR/kernels/$1
	[[ $1 != */* && -f $RECIPE_FILE ]] ||
		vm_die "--series '$1': no such recipe; known: $(series_list | paste -sd' ') (each a file in vm/kernels)"
	declare -gA RECIPE=()
	while IFS=: read -r name value; do
		[[ $name == \#* ]] || RECIPE[$name]=${value# }
	done <"$RECIPE_FILE"
	RECIPE[Series]=$1
}

# series_suites: prints the suites, those of the host's release first
series_suites() {
	local codename suites
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	suites=$(tr ' ' '\n' <<<"${RECIPE[Suites]}")
	grep -E "^$codename(-|\$)" <<<"$suites" || true
	grep -vE "^$codename(-|\$)" <<<"$suites" || true
}

# series_packages FIELD... ABI: prints the names of the packages of these fields
series_packages() {
	local abi=${!#} field
	for field in "${@:1:$#-1}"; do
		tr ' ' '\n' <<<"${RECIPE[$field]//@/$abi}"
	done
}
