# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Cases: which there are, and what the one that was chosen asks of the machine.

# The variables that a case may set; vm/README.md says what each means.
VM_CASE_VARIABLES=(DESCRIPTION MEMBER_SIZE BITMAP_SIZE BITMAP_CHUNK CHECK_ARGS MODULES PROGRAMS TIMEOUT)

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

# A case defines test(); anything else is a script that is simply run.
vm_is_case() { grep -Eq '^test\(\)' -- "$1"; }

# Runs in a clean shell, so that a case cannot reach into this one.
vm_case_shell() {
	local code=$1 file=$2
	env -i PATH="$PATH" BT_FS="$OPT_FS" BT_LEVEL="$OPT_LEVEL" BT_BITMAP_KIND="$OPT_BITMAP" \
		bash -euo pipefail -c "source \"\$1\"; $code" bash "$file"
}

# Prints assignments of the case's variables, for eval.
vm_case_settings() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	vm_case_shell 'for v in '"${VM_CASE_VARIABLES[*]}"'; do
		printf "CASE_%s=%q\n" "$v" "${!v-}"
	done' "$1"
}

# A case says by requires() on stdout why it cannot run with these options.
vm_case_requires() {
	local why
	why=$(vm_case_shell 'if declare -F requires >/dev/null; then requires; fi' "$1") ||
		vm_die "case '${1##*/}' cannot run with these options: ${why:-no reason given}"
}

vm_case_list() {
	local file CASE_DESCRIPTION
	for file in "$VM_DIR"/cases/*; do
		eval "$(vm_case_settings "$file")"
		printf '  %-14s %s\n' "${file##*/}" "$CASE_DESCRIPTION"
	done
}

# The smallest partition in which the file systems that want much can be made
vm_bitmap_size() { if [[ $OPT_FS == ext4 ]]; then echo 64M; else echo 384M; fi; }

# Sets CASE_FILE and CASE_* for the chosen case or script.
vm_case_load() {
	local variable
	CASE_FILE=$(vm_case_path "$1")
	for variable in "${VM_CASE_VARIABLES[@]}"; do
		printf -v "CASE_$variable" '%s' ''
	done
	if vm_is_case "$CASE_FILE"; then
		eval "$(vm_case_settings "$CASE_FILE")"
		vm_case_requires "$CASE_FILE"
	fi
	# The environment overrides, for scripts, which cannot say it themselves.
	[[ $OPT_STRICT == no ]] || CASE_CHECK_ARGS+=' --strict'
	CASE_MEMBER_SIZE=${BT_MEMBER_SIZE:-${CASE_MEMBER_SIZE:-64M}}
	CASE_BITMAP_SIZE=${BT_BITMAP_SIZE:-${CASE_BITMAP_SIZE:-$(vm_bitmap_size)}}
	CASE_BITMAP_CHUNK=${BT_BITMAP_CHUNK:-${CASE_BITMAP_CHUNK:-64K}}
}
