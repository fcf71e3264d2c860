# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Headers of cases and patches, and files that are nothing else (recipes, defects): lines "Name: value". A file with a header is
# read, never executed.

# vm_header_text FILE: of a patch, the text above its first diff; of a script, the comment at its top without
# the "#". The lines keep their numbers. No process is started: run-mutants reads some hundred fields.
vm_header_text() {
	local line
	while IFS= read -r line; do
		case $1 in
		*/kernels/* | */defects/*) ;;
		*.patch | *.base) [[ $line != 'diff '* && $line != '--- '* ]] || return 0 ;;
		*)
			[[ $line == '#'* ]] || return 0
			line=${line#'#'}
			line=${line#"${line%%[![:space:]]*}"}
			;;
		esac
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
