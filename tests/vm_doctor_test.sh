#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The output of doctor on real kernels: stock 6.1 and 6.12, md rebuilt with patches, before and after the personalities
# are loaded. One VM for each; only with BT_VM=1.
set -uo pipefail

# shellcheck source=tests/lib.sh
source "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/lib.sh"

if [[ ${BT_VM-} != 1 ]]; then
	echo '1..0 # SKIP boots virtual machines; set BT_VM=1'
	exit 0
fi

# The text describes the machine before raid10 and raid456 are loaded.
cat >"$WORK/script" <<'END'
cd /out
bitmap-trace doctor --no-wait >doctor.txt
modprobe -a raid10 raid456
bitmap-trace doctor --no-wait -f json >doctor.json
echo $? >doctor.status
bitmap-trace check --no-wait -- true >check.txt
true
END

# start NAME ARGS...: boots it and runs doctor
start() {
	local dir=$WORK/$1
	mkdir "$dir"
	run_into "$dir" --no-trace -c "$WORK/script" -o "$dir/results" "${@:2}"
	echo $? >"$dir/status"
}

# says NAME STATUS EXPECTATION...: as in lib-doctor.pl
says() {
	local name=$1 status=$2 dir=$WORK/$1 got why
	shift 2
	got=$(cat "$dir/results/doctor.status" 2>/dev/null || echo none)
	if [[ $(<"$dir/status") != 0 ]]; then
		not_ok "$name: all hooks" "vm/run ended with $(<"$dir/status")" "$dir"
	elif [[ $got != "$status" ]]; then
		not_ok "$name: all hooks" "doctor ended with $got, expected $status" "$dir"
	elif why=$(perl "$ROOT/tests/lib-doctor.pl" "$dir/results/doctor.json" "$@"); then
		ok "$name: all hooks"
	else
		not_ok "$name: all hooks" "$why" "$dir"
	fi
}

# text NAME WORDS: doctor's text has this line
text() {
	if grep -qxF -- "$2" "$WORK/$1/results/doctor.txt" 2>/dev/null; then
		ok "$1: text: $2"
	else
		not_ok "$1: text: $2" "$(cat "$WORK/$1/results/doctor.txt")" "$WORK/$1"
	fi
}

# no_hook_in_check NAME [LINE]...: the rules that check cannot judge because of missing hooks
no_hook_in_check() {
	local name=$1 results=$WORK/$1/results got
	shift
	got=$(sed -n '/ no hook on /s/  */ /gp' "$results/check.txt" 2>/dev/null)
	if [[ $got == "$(printf '%s\n' "$@")" ]] && grep -q '^verdict: UNKNOWN' "$results/check.txt"; then
		ok "$name: check agrees with doctor"
	else
		not_ok "$name: check agrees with doctor" "$(cat "$results/check.txt")" "$WORK/$name"
	fi
}

split_sb='bitmap_update_sb split - bitmap_update_sb.part.0'
# Kernels that are built here have whole functions.
whole_sb='bitmap_update_sb attached'
# Before 6.12; no unplug by a worker yet.
old_names=('bitmap_load attached md_bitmap_load' '__bitmap_resize attached md_bitmap_resize'
	'bitmap_startwrite attached md_bitmap_startwrite' 'bitmap_endwrite attached md_bitmap_endwrite'
	'__bitmap_unplug attached md_bitmap_unplug' 'bitmap_daemon_work attached md_bitmap_daemon_work'
	'bitmap_update_sb split md_bitmap_update_sb md_bitmap_update_sb.part.0' 'bitmap_unplug absent'
	'bitmap_start_sync attached md_bitmap_start_sync' 'bitmap_cond_end_sync attached md_bitmap_cond_end_sync'
	'bitmap_close_sync attached md_bitmap_close_sync'
	'bitmap_end_sync split md_bitmap_end_sync md_bitmap_end_sync.part.0')

start 6.1 --series 6.1 &
start 6.12 -k stock &
wait
start rfc -k rfc &
start split -k stock --patch "$ROOT/tests/patches/split-set-bit.patch" &
wait
start 7.3 --series 7.3 &
start llbitmap --series 7.3 -k stock+llbitmap &
wait
start unplug -k stock --patch "$ROOT/tests/patches/split-unplug.patch"

says 6.1 0 'kernel 6.1.' 'cannot_judge -' "${old_names[@]}"
no_hook_in_check 6.1
text 6.1 'attached bitmap_startwrite as md_bitmap_startwrite in md_mod'
text 6.1 'attached irqsave_flags at md_bitmap_file_set_bit in md_mod'
text 6.1 'absent   raid10_end_write_request'
text 6.1 '         raid10 is not loaded'
text 6.1 '         lost write-ends-raid10, with raid10: no-clear-in-flight'
says 6.12 0 'kernel 6.12.' 'cannot_judge -' "$split_sb"
no_hook_in_check 6.12
text 6.12 'attached irqsave_flags at md_bitmap_file_set_bit in md_mod'
text 6.12 '         sees irqs: dirty-context'
text 6.12 'absent   raid5_end_write_request'
says rfc 0 'kernel 6.12.' 'cannot_judge -' "$whole_sb" 'end_bitmap_write absent'
text rfc '         this md does not write bitmap files by buffer heads'
says split 3 'kernel 6.12.' "$whole_sb" 'md_bitmap_file_set_bit split - md_bitmap_file_set_bit.part.0' \
	'irqsave_flags split md_bitmap_file_set_bit md_bitmap_file_set_bit.part.0' \
	'cannot_judge cleared-when-idle,dirty-before-counter-clear,dirty-context,failure-recorded,flush-before-data,intent-before-data,intent-recorded,unplug-durable'
no_hook_in_check split 'UNKNOWN intent-before-data no hook on md_bitmap_file_set_bit (split)' \
	'UNKNOWN intent-recorded no hook on md_bitmap_file_set_bit (split)' \
	'UNKNOWN unplug-durable no hook on md_bitmap_file_set_bit (split)' \
	'UNKNOWN dirty-before-counter-clear no hook on md_bitmap_file_set_bit (split)' \
	'UNKNOWN failure-recorded no hook on md_bitmap_file_set_bit (split)' \
	'UNKNOWN cleared-when-idle no hook on md_bitmap_file_set_bit (split)' \
	'UNKNOWN dirty-context no hook on irqsave_flags (split)'
new_names=('bitmap_startwrite attached bitmap_start_write' 'bitmap_endwrite attached bitmap_end_write'
	'submit_bh attached bh_submit' 'filemap_fdatawrite_wbc attached filemap_writeback')
says 7.3 0 'kernel 7.3.' 'cannot_judge -' "${new_names[@]}"
no_hook_in_check 7.3
text 7.3 'attached end_bitmap_write (bio*) in md_mod'
says llbitmap 0 'kernel 7.3.' 'cannot_judge -' "${new_names[@]}" 'lockless attached'
# The function in bitmap_operations replaces it.
says unplug 0 'kernel 6.12.' 'cannot_judge -' "$whole_sb" '__bitmap_unplug attached bitmap_unplug'
no_hook_in_check unplug
text unplug 'attached __bitmap_unplug at bitmap_unplug in md_mod'
# The table in the documents is what these say.
table=$("$ROOT/tests/kernels-table" "$WORK"/{6.1,6.12,7.3}/results/doctor.json)
nothing 'docs/kernels.md has the hooks of these kernels' \
	"$(sed -n '/^<!-- made by/,/^<!-- end/{/^<!--/!p}' "$ROOT/docs/kernels.md" | diff - <(echo "$table") || true)"
echo "1..$N"
