/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One hook, many kernels: what the function behind it is called elsewhere. A
 * hook's own name, by which invariants ask for it and traces say that it is
 * missing, is the function's in 6.12. Which of the names a kernel has is found
 * out from its BTF, never from its version.
 */
#ifndef BT_HOOK_NAMES_H
#define BT_HOOK_NAMES_H

/*
 * The n-th (0...) other name of the function that a probe is written for, its
 * arguments being the same in the same places; NULL: there are no more.
 */
#define BT_HOOK_OTHER_NAMES_MAX 2 /* of one function */
const char *bt_hook_other_name(const char *function, unsigned int n);

/*
 * The hook that a probe on function stands in for, being one of its own
 * because its arguments differ; for all others the function's own name.
 */
const char *bt_hook_of_function(const char *function);

/*
 * A variable of the kernel, by its name: the hook of the programs that read it,
 * whatever function they sit on (bpf/trace/irqs.bpf.c). There when both are.
 */
#define BT_HOOK_IRQS "irqsave_flags"

/* Rows of the tables behind these, which are meant to be all of use. */
extern const unsigned int bt_hook_other_names_nr, bt_hook_stand_ins_nr;

#endif /* BT_HOOK_NAMES_H */
