# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 # HEADER, CASE_FILE, OPT_*, LAYOUT, DEADLINE_S are for the other files
# Several runs in one VM. What is to be run is in arrays of the caller, a run a
# number: RUN_NAME, RUN_KERNEL_DIR, RUN_CASE, RUN_BITMAP, RUN_LEVEL, RUN_FS, RUN_CHECK.
#
# A run leaves in RESULTS/NAME what vm/run leaves, less the console, which is that of
# the boot (RESULTS/boot-*). The file "status" comes last: the exit status of vm/run.

BATCH_RUN_TIMEOUT_S=90

# batch_load N: sets OPT_*, CASE_FILE and HEADER as vm/run has them for one case
batch_load() {
	OPT_FS=${RUN_FS[$1]} OPT_LEVEL=${RUN_LEVEL[$1]} OPT_BITMAP=${RUN_BITMAP[$1]} OPT_SHELL=no OPT_TRACE=yes
	OPT_WRITE_LOG=no ALLOW=() OPT_STRICT=no # is in RUN_CHECK
	vm_case_load "${RUN_CASE[$1]}"
	HEADER[Check]="${HEADER[Check]} ${RUN_CHECK[$1]}"
	LAYOUT=$(vm_disk_layout)
}

# batch_boots LANE N...: runs these, in as many boots as it takes. In a process of its own.
batch_boots() {
	local lane=$1 boot=0 before
	shift
	BATCH=("$@")
	exec {LANE_STDERR}>&2
	trap 'batch_cleanup "$?"' EXIT
	trap 'exit 143' INT TERM HUP
	while ((${#BATCH[@]})); do
		before=${#BATCH[@]}
		boot=$((boot + 1))
		OUTDIR=$RESULTS/boot-$lane-$boot
		mkdir -p "$OUTDIR"
		batch_boot 2>"$OUTDIR/vm.log"
		((${#BATCH[@]} < before)) || vm_die "a VM ran nothing; see '$OUTDIR/vm.log'"
	done
}

# shellcheck disable=SC2317 # called by the trap
batch_cleanup() {
	(($1 == 0)) || tail -n 5 "$OUTDIR/vm.log" >&"$LANE_STDERR" || true
	vm_qemu_stop
	[[ -z ${WATCHER_PIDS[*]:-} ]] || kill "${WATCHER_PIDS[@]}" 2>/dev/null || true
	rm -rf "${RUN_DIR:-}"
}

# One VM: takes from BATCH what it has run
batch_boot() {
	START_US=${EPOCHREALTIME/[.,]/} TIMING='' BATCH_NOW='' BATCH_LAST=''
	RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/bitmap-trace.XXXXXX")
	batch_prepare
	vm_watch_start
	vm_phase boot
	"$QEMU" "${QEMU_ARGS[@]}" </dev/null >"$OUTDIR/qemu.log" 2>&1 &
	QEMU_PID=$!
	TIMEOUT_S=$BATCH_RUN_TIMEOUT_S
	vm_watch
	batch_ended
	rm -rf "$RUN_DIR"
}

batch_prepare() {
	local n end=0 start length modules=()
	CASE_FILES=() # that the boot has programs for
	for n in "${BATCH[@]}"; do
		batch_load "$n"
		modules+=("${HEADER[Modules]}")
		CASE_FILES+=("$CASE_FILE")
		IFS=: read -r _ start length < <(tail -n1 <<<"$LAYOUT")
		((start + length <= end)) || end=$((start + length)) LONGEST=$LAYOUT
	done
	HEADER[Modules]="${modules[*]}" CASE_FILE=/dev/null
	vm_disk_create "$RUN_DIR/disk.img" "$LONGEST"
	vm_initramfs "$KERNEL_DIR" "$RUN_DIR/initrd"
	vm_qemu_args "$ACCEL"
}

# In place of the one case that vm/run has. In a subshell, as the loads must not be seen.
vm_guest_files() (
	mkdir "$1/runs"
	for n in "${BATCH[@]}"; do
		dir=$1/runs/$n
		mkdir "$dir"
		batch_load "$n"
		cp "$CASE_FILE" "$dir/case"
		vm_guest_env "${RUN_NAME[n]}" >"$dir/env"
		find "${RUN_KERNEL_DIR[n]}/ko/" -name '*.ko' -exec cp -t "$dir" {} +
	done
)

# What the guest says of its runs. They come in the order of BATCH.
vm_on_run() {
	local name what rest
	read -r name what rest <<<"$1"
	case $what in
	begin)
		BATCH_NOW=${BATCH[0]}
		BATCH=("${BATCH[@]:1}")
		[[ $name == "${RUN_NAME[BATCH_NOW]}" ]] || vm_die "the guest runs $name out of order"
		DEADLINE_S=$((SECONDS + BATCH_RUN_TIMEOUT_S))
		;;
	end)
		[[ -n $BATCH_NOW && $name == "${RUN_NAME[BATCH_NOW]}" ]] || vm_die "the guest ends $name, which it had not begun"
		batch_done "$BATCH_NOW" "$rest"
		BATCH_LAST=$BATCH_NOW BATCH_NOW=''
		DEADLINE_S=$((SECONDS + BATCH_RUN_TIMEOUT_S))
		;;
	*) vm_die "unknown words of the guest about a run: $1" ;;
	esac
}

# batch_done N STATUS: keeps the results of a run that has ended
batch_done() {
	local name=${RUN_NAME[$1]} status=$2 dir args offline=0
	dir=$RESULTS/$name
	rm -rf "$dir"
	mv "$OUTDIR/$name" "$dir"
	batch_load "$1"
	read -ra args <<<"${HEADER[Check]}"
	"$TRACE_TOOL" check -i "$dir/trace.bt" "${args[@]}" -f json >"$dir/verdict.json" 2>"$dir/offline.log" || offline=$?
	if ((offline != status)); then
		echo "THE OFFLINE CHECK DISAGREES: status $status in the guest, $offline from '$dir/trace.bt'" >>"$dir/stderr.log"
		status=2
	else
		vm_kernel_clean "$name" "$status" "$dir" >/dev/null || status=$?
	fi
	batch_status "$dir" "$status"
}

# In one go: somebody waits for it
batch_status() {
	echo "$2" >"$1/status.new"
	mv "$1/status.new" "$1/status"
}

# The VM has ended. A run that it took along has its kernel's words, and perhaps a trace.
batch_ended() {
	local dir words
	if [[ -z $BATCH_NOW ]]; then
		# The verdict of the last one stands, but what was left to be run needs a new boot.
		! words=$(vm_fatal) || [[ -z $BATCH_LAST ]] ||
			echo "the VM was lost afterwards: $words (see '$OUTDIR')" >>"$RESULTS/${RUN_NAME[BATCH_LAST]}/stderr.log"
		return
	fi
	dir=$RESULTS/${RUN_NAME[BATCH_NOW]}
	rm -rf "$dir"
	[[ ! -d $OUTDIR/${RUN_NAME[BATCH_NOW]} ]] || mv "$OUTDIR/${RUN_NAME[BATCH_NOW]}" "$dir"
	mkdir -p "$dir"
	if [[ -n $GUEST_ERROR ]]; then
		echo "in the guest: $GUEST_ERROR" >>"$dir/stderr.log"
		batch_status "$dir" 2
	else
		vm_kernel_words >"$dir/lost.txt"
		echo "the VM was lost: ${LOST:-it ended on its own} (see '$OUTDIR')" >>"$dir/stderr.log"
		batch_status "$dir" 5
	fi
}
