# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The initramfs: cached layers (programs, kernel modules) and a small one per run. A layer's key has what this file says
# and not when it was written, so that all checkouts share one.
# The kernel unpacks concatenated cpio archives in order. Nothing is compressed:
# unpacking costs more under emulation than reading does.

declare -A RUN HEADER # settings.sh

# shellcheck source=vm/lib/guest-image/packages.sh
source "$VM_DIR/lib/guest-image/packages.sh"

# "program package" for what every run needs in the guest
VM_GUEST_PROGRAMS=(
	'bash bash' 'dd coreutils' 'kmod kmod' 'dmsetup dmsetup'
	'mkfs.ext4 e2fsprogs' 'debugfs e2fsprogs' 'filefrag e2fsprogs'
	'addpart util-linux' 'delpart util-linux' 'blockdev util-linux' 'losetup util-linux' 'setsid util-linux' 'dmesg util-linux'
	'setpriv util-linux' 'setcap libcap2-bin' 'bpftool bpftool'
)

# Modules every run may need, beside those that MODULES of a case names. Only
# those that are there are taken; a debug kernel may have them built in.
VM_GUEST_MODULES=(
	virtio_blk virtio_pci virtio_console 9p 9pnet_virtio
	md-mod raid1 raid10 raid456 crc32c_intel crc32c_generic libcrc32c
	dm-mod dm-delay dm-flakey dm-error dm-log-writes loop brd null_blk scsi_debug
)

vm_cpio() { (cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio --null -o -H newc --quiet -R 0:0) >"$2"; }

# vm_layer_begin: makes a merged-usr root to fill
vm_layer_begin() {
	local root=$1 dir
	mkdir -p "$root"/usr/{bin,sbin,lib,lib64,lib32}
	for dir in bin sbin lib lib64 lib32; do ln -s "usr/$dir" "$root/$dir"; done
}

# vm_install_program ROOT FILE [DEST]: with the shared libraries it is linked to
vm_install_program() {
	local root=$1 file=$2 dest=${3:-$2} library
	install -D -m 755 "$(readlink -f "$file")" "$root$dest"
	while read -r library; do
		[[ -e $root$library ]] || install -D -m 755 "$(readlink -f "$library")" "$root$library"
	done < <({ ldd "$file" 2>/dev/null || true; } | grep -o '/[^ ]*')
}

vm_install_busybox() {
	local root=$1 busybox=$2 applet
	if [[ $(ldd "$busybox" 2>&1 || true) == *'=>'* ]]; then
		vm_die "'$busybox' is linked dynamically; install the static one with: apt-get install busybox-static"
	fi
	install -D -m 755 "$busybox" "$root/usr/bin/busybox"
	for applet in $("$busybox" --list | grep -vx modprobe); do
		[[ -e $root/usr/bin/$applet || -e $root/usr/sbin/$applet ]] ||
			ln -s busybox "$root/usr/bin/$applet"
	done
}

# vm_build_programs FILE... OUTPUT
vm_build_programs() (
	root=$(mktemp -d)
	trap 'rm -rf "$root"' EXIT
	output=${!#}
	vm_layer_begin "$root"
	mkdir -p "$root"/{dev,proc,sys,run,tmp,etc,root,mnt,out}
	ln -s /proc/self/mounts "$root/etc/mtab"
	echo 'root:x:0:0:root:/root:/bin/bash' >"$root/etc/passwd"
	busybox=
	for file in "${@:1:$#-1}"; do
		case $file in
		*/busybox) busybox=$file ;;
		*/mdadm) vm_install_program "$root" "$file" /usr/sbin/mdadm ;;
		*) vm_install_program "$root" "$file" "/usr/${file#/usr/}" ;;
		esac
	done
	# No modprobe yet: the kernel would call it some ten times before init, in vain.
	for name in insmod rmmod lsmod modinfo; do ln -s ../bin/kmod "$root/usr/sbin/$name"; done
	[[ ! -e $root/usr/sbin/kmod ]] || mv "$root/usr/sbin/kmod" "$root/usr/bin/kmod"
	vm_install_busybox "$root" "$busybox" # last: real programs go before applets
	vm_cpio "$root" "$output"
)

# Prints the path of the layer with the programs.
vm_layer_programs() {
	local entry file files=() wanted=("${VM_GUEST_PROGRAMS[@]}" 'busybox busybox-static')
	case ${RUN[fs]} in
	xfs) wanted+=('mkfs.xfs xfsprogs') ;;
	btrfs) wanted+=('mkfs.btrfs btrfs-progs') ;;
	esac
	for entry in "${wanted[@]}"; do
		# shellcheck disable=SC2086 # a program and its package
		file=$(vm_need $entry) # not inside +=(), where a failure would go unseen
		files+=("$file")
	done
	file=$(vm_mdadm "${RUN[bitmap]}")
	files+=("$file")
	vm_cached "layer/programs-$(vm_stat_key "${files[@]}")-$(vm_content_key "${BASH_SOURCE[0]}").cpio" \
		vm_build_programs "${files[@]}"
}

# vm_layer_fio SCRIPT...: fio drags in the clients of several network storage systems, four times the
# size of all the rest: only for a script that names it, and for --shell.
vm_layer_fio() {
	local fio
	[[ ${RUN[shell]} == yes ]] || grep -qw fio -- "$@" || return 0
	fio=$(vm_need fio fio)
	vm_cached "layer/fio-$(vm_stat_key "$fio")-$(vm_content_key "${BASH_SOURCE[0]}").cpio" vm_build_fio "$fio"
}

