# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2054 # the commas are QEMU's
# --write-log: every write to the disk in the order in which they end, and what
# the crash oracle makes of it (docs/crash.md).

# shellcheck disable=SC2034 # vm/run removes those of an earlier run
VM_LOG_FILES=(write.log write.env layout crash-at.txt crash.txt crash.json crash-cache.txt crash-cache.json)

# vm_writelog_qemu NODE: puts the log above the disk of that name; the guest's disk is
# then "logged". With each entry the super block tells how many there are, so that the log
# is whole wherever it ends.
vm_writelog_qemu() {
	local log
	log=$(vm_qemu_escape "$OUTDIR/write.log")
	: >"$OUTDIR/write.log"
	QEMU_ARGS+=(
		-blockdev "driver=file,node-name=log,filename=$log,cache.no-flush=on"
		-blockdev "driver=blklogwrites,node-name=logged,file=$1,log=log,discard=unmap,log-sector-size=512,log-super-update-interval=1")
}

# vm_writelog_judge NAME OPTION...: into OUTDIR/NAME.txt and .json, and its last line
vm_writelog_judge() {
	local name=$1 status=0
	shift
	"$TRACE_TOOL" crash -i "$OUTDIR/write.log" -l "$OUTDIR/layout" "$@" \
		>"$OUTDIR/$name.txt" 2>"$OUTDIR/$name.err" || status=$?
	case $status in
	0 | 1 | 3) rm -f "$OUTDIR/$name.err" ;;
	*)
		vm_say "$name: the write log was not judged: $(tail -n1 "$OUTDIR/$name.err")"
		return
		;;
	esac
	"$TRACE_TOOL" crash -i "$OUTDIR/write.log" -l "$OUTDIR/layout" "$@" -f json \
		>"$OUTDIR/$name.json" 2>/dev/null || true
	vm_say "$name: $(tail -n1 "$OUTDIR/$name.txt")"
}

# Two models of the disk. Neither changes the status of the run.
vm_writelog_report() {
	[[ $OPT_WRITE_LOG == yes ]] || return 0
	if [[ ! -s $OUTDIR/layout ]]; then
		vm_say "the guest left no layout, so the write log is not judged: $OUTDIR/write.log"
		return
	fi
	vm_writelog_judge crash
	vm_writelog_judge crash-cache --cache
}
