# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Headers of cases and patches: lines "Name: value". A file with a header is read, never executed.

# vm_header_text FILE: of a patch, the text above its first diff; of a script, the comment at its top without
# the "#". The lines keep their numbers.
vm_header_text() {
	case $1 in
	*.patch | *.base) sed -n -e '/^diff \|^--- /q' -e p -- "$1" ;;
	*) sed -n -e '/^#/!q' -e 's/^#[[:space:]]*//p' -- "$1" ;;
	esac
}

# vm_header_field FILE NAME [DEFAULT]: the value; of a field with several lines, all of them in one line
vm_header_field() {
	local value
	value=$(vm_header_text "$1" | sed -n "s/^$2:[[:space:]]*//p" | paste -sd' ')
	printf '%s\n' "${value:-${3-}}"
}
