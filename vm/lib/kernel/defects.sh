# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the source of a driver has of the defects that are known. Expectations about bugs follow from this, never from a version.
#
# A defect is a file of vm/defects, lines of "Name: value":
#   Subject    what is wrong, in a line
#   File       of drivers/md
#   Function   names that the function goes by in different kernels; the bodies of all that are there are looked at
#   Has, Lacks extended regular expressions. The source has the defect if the first is found in the bodies, and the second is
#              not (-: no such). Comments are gone there, and each run of white space is one space.

defects_list() { (cd "$VM_DIR/defects" && printf '%s\n' *); }

# The text of all defects
defects_table() { (cd "$VM_DIR/defects" && grep '' -- *); }

# defects_check DEFECT...: they are known
defects_check() {
	local defect
	for defect in "$@"; do
		[[ $defect != */* && -f $VM_DIR/defects/$defect ]] ||
			vm_die "--has '$defect': no such defect; known: $(defects_list | paste -sd' ')"
	done
}

# defects_bodies FILE FUNCTION...: prints the bodies of these functions of a C file, one a line
defects_bodies() {
	local file=$1 names
	shift
	names=$(IFS='|' && echo "$*")
	perl -0777 -ne '
		BEGIN { $names = shift }
		s{/\*.*?\*/}{ }gs;
		s{//[^\n]*}{ }g;
		while (/^[a-z][^;{}()]*\b(?:$names)\([^;{}]*\)\s*(\{.*?^\})/gms) {
			($body = $1) =~ s/\s+/ /g;
			print "$body\n";
		}' "$names" "$file"
}

# defects_has MD DEFECT: the source in MD, a folder drivers/md, has it
defects_has() {
	local md=$1 defect=$VM_DIR/defects/$2 file functions lacks bodies
	file=$md/$(vm_header_field "$defect" File)
	[[ -f $file ]] || return 1
	read -ra functions <<<"$(vm_header_field "$defect" Function)"
	bodies=$(defects_bodies "$file" "${functions[@]}" | paste -sd' ')
	lacks=$(vm_header_field "$defect" Lacks)
	grep -qE -- "$(vm_header_field "$defect" Has)" <<<"$bodies" &&
		{ [[ $lacks == - ]] || ! grep -qE -- "$lacks" <<<"$bodies"; }
}

# defects_in MD: prints those that the source has
defects_in() {
	local defect
	for defect in $(defects_list); do
		! defects_has "$1" "$defect" || echo "$defect"
	done
}

# defects_all_in MD DEFECT...: the source has all of these
defects_all_in() {
	local md=$1 defect
	shift
	for defect in "$@"; do
		defects_has "$md" "$defect" || return 1
	done
}
