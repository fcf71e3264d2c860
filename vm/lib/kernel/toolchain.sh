# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Makes unpacked headers of any Debian usable on this host: they lie elsewhere, their build tools may want a newer C library
# than the host's, and the compiler of their kernel may not be there.

# toolchain_relocate HEADERS: the package's Makefile names absolute paths below /usr/src.
toolchain_relocate() {
	local makefile
	makefile=$(<"$1/Makefile")
	# shellcheck disable=SC2016 # make expands it
	printf 'BT_SRC := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)\n%s\n' \
		"${makefile//\/usr\/src/'$(BT_SRC)'}" >"$1/Makefile"
}

# toolchain_adapt PART ENTRY: PART is to become ENTRY
toolchain_adapt() {
	local headers=$1/usr/src/linux-headers-${DEB[abi]}-amd64
	[[ -f $headers/vmlinux ]] || toolchain_vmlinux "$headers/vmlinux"
	[[ -e $headers/tools/bpf/resolve_btfids/resolve_btfids ]] || toolchain_no_btfids "$headers/tools/bpf/resolve_btfids"
	toolchain_wrap "$1" "$2"
	toolchain_compiler "$headers"
}

# toolchain_vmlinux OUTPUT: the BTF of the kernel, for headers that have none (6.1). It is in the compressed kernel.
toolchain_vmlinux() {
	local vmlinuz format tool offset
	vm_need_all objcopy xz zstd
	vmlinuz=$(debian_part image)/vmlinuz
	for format in 'xz \xfd7zXZ\x00' 'zstd \x28\xb5\x2f\xfd'; do
		tool=${format%% *}
		offset=$(LC_ALL=C grep -obUaPm1 "${format#* }" "$vmlinuz" | head -n 1 | cut -d: -f1) || continue
		# They complain about what follows the kernel in the file.
		tail -c "+$((offset + 1))" "$vmlinuz" | "$tool" -qdc >"$WORK/vmlinux" 2>/dev/null || true
		objcopy --only-section=.BTF "$WORK/vmlinux" "$1" 2>/dev/null || continue
		rm "$WORK/vmlinux"
		return
	done
	vm_die "the kernel ${DEB[version]} has no BTF that could be found, so a rebuilt md would have none: only stock can be used"
}

# toolchain_no_btfids DIR: in place of a program that headers without BTF (6.1) do not have. It would fill the section .BTF_ids, and
# md has none.
toolchain_no_btfids() {
	mkdir -p "$1"
	# shellcheck disable=SC2016 # that shell expands it
	printf '%s\n' '#!/bin/sh' 'for module; do :; done' 'readelf -SW "$module" | grep -F .BTF_ids && exit 1' 'exit 0' >"$1/resolve_btfids"
	chmod 755 "$1/resolve_btfids"
}

# ---- build tools --------------------------------------------------------------------------------------------------

# The ELF programs of the build tools that do not find their libraries here are run by the loader, and with the libraries, of the
# release they are from. So is its pahole, for theirs is what the kernel's scripts know.
toolchain_wrap() {
	local part=$1 entry=$2 file foreign=()
	while read -r file; do
		[[ $(head -c 4 "$file") == $'\x7fELF' && $(ldd "$file" 2>&1) == *'not found'* ]] && foreign+=("$file")
	done < <(find "$part"/usr/lib/linux-kbuild-* -type f -perm /111)
	((${#foreign[@]})) || return 0
	[[ -n ${RECIPE[Host-packages]-} ]] ||
		vm_die "the build tools of ${DEB[version]} do not run on this host, and $RECIPE_FILE does not say with which packages they do"
	vm_say "the build tools do not run on this host as they are: taking the libraries of $(toolchain_suite)"
	toolchain_fetch "$part/host"
	for file in "${foreign[@]}"; do
		mv "$file" "$file.elf"
		# Some find another program by their own name.
		toolchain_wrapper "$entry/host" "\"\$0\" \"\$0.elf\"" >"$file"
		chmod 755 "$file"
	done
	toolchain_wrapper "$entry/host" "pahole $entry/host/usr/bin/pahole" >"$part/host/pahole"
	chmod 755 "$part/host/pahole"
}

toolchain_wrapper() {
	cat <<-END
		#!/bin/sh
		exec $1/usr/lib64/ld-linux-x86-64.so.2 --library-path $1/usr/lib/x86_64-linux-gnu --argv0 $2 "\$@"
	END
}

# toolchain_suite: prints the suite whose C library the build tools want
toolchain_suite() {
	case ${DEB[suite]} in
	sid | experimental) echo sid ;;
	*) printf '%s\n' "${RECIPE[Host-suite]}" ;;
	esac
}

# toolchain_fetch ROOT: the packages of Host-packages, as they are today; their versions go into ROOT/versions.
toolchain_fetch() {
	local root=$1 suite deb packages
	suite=$(toolchain_suite)
	read -ra packages <<<"${RECIPE[Host-packages]}"
	vm_apt_use "$suite" || vm_die "the libraries for the build tools cannot be had"
	vm_apt_update "$suite"
	vm_apt_download "$WORK/host" "${packages[@]}" || vm_die "could not fetch the libraries for the build tools"
	vm_apt_unpack "$WORK/host" "$root"
	for deb in "$WORK"/host/*.deb; do
		# shellcheck disable=SC2016 # dpkg-deb expands it
		dpkg-deb -W --showformat 'package.${Package}=${Version}\n' "$deb"
	done >"$root/versions"
	rm -rf "$WORK/host" "$root/usr/share/doc"
}

# toolchain_pahole HEADERS-ENTRY: the one that goes with these build tools
toolchain_pahole() { if [[ -x $1/host/pahole ]]; then echo "$1/host/pahole"; else echo pahole; fi; }

# ---- the compiler -------------------------------------------------------------------------------------------------

# Modules should be built by the compiler that built the kernel. An older one does where the recipe says what it lacks.
toolchain_compiler() {
	local headers=$1 wanted option
	wanted=$(toolchain_wanted "$headers")
	if vm_has "$wanted"; then return; fi
	[[ -n ${RECIPE[Other-gcc-lacks]-} ]] || vm_need_all "$wanted"
	vm_say "$wanted, which built the kernel, is not there: taking the host's gcc"
	sed -i "s/\(CROSS_COMPILE)\)gcc-[0-9]*\$/\1gcc/" "$headers/.kernelvariables"
	for option in ${RECIPE[Other-gcc-lacks]}; do
		sed -i "/^CONFIG_$option=/d" "$headers/include/config/auto.conf"
		sed -i "/^#define CONFIG_$option /d" "$headers/include/generated/autoconf.h"
	done
}

# toolchain_wanted HEADERS: the compiler that they name
toolchain_wanted() {
	local name
	# shellcheck disable=SC2016 # the dollar is make's
	name=$(sed -n 's/^CC = .*\$(CROSS_COMPILE)\(gcc[-0-9]*\)$/\1/p' "$1/.kernelvariables")
	printf 'x86_64-linux-gnu-%s\n' "${name:-gcc}"
}
