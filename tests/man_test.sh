#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Manual pages and completion have what the tool has.
set -euo pipefail

cd "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.."
# shellcheck source=tests/tap.sh
source tests/tap.sh
TOOL=${BT_TOOL:-${BUILD:-build}/san/bitmap-trace}
[[ $TOOL == /* ]] || TOOL=$PWD/$TOOL
TRACE=tests/traces/single-writer.bt

# offers WORD...: what the tool says the last word can become
offers() { "$TOOL" complete "$@" | cut -f1; }

commands=$(offers '' | grep -vx help)
same 'the subcommands of --help are completed' "$("$TOOL" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')" "$(offers '')"
same 'each has a manual page, and there is no other' "$(printf '%s\n' bitmap-trace "$commands" | sort)" \
	"$(printf '%s\n' docs/man/*.scd | sed 's,.*/,,; s/\.scd$//' | sort)"

# What --help prints, what completion offers, and what the page has come different ways from the table.
for command in $commands; do
	same "$command: the options of --help are completed" \
		"$("$TOOL" "$command" --help | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p' | sort)" "$(offers "$command" -- | sort)"
	same "$command: ... and are in its manual page" "$(offers "$command" --)" \
		"$(docs/man/page "$TOOL" "$command" | sed -n '/^# OPTIONS/,/^# E/s/^\*\(-., \)\?\(--[a-z-]*\)\*.*/\2/p')"
	same "$command: ... which says of them what --help does" \
		"$("$TOOL" "$command" --help | sed '1,/^$/d; 1,/^$/d' | tr -d '[:space:]')" \
		"$(docs/man/page "$TOOL" "$command" | sed -n '/^# OPTIONS/,/^# E/{/^#/d; /^\*-/s/[*_]//g; s/\\//g; p}' | tr -d '[:space:]')"
done

nothing '--help fits into 80 columns' "$({ "$TOOL" --help; for command in $commands; do "$TOOL" "$command" --help; done; } | awk 'length > 80')"

# page NAME [SUBCOMMAND]: formatted; warnings of both programs are printed, too
page() { docs/man/page "$TOOL" "${@:2}" | scdoc >"$WORK/$1.1" 2>&1 && groff -man -Tutf8 -ww -z "$WORK/$1.1" 2>&1; }
if command -v scdoc >/dev/null && command -v groff >/dev/null; then
	WORK=$(mktemp -d)
	trap 'rm -rf "$WORK"' EXIT
	nothing 'scdoc and groff take each page' \
		"$(page bitmap-trace; for command in $commands; do page "bitmap-trace-$command" "$command"; done)"
else
	ok 'scdoc and groff take each page # SKIP there is no scdoc'
fi

same 'completion: rules' "$("$TOOL" check --list-rules | sed -n 's/^\([a-z][a-z-]*\)  .*/\1/p' | sort)" "$(offers check --rule '' | sort)"
same '... of explain' "$(offers check --rule '')" "$(offers explain '')"
same '... behind =' '--known=intent-before-data' "$(offers check --known=intent-b)"
same 'completion: formats' 'text json ktap' "$(offers check -f '' | paste -sd' ')"
same '... that the subcommand has' 'json' "$(offers list --format j)"
same 'completion: events, all that a trace has' '' \
	"$("$TOOL" dump "$TRACE" -f json | sed -n 's/^{"event":"\([a-z_]*\)".*/\1/p' | sort -u | comm -23 - <(offers dump --event '' | sort))"
same '... behind a comma' 'set_bit,page_write_end' "$(offers dump --event set_bit,page_write_e)"
same 'completion: stages' 'page_write' "$(offers hist --stage page_w)"
same 'completion: names of files are left to the shell' '' "$(offers check -o ''; offers crash -l ''; offers check '')"
same '... so is a subcommand that there is not' '' "$(offers frob -; offers help frob)"

# in_bash WORD...: COMPREPLY of bash, with the words as readline splits them
in_bash() {
	PATH=$(dirname "$TOOL"):$PATH bash -c 'source packaging/completion/bitmap-trace.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_bitmap_trace bitmap-trace
		printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}
same 'bash: subcommands' $'diff\ndump\ndoctor' "$(in_bash bitmap-trace d)"
same 'bash: options' '--textfile' "$(in_bash bitmap-trace hist --te)"
same 'bash: a value' $'intent-before-data\nintent-recorded' "$(in_bash bitmap-trace check --rule int)"
same 'bash: a value behind =' 'intent-before-data' "$(in_bash bitmap-trace check --rule = intent-b)"
same 'bash: all values behind =' $'text\njson\nopenmetrics\nhdr' "$(in_bash bitmap-trace hist --format =)"
same 'bash: behind -- a command' yes "$(in_bash bitmap-trace check -- true | grep -qx true && echo yes)"
same 'bash: ... and no option of the tool' '' "$(in_bash bitmap-trace check -- true --ru)"
echo "1..$N"
