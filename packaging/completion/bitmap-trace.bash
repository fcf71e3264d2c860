# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion for bash: the tool itself says what a word can become; if it says nothing, names of files are completed.

_bitmap_trace() {
	local current=${COMP_WORDS[COMP_CWORD]} i
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -- ]] || continue
		# What follows is a command of its own; bash-completion completes it.
		if declare -F _command_offset >/dev/null; then
			_command_offset $((i + 1))
		elif ((i + 1 == COMP_CWORD)); then
			mapfile -t COMPREPLY < <(compgen -c -- "$current")
		fi
		return
	done
	# "--rule=x" is three words for bash.
	if [[ $current == '=' ]]; then
		set -- "$1" "${COMP_WORDS[@]:1:COMP_CWORD-1}" ''
	elif ((COMP_CWORD > 2)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == '=' ]]; then
		set -- "$1" "${COMP_WORDS[@]:1:COMP_CWORD-2}" "$current"
	else
		set -- "$1" "${COMP_WORDS[@]:1:COMP_CWORD}"
	fi
	mapfile -t COMPREPLY < <("$1" complete "${@:2}" 2>/dev/null | cut -f1)
}

complete -o default -F _bitmap_trace bitmap-trace
