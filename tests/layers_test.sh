#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Which folder may include which (docs/architecture.md): a folder includes itself and the folders listed for it.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A MAY=(
	[bpf/shared]=''
	[bpf/core]='bpf/shared'
	[bpf/trace]='bpf/core bpf/shared'
	[bpf/hist]='bpf/core bpf/shared'
	[bpf/perturb]='bpf/core bpf/shared'
	[bpf/helpers]='bpf/core bpf/shared'
	[user/base]='bpf/shared'
	[user/event]='user/base bpf/shared'
	[user/stream]='user/event user/base bpf/shared'
	[user/trace]='user/stream user/event user/base bpf/shared'
	[user/probes]='user/base bpf/shared'
	[user/live]='user/probes user/trace user/stream user/event user/base bpf/shared'
	[user/perturb]='user/live user/probes user/trace user/stream user/event user/base bpf/shared'
	[user/model]='user/event user/base bpf/shared'
	[user/invariants]='user/model user/event user/base bpf/shared'
	[user/check]='user/invariants user/model user/trace user/stream user/event user/base bpf/shared'
	[user/report]='user/check user/invariants user/model user/trace user/stream user/event user/base bpf/shared'
	[user/timeline]='user/report user/check user/invariants user/model user/trace user/stream user/event user/base bpf/shared'
	[user/hist]='user/live user/probes user/model user/trace user/stream user/event user/base bpf/shared'
	[user/pairs]='user/stream user/event user/base bpf/shared'
	[user/doctor]='user/probes user/invariants user/model user/event user/base bpf/shared'
	[user/crash]='user/event user/base bpf/shared'
)
# user/cli may include everything.

# in_folder FILE: sets FOLDER, the two levels that matter; no subshell, for there are a thousand includes
in_folder() {
	local rest=${1#*/}
	FOLDER=${1%%/*}/${rest%%/*}
}

violations() {
	local file include to from
	while IFS=: read -r file include; do
		for to in "user/$include" "bpf/$include" ''; do [[ -e $to ]] && break; done
		[[ $to ]] || continue # a system header, or one that is generated
		in_folder "$file"
		from=$FOLDER
		in_folder "$to"
		[[ $from == user/cli || $from == "$FOLDER" ]] && continue
		[[ " ${MAY[$from]-} " == *" $FOLDER "* ]] || printf '%s -> %s\n' "$file" "$to"
	done < <(grep -rHo --include='*.[ch]' '^#include "[^"]*"' user bpf | sed 's/#include "\(.*\)"/\1/')
}

n=0 status=0
result() { # NAME, lines that should be none
	n=$((n + 1))
	if [[ -z $2 ]]; then
		printf 'ok %d - %s\n' "$n" "$1"
	else
		printf 'not ok %d - %s\n' "$n" "$1"
		printf '%s\n' "$2" | sed 's/^/# /'
		status=1
	fi
}

result 'every folder includes only itself and those below it' "$(violations | sort -u)"
result 'includes were looked at' "$([[ $(grep -rh --include='*.[ch]' '^#include "' user bpf | wc -l) -gt 300 ]] || echo 'hardly any include found')"
for dir in user/* bpf/*; do
	[[ $dir == user/cli || -v MAY[$dir] ]] || { result "$dir has a place in the table" "$dir"; }
done
result 'docs/architecture.md has every folder' "$(for dir in user/* bpf/*; do grep -qF "| \`$dir/\` |" docs/architecture.md || echo "$dir"; done)"
result 'no file lies outside a folder' "$(find user bpf -maxdepth 1 -type f)"
printf '1..%d\n' "$n"
exit "$status"
