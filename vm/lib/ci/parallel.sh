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
		parallel_hosts
		row=kit/vm/lib/ci/row
	fi
	(cd "$RESULTS" && exec setpriv --pdeathsig TERM -- parallel "${args[@]}" setpriv --pdeathsig TERM -- "$row" '{1}' '{2}' '{3}' '{4}' \
		'{5}' '{6}' '{7}' '{8}' '{9}') <>/dev/null >&2 &
	wait $! || true # the number of rows without a verdict; judge.pl says which
}
