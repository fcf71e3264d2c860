# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Words for the one who runs the case.

# phase NAME: shows up with its time in OUTDIR/timing
phase() { echo "phase $1 $(cut -d' ' -f1 /proc/uptime)" >&"$BT_STATUS_FD"; }

say() { echo "case $BT_CASE: $*" >&2; }

fail() {
	say "$*"
	return 1
}
