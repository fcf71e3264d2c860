# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The library of cases and scripts in the guest. Every wait in it has a bound.

unset BASH_ENV # programs started from here need no library of their own

for part in /bt/lib/*.sh; do
	# shellcheck source=/dev/null
	source "$part"
done
unset part
