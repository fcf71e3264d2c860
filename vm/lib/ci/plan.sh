# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What is to be run: the directory RESULTS, from which rows can be run at any time.
#
#   rows          of the suite (suite.sh)
#   jobs          the runs: SIDE and the columns of a row, with the kernel of that side
#   kernel-args   arguments of vm/run for the kernel under test, a line each: its patches
#   run-args      arguments of vm/run for all
#   patches/      copies
#   about         lines "NAME: VALUE": suite, kernel (under test), compare (self, base, none), baseline (a directory)
#   kernels       what vm/kernel made of each kernel
#   joblog        of GNU parallel
#   base/ test/   a directory for each row (row)

declare -A CI # vm/ci

# plan_rows: sets ROWS
plan_rows() {
	local file series=${CI[series]}
	file=$(suite_path "${CI[suite]}")
	[[ -z $series ]] || suite_check --series series "$series"
	suite_rows "$file" "$series" >"$WORK/rows"
	readarray -t ROWS < <(suite_filter "${WORDS[@]}" <"$WORK/rows")
	((${#ROWS[@]})) || vm_die "no row of '$file' has all of: ${WORDS[*]}; vm/ci --list shows them"
}

# A CI service makes a job of each: docs/ci.md
plan_list() {
	local row name kernel series level bitmap fs case options comma=''
	if [[ ${CI[format]} != json ]]; then
		printf '%s\n' "${ROWS[@]%%$'\t'*}"
		return
	fi
	printf '{"include":['
	for row in "${ROWS[@]}"; do
		IFS=$'\t' read -r name kernel series level bitmap fs case options <<<"$row"
		printf '%s\n{"row":"%s","kernel":"%s","series":"%s","level":"%s","bitmap":"%s","fs":"%s","case":"%s","options":"%s"}' "$comma" \
			"$name" "$kernel" "$series" "$level" "$bitmap" "$fs" "$case" "${options//[\"\\]/_}"
		comma=,
	done
	printf '\n]}\n'
}

# plan_tree: of a tree, builds it if that is asked for, and sets the series of the rows if none was given: its own
plan_tree() {
	local tree=${CI[kernel]} release
	[[ $tree == */* || ! -d $tree ]] || tree=./$tree
	tree=$(realpath -- "$tree")
	CI[kernel]=$tree
	if [[ ${CI[build]} == yes ]]; then
		vm_say "building $tree"
		{ make -C "$tree" olddefconfig && make -C "$tree" -j"$(nproc)" bzImage modules; } >&2 || vm_die "'$tree' does not build (above)"
	fi
	[[ -f $tree/include/config/kernel.release ]] || vm_die "-k '$tree': not built; --build builds it"
	release=$(<"$tree/include/config/kernel.release")
	[[ $release =~ ^[0-9]+\.[0-9]+ ]] || vm_die "-k '$tree': its release is '$release'"
	CI[series]=${CI[series]:-${BASH_REMATCH[0]}}
}

# plan_make: makes RESULTS
plan_make() {
	local is_tree=no compare=base n
	[[ ! -d ${CI[kernel]} ]] || is_tree=yes
	[[ $is_tree == no ]] || plan_tree
	plan_rows
	[[ -n ${CI[kernel]} || ${#PATCHES[@]} -gt 0 || -n ${CI[baseline]} ]] || compare=self
	[[ ${CI[baseline]} != none ]] || compare=none
	RESULTS=$(vm_results_dir "${CI[output]}" "$(date +%Y%m%d-%H%M%S)-ci-$$")
	[[ ! -e $RESULTS/about ]] || vm_die "'$RESULTS' has results; go on with them by --resume, or choose another directory"
	printf '%s\n' "${ROWS[@]}" >"$RESULTS/rows"
	mkdir -p "$RESULTS/patches"
	: >"$RESULTS/kernel-args"
	for n in "${!PATCHES[@]}"; do
		cp -- "${PATCHES[n]}" "$RESULTS/patches/$n-${PATCHES[n]##*/}"
		printf '%s\n' --patch "patches/$n-${PATCHES[n]##*/}" >>"$RESULTS/kernel-args"
	done
	plan_run_args >"$RESULTS/run-args"
	plan_jobs "$is_tree" "$compare" >"$RESULTS/jobs"
	{
		printf 'suite: %s\nkernel: %s\ncompare: %s\n' "${CI[suite]}" "$(plan_name)" "$compare"
		[[ -z ${CI[baseline]} || $compare == none ]] || printf 'baseline: %s\n' "$(realpath -- "${CI[baseline]}")"
	} >"$RESULTS/about"
}

# Of a run that is resumed, these come last, and win.
plan_run_args() { ((${#RUN_ARGS[@]} == 0)) || printf '%s\n' "${RUN_ARGS[@]}"; }

# What the kernel under test is called
plan_name() {
	local patch name=${CI[kernel]:-the suite\'s}
	for patch in "${PATCHES[@]}"; do name+=+$(basename -- "$patch" .patch); done
	printf '%s\n' "$name"
}

# plan_jobs IS_TREE COMPARE
plan_jobs() {
	local row name kernel series columns
	for row in "${ROWS[@]}"; do
		IFS=$'\t' read -r name kernel series columns <<<"$row"
		[[ $2 != base || -n ${CI[baseline]} ]] || printf 'base\t%s\n' "$row"
		[[ $1 == no ]] || series=-
		printf 'test\t%s\t%s\t%s\t%s\n' "$name" "${CI[kernel]:-$kernel}" "$series" "$columns"
	done
}

# plan_kernels: makes each kernel once, before rows wait for it, and sees that it is the same when rows are resumed. Other hosts make
# their own.
plan_kernels() {
	local tool=${BT_KERNEL_TOOL:-$VM_DIR/kernel} side kernel series args path
	[[ -z ${CI[hosts]} ]] || return 0
	cut -f1,3,4 "$RESULTS/jobs" | sort -u >"$WORK/kernels.jobs"
	while IFS=$'\t' read -r side kernel series; do
		args=(-k "$kernel")
		[[ $series == - ]] || args+=(--series "$series")
		[[ $side == base ]] || readarray -t -O "${#args[@]}" args <"$RESULTS/kernel-args"
		path=$(cd "$RESULTS" && "$tool" "${args[@]}" </dev/null) || vm_die "the kernel '$kernel' cannot be made ready (above)"
		printf '%s\t%s\t%s\t%s\n' "$side" "$kernel" "$series" "$path"
	done <"$WORK/kernels.jobs" >"$WORK/kernels"
	[[ ! -e $RESULTS/kernels ]] || cmp -s "$WORK/kernels" "$RESULTS/kernels" ||
		vm_die "a kernel is another one than when the results in '$RESULTS' began; start anew"
	cp "$WORK/kernels" "$RESULTS/kernels"
}
