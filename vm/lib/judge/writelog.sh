# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2054 # the commas are QEMU's
# --write-log: every write to the disk in the order in which they end, and what
# the crash oracle makes of it (docs/crash.md).

declare -A RUN # settings.sh

# shellcheck disable=SC2034 # vm/run removes those of an earlier run
VM_LOG_FILES=(write.log write.env layout crash-at.txt crash.txt crash.json crash-cache.txt crash-cache.json)

# vm_writelog_qemu NODE: puts the log above the disk of that name; the guest's disk is
# then "logged". With each entry the super block has their number, so that the log
# is whole wherever it ends.
vm_writelog_qemu() {
	local log
	log=$(vm_qemu_escape "${RUN[dir]}/write.log")
	: >"${RUN[dir]}/write.log"
	QEMU_ARGS+=(
		-blockdev "driver=file,node-name=log,filename=$log,cache.no-flush=on"
		-blockdev "driver=blklogwrites,node-name=logged,file=$1,log=log,discard=unmap,log-sector-size=512,log-super-update-interval=1")
}

# vm_writelog_judge NAME OPTION...: into NAME.txt and .json, and its last line
vm_writelog_judge() {
	local name=$1 status=0
	shift
	"${RUN[tool]}" crash -i "${RUN[dir]}/write.log" -l "${RUN[dir]}/layout" "$@" \
		>"${RUN[dir]}/$name.txt" 2>"${RUN[dir]}/$name.err" || status=$?
	case $status in
	0 | 1 | 3) rm -f "${RUN[dir]}/$name.err" ;;
	*)
		vm_say "$name: the write log was not judged: $(tail -n1 "${RUN[dir]}/$name.err")"
		return
		;;
	esac
	"${RUN[tool]}" crash -i "${RUN[dir]}/write.log" -l "${RUN[dir]}/layout" "$@" -f json \
		>"${RUN[dir]}/$name.json" 2>/dev/null || true
	vm_say "$name: $(tail -n1 "${RUN[dir]}/$name.txt")"
}

# Two models of the disk. Neither changes the status of the run.
vm_writelog_report() {
	[[ ${RUN[write_log]} == yes ]] || return 0
	if [[ ! -s ${RUN[dir]}/layout ]]; then
		vm_say "the guest left no layout, so the write log is not judged: ${RUN[dir]}/write.log"
		return
	fi
	vm_writelog_judge crash
	vm_writelog_judge crash-cache --cache
}
