# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The one way in which packages are fetched: into a directory, with apt, never installed. From the host's own sources, or from
# another suite of Debian at the site that the host's sources name, checked with the keys of Debian that the host has.

VM_APT_LISTS_AGE_MINUTES_MAX=1440
VM_APT_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# vm_apt_sources: prints "SITE SUITE" for each of the host's sources with a component "main"; needs no package lists.
vm_apt_sources() {
	local lists
	lists=$(vm_cache_dir)/apt/none
	mkdir -p "$lists/partial"
	apt-get --print-uris -o Debug::NoLocking=1 -o Dir::State::Lists="$lists" update 2>/dev/null |
		sed -n "s|^'\(.*\)/dists/\(.*\)/main/binary-amd64/Packages.*|\1 \2|p" | sort -u
}

# vm_apt_sites SUITE: prints the sites that may have it: those of the host's release. A security suite has a site of its own,
# on mirrors commonly beside the other.
vm_apt_sites() {
	local suite=$1 codename sources main site
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	sources=$(vm_apt_sources)
	main=$(awk -v release="^($codename|stable|testing|unstable|sid)(-updates|-backports)?\$" '$2 ~ release { print $1 }' <<<"$sources" | sort -u)
	if [[ $suite == *-security ]]; then
		{
			awk '$2 ~ /-security$/ { print $1 }' <<<"$sources"
			for site in $main; do printf '%s-security\n' "$site"; done
		} | awk '!seen[$0]++'
	else
		printf '%s\n' "$main"
	fi
}

# vm_apt_use SUITE|host: sets VM_APT, apt's options. "host" is what the host's sources have, and its own package lists.
# False if there is no site for SUITE.
vm_apt_use() {
	local dir site signed='' sources
	vm_need_all apt-get apt-cache dpkg-deb
	dir=$(vm_cache_dir)/apt/$1
	mkdir -p "$dir"/{lists,archives}/partial
	VM_APT=(-qq -o Dir::Cache="$dir" -o APT::Architecture=amd64 -o Debug::NoLocking=1
		-o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::Languages=none)
	# apt's own download user may not reach a cache below /root.
	((UID != 0)) || VM_APT+=(-o APT::Sandbox::User=root)
	[[ $1 != host ]] || return 0
	VM_APT+=(-o Dir::State="$dir" -o Dir::State::status=/dev/null
		-o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null)
	[[ ! -r $VM_APT_KEYRING ]] || signed=" signed-by=$VM_APT_KEYRING"
	sources=$(for site in $(vm_apt_sites "$1"); do
		printf 'deb [arch=amd64%s] %s %s main\n' "$signed" "$site" "$1"
	done)
	if [[ -z $sources ]]; then
		vm_say "apt's sources name no site of Debian, so the suite $1 cannot be had"
		return 1
	fi
	[[ $sources == "$(cat "$dir/sources.list" 2>/dev/null)" ]] || printf '%s\n' "$sources" >"$dir/sources.list"
}

# vm_apt_update SUITE [now]: makes VM_APT's package lists of SUITE usable; those of today are. A failing source among many is no
# reason to stop: what matters is what is found afterwards.
vm_apt_update() {
	local stamp lock
	stamp=$(vm_cache_dir)/apt/$1/updated
	exec {lock}>"$stamp.lock"
	flock "$lock"
	if [[ ${2-} == now || -z $(find "$stamp" -mmin "-$VM_APT_LISTS_AGE_MINUTES_MAX" 2>/dev/null) ]]; then
		vm_say "fetching the package lists of $1"
		apt-get "${VM_APT[@]}" update >&2 || vm_say "'apt-get update' failed for $1; going on with what it got"
		touch "$stamp"
	fi
	exec {lock}>&-
}

# vm_apt_host: VM_APT for packages of the host's own sources, with lists of our own where the host has none
vm_apt_host() {
	vm_apt_use host
	[[ -z $(apt-cache "${VM_APT[@]}" madison "$1" 2>/dev/null) ]] || return 0
	VM_APT+=(-o Dir::State::Lists="$(vm_cache_dir)/apt/host/lists")
	vm_apt_update host
}

# vm_apt_download DIR PACKAGE[=VERSION]...: with VM_APT, into DIR
vm_apt_download() {
	local dir=$1
	shift
	vm_say "fetching $*"
	mkdir -p "$dir"
	(cd "$dir" && apt-get "${VM_APT[@]}" download "$@" >&2)
}

# vm_apt_fetch_missing DIR PACKAGE...: with VM_APT, into DIR, with what they depend on and the host has not got
vm_apt_fetch_missing() {
	local dir=$1
	shift
	vm_say "fetching $*"
	mkdir -p "$dir/partial"
	apt-get "${VM_APT[@]}" -y --no-install-recommends -o Dir::Cache::archives="$dir" --download-only install "$@" >&2
}

# vm_apt_unpack DEBS ROOT
vm_apt_unpack() {
	local deb
	mkdir -p "$2"
	for deb in "$1"/*.deb; do dpkg-deb -x "$deb" "$2" || return 1; done
}
