# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The one table of programs, headers and files that this project needs, and of Debian's packages that have them.

# vm_package_of WHAT: the package of a program, of a header (h:PATH) or of a file (f:PATTERN)
vm_package_of() {
	case $1 in
	h:stdio.h) echo libc6-dev ;;
	h:bpf/libbpf.h) echo libbpf-dev ;;
	h:libelf.h) echo libelf-dev ;;
	h:zlib.h) echo zlib1g-dev ;;
	h:libdeflate.h) echo libdeflate-dev ;;
	h:sys/capability.h) echo libcap-dev ;;
	h:json-c/json.h) echo libjson-c-dev ;;
	h:uthash.h) echo uthash-dev ;;
	h:xxhash.h) echo libxxhash-dev ;;
	h:cmocka.h) echo libcmocka-dev ;;
	f:*/libclang_rt.*) echo libclang-rt-dev ;;
	f:*/prometheus_client) echo python3-prometheus-client ;;
	f:*/jsonschema) echo python3-jsonschema ;;
	ar | ld | nm | objcopy | readelf | strip) echo binutils ;;
	prove) echo perl ;;
	protoc) echo protobuf-compiler ;;
	qemu-system-x86_64) echo qemu-system-x86 ;;
	busybox) echo busybox-static ;;
	insmod | depmod | modinfo | kmod) echo kmod ;;
	setcap) echo libcap2-bin ;;
	mkfs.ext4 | debugfs | filefrag) echo e2fsprogs ;;
	mkfs.xfs) echo xfsprogs ;;
	mkfs.btrfs) echo btrfs-progs ;;
	xz) echo xz-utils ;;
	dd | nproc | sha256sum) echo coreutils ;;
	ssh) echo openssh-client ;;
	addpart | delpart | blockdev | losetup | setsid | dmesg | setpriv | flock) echo util-linux ;;
	dpkg-deb) echo dpkg ;;
	ldd) echo libc-bin ;;
	apt-get | apt-cache) echo apt ;;
	awk) echo mawk ;;
	diff | cmp) echo diffutils ;;
	find) echo findutils ;;
	x86_64-linux-gnu-*) echo "${1#x86_64-linux-gnu-}" ;;
	*) echo "$1" ;; # of the same name
	esac
}

# vm_find_program PROGRAM: its path. Looks into the sbin directories too, which are not in an ordinary user's PATH on Debian.
vm_find_program() { PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin type -P "$1"; }

# vm_has WHAT: what vm_package_of takes is there
vm_has() {
	case $1 in
	h:*) [[ -e /usr/include/${1#h:} || -e /usr/include/$(uname -m)-linux-gnu/${1#h:} ]] ;;
	f:*) compgen -G "${1#f:}" >/dev/null ;;
	*) vm_find_program "$1" >/dev/null ;;
	esac
}

# vm_missing_packages WHAT...: the packages of what is not there, one a line
vm_missing_packages() {
	local what
	for what in "$@"; do
		vm_has "$what" || vm_package_of "$what"
	done | sort -u
}

# vm_need PROGRAM [PACKAGE]: prints the path of a host program. PACKAGE if it is not a program of the table.
vm_need() {
	vm_find_program "$1" || vm_die "'$1' is missing; install it with: apt-get install ${2:-$(vm_package_of "$1")}"
}

# vm_need_all PROGRAM...: names all that is missing at once
vm_need_all() {
	local packages
	packages=$(vm_missing_packages "$@" | paste -sd' ')
	[[ -z $packages ]] || vm_die "packages are missing; install them with: apt-get install $packages"
}
