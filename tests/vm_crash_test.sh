#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The crash oracle on real kernels: its verdict on a write log, compared with md's assembly of the disks at these
# points. Boots VMs; only with BT_VM=1.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

# logged NAME VERDICT ARGUMENT...: records into WORK/NAME; checks the oracle's verdict on the log
logged() {
	local name=$1 verdict=$2
	shift 2
	run -o "$WORK/$name" --write-log "$@"
	if grep -q "^verdict: $verdict " "$WORK/$name/crash.txt" 2>/dev/null; then
		ok "$name: the oracle says $verdict"
	else
		not_ok "$name: the oracle says $verdict" "$(cat "$WORK/$name/crash.txt" 2>&1)"
	fi
}

# unsafe_points NAME COUNT: the first points of its stretches
unsafe_points() {
	sed -n '/"unsafe_stretches"/,/\]/s/.*"first":\([0-9]*\).*/\1/p' "$WORK/$1/crash.json" | head -n "$2" |
		paste -sd,
}

# safe_points NAME COUNT: spread over the judged points that are not in a stretch
safe_points() {
	perl -MJSON::PP -0777 -ne '
		my ($crash, $count) = (decode_json($_), '"$2"');
		my $from = $crash->{points} - $crash->{judged};
		my @safe = grep {
			my $n = $_;
			!grep { $_->{first} <= $n && $n <= $_->{last} } @{$crash->{unsafe_stretches}}
		} $from .. $crash->{points} - 1;
		print join(",", map { $safe[$_ * @safe / $count] } 0 .. $count - 1), "\n"' "$WORK/$1/crash.json"
}

# proved NAME POINTS WHAT: md's assembly gives at each point what the oracle predicted
proved() {
	local name=$1 points=$2 what=$3
	if [[ -z $points ]]; then
		not_ok "$name: $what" 'there is no such point'
		return
	fi
	run -o "$WORK/$name-at-$what" --crash-at "$points" "$WORK/$name"
	if [[ $STATUS == 0 ]]; then
		ok "$name: md agrees at $what points $points"
	else
		not_ok "$name: md agrees at $what points $points" "exit status $STATUS"
	fi
}

# Each point is an assembly and a resync: few of them, or with BT_WIDE=1 more.
POINTS=${BT_WIDE:+8}
logged stock PASS -k stock -c single-writer
proved stock "$(safe_points stock "${POINTS:-2}")" safe
logged race FAIL -k stock -c two-writers
proved race "$(unsafe_points race "${POINTS:-2}")" unsafe
logged rfc FAIL -k rfc -c spaced-writer
proved rfc "$(unsafe_points rfc "${POINTS:-1}")" unsafe
# The oracle finds a kernel with one bug, too; make agreement runs all of them.
logged mutant FAIL -k mutant/set-bit-unmarked -c single-writer
logged mutant10 FAIL -k mutant/raid10-no-unplug --level raid10 -c single-writer
echo "1..$N"
