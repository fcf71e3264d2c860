# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Headers of cases and patches: lines "Name: value". A file with a header is read, never executed.

# vm_header_text FILE: of a file that begins with "#", the comment at its top without the "#"; of any other, such as a
# patch, the text above the first diff. The lines keep their numbers. No process is started: run-mutants reads some
# hundred fields.
vm_header_text() {
	local line is_comment=''
	while IFS= read -r line; do
		[[ -n $is_comment ]] || is_comment=${line::1}
		if [[ $is_comment == '#' ]]; then
			[[ $line == '#'* ]] || return 0
			line=${line#'#'}
			line=${line#"${line%%[![:space:]]*}"}
		elif [[ $line == 'diff '* || $line == '--- '* ]]; then
			return 0
		fi
		printf '%s\n' "$line"
	done <"$1"
}

# vm_header_field FILE NAME [DEFAULT]: the value; of a field with several lines, all of them in one line
vm_header_field() {
	local line value='' pattern="^$2:[[:space:]]*(.*)$"
	while IFS= read -r line; do
		[[ ! $line =~ $pattern ]] || value+=" ${BASH_REMATCH[1]}"
	done < <(vm_header_text "$1")
	value=${value# }
	printf '%s\n' "${value:-${3-}}"
}
