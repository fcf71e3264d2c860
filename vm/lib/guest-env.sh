# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the guest is told of a run.

# Rows and columns of the terminal; not every terminal knows
window_size() {
	local size
	size=$(stty size 2>/dev/null) || size=''
	[[ $size =~ ^[1-9][0-9]*\ [1-9][0-9]*$ ]] || size='24 80'
	printf '%s\n' "$size"
}

# vm_guest_env [NAME]: assignments for the guest, which calls the run NAME
vm_guest_env() {
	printf 'BT_%s=%q\n' RUN "${1:-single}" CASE "${CASE_FILE##*/}" FS "$OPT_FS" LEVEL "$OPT_LEVEL" \
		BITMAP_KIND "$OPT_BITMAP" BITMAP_CHUNK "${HEADER[Bitmap-Chunk]}" LAYOUT "${LAYOUT//$'\n'/ }" \
		MODULES "${HEADER[Modules]}" CHECK_ARGS "${HEADER[Check]}" TRACE "$OPT_TRACE" WRITE_LOG "$OPT_WRITE_LOG" SHELL "$OPT_SHELL" \
		TERM "${TERM:-dumb}" WINDOW "$(window_size)" \
		IS_CASE "$(vm_is_case "$CASE_FILE" && echo yes || echo no)"
}
