// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a flush; its start is in block.bpf.c. Loaded with --strict only: bio_endio is
 * called for every bio of the system.
 */
#include "trace/flush.h"
#include "core/program.h"

/* Entry: the device has completed the flush, and its waiter has not been woken. */
SEC("fentry/bio_endio")
int BPF_PROG(flush_end, struct bio *bio)
{
	emit_flush(bio, BT_FLUSH_END, KREAD(bio, bi_status));
	return 0;
}
