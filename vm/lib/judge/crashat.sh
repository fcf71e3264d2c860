# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2054 # the commas are QEMU's
# --crash-at: what md makes of a crash, at points of the write log of an earlier
# run, beside what the oracle says of them.

declare -A RUN # settings.sh

VM_CRASH_DISKS_MAX=20 # of one VM

# What --crash-at must know of the run
vm_crashat_record() {
	printf '%s=%s\n' fs "${RUN[fs]}" level "${RUN[level]}" bitmap "${RUN[bitmap]}" layout "${RUN[layout]//$'\n'/ }" >"${RUN[dir]}/write.env"
}

# Sets fs, level, bitmap and layout as they were in the run. The guest can write to that
# directory, so the file is read and not executed.
vm_crashat_settings() {
	local file=${RUN[crash_dir]}/write.env line
	RUN[fs]='' RUN[level]='' RUN[bitmap]='' RUN[layout]=''
	while IFS= read -r line; do
		case $line in
		fs=ext4 | fs=xfs | fs=btrfs) RUN[fs]=${line#*=} ;;
		level=raid1 | level=raid10 | level=raid5) RUN[level]=${line#*=} ;;
		bitmap=file | bitmap=internal | bitmap=llbitmap) RUN[bitmap]=${line#*=} ;;
		layout=*) [[ ! ${line#*=} =~ ^([0-9]+:[0-9]+:[0-9]+( |$))+$ ]] || RUN[layout]=$(tr ' ' '\n' <<<"${line#*=}") ;;
		esac
	done <"$file"
	[[ -n ${RUN[fs]} && -n ${RUN[level]} && -n ${RUN[bitmap]} && -n ${RUN[layout]} ]] ||
		vm_die "--crash-at: '$file' does not say fs, level, bitmap and layout of the run; make the log anew with --write-log"
}

# vm_crashat_load: the options of the run in CRASH_DIR
# shellcheck disable=SC2034 # they are vm/run's
vm_crashat_load() {
	[[ -s ${RUN[crash_dir]}/write.log && -s ${RUN[crash_dir]}/write.env && -s ${RUN[crash_dir]}/crash.json ]] ||
		vm_die "--crash-at: '${RUN[crash_dir]}' has no write log that was judged; make one with --write-log"
	vm_crashat_settings
	RUN[trace]=no RUN[case]=$VM_DIR/guest/crash-at
	RUN[crash_layout]=${RUN[layout]}
	IFS=, read -ra CRASH_POINTS <<<"${RUN[crash_at]}"
	vm_crashat_copies
	RUN[timeout]=${RUN[timeout]:-$((60 + 30 * ${#CRASH_POINTS[@]} * ${#CRASH_COPIES[@]}))}
	((${#CRASH_POINTS[@]} * ${#CRASH_COPIES[@]} <= VM_CRASH_DISKS_MAX)) ||
		vm_die "--crash-at: ${#CRASH_POINTS[@]} points, at most $((VM_CRASH_DISKS_MAX / ${#CRASH_COPIES[@]})) at a time"
}

# Sets CRASH_COPIES: behind which names of points there are disks. Each member has a copy of a
# bitmap that is not in a file, and md may read any: what the oracle calls safe is so with each of them.
vm_crashat_copies() {
	local disks
	CRASH_COPIES=('')
	[[ ${RUN[bitmap]} != file ]] || return 0
	disks=$(sed -n 's/^raid-disks //p' "${RUN[crash_dir]}/layout")
	readarray -t CRASH_COPIES < <(seq -f .%.0f 0 $((disks - 1)))
}

# A disk for each point, sparse, as large as the one of the run
vm_crashat_disks() {
	local point copy image start length
	[[ -n ${RUN[crash_at]} ]] || return 0
	IFS=: read -r _ start length < <(tail -n1 <<<"${RUN[crash_layout]}")
	for point in "${CRASH_POINTS[@]}"; do
		image=${RUN[work]}/crash-$point.img
		"${RUN[tool]}" crash -i "${RUN[crash_dir]}/write.log" --at "$point" -o "$image" || exit 2
		truncate -s "$(((start + length + VM_ALIGN_SECTORS) * 512))" "$image"
		for copy in "${CRASH_COPIES[@]}"; do
			[[ -z $copy ]] || cp --sparse=always "$image" "$image$copy"
			QEMU_ARGS+=(
				-blockdev "driver=file,node-name=crash$point$copy,filename=$(vm_qemu_escape "$image$copy"),cache.no-flush=on"
				-device "virtio-blk-pci,drive=crash$point$copy,serial=$point$copy")
		done
	done
}

# vm_crashat_predicted POINT: unsafe, safe, by the oracle; nothing if it does not judge it
vm_crashat_predicted() {
	perl -MJSON::PP -0777 -ne '
		my ($crash, $point) = (decode_json($_), '"$1"');
		my @in = grep { $_->{first} <= $point && $point <= $_->{last} } @{$crash->{unsafe_stretches}};
		exit if $point < $crash->{points} - $crash->{judged} || $point >= $crash->{points};
		exit if !@in && ($crash->{unjudged} || $crash->{stretches} > @{$crash->{unsafe_stretches}});
		print @in ? "unsafe\n" : "safe\n"' "${RUN[crash_dir]}/crash.json"
}

# vm_crashat_seen POINT: what md made of it, with each copy of the bitmap; none: it gave no answer
vm_crashat_seen() {
	awk -v point="$1" -v copies="${#CRASH_COPIES[@]}" '
		$1 != "point" || $2 != point { next }
		/ mismatches [1-9]| differ yes/ { unsafe = 1 }
		/ mismatches 0 differ (no|-)$/ { safe++ }
		END { print unsafe ? "unsafe" : safe == copies ? "safe" : "none" }' "${RUN[dir]}/crash-at.txt"
}

# Ends with 0 when all agree, 1 when one does not, 2 when md gave no answer to one.
vm_crashat_report() {
	local point predicted seen words status=0
	touch "${RUN[dir]}/crash-at.txt"
	for point in "${CRASH_POINTS[@]}"; do
		predicted=$(vm_crashat_predicted "$point")
		seen=$(vm_crashat_seen "$point")
		words=$(sed -n "s/^point $point //p" "${RUN[dir]}/crash-at.txt" | paste -sd' ' | sed 's/ copy/; copy/g')
		case $seen in
		none)
			echo "no answer $point: ${predicted:-not judged}; $words"
			((status == 1)) || status=2
			;;
		"$predicted") echo "agree    $point: $predicted; $words" ;;
		*)
			echo "DISAGREE $point: predicted ${predicted:-nothing}; $words"
			status=1
			;;
		esac
	done
	exit "$status"
}
