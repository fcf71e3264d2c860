# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Suites: files whose lines are rows of columns, separated by blanks. A column may be a list, "6.12,7.3": the line then stands for
# each combination. What is behind # is a comment.
#
#   kernel   what a patch is compared with and goes on top of: stock, stock+llbitmap, ... (vm/run --list). -k replaces it.
#   series   6.12, 7.3, newest
#   level    raid1, raid10, raid5
#   bitmap   file, internal, llbitmap
#   fs       ext4, xfs, btrfs: file system of a bitmap file; - for other bitmaps
#   case     of vm/cases. A combination that a case is not for (its header) is left out; a line of nothing else is an error.
#   options  of vm/run, as many as there are: --strict --write-log --timeout=SECONDS --accel=ACCEL --allow=PATTERN (without blanks)
#
# A row is a line of these, separated by tabs, behind its name: NAME KERNEL SERIES LEVEL BITMAP FS CASE OPTIONS

SUITE_COLUMNS=(kernel series level bitmap fs case)

declare -A SUITE_PATTERN=(
	[kernel]='[A-Za-z0-9][A-Za-z0-9_.+/-]*' [series]='[1-9][0-9]*\.[0-9]+|newest' [level]='raid1|raid10|raid5'
	[bitmap]='file|internal|llbitmap' [fs]='ext4|xfs|btrfs|-' [case]='[A-Za-z0-9][A-Za-z0-9_.-]*'
	[option]='--strict|--write-log|--timeout=[1-9][0-9]{0,5}|--accel=(kvm|tcg)|--allow=.+'
)
declare -A SUITE_EXPECTED=(
	[kernel]='a kernel of vm/run --list' [series]='one such as 6.12, or newest' [level]='one of: raid1 raid10 raid5'
	[bitmap]='one of: file internal llbitmap' [fs]='one of: ext4 xfs btrfs -' [case]='a case of vm/run --list'
	[option]='one of: --strict --write-log --timeout=SECONDS --accel=ACCEL --allow=PATTERN'
)

# suite_path NAME|FILE
suite_path() {
	if [[ $1 != */* && -f $VM_DIR/suites/$1 ]]; then
		printf '%s\n' "$VM_DIR/suites/$1"
	elif [[ -f $1 && -r $1 ]]; then
		printf '%s\n' "$1"
	else
		vm_die "--suite '$1': no readable file, and none of: $(cd "$VM_DIR/suites" && printf '%s\n' * | paste -sd' ')"
	fi
}

# suite_rows FILE [SERIES]: prints the rows, each once; all of them of SERIES if that is given
suite_rows() {
	local file=$1 number=0 line
	local -A for_case=() # CASE.FIELD: what its header says
	local -a words
	suite_read_cases
	while IFS= read -r line || [[ -n $line ]]; do
		number=$((number + 1))
		read -ra words <<<"${line%%#*}"
		((${#words[@]})) || continue
		((${#words[@]} >= ${#SUITE_COLUMNS[@]})) ||
			vm_die "$file:$number: ${#words[@]} columns; expected ${#SUITE_COLUMNS[@]}: ${SUITE_COLUMNS[*]} [options]"
		suite_check_line "$file:$number" "${words[@]}"
		words[1]=${2:-${words[1]}}
		suite_product "$file:$number" "${words[@]}"
	done <"$file" >"$WORK/rows.all"
	awk '!seen[$0]++' "$WORK/rows.all"
}

# Sets for_case. One process for all of them.
suite_read_cases() {
	local name field value
	while read -r name field value; do
		for_case[${name##*/}.$field]=$value
	done < <(awk '/^# (Levels|Bitmaps): / { field = $2; sub(/^# [A-Za-z]*: */, ""); print FILENAME, substr(field, 1, length(field) - 1), $0 }' \
		"$VM_DIR"/cases/*)
}

# suite_check_line WHERE COLUMN... [OPTION...]
suite_check_line() {
	local where=$1 n value values
	for n in "${!SUITE_COLUMNS[@]}"; do
		IFS=, read -ra values <<<"${*:n+2:1}"
		for value in "${values[@]}"; do suite_check "$where" "${SUITE_COLUMNS[n]}" "$value"; done
	done
	for value in "${@:${#SUITE_COLUMNS[@]}+2}"; do suite_check "$where" option "$value"; done
}

# suite_check WHERE COLUMN VALUE
suite_check() {
	local known=yes
	[[ $3 =~ ^(${SUITE_PATTERN[$2]})$ ]] || known=no
	[[ $2 != case || -f $VM_DIR/cases/$3 ]] || known=no
	[[ $known == yes ]] || vm_die "$1: $2 '$3': expected ${SUITE_EXPECTED[$2]}"
}

# suite_product WHERE KERNELS SERIES LEVELS BITMAPS FS CASES [OPTION...]
suite_product() {
	local where=$1 why='' count=0 kernel series level bitmap fs case
	local -a kernels many levels bitmaps systems cases
	IFS=, read -ra kernels <<<"$2"
	IFS=, read -ra many <<<"$3"
	IFS=, read -ra levels <<<"$4"
	IFS=, read -ra bitmaps <<<"$5"
	IFS=, read -ra systems <<<"$6"
	IFS=, read -ra cases <<<"$7"
	shift 7
	for kernel in "${kernels[@]}"; do for series in "${many[@]}"; do for level in "${levels[@]}"; do for bitmap in "${bitmaps[@]}"; do
		for fs in "${systems[@]}"; do for case in "${cases[@]}"; do
			if suite_applies "$case" "$level" "$bitmap" "$fs"; then
				count=$((count + 1))
				suite_row "$kernel" "$series" "$level" "$bitmap" "$fs" "$case" "$*"
			fi
		done; done
	done; done; done; done
	((count)) || vm_die "$where: no row: $why"
}

# suite_applies CASE LEVEL BITMAP FS: false, and why is set, if they do not go together
suite_applies() {
	local case=$1 levels bitmaps
	levels=${for_case[$case.Levels]-} bitmaps=${for_case[$case.Bitmaps]-}
	if [[ -n $levels && " ${levels%%;*} " != *" $2 "* ]]; then
		why="$case is not for level $2: ${levels#*; }"
	elif [[ -n $bitmaps && " ${bitmaps%%;*} " != *" $3 "* ]]; then
		why="$case is not for bitmap $3: ${bitmaps#*; }"
	elif [[ $3 == file && $4 == - ]]; then
		why='a bitmap file needs a file system (fs)'
	else
		return 0
	fi
	return 1
}

# suite_row KERNEL SERIES LEVEL BITMAP FS CASE OPTIONS. Where the bitmap is no file, its file system makes no other row.
suite_row() {
	local fs=$5 name
	[[ $4 == file ]] || fs=-
	name=$1-$2-$3-$4-$fs-$6
	name=${name//---/-}${7// /}
	printf '%s\t' "${name//[^A-Za-z0-9.+_-]/_}" "$1" "$2" "$3" "$4" "$fs" "$6"
	printf '%s\n' "$7"
}

# suite_filter WORDS...: of the rows on stdin those with all WORDS; a word is a pattern for a whole column, or for the name
suite_filter() {
	local line word column
	local -a columns
	while IFS= read -r line; do
		IFS=$'\t' read -ra columns <<<"$line"
		for word in "$@"; do
			for column in "${columns[@]}"; do
				# shellcheck disable=SC2053 # a pattern
				[[ $column != $word ]] || continue 2
			done
			continue 2
		done
		printf '%s\n' "$line"
	done
}
