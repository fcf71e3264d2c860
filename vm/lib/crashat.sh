# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2054 # the commas are QEMU's
# --crash-at: what md makes of a crash, at points of the write log of an earlier
# run, beside what the oracle says of them.

VM_CRASH_POINTS_MAX=20 # disks of one VM

# What --crash-at must know of the run
vm_crashat_record() {
	printf '%s=%q\n' OPT_FS "$OPT_FS" OPT_LEVEL "$OPT_LEVEL" OPT_BITMAP "$OPT_BITMAP" \
		LAYOUT "$LAYOUT" CRASH_CHUNK "$CASE_BITMAP_CHUNK" >"$OUTDIR/write.env"
}

# vm_crashat_load: the options of the run in CRASH_DIR
# shellcheck disable=SC2034 # they are vm/run's
vm_crashat_load() {
	[[ -s $CRASH_DIR/write.log && -s $CRASH_DIR/write.env && -s $CRASH_DIR/crash.json ]] ||
		vm_die "--crash-at: '$CRASH_DIR' has no write log that was judged; make one with --write-log"
	# shellcheck source=/dev/null
	source "$CRASH_DIR/write.env"
	OPT_TRACE=no OPT_CASE=$VM_DIR/guest/crash-at
	CRASH_LAYOUT=$LAYOUT
	IFS=, read -ra CRASH_POINTS <<<"$OPT_CRASH_AT"
	OPT_TIMEOUT=${OPT_TIMEOUT:-$((60 + 30 * ${#CRASH_POINTS[@]}))}
	((${#CRASH_POINTS[@]} <= VM_CRASH_POINTS_MAX)) ||
		vm_die "--crash-at: ${#CRASH_POINTS[@]} points, at most $VM_CRASH_POINTS_MAX at a time"
}

# A disk for each point, sparse, as large as the one of the run
vm_crashat_disks() {
	local point image start length
	[[ -n $OPT_CRASH_AT ]] || return 0
	IFS=: read -r _ start length < <(tail -n1 <<<"$CRASH_LAYOUT")
	for point in "${CRASH_POINTS[@]}"; do
		image=$RUN_DIR/crash-$point.img
		"$TRACE_TOOL" crash -i "$CRASH_DIR/write.log" --at "$point" -o "$image" || exit 2
		truncate -s "$(((start + length + VM_ALIGN_SECTORS) * 512))" "$image"
		QEMU_ARGS+=(
			-blockdev "driver=file,node-name=crash$point,filename=$(vm_qemu_escape "$image"),cache.no-flush=on"
			-device "virtio-blk-pci,drive=crash$point,serial=$point")
	done
}

# vm_crashat_predicted POINT: unsafe, safe, by the oracle
vm_crashat_predicted() {
	perl -MJSON::PP -0777 -ne '
		my ($crash, $point) = (decode_json($_), '"$1"');
		my @in = grep { $_->{first} <= $point && $point <= $_->{last} } @{$crash->{unsafe_stretches}};
		print @in ? "unsafe\n" : "safe\n"' "$CRASH_DIR/crash.json"
}

# Ends with 0 when all agree, 1 when one does not, 2 when md gave no answer to one.
vm_crashat_report() {
	local point predicted seen words status=0
	for point in "${CRASH_POINTS[@]}"; do
		predicted=$(vm_crashat_predicted "$point")
		words=$(grep "^point $point " "$OUTDIR/crash-at.txt" 2>/dev/null) || words='no answer'
		case $words in
		*' mismatches 0 differ no' | *' mismatches 0 differ -') seen=safe ;;
		*' mismatches 0 differ yes') seen=unsafe ;;
		*' mismatches '[1-9]*) seen=unsafe ;;
		*) seen=none ;;
		esac
		case $seen in
		"$predicted") echo "agree    $point: $predicted; $words" ;;
		none)
			echo "no answer $point: $predicted; $words"
			((status == 1)) || status=2
			;;
		*)
			echo "DISAGREE $point: predicted $predicted; $words"
			status=1
			;;
		esac
	done
	exit "$status"
}
