# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The rounds of vm/explore: search, the same seed again, fewer places, shorter spins. Each is a batch of runs (batch.sh).

declare -A RUN ROW # settings.sh

# EXPLORE: series bitmap case output; seeds first slice spin, numbers; reduce, yes or no; deadline, seconds or empty
declare -A EXPLORE=()
declare -A DIRS=()   # of the kernel of a subject
declare -A RUNS=()   # KERNEL.plain, KERNEL.perturbed: how many there were
declare -A HITS=()   # the same with .RULE: in how many it was broken
declare -A SEED=()   # KERNEL.RULE: the seed of the slice in which it was broken most
declare -A AGAIN=()  # KERNEL.RULE: how often it comes back with that seed, "N of M"
declare -A PLACE=()  # KERNEL.RULE: the place that suffices
declare -A SPIN=()   # KERNEL.RULE: the shortest spins that do, microseconds
FOUND=()             # "KERNEL RULE" of what was broken in a perturbed run

# shellcheck disable=SC2034 # of batch.sh; much is slow in these
BATCH_RUN_TIMEOUT_S=300
REPEATS=10 # of a seed
SPINS=(250 500 1000 2000)

explore_settings() {
	EXPLORE=([series]='' [bitmap]=internal [case]=windows [output]='' [seeds]=50 [first]=1 [slice]=400 [spin]=4000 [reduce]=yes [deadline]='')
}

