# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Cases: which there are, and what the header of the chosen one sets. On the host a case is read, never executed.

declare -A RUN HEADER # settings.sh

# The fields of a case's header (vm/README.md says what each means): what a value looks like, and how to say that
declare -A VM_CASE_PATTERN=(
	[Description]='.+' [Member-Size]='[1-9][0-9]*[KMG]?' [Bitmap-Size]='[1-9][0-9]*[KMG]?' [Bitmap-Chunk]='[1-9][0-9]*[KMG]?'
	[Check]='.+' [Modules]='[A-Za-z0-9_ -]+' [Programs]='[A-Za-z0-9_. -]+' [Timeout]='[1-9][0-9]{0,5}'
	[Levels]='(raid(1|10|5) ?)+; .+' [Bitmaps]='((file|internal|llbitmap) ?)+; .+' [SPDX-License-Identifier]='.+'
)
declare -A VM_CASE_EXPECTED=(
	[Description]='a text' [Member-Size]='a size such as 64M' [Bitmap-Size]='a size such as 64M'
	[Bitmap-Chunk]='a size such as 64K' [Check]='options of bitmap-trace check' [Modules]='names of modules'
	[Programs]='names of programs' [Timeout]='a number of seconds'
	[Levels]="some of raid1 raid10 raid5, and why, such as 'raid1; only raid1 has write-behind'"
	[Bitmaps]="some of file internal llbitmap, and why, such as 'file; an internal bitmap is no file'"
	[SPDX-License-Identifier]='a license'
)

# How cases once said it; silently ignored, it would be a weaker run.
VM_CASE_WAS='^(DESCRIPTION|CHECK_ARGS|MODULES|PROGRAMS|MEMBER_SIZE|BITMAP_SIZE|BITMAP_CHUNK|TIMEOUT)=|^requires *[(][)]'

# vm_case_path NAME|SCRIPT: a path with a slash, or of a file that is no case, is a script.
vm_case_path() {
	local name=$1
	if [[ $name != */* && -f $VM_DIR/cases/$name ]]; then
		printf '%s\n' "$VM_DIR/cases/$name"
	elif [[ -f $name && -r $name ]]; then
		realpath -- "$name"
	else
		vm_die "case '$name': neither a case of $VM_DIR/cases nor a readable file; --list shows the cases"
	fi
}

# A case defines test() and has a header; anything else is a script that is simply run, and has none.
vm_is_case() { grep -Eq '^(function +)?test *\(\)' -- "$1"; }

# vm_case_read FILE: sets HEADER from the header
vm_case_read() {
	local file=$1 number=0 line
	while IFS= read -r line; do
		number=$((number + 1))
		[[ ! $line =~ ^([A-Za-z][A-Za-z-]*)[[:space:]]*:[[:space:]]*(.*)$ ]] ||
			vm_case_field "$file:$number" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
	done < <(vm_header_text "$file")
	vm_case_misplaced "$file" "$number"
}

# vm_case_field WHERE NAME VALUE
vm_case_field() {
	[[ -n ${VM_CASE_PATTERN[$2]-} ]] ||
		vm_die "$1: unknown field '$2' in the header of a case; expected one of: $(vm_case_fields)." \
			'Other comments go below an empty line.'
	[[ $3 =~ ^(${VM_CASE_PATTERN[$2]})$ ]] || vm_die "$1: $2 '$3': expected ${VM_CASE_EXPECTED[$2]}"
	[[ -z ${HEADER[$2]} ]] || vm_die "$1: a second line '$2'"
	HEADER[$2]=$3
}

vm_case_fields() { printf '%s\n' "${!VM_CASE_PATTERN[@]}" | grep -v ^SPDX | sort | paste -sd' ' | sed 's/ /, /g'; }

# vm_case_misplaced FILE LINES: what looks like a setting below the header, whose lines are LINES, would be ignored.
vm_case_misplaced() {
	local found fields
	fields=$(printf '|%s' "${!VM_CASE_PATTERN[@]}")
	found=$(awk -v header="$2" -v fields="^#[ \t]*(${fields:1}):" -v was="$VM_CASE_WAS" '
		NR > header && ($0 ~ fields || $0 ~ was) { print NR ":" $0; exit }' "$1")
	[[ -z $found ]] ||
		vm_die "$1:${found%%:*}: '${found#*:}' sets nothing there; settings are lines such as '# Modules: dm-mod' in the" \
			'comment at the top of the case, above the first line that is no comment (vm/README.md, "A new case")'
}

# vm_case_applies NAME OPTION CHOSEN FIELD: FIELD is "VALUE...; REASON", or empty
vm_case_applies() {
	[[ -z $4 || " ${4%%;*} " == *" $3 "* ]] || vm_die "case '$1' cannot run with $2 $3: ${4#*; }"
}

# "NAME DESCRIPTION" of each. One process for all of them: --list is for people.
vm_case_list() {
	awk '/^# Description: / {
		sub(/^# Description: */, "")
		name = FILENAME
		sub(/.*\//, "", name)
		print name, $0
	}' "$VM_DIR"/cases/*
}

# vm_check_perturb: what --perturb says is right, as the tool sees it
vm_check_perturb() {
	[[ -z ${RUN[perturb]} ]] || "${RUN[tool]}" check --perturb "${RUN[perturb]}" --list-rules >/dev/null || exit 2
}

# The smallest partition in which the file systems that want much can be made
vm_bitmap_size() { if [[ ${RUN[fs]} == ext4 ]]; then echo 64M; else echo 384M; fi; }

# vm_case_load CASE: sets RUN[case_file] and HEADER, the fields of its header, for the chosen case or script
vm_case_load() {
	local field
	RUN[case_file]=$(vm_case_path "$1")
	for field in "${!VM_CASE_PATTERN[@]}"; do HEADER[$field]=''; done
	if vm_is_case "${RUN[case_file]}"; then
		vm_case_read "${RUN[case_file]}"
		vm_case_applies "${RUN[case_file]##*/}" --level "${RUN[level]}" "${HEADER[Levels]}"
		vm_case_applies "${RUN[case_file]##*/}" --bitmap "${RUN[bitmap]}" "${HEADER[Bitmaps]}"
	fi
	# The environment overrides, for scripts, which have no header.
	[[ ${RUN[strict]} == no ]] || HEADER[Check]+=' --strict'
	HEADER[Member-Size]=${BT_MEMBER_SIZE:-${HEADER[Member-Size]:-64M}}
	HEADER[Bitmap-Size]=${BT_BITMAP_SIZE:-${HEADER[Bitmap-Size]:-$(vm_bitmap_size)}}
	HEADER[Bitmap-Chunk]=${BT_BITMAP_CHUNK:-${HEADER[Bitmap-Chunk]:-64K}}
}
