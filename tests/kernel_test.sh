#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# TAP test of vm/kernel: its error messages, and that the rfc variant has what the tracer needs.
# The first tests need neither network nor cache; the last ones build (a few seconds, once the packages are cached).

set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
count=0

ok() {
	count=$((count + 1))
	printf 'ok %d - %s\n' "$count" "$1"
}

not_ok() {
	count=$((count + 1))
	printf 'not ok %d - %s\n' "$count" "$1"
	sed 's/^/# /' "$scratch/out" "$scratch/err"
}

skip() {
	count=$((count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$count" "$1" "$2"
}

# run ARG...: calls vm/kernel; leaves status, out and err.
run() {
	status=0
	vm/kernel "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}

# refused NAME WORDS ARG...: vm/kernel must end with 2, print nothing on stdout, and say WORDS.
refused() {
	local name=$1 words=$2
	shift 2
	run "$@"
	if [ "$status" -eq 2 ] && [ ! -s "$scratch/out" ] && grep -qF -- "$words" "$scratch/err"; then
		ok "$name"
	else
		not_ok "$name (status $status, wanted 2 and: $words)"
	fi
}

# A patch of one line of md-bitmap.c: hunk CONTEXT, which the file has or has not.
write_patch() {
	cat >"$2" <<-END
		A test.

		--- a/drivers/md/md-bitmap.c
		+++ b/drivers/md/md-bitmap.c
		@@ -35,3 +35,4 @@
		 
		 $1
		+$3
		 /* version 4 insists the bitmap is in little-endian order
	END
}

test_usage() {
	refused 'unknown option is named' "unknown argument '--nonsense'" --nonsense
	refused 'option without its value' '--patch needs a value' --patch
	refused 'series that is none' "--series 'six': expected one such as 7.3, or a recipe: 6.1 6.12 newest" --series six
	refused 'recipe that is elsewhere' "--series '../kernels/6.1': expected one such as 7.3" --series ../kernels/6.1
	refused 'defect that is none' "--has 'S99': no such defect; known: L1 S1" --has S1,S99
	refused 'llbitmap of a series without' 'Linux 6.12 has no llbitmap' -k stock+llbitmap
	refused 'unknown kernel lists the known ones' 'known: stock' -k nonsense
	refused 'unknown mutant lists the known ones' "unknown kernel 'mutant/nonsense'; known: stock" -k mutant/nonsense
}

test_list() {
	run --list
	if [ "$status" -eq 0 ] && grep -q '^stock ' "$scratch/out" && grep -q '^rfc ' "$scratch/out"; then
		ok '--list names stock and rfc'
	else
		not_ok '--list names stock and rfc'
	fi
}

test_paths() {
	mkdir -p "$scratch/folder" "$scratch/tree/arch/x86"
	touch "$scratch/empty" "$scratch/tree/arch/x86/Makefile"
	refused 'missing patch file' '--patch /nonexistent.patch: no such file' --patch /nonexistent.patch
	refused 'patch that is a folder' 'not a readable file' --patch "$scratch/folder"
	refused 'empty patch' 'the file is empty' --patch "$scratch/empty"
	refused 'missing kernel tree' 'no such directory' -k ./nonexistent/tree
	refused 'folder that is no kernel tree' 'not a kernel source tree' -k "$scratch/folder"
	refused 'kernel tree that is not built' 'not built' -k "$scratch/tree"
	refused 'patch for a kernel tree' 'does not go with a kernel tree' -k "$scratch/tree" --patch vm/kernel
}

# Every recipe and every defect has the fields that the scripts read; every option of a configuration has its reason.
test_data() {
	local file name wrong=
	wrong+=$(grep -nvE '^(#.*|CONFIG_[A-Z0-9_]+=[^ ]+ # .+)?$' vm/configs/* || true)
	for file in vm/kernels/*; do
		for name in Suites Image Headers Source; do
			grep -q "^$name: ." "$file" || wrong+="$file has no line $name"$'\n'
		done
	done
	for file in vm/defects/*; do
		for name in Subject File Function Has Lacks; do
			grep -q "^$name: ." "$file" || wrong+="$file has no line $name"$'\n'
		done
	done
	printf '%s' "$wrong" >"$scratch/out"
	: >"$scratch/err"
	if [ -z "$wrong" ]; then ok 'recipes and defects are complete'; else not_ok 'recipes and defects are complete'; fi
}

# sources_list SUITE: apt's sources for a suite on a host whose apt has the sources in the file "uris"
sources_list() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	PATH=$scratch/bin:$PATH XDG_CACHE_HOME=$scratch/cache bash -euo pipefail -c '
		source vm/lib/common.sh
		VM_APT_KEYRING=/keys
		vm_apt_use "$1"
		sed "s/\[[^]]*\] //" "$(vm_cache_dir)/apt/$1/sources.list"' bash "$1"
}

# host_release: the suite of a host of this release
host_release() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

test_sites() {
	local release
	release=$(host_release)
	mkdir -p "$scratch/bin"
	printf '#!/bin/sh\ncat "%s/uris"\n' "$scratch" >"$scratch/bin/apt-get"
	chmod +x "$scratch/bin/apt-get"
	cat >"$scratch/uris" <<-END
		'http://mirror.test/deb/dists/$release/InRelease' a 0
		'http://mirror.test/deb/dists/$release/main/binary-amd64/Packages.xz' b 0
		'http://other.test/x/dists/$release/InRelease' c 0
		'http://other.test/x/dists/$release/stable/binary-amd64/Packages.xz' d 0
	END
	site_is 'a suite is taken from the site of the host' trixie-backports 'deb http://mirror.test/deb trixie-backports main'
	site_is 'a security suite from beside it' some-security 'deb http://mirror.test/deb-security some-security main'
	echo "'http://safe.test/sec/dists/$release-security/main/binary-amd64/Packages.xz' e 0" >>"$scratch/uris"
	rm -r "$scratch/cache"
	site_is 'or from the site that the host has for it' some-security 'deb http://safe.test/sec some-security main'
}

# site_is NAME SUITE LINE
site_is() {
	sources_list "$2" >"$scratch/out" 2>"$scratch/err" || true
	if head -n 1 "$scratch/out" | grep -qxF "$3"; then ok "$1"; else not_ok "$1 (wanted: $3)"; fi
}

# mdadm BITMAP: the mdadm that the guest gets on a host with mdadm 4.4; a download gives an empty file
mdadm() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	PATH=$scratch/bin:$PATH XDG_CACHE_HOME=$scratch/cache bash -euo pipefail -c '
		source vm/lib/common.sh
		source vm/lib/guest-image/mdadm.sh
		vm_fetch_mdadm() { touch "$1"; }
		vm_mdadm "$1"' bash "$1" >"$scratch/out" 2>"$scratch/err"
}

test_mdadm() {
	printf '#!/bin/sh\necho "mdadm - v4.4 - 2024-11-07" >&2\n' >"$scratch/bin/mdadm"
	chmod +x "$scratch/bin/mdadm"
	if mdadm internal && grep -qx "$scratch/bin/mdadm" "$scratch/out"; then ok 'mdadm 4.4 for an internal bitmap'; else
		not_ok 'mdadm 4.4 for an internal bitmap'; fi
	if mdadm file && grep -qx "$scratch/cache/bitmap-trace/program/bookworm/mdadm" "$scratch/out"; then
		ok 'an older one for a bitmap file'
	else
		not_ok 'an older one for a bitmap file'
	fi
	if ! BT_MDADM=$scratch/bin/mdadm mdadm file && grep -qF 'makes no bitmap files' "$scratch/err"; then
		ok 'one that was named is not replaced'
	else
		not_ok 'one that was named is not replaced'
	fi
	rm "$scratch/bin/mdadm"
}

# Only examples (.test) may name a package host.
test_no_host() {
	git ls-files -z | xargs -0 grep -InE '://[^/ ]+/(debian|ubuntu)|deb\.[a-z]+\.(org|com)' 2>/dev/null |
		grep -vE '[.]test/|^vmlinux.h' >"$scratch/out" || true
	: >"$scratch/err"
	if [ ! -s "$scratch/out" ]; then ok 'no file names a host that has packages'; else not_ok 'no file names a host that has packages'; fi
}

# A tree with the products of a build, and a Makefile that installs one "module".
fake_tree() {
	mkdir -p "$1"/arch/x86/boot "$1"/include/config
	echo 6.99.0-fake >"$1/include/config/kernel.release"
	echo image >"$1/arch/x86/boot/bzImage"
	echo fs/one.o >"$1/modules.order"
	printf '%s\n' CONFIG_BLK_DEV_MD=m CONFIG_DEBUG_INFO_BTF=y CONFIG_MD_BITMAP_FILE=y >"$1/.config"
	touch "$1/arch/x86/Makefile"
	# shellcheck disable=SC2016 # make expands it
	printf 'modules_install:\n\ttouch $(INSTALL_MOD_PATH)/lib/modules/6.99.0-fake/one.ko\n' >"$1/Makefile"
}

# What is to be built: a Makefile whose configuration has one option of two, and no module or image.
fake_source() {
	fake_tree "$1"
	printf 'config SMP\nconfig TTY\n' >"$1/Kconfig"
	# shellcheck disable=SC2016 # make and its shell expand it
	printf 'allnoconfig:\n\tgrep -v CONFIG_TTY= "$$KCONFIG_ALLCONFIG" >.config\nbzImage modules:\n\t@echo "error: $@" >&2; false\n' >"$1/Makefile"
}

test_tree() {
	fake_source "$scratch/source"
	mkdir "$scratch/other"
	touch "$scratch/other/file"
	refused '--tree of something else' 'neither empty nor a kernel source tree' --tree "$scratch/other"
	refused '--tree with a kernel by name' 'leave out -k' --tree "$scratch/source" -k rfc
	refused '--debug of a tree' "vm/kernel --tree $scratch/source --debug" --debug -k "$scratch/source"
	refused 'an option that does not come out' 'CONFIG_TTY did not become y' --tree "$scratch/source"
	echo 'config SMP' >"$scratch/source/Kconfig"
	refused 'unless the source does not have it; what fails then is shown' 'error: ' --tree "$scratch/source"
}

test_built_tree() {
	local dir first
	fake_tree "$scratch/built"
	run -k "$scratch/built"
	first=$(cat "$scratch/out")
	if [ "$status" -eq 0 ] && [ -s "$first/vmlinuz" ] && [ -f "$first/modules/one.ko" ] && [ -d "$first/ko" ] &&
		grep -qx 6.99.0-fake "$first/release"; then
		ok 'built kernel tree is laid out'
	else
		not_ok 'built kernel tree is laid out'
	fi
	echo other >"$scratch/built/arch/x86/boot/bzImage"
	run -k "$scratch/built"
	dir=$(cat "$scratch/out")
	if [ "$dir" != "$first" ] && grep -qx other "$dir/vmlinuz"; then
		ok 'rebuilt kernel tree is taken anew'
	else
		not_ok 'rebuilt kernel tree is taken anew'
	fi
	rm -rf "${first:?}" "${dir:?}"
}

test_patches() {
	write_patch '#define NOT_IN_THE_FILE 3' "$scratch/rejected.patch" '/* rejected line */'
	write_patch '#define BITMAP_MAJOR_LO 3' "$scratch/broken.patch" 'int broken = ;'
	sed 's|drivers/md/md-bitmap.c|block/bio.c|' "$scratch/rejected.patch" >"$scratch/outside.patch"
	refused 'patch that does not apply is named' "$scratch/rejected.patch does not apply" --patch "$scratch/rejected.patch"
	refused 'and its hunk is shown' '+/* rejected line */' --patch "$scratch/rejected.patch"
	refused 'patch outside of md is named' 'changes b/block/bio.c' --patch "$scratch/outside.patch"
	refused 'text that is no patch' 'is it a patch?' --patch vm/kernel
	refused 'patch that does not compile shows why' 'error: expected expression' --patch "$scratch/broken.patch"
}

# has_functions BASE MODULE NAME...: MODULE's BTF has each function.
has_functions() {
	local base=$1 module=$2 name
	shift 2
	bpftool -B "$base" btf dump file "$module" >"$scratch/out" 2>"$scratch/err" || return 1
	for name in "$@"; do
		grep -q "FUNC '$name' " "$scratch/out" || { echo "no $name in BTF" >"$scratch/err"; return 1; }
	done
	: >"$scratch/out"
}

test_rfc() {
	local name='rfc has the functions that the tracer hooks' dir
	run -k rfc
	if [ "$status" -ne 0 ]; then
		not_ok 'rfc builds'
		return
	fi
	ok 'rfc builds'
	dir=$(cat "$scratch/out")
	if ! command -v bpftool >/dev/null; then
		skip "$name" 'no bpftool (package bpftool)'
	elif has_functions "$dir/vmlinux" "$dir/ko/md-mod.ko" md_bitmap_file_set_bit md_bitmap_file_clear_bit __bitmap_unplug \
		bitmap_update_sb md_bitmap_init_from_disk bitmap_daemon_work bitmap_load; then
		ok "$name"
	else
		not_ok "$name"
	fi
}

# manifest KEY: its value for the kernel just made
manifest() { sed -n "s/^$1=//p" "$(cat "$scratch/out")/manifest"; }

# split_functions: the functions that are split in the md-mod just made
split_functions() { nm "$(cat "$scratch/out")/ko/md-mod.ko" | grep -E '\.(part|isra|constprop)\.' || true; }

# Without flags, gcc splits __bitmap_unplug when its body is within a mutex.
test_whole_functions() {
	local name='functions stay whole, whatever a patch does'
	run --patch tests/patches/unplug-mutex.patch
	if [ "$status" -eq 0 ] && [ -z "$(split_functions)" ] && [[ $(manifest flags) == *-fno-partial-inlining* ]]; then
		ok "$name"
	else
		not_ok "$name"
	fi
}

# has NAME STATUS ARG...: vm/kernel --has ends with STATUS
has() {
	local name=$1 wanted=$2
	shift 2
	run "$@"
	if [ "$status" -eq "$wanted" ] && [ ! -s "$scratch/out" ]; then ok "$name"; else not_ok "$name (status $status, wanted $wanted)"; fi
}

test_defects() {
	has 'stock has the race of unplug' 0 --has S1
	has 'rfc has it' 0 --has S1 -k rfc
	has 'with a mutex around unplug it has not' 1 --has S1 --patch tests/patches/unplug-mutex.patch
	has 'and then not all of two' 1 --has S3,S1 --patch tests/patches/unplug-mutex.patch
	run --patch tests/patches/unplug-mutex.patch
	if [[ " $(manifest defects) " == *' S3 '* && " $(manifest defects) " != *' S1 '* ]]; then
		ok 'the manifest has the defects'
	else
		not_ok 'the manifest has the defects'
	fi
}

# A patch made from it as described in vm/README.md applies.
test_source() {
	local name='a patch made from --source applies'
	run --source
	cp -r "$(cat "$scratch/out")" "$scratch/a" && cp -r "$scratch/a" "$scratch/b"
	sed -i '0,/test_and_clear_page_attr/s//test_and_clear_page_attr_wrong/' "$scratch/b/drivers/md/md-bitmap.c"
	(cd "$scratch" && diff -ru a/drivers/md b/drivers/md) >"$scratch/made.patch" || true
	run --has S1 --patch "$scratch/made.patch"
	if [ "$status" -le 1 ] && [ -s "$scratch/made.patch" ]; then ok "$name"; else not_ok "$name"; fi
	refused 'the source of another kernel' '--source is that of stock' --source -k rfc
}

# The source of another series: a patch applies there or is refused with its hunk. Nothing is built.
test_patch_of_series() {
	has 'a patch applies to 7.3' 0 --series 7.3 --has S2 --patch vm/mutants/unplug-returns-early.patch
	refused 'or its hunk is shown' '+/* rejected line */' --series 7.3 --has S1 --patch "$scratch/rejected.patch"
	has 'in 7.3 no bitmap file can be set' 0 --series 7.3 --has no-bitmap-file
	has 'until it is mended' 1 --series 7.3 --has no-bitmap-file -k bitmap-file
	refused 'what mends it is not for 6.12' 'does not apply to drivers/md' -k bitmap-file
}

# newest SERIES...: which one is taken for the newest, where apt and the cache know of these
newest() {
	printf '#!/bin/sh\n' >"$scratch/bin/apt-get"
	printf '#!/bin/sh\nprintf "linux-source-%%s\\n" %s\n' "$*" >"$scratch/bin/apt-cache"
	chmod +x "$scratch"/bin/apt-{get,cache}
	# shellcheck disable=SC2016 # expanded by the inner shell
	PATH=$scratch/bin:$PATH XDG_CACHE_HOME=$scratch/cache VM_DIR=$PWD/vm bash -euo pipefail -c '
		source vm/lib/common.sh
		source vm/lib/kernel/series.sh
		vm_apt_use() { VM_APT=(-qq); }
		vm_apt_update() { :; }
		series_load newest
		echo "${RECIPE[Series]} ${RECIPE[Source]}"' >"$scratch/out" 2>"$scratch/err" || true
	rm "$scratch/bin/apt-cache"
}

# newest_is NAME WORDS
newest_is() { if [[ $(cat "$scratch/out") == "$2" ]]; then ok "$1"; else not_ok "$1 (wanted: $2)"; fi; }

test_newest() {
	rm -rf "$scratch/cache"
	newest 6.12 7.10 7.9
	newest_is 'the newest series is the highest number' '7.10 linux-source-7.10'
	newest
	if grep -qF 'found no kernel through apt' "$scratch/err"; then ok 'no series at all is an error'; else not_ok 'no series at all is an error'; fi
	mkdir -p "$scratch/cache/bitmap-trace/kernels"
	touch "$scratch/cache/bitmap-trace/kernels/found-7.4"
	newest
	newest_is 'without a network one that was found before' '7.4 linux-source-7.4'
}

test_skip_rejected() {
	run --skip-rejected --patch "$scratch/rejected.patch"
	if [ "$status" -eq 0 ] && [ "$(cat "$scratch/out")" = '' ] && [ "$(wc -l <"$scratch/out")" -eq 1 ] &&
		grep -qF 'does not apply' "$scratch/err"; then
		ok 'a kernel may be skipped when its patch does not apply'
	else
		not_ok 'a kernel may be skipped when its patch does not apply'
	fi
}

# Without a network a cached version is used, even if the newest version is not known.
test_no_network() {
	local cache=${XDG_CACHE_HOME:-$HOME/.cache}/bitmap-trace/kernels name='without a network the cached kernel is taken' dir
	run -k stock
	dir=$cache/image/$(manifest version)
	mkdir -p "$scratch/offline/bitmap-trace/kernels/image"
	cp -al "$dir" "$scratch/offline/bitmap-trace/kernels/image/" 2>/dev/null ||
		cp -a "$dir" "$scratch/offline/bitmap-trace/kernels/image/"
	printf '#!/bin/sh\nexit 100\n' >"$scratch/bin/apt-get"
	status=0
	PATH=$scratch/bin:$PATH XDG_CACHE_HOME=$scratch/offline vm/kernel >"$scratch/out" 2>"$scratch/err" || status=$?
	if [ "$status" -eq 0 ] && [ -s "$(cat "$scratch/out")/vmlinuz" ] && grep -qF 'using the cached' "$scratch/err"; then
		ok "$name"
	else
		not_ok "$name"
	fi
}

test_second_call_is_the_same() {
	local first
	run -k rfc
	first=$(cat "$scratch/out")
	run -k rfc
	if [ "$status" -eq 0 ] && [ "$first" = "$(cat "$scratch/out")" ] && [ ! -s "$scratch/err" ]; then
		ok 'second call answers the same, without a word'
	else
		not_ok 'second call answers the same, without a word'
	fi
}

test_usage
test_list
test_paths
test_tree
test_built_tree
test_data
test_sites
test_newest
test_mdadm
test_no_host
if run -k stock && [ "$status" -eq 0 ]; then
	test_patches
	test_patch_of_series
	test_skip_rejected
	test_rfc
	test_whole_functions
	test_defects
	test_source
	test_second_call_is_the_same
	test_no_network
else
	skip 'patches and the rfc variant' 'no kernel to be had (see vm/kernel -k stock)'
fi
printf '1..%d\n' "$count"
