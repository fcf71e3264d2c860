# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The settings of a run that the guest gets.

declare -A RUN HEADER # settings.sh

# Rows and columns of the terminal; not every terminal knows
window_size() {
	local size
	size=$(stty size 2>/dev/null) || size=''
	[[ $size =~ ^[1-9][0-9]*\ [1-9][0-9]*$ ]] || size='24 80'
	printf '%s\n' "$size"
}

# vm_guest_env NAME: assignments for the guest, which calls the run NAME
vm_guest_env() {
	printf 'BT_%s=%q\n' RUN "$1" CASE "${RUN[case_file]##*/}" FS "${RUN[fs]}" LEVEL "${RUN[level]}" \
		BITMAP_KIND "${RUN[bitmap]}" BITMAP_CHUNK "${HEADER[Bitmap-Chunk]}" LAYOUT "${RUN[layout]//$'\n'/ }" \
		MODULES "${HEADER[Modules]}" CHECK_ARGS "${HEADER[Check]}" PERTURB "${RUN[perturb]}" LOAD_S "${RUN[load_s]}" TRACE "${RUN[trace]}" WRITE_LOG "${RUN[write_log]}" SHELL "${RUN[shell]}" \
		TERM "${TERM:-dumb}" WINDOW "$(window_size)" \
		IS_CASE "$(vm_is_case "${RUN[case_file]}" && echo yes || echo no)"
}
