#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Relocates each probe against the BTF of each kernel in tests/fixtures/btf, with bpftool: members that a kernel lacks
# must be in a flavour (struct NAME___SOMETHING), where the probe tests for them. Code for one architecture only must
# not be built for another.
set -uo pipefail
cd "$(dirname -- "$0")/.." || exit 1

BUILD=${BUILD:-build}
BPFTOOL=${BPFTOOL:-$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v bpftool)}
DIR=$(mktemp -d)
OUT=$DIR/out
trap 'rm -rf "$DIR"' EXIT
N=0 STATUS=0

result() { # NAME, lines that should be none
	N=$((N + 1))
	if [[ -z $2 ]]; then
		printf 'ok %d - %s\n' "$N" "$1"
	else
		printf 'not ok %d - %s\n' "$N" "$1"
		printf '%s\n' "$2" | sed 's/^/# /'
		STATUS=1
	fi
}

# relocate BTF OBJECT: a line for each relocation that has no target, and "nr N" of all
relocate() {
	"$BPFTOOL" -d gen min_core_btf "$1" "$OUT" "$2" 2>&1 | awk '
		/: relo #[0-9]+: <[a-z_]+> \[/ { last = $0; all++ }
		/no matching targets found/ { print last }
		END { print "nr " all + 0 }'
}

# Relocations that the probe tests for do not count.
unexpected() { grep -v '^nr \|___\|_exists>' || true; }

# compile ARCH SOURCE OUTPUT
compile() { clang -O2 -g -target bpf -mcpu=v3 "-D__TARGET_ARCH_$1" -I. -Ibpf -c "$2" -o "$3"; }

# objects BTF: prints the probes, built for the architecture of that kernel
objects() {
	case $1 in
	*-arm64)
		[[ -s $DIR/arm64-latency.bpf.o ]] || compile arm64 "$BUILD/bpf/bitmap_trace.bpf.c" "$DIR/arm64-bitmap_trace.bpf.o" &&
			compile arm64 bpf/hist/latency.bpf.c "$DIR/arm64-latency.bpf.o"
		printf '%s\n' "$DIR"/arm64-*.bpf.o
		;;
	*) printf '%s\n' "$BUILD/bpf/bitmap_trace.bpf.o" "$BUILD/bpf/hist/latency.bpf.o" ;;
	esac
}

for btf in tests/fixtures/btf/*; do
	for object in $(objects "$btf"); do
		relocations=$(relocate "$btf" "$object")
		result "${object##*/} finds all that it reads in ${btf##*/}" "$(unexpected <<<"$relocations")"
		nr=$(sed -n 's/^nr //p' <<<"$relocations")
		result "... in all of its relocations" "$( ((nr > 50)) || echo "only $nr were looked at")"
	done
done

# Would the test fail? In a kernel without any of md's types nearly all relocations are unexpected.
nothing=$("$BPFTOOL" btf dump file tests/fixtures/btf/6.12 | grep -c "STRUCT 'mddev'")
result 'the BTF of 6.12 has mddev' "$( ((nothing == 1)) || echo "$nothing times")"
missing=$(relocate "$BUILD/bpf/helpers/module_btf.bpf.o" "$BUILD/bpf/bitmap_trace.bpf.o" | unexpected | grep -c mddev)
result 'what is not there is noticed' "$( ((missing > 10)) || echo "mddev was missed $missing times")"

compile arm64 bpf/trace/irqs.bpf.c "$OUT"
result 'interrupts are not looked at on arm64' "$(readelf -SW "$OUT" | grep -o 'fentry/.*\|fexit/.*')"
compile x86 bpf/trace/irqs.bpf.c "$OUT"
result 'but on x86' "$(readelf -SW "$OUT" | grep -q 'fentry/md_bitmap_file_set_bit' || echo 'no program')"
printf '1..%d\n' "$N"
exit "$STATUS"
