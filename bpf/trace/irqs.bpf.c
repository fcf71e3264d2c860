// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are interrupts on? Programs on fentry and fexit cannot see it: their trampoline saves no
 * flags, and preempt_count counts locks, not whether they were taken with interrupts off. But
 * bpf_spin_lock() disables interrupts until the unlock, and saves the previous flags in the
 * CPU's irqsave_flags (kernel/bpf/helpers.c, __bpf_spin_lock_irqsave()), where a program can
 * read them while it holds the lock.
 *
 * A kprobe would have the flags in its registers, but perf_event_open may need CAP_SYS_ADMIN;
 * kprobe_multi needs CONFIG_FPROBE, which Debian's 6.1 lacks, and has no flags since 6.14
 * (4346ba160409).
 */
#include "core/bitmap_event.h"
#include "core/program.h"
#include "core/slots.h"

/* The flag is that of x86; for other architectures these programs are not built. */
#ifdef __TARGET_ARCH_x86

#define X86_EFLAGS_IF (1 << 9)

extern const unsigned long irqsave_flags __ksym __weak;

/*
 * The locks protect nothing, they only save the flags: one for each CPU, so that no CPU waits,
 * or shared if there are very many CPUs.
 */
#define IRQS_LOCKS 256

struct irqs_lock {
	struct bpf_spin_lock lock;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, IRQS_LOCKS);
	__type(key, __u32);
	__type(value, struct irqs_lock);
} irqs_locks SEC(".maps");

/* A thread inside set_bit: it does not sleep there, but may be preempted when it holds no lock. */
struct set_bit_entry {
	__u64 thread;
	__u64 bitmap;
	__u64 irqs;
};

#define ENTRY_ROWS_BITS 8
#define ENTRY_SLOTS	4

struct entry_row {
	struct set_bit_entry slots[ENTRY_SLOTS];
};

static struct entry_row entry_rows[1 << ENTRY_ROWS_BITS];

static __always_inline struct entry_row *entry_row(__u64 thread)
{
	return &entry_rows[thread & ((1 << ENTRY_ROWS_BITS) - 1)];
}

/* The idle thread does not call these functions; no thread id is a key that slots.h reserves. */
static __always_inline __u64 this_thread(void)
{
	return (__u32)bpf_get_current_pid_tgid() | 1ULL << 32;
}

/* The flag as it is outside the lock. A program stays on its CPU. */
static __always_inline __u64 irqs_now(void)
{
	__u32 nth = bpf_get_smp_processor_id() % IRQS_LOCKS;
	struct irqs_lock *irqs = bpf_map_lookup_elem(&irqs_locks, &nth);
	const volatile unsigned long *flags = bpf_this_cpu_ptr(&irqsave_flags);
	__u64 now;

	if (!irqs)
		return 0; /* not reached: there are IRQS_LOCKS */
	bpf_spin_lock(&irqs->lock);
	now = *flags & X86_EFLAGS_IF;
	bpf_spin_unlock(&irqs->lock);
	return now;
}

SEC("fentry/md_bitmap_file_set_bit")
int BPF_PROG(set_bit_irqs, struct bitmap *bitmap)
{
	__u64 thread = this_thread();
	struct entry_row *row = entry_row(thread);
	struct set_bit_entry *entry;

	if (!recording)
		return 0;
	entry = SLOT_FIND(row, thread); /* its exit was not seen */
	if (!entry)
		entry = SLOT_ALLOC(row);
	if (!entry) {
		count_loss(BT_LOSS_MAP_FULL, BT_SET_BIT_LEFT);
		return 0;
	}
	entry->bitmap = (__u64)bitmap;
	entry->irqs = irqs_now();
	slot_publish(&entry->thread, thread);
	return 0;
}

/* Before the caller continues. A call that leaves interrupts unchanged emits no event. */
SEC("fexit/md_bitmap_file_set_bit")
int BPF_PROG(set_bit_irqs_exit, struct bitmap *bitmap)
{
	__u64 thread = this_thread();
	struct set_bit_entry *entry = SLOT_FIND(entry_row(thread), thread), was;
	struct known_bitmap *known;
	struct bt_event *e;

	if (!entry)
		return 0;
	was = *entry;
	slot_free(&entry->thread);
	if (was.bitmap != (__u64)bitmap || was.irqs == irqs_now())
		return 0;
	known = bitmap_lookup(bitmap);
	e = known ? bitmap_event(bitmap, known, BT_SET_BIT_LEFT) : NULL;
	if (!e)
		return 0;
	e->irqs.on_entering = was.irqs != 0;
	e->irqs.on_leaving = !e->irqs.on_entering;
	take_stack(ctx, e);
	event_submit(e);
	return 0;
}

#endif /* __TARGET_ARCH_x86 */
