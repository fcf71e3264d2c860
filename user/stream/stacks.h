/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel stacks by the id that events carry, symbolised. Filled live from the
 * probes' stack map, or from the stack blocks of a trace file.
 */
#ifndef BT_STACKS_H
#define BT_STACKS_H

#include <stddef.h>
#include <stdint.h>

struct bt_stack {
	int32_t id;
	unsigned int nr;
	char **frames; /* innermost first, "symbol+0x1f/0x80 [module]"; owned by the table */
};

/*
 * Bounds for traces of unknown origin; the probes take at most 2 * 4096 stacks of 32 frames
 * (bpf/core/bitmap_event.h).
 */
#define BT_STACKS_MAX	    65536
#define BT_STACK_FRAMES_MAX 128

struct bt_stacks;

/* NULL on lack of memory. Free with bt_stacks_free (NULL is allowed). */
struct bt_stacks *bt_stacks_new(void);
void bt_stacks_free(struct bt_stacks *stacks);

/*
 * Copies the frames, at most BT_STACK_FRAMES_MAX of them; a stack beyond BT_STACKS_MAX is
 * dropped. Replaces an entry of the same id. 0 or -ENOMEM.
 */
int bt_stacks_add(struct bt_stacks *stacks, int32_t id, const char *const *frames, unsigned int nr);

/* NULL when unknown. Valid until the table changes. */
const struct bt_stack *bt_stacks_find(const struct bt_stacks *stacks, int32_t id);

/*
 * Calls fn for every stack that was added after *seen, in the order of addition, and advances
 * *seen; 0 is before all. Cheap if there is none. Stops when fn returns non-zero, and returns
 * that.
 */
int bt_stacks_each_new(const struct bt_stacks *stacks, uint64_t *seen,
		       int (*fn)(void *ctx, const struct bt_stack *stack), void *ctx);

/* Calls fn for every stack, in order of id; stops when it returns non-zero, and returns that. */
int bt_stacks_each(const struct bt_stacks *stacks,
		   int (*fn)(void *ctx, const struct bt_stack *stack), void *ctx);

#endif /* BT_STACKS_H */
