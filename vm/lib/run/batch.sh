# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Several runs in one VM: rows of ROW (settings.sh).
#
# A run leaves in RUN[results]/NAME what vm/run leaves, less the console, which is that of
# the boot (boot-*). The file "status" comes last: the exit status of vm/run.

declare -A RUN VM ROW HEADER # settings.sh

BATCH_RUN_TIMEOUT_S=90

# QEMU, cpio and the tool are there.
batch_check_host() {
	RUN[qemu]=$(vm_need "${RUN[qemu]}" qemu-system-x86)
	vm_need cpio cpio >/dev/null
	[[ -x ${RUN[tool]} ]] || vm_die "'${RUN[tool]}' is not there; build it with 'make', or set BT_TOOL"
}

# batch_load N: sets RUN and HEADER as vm/run has them for one case
batch_load() {
	local field
	for field in fs level bitmap; do RUN["$field"]=${ROW[$1.$field]}; done
	RUN[perturb]=${ROW[$1.perturb]-} RUN[load_s]=${ROW[$1.load_s]-5}
	vm_case_load "${ROW[$1.case]}"
	HEADER[Check]="${HEADER[Check]} ${ROW[$1.check]}"
	RUN[layout]=$(vm_disk_layout)
}

# batch_boots LANE N...: runs these, in as many boots as it takes. In a process of its own.
batch_boots() {
	local lane=$1 boot=0 before
	shift
	BATCH=("$@")
	RUN[work]=''
	exec {LANE_STDERR}>&2
	trap 'batch_cleanup "$?"' EXIT
	trap 'exit 143' INT TERM HUP
	while ((${#BATCH[@]})); do
		before=${#BATCH[@]}
		boot=$((boot + 1))
		RUN[dir]=${RUN[results]}/boot-$lane-$boot
		mkdir -p "${RUN[dir]}"
		batch_boot 2>"${RUN[dir]}/vm.log"
		((${#BATCH[@]} < before)) || vm_die "a VM ran nothing; see '${RUN[dir]}/vm.log'"
	done
}

# shellcheck disable=SC2317 # called by the trap
batch_cleanup() {
	(($1 == 0)) || tail -n 5 "${RUN[dir]}/vm.log" >&"$LANE_STDERR" || true
	vm_qemu_stop
	vm_watch_stop
	rm -rf "${RUN[work]}"
}

# One VM: takes from BATCH what it has run
batch_boot() {
	vm_vm_reset
	RUN[work]=$(mktemp -d "${TMPDIR:-/tmp}/bitmap-trace.XXXXXX")
	RUN[timeout_s]=$BATCH_RUN_TIMEOUT_S
	batch_prepare
	vm_watch_start
	vm_phase boot
	"${RUN[qemu]}" "${QEMU_ARGS[@]}" </dev/null >"${RUN[dir]}/qemu.log" 2>&1 &
	VM[pid]=$!
	vm_watch batch_on_run
	batch_ended
	rm -rf "${RUN[work]}"
}

# The disk is as large as the largest one, modules and programs are those of all. The rows have one file system, and
# all or none of them a lockless bitmap: that decides which programs there are.
batch_prepare() {
	local n end=0 start length longest='' modules='' programs='' scripts=()
	for n in "${BATCH[@]}"; do
		batch_load "$n"
		modules+=" ${HEADER[Modules]}" programs+=" ${HEADER[Programs]}"
		scripts+=("${RUN[case_file]}")
		IFS=: read -r _ start length < <(tail -n1 <<<"${RUN[layout]}")
		((start + length <= end)) || end=$((start + length)) longest=${RUN[layout]}
	done
	HEADER[Modules]=$modules HEADER[Programs]=$programs
	vm_disk_create "${RUN[work]}/disk.img" "$longest"
	vm_initramfs "${RUN[kernel_dir]}" "${RUN[work]}/initrd" batch_guest_files "${scripts[@]}"
	vm_qemu_args "${RUN[accelerator]}"
}

# batch_guest_files DIR: what the guest has of these runs in /bt. In a subshell, as the loads must not be seen.
# shellcheck disable=SC2317 # called by vm_initramfs
batch_guest_files() (
	mkdir "$1/runs"
	for n in "${BATCH[@]}"; do
		dir=$1/runs/$n
		mkdir "$dir"
		batch_load "$n"
		cp "${RUN[case_file]}" "$dir/case"
		vm_guest_env "${ROW[$n.name]}" >"$dir/env"
		find "${ROW[$n.kernel_dir]}/ko/" -name '*.ko' -exec cp -t "$dir" {} +
	done
)

# batch_on_run LINE: what the guest says of its runs. They come in the order of BATCH.
# shellcheck disable=SC2317 # called by vm_watch
batch_on_run() {
	local name what rest
	read -r name what rest <<<"$1"
	case $what in
	begin)
		VM[now]=${BATCH[0]}
		BATCH=("${BATCH[@]:1}")
		[[ $name == "${ROW[${VM[now]}.name]}" ]] || vm_die "the guest runs $name out of order"
		VM[phase]='setup'
		VM[deadline_s]=$((SECONDS + $(batch_timeout "${VM[now]}")))
		;;
	end)
		[[ -n ${VM[now]} && $name == "${ROW[${VM[now]}.name]}" ]] || vm_die "the guest ends $name, which it had not begun"
		batch_done "${VM[now]}" "$rest"
		VM[last]=${VM[now]} VM[now]=''
		VM[deadline_s]=$((SECONDS + BATCH_RUN_TIMEOUT_S))
		;;
	*) vm_die "unknown words of the guest about a run: $1" ;;
	esac
}

# batch_timeout N: seconds, of the case's header if that says more
batch_timeout() {
	batch_load "$1"
	printf '%s\n' $((HEADER[Timeout] > BATCH_RUN_TIMEOUT_S ? HEADER[Timeout] : BATCH_RUN_TIMEOUT_S))
}

# batch_done N STATUS: keeps the results of a run that has ended
batch_done() {
	local name=${ROW[$1.name]} status=$2 dir args offline=0
	dir=${RUN[results]}/$name
	rm -rf "$dir"
	mv "${RUN[dir]}/$name" "$dir"
	batch_load "$1"
	read -ra args <<<"${HEADER[Check]}"
	"${RUN[tool]}" check -i "$dir/trace.bt" "${args[@]}" -f json >"$dir/verdict.json" 2>"$dir/offline.log" || offline=$?
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
	if [[ -z ${VM[now]} ]]; then
		# The verdict of the last one stands, but what was left to be run needs a new boot.
		! words=$(vm_fatal) || [[ -z ${VM[last]} ]] ||
			echo "the VM was lost afterwards: $words (see '${RUN[dir]}')" >>"${RUN[results]}/${ROW[${VM[last]}.name]}/stderr.log"
		return
	fi
	dir=${RUN[results]}/${ROW[${VM[now]}.name]}
	rm -rf "$dir"
	[[ ! -d ${RUN[dir]}/${ROW[${VM[now]}.name]} ]] || mv "${RUN[dir]}/${ROW[${VM[now]}.name]}" "$dir"
	mkdir -p "$dir"
	if [[ -n ${VM[error]} ]]; then
		echo "in the guest: ${VM[error]}" >>"$dir/stderr.log"
		batch_status "$dir" 2
	else
		vm_kernel_words >"$dir/lost.txt"
		echo "the VM was lost in phase '${VM[phase]}': ${VM[lost]:-it ended on its own} (see '${RUN[dir]}')" >>"$dir/stderr.log"
		batch_status "$dir" 5
	fi
}
