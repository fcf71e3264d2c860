# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files that vm/kernel reads share their variables
# SPDX-License-Identifier: GPL-2.0-only
#
# Rebuilds the md modules that a set of patches touches, against the distribution's headers.

BUILD_ERROR_LINES_MAX=40

# build_md DEST PATCH...: leaves the rebuilt modules in DEST.
build_md() {
	local dest=$1 parts=$cache/build/$deb_version src=$cache_tmp/src patch
	shift
	need_tools make patch diff strip readelf pahole nproc "$(build_compiler "$parts")"
	[ -f "$parts/usr/src/linux-headers-$deb_abi-amd64/vmlinux" ] ||
		die "the headers of $deb_version have no vmlinux, so a rebuilt md would have no BTF: of $opt_series only stock" \
			"can be used"
	build_source "$parts" "$src"
	for patch in "$@"; do
		build_apply "$src" "$patch"
	done
	build_modules_touched "$parts/drivers/md" "$src/drivers/md"
	[ "${#build_modules[@]}" -gt 0 ] || return 0
	build_make "$parts" "$src/drivers/md"
	build_deliver "$src/drivers/md" "$dest"
}

# build_source PARTS SRC: md's sources as the distribution has them. Where another kernel was built before, only what
# differs is written, with the time of now: what was compiled from the rest is still good.
build_source() {
	local parts=$1 src=$2 file
	if [ ! -d "$src" ]; then
		mkdir -p "$src"
		cp -a "$parts/drivers" "$src/"
		return
	fi
	for file in "$src"/drivers/md/*.[ch]; do
		[[ -e $parts/${file#"$src"/} || $file == *.mod.c ]] || rm "$file"
	done
	for file in "$parts"/drivers/md/*; do
		cmp -s "$file" "$src/${file#"$parts"/}" || cp "$file" "$src/${file#"$parts"/}"
	done
}

# The compiler the headers ask for: modules must be built by the one that built the kernel.
build_compiler() {
	local name
	# shellcheck disable=SC2016 # the dollar is make's
	name=$(sed -n 's/^CC = .*\$(CROSS_COMPILE)\(gcc[-0-9]*\)$/\1/p' \
		"$1/usr/src/linux-headers-$deb_abi-amd64/.kernelvariables" 2>/dev/null || true)
	printf 'x86_64-linux-gnu-%s\n' "${name:-gcc}"
}

# ---- patches ------------------------------------------------------------------------------------------------------

# Copies to stdout those parts of a patch that change a file right in drivers/md; names the other files in the file
# OTHERS. Lines of hunks are counted, so that text which looks like a header inside a hunk is not taken for one.
patch_filter() {
	awk -v others="$2" '
		function wanted(path) {
			sub(/\t.*/, "", path)
			if (path ~ /^[^\/]+\/drivers\/md\/[^\/]+$/) return 1
			print path >others
			return 0
		}
		# The number of lines in a range such as -12,7; a range without a number is one line.
		function lines(range) { return range ~ /,/ ? substr(range, index(range, ",") + 1) + 0 : 1 }
		old > 0 || new > 0 {
			first = substr($0, 1, 1)
			if (first != "+" && first != "\\") old--
			if (first != "-" && first != "\\") new--
			if (keep) print
			next
		}
		/^diff --git / { git = 1; keep = wanted($NF); if (keep) print; next }
		git && /^\+\+\+ / { git = 0; if (keep) print; next }
		git { if (keep) print; next }
		/^--- / { from = $0; next }
		/^\+\+\+ / && from != "" {
			keep = wanted(/^\+\+\+ \/dev\/null/ ? substr(from, 5) : substr($0, 5))
			if (keep) printf "%s\n%s\n", from, $0
			from = ""
			next
		}
		/^@@ -/ { old = lines($2); new = lines($3); if (keep) print; next }
		keep { print }' "$1"
}

build_apply() {
	local src=$1 patch=$2 other log=$cache_tmp/patch.log
	: >"$cache_tmp/others"
	patch_filter "$patch" "$cache_tmp/others" >"$cache_tmp/filtered"
	while read -r other; do
		case $other in
		?/Documentation/* | ?/MAINTAINERS) say "$patch: leaving out ${other#*/}, which is no code" ;;
		*) die "$patch: changes $other, but only files right in drivers/md can be rebuilt alone (paths as in a -p1" \
			"patch: a/drivers/md/md.c); for more, build a kernel tree and give it with -k DIR" ;;
		esac
	done <"$cache_tmp/others"
	[ -s "$cache_tmp/filtered" ] || die "$patch: no change to drivers/md in it; is it a patch?"
	# One line of fuzz at most: with patch(1)'s two a hunk may land somewhere wrong and give a wrong verdict.
	if ! (cd "$src" && patch -p1 --force --fuzz=1 --no-backup-if-mismatch) <"$cache_tmp/filtered" >"$log" 2>&1; then
		build_apply_failed "$src" "$patch" "$log"
	fi
	grep -F fuzz "$log" | sed "s|^|vm/kernel: $patch: |" >&2 || true
}