vm_build_fio() (
	root=$(mktemp -d)
	trap 'rm -rf "$root"' EXIT
	vm_layer_begin "$root"
	vm_install_program "$root" "$1" /usr/bin/fio
	vm_cpio "$root" "$2"
)

# vm_install_module FILE DIR: decompressed; a guest under emulation is slow at that
vm_install_module() {
	local file=$1 dest=$2/${1##*/}
	case $file in
	*.xz) xz -dc "$file" >"${dest%.xz}" ;;
	*.zst) zstd -qdc "$file" >"${dest%.zst}" ;;
	*.gz) gzip -dc "$file" >"${dest%.gz}" ;;
	*) cp "$file" "$dest" ;;
	esac
}

# vm_module_files TREE MODULE...: prints the files of these modules and of all
# they depend on. The tree may never have seen depmod, which would have to read
# thousands of compressed modules; we ask the few that count.
vm_module_files() {
	local tree=$1 modinfo module file
	local -A path seen
	shift
	modinfo=$(vm_need modinfo kmod)
	while read -r file; do
		module=${file##*/}
		module=${module%%.ko*}
		path[${module//-/_}]=$file
	done < <(find -L "$tree" -name '*.ko' -o -name '*.ko.xz' -o -name '*.ko.zst' -o -name '*.ko.gz')
	while (($#)); do
		module=${1//-/_}
		shift
		[[ -z ${seen[$module]-} ]] || continue
		seen[$module]=yes
		file=${path[$module]-}
		[[ -n $file ]] || continue # built in, or this kernel has none
		printf '%s\n' "$file"
		# shellcheck disable=SC2046 # a list of words
		set -- "$@" $("$modinfo" -F depends "$file" | tr , ' ') \
			$("$modinfo" -F softdep "$file" | sed -n 's/.*pre: *//; s/post:.*//p')
	done
}

# vm_build_modules KERNELDIR RELEASE MODULE... OUTPUT
vm_build_modules() (
	root=$(mktemp -d)
	trap 'rm -rf "$root"' EXIT
	kernel=$1 release=$2 output=${!#}
	guest=$root/guest
	dest=$guest/usr/lib/modules/$release
	mkdir -p "$dest"
	vm_layer_begin "$guest"
	vm_module_files "$kernel/modules/" "${@:3:$#-3}" >"$root/files"
	grep -q . "$root/files" || vm_die "no module of use in '$kernel/modules' (looked for ${*:3:$#-3})"
	while read -r module; do vm_install_module "$module" "$dest"; done <"$root/files"
	for file in "$kernel"/ko/*.ko; do
		[[ ! -e $file ]] || cp "$file" "$dest/" # replaces the one of the same name
	done
	for file in "$kernel"/modules/modules.{order,builtin,builtin.modinfo}; do
		[[ ! -e $file ]] || cp "$file" "$dest/"
	done
	"$(vm_need depmod kmod)" -b "$guest/usr" "$release"
	vm_cpio "$guest" "$output"
)

# Prints the path of the layer with the kernel's modules.
vm_layer_modules() {
	local kernel=$1 release modules key
	release=$(<"$kernel/release")
	# shellcheck disable=SC2206 # a list of words
	modules=("${VM_GUEST_MODULES[@]}" "${RUN[fs]}" ${HEADER[Modules]})
	key=$({
		printf '%s\n' "$kernel" "${modules[@]}"
		cat "$kernel/manifest" "${BASH_SOURCE[0]}"
		vm_stat_key "$kernel/modules" "$kernel/vmlinuz"
		find "$kernel/ko/" -name '*.ko' -exec sha256sum {} + 2>/dev/null || true
	} | sha256sum | cut -c1-16)
	vm_cached "layer/modules-$release-$key.cpio" vm_build_modules "$kernel" "$release" "${modules[@]}"
}

# vm_build_overlay OUTPUT FILL: what differs from run to run. FILL DIR is called for what becomes /bt in the guest.
vm_build_overlay() (
	root=${RUN[work]}/overlay
	vm_layer_begin "$root"
	mkdir -p "$root/bt"
	cp -r "$VM_DIR"/guest/. "$root/bt/"
	mv "$root/bt/init" "$root/init"
	"$2" "$root/bt"
	[[ ! -x ${RUN[tool]} ]] || vm_install_program "$root" "${RUN[tool]}" /usr/bin/bitmap-trace
	vm_cpio "$root" "$1"
)

# vm_initramfs KERNELDIR OUTPUT FILL SCRIPT...: SCRIPTs are run in the guest
vm_initramfs() {
	local programs fio packages modules mdadm=''
	programs=$(vm_layer_programs)
	[[ ${RUN[bitmap]} != llbitmap ]] || mdadm=$(vm_layer_mdadm_lockless)
	fio=$(vm_layer_fio "${@:4}")
	packages=$(CASE_PROGRAMS=${HEADER[Programs]} vm_layer_packages)
	modules=$(vm_layer_modules "$1")
	vm_build_overlay "${RUN[work]}/overlay.cpio" "$3"
	cat "$programs" ${mdadm:+"$mdadm"} ${fio:+"$fio"} ${packages:+"$packages"} "$modules" "${RUN[work]}/overlay.cpio" >"$2"
}
