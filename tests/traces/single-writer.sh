# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# The case that single-writer.bt was recorded from, by
#   vm/run -k stock -c tests/traces/single-writer.sh -o DIR; cp DIR/trace.bt tests/traces/single-writer.bt
set -e
create_array --size=7168 # few bits: a small trace
wait_clean
for kib in 0 1024 2048; do write_at "$kib"; done
wait_clean
stop_array