# Sets NAMES, how the subjects are called, and DIRS
explore_kernels() {
	local subject name args dirs
	NAMES=()
	for subject in stock "${SUBJECTS[@]}"; do
		args=()
		[[ -z ${EXPLORE[series]} ]] || args+=(--series "${EXPLORE[series]}")
		if [[ -f $subject ]]; then
			name=$(basename -- "$subject" .patch)
			args+=(-k "$(vm_header_field "$subject" Base stock)" --patch "$(realpath -- "$subject")")
		else
			name=$subject
			args+=(-k "$subject")
		fi
		dirs=$("${RUN[kernel_tool]}" "${args[@]}") || exit 2
		DIRS[${name//\//-}]=$dirs
		NAMES+=("${name//\//-}")
	done
	RUN[kernel_dir]=${DIRS[stock]} # of the boots
	NAMES=("${NAMES[@]:1}")
	RUN[image]=$(vm_boot_image "${RUN[kernel_dir]}")
	RUN[work]=$WORK
	RUN[accelerator]=$(vm_accel "${RUN[image]}" "$(vm_content_key "${RUN[kernel_dir]}/vmlinuz")")
}

# explore_row NAME KERNEL RUNS PERTURB
explore_row() {
	vm_row_add "name=$1" "kernel=$2" "kernel_dir=${DIRS[$2]}" "case=${EXPLORE[case]}" "bitmap=${EXPLORE[bitmap]}" level=raid1 fs=ext4 \
		check= "perturb=$4" "load_s=$((($3 * EXPLORE[slice] + 999) / 1000))"
}

# Boots what is in ROW, JOBS at a time, and empties it
explore_boot() {
	local lane n mine jobs=${JOBS:-1}
	LANES=()
	if [[ -z ${EXPLORE[deadline]} ]] || ((SECONDS < EXPLORE[deadline])); then
		for ((lane = 0; lane < jobs; lane++)); do
			mine=()
			for ((n = lane; n < ROW[count]; n += jobs)); do mine+=("$n"); done
			((${#mine[@]})) || continue
			batch_boots "$lane" "${mine[@]}" 2>"$WORK/lane-$lane" &
			LANES+=($!)
		done
		for lane in "${LANES[@]}"; do wait "$lane" || cat "$WORK"/lane-* >&2; done
	fi
	LANES=()
	ROW=([count]=0)
}

# explore_slices NAME RUNS: prints what slices.pl does; nothing if the run has not come to its end
explore_slices() {
	local dir=${RUN[results]}/$1
	[[ -e $dir/status && $(<"$dir/status") != [25] ]] || return 0
	"$VM_DIR/lib/explore/slices.pl" "${RUN[tool]}" "$dir/trace.bt" "${EXPLORE[slice]}" "$2"
}

# ---- search

explore_search() {
	local name how
	for name in "${NAMES[@]}"; do
		explore_row "$name.plain" "$name" "${EXPLORE[seeds]}" ''
		explore_row "$name.perturbed" "$name" "${EXPLORE[seeds]}" "${RUN[perturb]}"
	done
	explore_boot
	for name in "${NAMES[@]}"; do
		for how in plain perturbed; do explore_take "$name" "$how"; done
	done
}

# explore_take KERNEL plain|perturbed
explore_take() {
	local what rule slice count most=0 last=''
	RUNS[$1.$2]=0
	while read -r what rule slice count; do
		if [[ $what == runs ]]; then
			RUNS[$1.$2]=$rule
			continue
		fi
		HITS[$1.$2.$rule]=$((${HITS[$1.$2.$rule]-0} + 1))
		[[ $2 == perturbed ]] || continue
		if [[ $rule != "$last" ]]; then
			FOUND+=("$1 $rule")
			last=$rule most=0
		fi
		((count <= most)) || most=$count SEED[$1.$rule]=$((EXPLORE[first] + slice))
	done < <(explore_slices "$1.$2" "${EXPLORE[seeds]}")
}

# ---- reduction

# explore_hits NAME RULE: "HITS of RUNS"
explore_hits() {
	local what rule slice count hits=0 runs=0
	while read -r what rule slice count; do
		if [[ $what == runs ]]; then runs=$rule; elif [[ $rule == "$2" ]]; then hits=$((hits + 1)); fi
	done < <(explore_slices "$1" "$REPEATS")
	echo "$hits of $runs"
}

# explore_places NAME: those at which it was held up
explore_places() {
	"${RUN[tool]}" check -i "${RUN[results]}/$1/trace.bt" 2>/dev/null | sed -n 's/^perturbed by .* s; //p' | tr ',' '\n' |
		awk '{ print $1 }'
}

explore_reduce() {
	local found kernel rule
	for found in "${FOUND[@]}"; do
		read -r kernel rule <<<"$found"
		explore_row "$kernel.$rule.again" "$kernel" "$REPEATS" "${SEED[$kernel.$rule]},${EXPLORE[spin]}"
	done
	((${#FOUND[@]})) || return 0
	explore_boot
	for found in "${FOUND[@]}"; do
		read -r kernel rule <<<"$found"
		AGAIN[$kernel.$rule]=$(explore_hits "$kernel.$rule.again" "$rule")
		explore_each_place "$kernel" "$rule"
	done
	explore_boot
	for found in "${FOUND[@]}"; do
		read -r kernel rule <<<"$found"
		explore_best_place "$kernel" "$rule"
		explore_each_spin "$kernel" "$rule"
	done
	explore_boot
	for found in "${FOUND[@]}"; do
		read -r kernel rule <<<"$found"
		explore_best_spin "$kernel" "$rule"
	done
}

explore_each_place() {
	local place
	[[ ${AGAIN[$1.$2]} != 0* ]] || return 0
	for place in $(explore_places "$1.$2.again"); do
		explore_row "$1.$2.$place" "$1" "$REPEATS" "${SEED[$1.$2]},${EXPLORE[spin]},$place"
	done
}

# That which alone brings it back most often
explore_best_place() {
	local place hits most=0
	for place in $(explore_places "$1.$2.again"); do
		hits=$(explore_hits "$1.$2.$place" "$2")
		((${hits%% *} <= most)) || most=${hits%% *} PLACE[$1.$2]="$place ($hits)"
	done
}

explore_each_spin() {
	local us place=${PLACE[$1.$2]-}
	[[ -n $place ]] || return 0
	for us in "${SPINS[@]}"; do
		((us >= EXPLORE[spin])) || explore_row "$1.$2.$us" "$1" "$REPEATS" "${SEED[$1.$2]},$us,${place%% *}"
	done
}

explore_best_spin() {
	local us hits
	[[ -n ${PLACE[$1.$2]-} ]] || return 0
	SPIN[$1.$2]="${EXPLORE[spin]}"
	for us in "${SPINS[@]}"; do
		hits=$(explore_hits "$1.$2.$us" "$2")
		[[ $hits == 0* ]] || { SPIN[$1.$2]="$us ($hits)" && return 0; }
	done
}

# ---- coverage

# explore_pairs KERNEL HOW: "N of M chunk, N of M page" of the pairs of steps that were seen; all of them are in pairs.txt
explore_pairs() {
	local dir=${RUN[results]}/$1.$2
	[[ -e $dir/trace.bt ]] || return 0
	"${RUN[tool]}" pairs "$dir/trace.bt" >"$dir/pairs.txt" 2>/dev/null || true
	sed -n 's/^\(chunk\|page\): \([0-9]*\) of \([0-9]*\) .*/\1 \2 of \3/p' "$dir/pairs.txt" | paste -sd, | sed 's/,/, /'
}

explore_coverage() {
	local name
	echo
	echo '| kernel | pairs of steps seen without | perturbed | slices of the perturbed run that saw new ones |'
	echo '|---|---|---|---|'
	for name in "${NAMES[@]}"; do
		printf '| %s | %s | %s | %s |\n' "$name" "$(explore_pairs "$name" plain)" "$(explore_pairs "$name" perturbed)" \
			"$(grep -c '^slice ' "${RUN[results]}/$name.perturbed/pairs.txt" 2>/dev/null)"
	done
}

# ---- table

explore_rules() { # KERNEL: all that were broken
	printf '%s\n' "${!HITS[@]}" | sed -n "s/^$1\.\(plain\|perturbed\)\.//p" | sort -u
}

explore_table() {
	local name rule rules key
	echo '| kernel | rule | without: runs it was broken in | perturbed | seed | comes back | one place suffices | longest spin, us |'
	echo '|---|---|---|---|---|---|---|---|'
	for name in "${NAMES[@]}"; do
		readarray -t rules < <(explore_rules "$name")
		for rule in "${rules[@]:-}"; do
			key=$name.$rule
			printf '| %s | %s | %s of %s | %s of %s | %s | %s | %s | %s |\n' "$name" "${rule:-none}" \
				"${HITS[$name.plain.$rule]-0}" "${RUNS[$name.plain]}" "${HITS[$name.perturbed.$rule]-0}" "${RUNS[$name.perturbed]}" \
				"${SEED[$key]-}" "${AGAIN[$key]-}" "${PLACE[$key]-}" "${SPIN[$key]-}"
		done
	done
}
