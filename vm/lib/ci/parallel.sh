# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The rows are dealt out by GNU parallel, here and on other hosts: it starts them, keeps the log, goes on where it was, and runs once
# more elsewhere what a host has not finished.

declare -A CI # vm/ci

parallel_check() {
	vm_need_all parallel setpriv perl flock
	# Another package has a program of this name. This one is a script that takes long to start.
	grep -q 'GNU Parallel' "$(vm_need parallel)" || vm_die "'parallel' is not GNU parallel; install it with: apt-get install parallel"
}

# Two at a time in one directory would each run the same rows. What vm/ci has started holds the lock, too.
parallel_lock() {
	exec {LOCK}>"$RESULTS/lock"
	flock -n "$LOCK" || vm_die "'$RESULTS' is in use by another vm/ci"
}

# parallel_run: runs the jobs of RESULTS that have no result yet. When vm/ci is killed, parallel and what it runs end as well.
parallel_run() {
	local args=(--plain --will-cite --colsep '\t' --jobs "${CI[jobs]}" --joblog joblog --resume-failed --arg-file jobs) row=$VM_DIR/lib/ci/row
	vm_say "$(wc -l <"$RESULTS/jobs") runs of $(wc -l <"$RESULTS/rows") rows; results in $RESULTS"
	[[ ! -t 2 ]] || args+=(--eta)
	if [[ -n ${CI[hosts]} ]]; then
		parallel_kit
		args+=(--sshloginfile hosts --workdir "$HOSTS_DIR" --retries "$((${#HOSTS[@]} + 1))" --return '{1}/{2}')
		args+=(--basefile kit --basefile kernel-args --basefile run-args --basefile patches)
		row=kit/vm/lib/ci/row
	fi
	(cd "$RESULTS" && exec setpriv --pdeathsig TERM -- parallel "${args[@]}" setpriv --pdeathsig TERM -- "$row" '{1}' '{2}' '{3}' '{4}' \
		'{5}' '{6}' '{7}' '{8}' '{9}') <>/dev/null >&2 &
	wait $! || true # the number of rows without a verdict; judge.pl says which
	[[ -z ${CI[hosts]} ]] || parallel_tidy
}

# parallel_hosts: sets HOSTS, and HOSTS_DIR, where they work. A host that does not answer for a minute has died: its rows run elsewhere.
parallel_hosts() {
	readarray -t HOSTS < <(grep -vE '^[[:space:]]*(#|$)' "${CI[hosts]}")
	((${#HOSTS[@]})) || vm_die "--hosts '${CI[hosts]}': names no host"
	[[ " ${HOSTS[*]} " != *' : '* ]] || vm_die "--hosts '${CI[hosts]}': ':' is this machine without ssh; name it localhost, or leave out --hosts"
	[[ ! -d ${CI[kernel]} ]] || vm_say "the tree '${CI[kernel]}' must be on each host, at this path"
	vm_need_all ssh rsync
	export PARALLEL_SSH='ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4'
	printf '%s\n' "${HOSTS[@]}" >"$RESULTS/hosts"
	HOSTS_DIR=.cache/bitmap-trace-ci/$HOSTNAME-$(cksum <<<"$RESULTS" | cut -d' ' -f1)
}

# What the hosts need, beside the packages of vm/deps. They make the kernels by themselves.
parallel_kit() {
	parallel_hosts
	rm -rf "$RESULTS/kit"
	mkdir -p "$RESULTS/kit/build"
	cp -r "$VM_DIR" "$RESULTS/kit/vm"
	cp "$BT_TOOL" "$RESULTS/kit/build/bitmap-trace"
}

# Nothing stays on the hosts but the cache of kernels.
parallel_tidy() {
	(cd "$RESULTS" && parallel --plain --will-cite --nonall --timeout 60 --sshloginfile hosts rm -rf "$HOSTS_DIR") >&2 </dev/null ||
		vm_say "not all hosts could be tidied up: '$HOSTS_DIR' may still be there"
	rm -rf "$RESULTS/kit"
}
