# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Applies patches to md's source.

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

# patch_check PATCH: leaves in WORK/filtered what is to be applied.
patch_check() {
	local patch=$1 other
	: >"$WORK/others"
	patch_filter "$patch" "$WORK/others" >"$WORK/filtered"
	while read -r other; do
		case $other in
		?/Documentation/* | ?/MAINTAINERS) vm_say "$patch: leaving out ${other#*/}, which is no code" ;;
		*) vm_die "$patch: changes $other, but only files right in drivers/md can be rebuilt alone (paths as in a -p1" \
			"patch: a/drivers/md/md.c); for more, build a kernel tree and give it with -k DIR" ;;
		esac
	done <"$WORK/others"
	[[ -s $WORK/filtered ]] || vm_die "$patch: no change to drivers/md in it; is it a patch?"
}

# patch_newer PATCH: prints the path of the same change for newer sources, where the patch does not fit; there may be none there.
patch_newer() { printf '%s/newer/%s\n' "${1%/*}" "${1##*/}"; }

# patch_fits SRC PATCH
patch_fits() {
	patch_check "$2"
	(cd "$1" && patch -p1 --force --fuzz=1 --dry-run) <"$WORK/filtered" >/dev/null 2>&1
}

# patch_apply SRC PATCH: false, with words on stderr, when it does not apply.
patch_apply() {
	local src=$1 patch=$2 log=$WORK/patch.log newer rej
	newer=$(patch_newer "$patch")
	[[ ! -f $newer ]] || patch_fits "$src" "$patch" || patch=$newer
	patch_check "$patch"
	# One line of fuzz at most: with patch(1)'s two a hunk may land somewhere wrong and give a wrong verdict.
	if (cd "$src" && patch -p1 --force --fuzz=1 --no-backup-if-mismatch) <"$WORK/filtered" >"$log" 2>&1; then
		grep -F fuzz "$log" | sed "s|^|$VM_PROGRAM: $patch: |" >&2 || true
		return
	fi
	sed 's/^/    /' "$log" >&2
	while read -r rej; do
		vm_say "rejected in ${rej#"$src"/}:"
		sed 's/^/    /' "$rej" >&2
		rm "$rej"
	done < <(find "$src" -name '*.rej')
	vm_say "$patch does not apply to drivers/md of Debian's ${DEB[version]} ($KERNEL); see above for what was rejected"
	return 1
}

# patch_lines PATCH...: one manifest line per patch: name and changes. The text above them decides nothing, and editing it builds nothing.
patch_lines() {
	local n=0 file newer sum
	for file in "$@"; do
		n=$((n + 1))
		newer=$(patch_newer "$file")
		[[ -f $newer ]] || newer=''
		sum=$(sed -s -n '/^diff \|^--- /,$p' "$file" ${newer:+"$newer"} | sha256sum)
		printf 'patch.%d=%s changes.sha256:%s\n' "$n" "$(basename "$file")" "${sum%% *}"
	done
}
