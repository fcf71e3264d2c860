/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a function of the kernel have the arguments that the programs read? Written as "mddev*,
 * u64, *, bool -> int": pointers by the struct they point to ("*": any), numbers by their size
 * ("int" and "u32" both have 4 bytes, as an enum has). The function may have more arguments,
 * but not with "->": a program finds the return value after the last argument.
 */
#ifndef BT_SIGNATURE_H
#define BT_SIGNATURE_H

#include <bpf/btf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* id: of a FUNC, or of the typedef btf_trace_NAME of a tracepoint. */
bool bt_signature_fits(const struct btf *btf, uint32_t id, const char *takes);

/* The function's own signature, in the same notation. */
void bt_signature_print(const struct btf *btf, uint32_t id, char *text, size_t len);

#endif /* BT_SIGNATURE_H */
