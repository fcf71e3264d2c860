# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Recipes of kernel series: files in vm/kernels, lines of "Name: value". A series without a file of its own, and the newest one,
# are taken by the recipe "newest", where % is the series.
#
#   Suites          of Debian that have the series, in order of preference; those of the host's release go first
#   Newest          suites among which the newest series is looked for
#   Image           packages with kernel and modules; @ is the ABI, such as 6.12.117+deb12
#   Headers         packages that md's modules are built against
#   Source          package with the source
#   Config          options (without CONFIG_) that are switched on when md is built here
#   Host-suite, Host-packages      where the host is too old to run the build tools of Headers: what runs them. For a kernel
#                   of sid or experimental it is taken from sid.
#   Other-gcc-lacks options that are switched off when the host does not have the compiler of the kernel

series_list() { (cd "$VM_DIR/kernels" && printf '%s\n' *) | sort -V; }

# series_load SERIES: sets RECIPE_FILE, and RECIPE[NAME] for all names
series_load() {
	local series=$1
	if [[ $series == newest ]]; then
		series_read newest ''
		series=$(series_newest)
	fi
	if [[ -f $VM_DIR/kernels/$series && $series != */* ]]; then
		series_read "$series" "$series"
	elif [[ $series =~ ^[1-9][0-9]*\.[0-9]+$ ]]; then
		series_read newest "$series"
	else
		vm_die "--series '$series': expected one such as 7.3, or a recipe: $(series_list | paste -sd' ') (each a file in vm/kernels)"
	fi
}

# series_read RECIPE SERIES
series_read() {
	local name value
	RECIPE_FILE=$VM_DIR/kernels/$1
	declare -gA RECIPE=()
	while IFS=: read -r name value; do
		value=${value# }
		[[ $name == \#* ]] || RECIPE[$name]=${value//%/$2}
	done <"$RECIPE_FILE"
	RECIPE[Series]=$2
}

# series_newest: prints the newest one that the suites of the recipe have; without a network, that was found so far
series_newest() {
	local suite series
	series=$({
		for suite in ${RECIPE[Newest]}; do
			if ! vm_has apt-get || ! vm_apt_use "$suite"; then continue; fi
			vm_apt_update "$suite" "$([[ ${OPT_REFRESH-no} == no ]] || echo now)"
			apt-cache "${VM_APT[@]}" pkgnames linux-source-
		done
		(cd "$(vm_cache_dir)" && compgen -G 'kernels/found-*') || true
	} | sed -nE 's/^(linux-source-|.*found-)([1-9][0-9]*\.[0-9]+)$/\2/p' | sort -V | tail -n 1)
	[[ -n $series ]] || vm_die "found no kernel through apt (${RECIPE[Newest]}); is there a network, and does 'apt-get update' work?"
	printf '%s\n' "$series"
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