build_apply_failed() {
	local src=$1 patch=$2 log=$3 rej
	sed 's/^/    /' "$log" >&2
	while read -r rej; do
		say "rejected in ${rej#"$src"/}:"
		sed 's/^/    /' "$rej" >&2
	done < <(find "$src" -name '*.rej')
	die "$patch does not apply to drivers/md of Debian $deb_version ($opt_kernel); see above for what was rejected"
}

# ---- modules ------------------------------------------------------------------------------------------------------

# Sets build_modules to the modules that the changed files go into. A change to a header, to the Makefile or a new
# file may reach all of md. Modules that the distribution does not ship are left out.
build_modules_touched() {
	local stock=$1 patched=$2 file
	local -A touched=()
	while read -r file; do
		case $file in
		md.c | md-bitmap.c) touched[md-mod]=1 ;;
		raid0.c | raid1.c | raid10.c | md-cluster.c | dm-raid.c) touched[${file%.c}]=1 ;;
		md-linear.c) touched[linear]=1 ;;
		raid1-10.c) touched[raid1]=1 touched[raid10]=1 ;;
		raid5*.c) touched[raid456]=1 ;;
		md*.[ch] | raid*.h | Makefile)
			for file in md-mod raid0 raid1 raid10 raid456 linear md-cluster dm-raid; do touched[$file]=1; done ;;
		Kconfig) say "drivers/md/Kconfig is changed: the distribution's configuration stays as it is" ;;
		# A new file matters through the Makefile or the file that includes it, which is changed then.
		*) [ ! -e "$stock/$file" ] || die "drivers/md/$file is no part of md; only md's own modules are rebuilt" ;;
		esac
	done < <(diff -rqN -x '*.mod.c' "$stock" "$patched" | sed -n 's|^Files .* and .*/\([^/]*\) differ$|\1|p')
	build_modules=()
	while read -r file; do
		[ -z "$(find "$cache/image/$deb_version/modules/kernel/drivers/md" -name "$file.ko*")" ] ||
			build_modules+=("$file")
	done < <(printf '%s\n' "${!touched[@]}" | sort)
	[ "${#build_modules[@]}" -gt 0 ] || say "the patches change no module of this kernel"
}

# The build system reads Kbuild before Makefile: this one takes over what modules consist of, and builds only ours.
build_kbuild() {
	# shellcheck disable=SC2016 # make expands it
	printf 'include $(src)/Makefile\nobj-y :=\nobj-m := %s\n' "${build_modules[*]/%/.o}" >"$1/Kbuild"
}

# Variables of an outer make (jobs, V=1, M) must not leak into the kernel's.
build_make() {
	local parts=$1 md=$2 log=$cache_tmp/make.log
	say "building ${build_modules[*]}"
	build_kbuild "$md"
	if ! env -i PATH="$PATH" HOME="$HOME" LC_ALL=C make -C "$parts/usr/src/linux-headers-$deb_abi-amd64" M="$md" \
		-j"$(nproc)" KCFLAGS="-ffile-prefix-map=$md/=drivers/md/ -ffile-prefix-map=$parts/=" \
		modules >"$log" 2>&1; then
		build_make_failed "$md" "$log"
	fi
	grep -E 'warning:|WARNING:' "$log" | sed -e "s|$md/|drivers/md/|" -e 's|^|vm/kernel: |' >&2 || true
}

build_make_failed() {
	local md=$1 log=$2
	cp "$log" "$cache/log/make.log"
	grep -E -A2 'error:|ERROR:|undefined!|error while loading' "$log" | head -n "$BUILD_ERROR_LINES_MAX" |
		sed -e "s|$md/|drivers/md/|" -e 's/^/    /' >&2 || tail -n "$BUILD_ERROR_LINES_MAX" "$log" >&2
	die "md does not compile with these patches ($opt_kernel); the whole log: $cache/log/make.log"
}

build_deliver() {
	local md=$1 dest=$2 module
	for module in "${build_modules[@]}"; do
		[ -f "$md/$module.ko" ] || continue
		strip -g "$md/$module.ko"
		readelf -SW "$md/$module.ko" | grep -q ' \.BTF ' ||
			die "$module.ko was built without BTF, which the tracer needs; does 'pahole --version' work (package pahole)?"
		mv "$md/$module.ko" "$dest/"
	done
	[ -n "$(ls -A "$dest")" ] || die "the build made no module of: ${build_modules[*]}"
}

build_manifest() {
	local ko
	printf '%s=%s\n' compiler "$("$(build_compiler "$cache/build/$deb_version")" -dumpfullversion)" \
		pahole "$(pahole --version)"
	for ko in "$1"/*.ko; do
		[ -f "$ko" ] || continue
		printf 'ko.%s=sha256:%s\n' "$(basename "$ko")" "$(sha256sum <"$ko" | cut -d' ' -f1)"
	done
}
