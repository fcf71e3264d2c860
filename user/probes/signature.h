/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a function of the kernel take what the programs on it read? Written as
 * "mddev*, u64, *, bool -> int": pointers by the struct they point to ("*": any), numbers
 * by their size ("int" and "u32" are both of 4 bytes, as is an enum). The function may take
 * more. With "->" it may not: a program finds what is returned behind the last argument.
 */
#ifndef BT_SIGNATURE_H
#define BT_SIGNATURE_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* id: of a FUNC, or of the typedef btf_trace_NAME of a tracepoint. */
bool bt_signature_fits(const struct btf *btf, uint32_t id, const char *takes);

/* The function's own signature, in the same words. */
void bt_signature_print(const struct btf *btf, uint32_t id, char *text, size_t len);

#endif /* BT_SIGNATURE_H */
