# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016 # expanded by the shell that is traced
# In the guest, by tests/vm_view_test.sh: what is seen while a run goes on. The kernel is rfc, which breaks rules.

WRITES='source /bt/lib.sh; write_spread 4'

# says WORDS: in what the last command has printed
says() { grep -qF -- "$1" "$DIR/seen" || echo "does not say '$1'"; }
says_not() { ! grep -qF -- "$1" "$DIR/seen" || echo "says '$1'"; }

# As expect; what the command looked at is shown
look() {
	expect "$@"
	[[ ! -s $DIR/why ]] || head -n 40 "$DIR/seen" | sed 's/^/# /' | tr -d '\033'
}

# A command that would write for a minute, and says whether it was asked to end
fail_fast() {
	local status=0 from=$SECONDS
	bitmap-trace check --fail-fast --no-wait -o "$DIR/fast.bt" "$@" -- bash -c '
		trap "echo asked; exit 1" TERM
		source /bt/lib.sh
		for ((n = 0; n < 60; n++)); do write_spread 4; wait_clean; done' >"$DIR/seen" 2>&1 || status=$?
	[[ $status == 1 ]] || echo "ended with $status, expected 1"
	((SECONDS - from < 60)) || echo "took $((SECONDS - from)) s"
}

top() {
	local status=0
	bitmap-trace top --no-wait "$@" >"$DIR/seen" 2>&1 || status=$?
	[[ $status == 0 ]] || echo "ended with $status"
}

# As a person sees it: tests/vm_view_test.sh looks at the console
on_terminal() { setsid bash -c "$1" </dev/hvc0 >/dev/hvc0 2>&1 || true; }

main() {
	create_array
	wait_clean
	look 'the first failure ends the run' fail_fast
	look '... COMMAND is asked to end' says asked
	look '... and it is said why' says '(--fail-fast)'
	look '... the verdict is of what was seen' says 'verdict: FAIL'
	look '... which the trace has, too' bash -c "bitmap-trace check '$DIR/fast.bt' | grep -q '^verdict: FAIL' || echo no"
	wait_clean
	on_terminal "bitmap-trace check --no-wait -a md0 -- bash -c '$WRITES'"
	wait_clean
	look 'top ends with COMMAND' top -- bash -c "$WRITES; sleep 2"
	look '... has the array' says 'md0 '
	look '... its writes' bash -c "awk '/^md0/ && \$2 > 0 { n++ } END { exit !n }' '$DIR/seen' || echo none"
	look '... and what is broken' says 'FAIL    '
	look '... without escape sequences' says_not $'\033'
	wait_clean
	on_terminal 'bitmap-trace top --no-wait 1 3'
	stop_array
	echo "1..$N"
}

main
