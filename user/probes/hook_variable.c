// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's variable that probes read. As an extern with __ksym libbpf would
 * look it up in the whole BTF of the kernel once more; its id is known by then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hooks.h"
#include "shared/irqs.h"

static bool is_slot(const struct bpf_insn *insn)
{
	return insn[0].code == (BPF_LD | BPF_IMM | BPF_DW) && !insn[0].src_reg &&
	       (uint32_t)insn[0].imm == (uint32_t)BT_IRQSAVE_FLAGS_SLOT &&
	       (uint32_t)insn[1].imm == (uint32_t)((uint64_t)BT_IRQSAVE_FLAGS_SLOT >> 32);
}

/* The next slot from at on; the number of instructions if there is none. */
static size_t next_slot(const struct bpf_insn *insns, size_t nr, size_t at)
{
	for (; at + 1 < nr; at++)
		if (is_slot(&insns[at]))
			return at;
	return nr;
}

bool bt_program_reads_variable(const struct bpf_program *program)
{
	size_t nr = bpf_program__insn_cnt(program);

	return next_slot(bpf_program__insns(program), nr, 0) < nr;
}

int bt_program_set_variable(struct bpf_program *program, uint32_t btf_id)
{
	size_t at, nr = bpf_program__insn_cnt(program);
	struct bpf_insn *insns = calloc(nr, sizeof(*insns));
	int err;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(program), nr * sizeof(*insns));
	for (at = next_slot(insns, nr, 0); at < nr; at = next_slot(insns, nr, at + 2)) {
		insns[at].src_reg = BPF_PSEUDO_BTF_ID;
		insns[at].imm = (int32_t)btf_id;
		insns[at + 1].imm = 0; /* in the BTF of vmlinux */
	}
	err = bpf_program__set_insns(program, insns, nr);
	free(insns);
	return err;
}
