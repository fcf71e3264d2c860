# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The mutants: what their headers say, and what a run of one is worth.
#
# Header lines, above the patch, as in `Base: stock`:
#   Base     kernel it goes on top of: stock (default), rfc
#   Case     in which it shows; with Bitmap (file, default; internal; or both), Level (raid1), Fs (ext4) and
#            Check, arguments of bitmap-trace check
#   Trips    invariants that it breaks: they FAIL
#   Unknown  invariants that may be UNKNOWN because of it
#   May      invariants that may FAIL or not: why is in the text
# All others must be PASS or N/A. What the base breaks by itself in the same case is in a file *.base with the same
# header; without one, that is nothing.

declare -A ROW # settings.sh

mutant_names() {
	local file
	for file in "$VM_DIR"/mutants/*.patch; do basename "$file" .patch; done
}

# mutant_names_on BASE: those on top of it
mutant_names_on() {
	local name
	for name in $(mutant_names); do
		[[ $(vm_header_field "$VM_DIR/mutants/$name.patch" Base stock) != "$1" ]] || printf '%s\n' "$name"
	done
}

# mutant_bitmaps FILE BITMAP: prints the bitmaps that it is run with; BITMAP instead of its own ones unless that is empty, if the
# case goes with it
mutant_bitmaps() {
	local goes
	if [[ -z $2 ]]; then
		vm_header_field "$1" Bitmap file
		return
	fi
	goes=$(vm_header_field "$VM_DIR/cases/$(vm_header_field "$1" Case)" Bitmaps "$2")
	[[ " ${goes%%;*} " != *" $2 "* ]] || echo "$2"
}

# What the base and the mutant have in common; BITMAP is one of several
mutant_setting() {
	local file=$1 bitmap=$2
	printf '%s' "$(vm_header_field "$file" Base stock) $(vm_header_field "$file" Case) $bitmap" \
		" $(vm_header_field "$file" Level raid1) $(vm_header_field "$file" Fs ext4) $(vm_header_field "$file" Check)"
}

# mutant_rows BASES BITMAP NAME...: adds to ROW a run for each mutant and bitmap, and where BASES is yes before it one for its base
# if there is none yet
mutant_rows() {
	local with_bases=$1 only=$2 name file bitmap suffix
	local -a bitmaps
	local -A base_file=() has_base=() # by setting: which *.base speaks of it, and whether the base has a row
	mutant_bases
	for name in "${@:3}"; do
		file=$VM_DIR/mutants/$name.patch
		[[ -r $file ]] || vm_die "no mutant '$name'; vm/run-mutants --list shows them"
		[[ -n $(vm_header_field "$file" Case) ]] || vm_die "$file: no line 'Case:' in the header"
		read -ra bitmaps <<<"$(mutant_bitmaps "$file" "$only")"
		for bitmap in "${bitmaps[@]}"; do
			suffix=''
			((${#bitmaps[@]} == 1)) || suffix=.$bitmap
			[[ $with_bases == no ]] || mutant_base_row "$file" "$bitmap"
			mutant_row "$file" "$bitmap" "mutant/$name" "$name$suffix"
		done
	done
}

# Sets base_file
mutant_bases() {
	local file bitmap
	for file in "$VM_DIR"/mutants/*.base; do
		[[ -e $file ]] || continue
		for bitmap in $(vm_header_field "$file" Bitmap file); do
			base_file[$(mutant_setting "$file" "$bitmap")]=$file
		done
	done
}

# mutant_row FILE BITMAP KERNEL NAME: what is expected is what the file says, and what its base does by itself
mutant_row() {
	local file=$1 base field
	base=${base_file[$(mutant_setting "$1" "$2")]-}
	[[ $base != "$file" ]] || base=/dev/null
	vm_row_add "bitmap=$2" "kernel=$3" "name=$4" kernel_dir= "case=$(vm_header_field "$file" Case)" \
		"level=$(vm_header_field "$file" Level raid1)" "fs=$(vm_header_field "$file" Fs ext4)" "check=$(vm_header_field "$file" Check)"
	for field in Trips Unknown May; do
		ROW[$((ROW[count] - 1)).${field,,}]="$(vm_header_field "$file" "$field") $(vm_header_field "${base:-/dev/null}" "$field")"
	done
}

# mutant_base_row FILE BITMAP: of the mutant's base. Without a *.base of the setting nothing is broken.
mutant_base_row() {
	local setting name field
	setting=$(mutant_setting "$1" "$2")
	[[ -z ${has_base[$setting]-} ]] || return 0
	has_base[$setting]=yes
	name=${setting// --/-}
	name=${name%% }
	mutant_row "${base_file[$setting]:-$1}" "$2" "$(vm_header_field "$1" Base stock)" "${name// /.}"
	[[ -z ${base_file[$setting]-} ]] || return 0
	for field in trips unknown may; do ROW[$((ROW[count] - 1)).$field]=''; done
}

# Says how many of the mutants were skipped because their patches do not apply; fails when that is more than a tenth of those that
# there are, or all that were asked for.
mutant_rejected() {
	local n all
	local -A asked=() rejected=()
	for ((n = 0; n < ROW[count]; n++)); do
		[[ ${ROW[$n.kernel]} == mutant/* ]] || continue
		asked[${ROW[$n.kernel]}]=yes
		[[ -n ${ROW[$n.kernel_dir]} ]] || rejected[${ROW[$n.kernel]}]=yes
	done
	all=$(mutant_names | wc -l)
	echo "${#rejected[@]} of ${#asked[@]} mutants do not apply to this source${rejected[*]:+: ${!rejected[*]}}"
	((${#rejected[@]} * 10 <= all && ${#rejected[@]} < ${#asked[@]}))
}

# mutant_judge N DIR: says what came of a run; fails when it is not as it should be
mutant_judge() {
	local n=$1 dir=$2 status wrong
	status=$(cat "$dir/status" 2>/dev/null || echo none)
	case $status in
	0 | 1 | 3 | 4) ;;
	5) echo 'the VM was lost' && return 1 ;;
	*) echo "no verdict (status $status)" && return 1 ;;
	esac
	if wrong=$(grep -E '^case .* (failed|ended) with status' "$dir/stderr.log"); then
		echo "$wrong"
		return 1
	fi
	mutant_compare "$n" "$dir/verdict.txt"
}

# Holds each line "VERDICT INVARIANT ..." of the report against what is expected.
mutant_compare() {
	local n=$1 verdict name wrong=() failed=() trips=" ${ROW[$1.trips]} " may=" ${ROW[$1.may]} "
	local unknown=" ${ROW[$1.unknown]} " known=' '
	while read -r verdict name _; do
		known+="$name "
		case $verdict in
		FAIL)
			failed+=("$name")
			[[ $trips == *" $name "* || $may == *" $name "* ]] || wrong+=("breaks $name")
			continue
			;;
		UNKNOWN) [[ $unknown == *" $name "* || $may == *" $name "* ]] || wrong+=("$name is UNKNOWN") ;;
		esac
		[[ $trips != *" $name "* ]] || wrong+=("$name survives ($verdict)")
	done < <(grep -E '^(PASS|FAIL|UNKNOWN|N/A) +[a-z-]+ ' "$2")
	! grep -q 'no kernel stack was taken' "$2" || wrong+=('a counterexample has no kernel stack')
	[[ $known != ' ' ]] || wrong+=('there is no report')
	for name in $trips; do [[ $known == *" $name "* ]] || wrong+=("$name is not in the report"); done
	if ((${#wrong[@]})); then
		printf '%s; ' "${wrong[@]}"
		return 1
	fi
	mutant_words "${failed[@]}"
}

mutant_words() { if (($#)); then echo "breaks $*"; else echo 'breaks nothing'; fi; }
