// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stream/sink.h"
#include "stream/stacks.h"

static const char *const two[] = { "a+0x1/0x2", "b+0x3/0x4 [md_mod]" };

static void test_add_and_find(void **state)
{
	struct bt_stacks *stacks = bt_stacks_new();
	const struct bt_stack *stack;

	(void)state;
	assert_null(bt_stacks_find(stacks, 1));
	assert_int_equal(bt_stacks_add(stacks, 1, two, 2), 0);
	stack = bt_stacks_find(stacks, 1);
	assert_int_equal(stack->id, 1);
	assert_int_equal(stack->nr, 2);
	assert_string_equal(stack->frames[1], two[1]);
	assert_ptr_not_equal(stack->frames[1], two[1]);
	assert_null(bt_stacks_find(stacks, -1));
	bt_stacks_free(stacks);
	bt_stacks_free(NULL);
}

static void test_replace(void **state)
{
	struct bt_stacks *stacks = bt_stacks_new();

	(void)state;
	assert_int_equal(bt_stacks_add(stacks, 7, two, 2), 0);
	assert_int_equal(bt_stacks_add(stacks, 7, two + 1, 1), 0);
	assert_int_equal(bt_stacks_find(stacks, 7)->nr, 1);
	assert_string_equal(bt_stacks_find(stacks, 7)->frames[0], two[1]);
	assert_int_equal(bt_stacks_add(stacks, 7, NULL, 0), 0);
	assert_int_equal(bt_stacks_find(stacks, 7)->nr, 0);
	bt_stacks_free(stacks);
}

struct seen {
	int32_t last;
	unsigned int nr;
	unsigned int stop_at;
};

static int see(void *ctx, const struct bt_stack *stack)
{
	struct seen *seen = ctx;

	assert_true(stack->id > seen->last);
	seen->last = stack->id;
	return ++seen->nr == seen->stop_at ? 42 : 0;
}

static void test_each_in_order(void **state)
{
	struct bt_stacks *stacks = bt_stacks_new();
	struct seen all = { .last = -1 }, some = { .last = -1, .stop_at = 3 };
	int32_t id;

	(void)state;
	assert_int_equal(bt_stacks_each(stacks, see, &all), 0);
	for (id = 999; id >= 0; id--)
		assert_int_equal(bt_stacks_add(stacks, id * 37 % 1000, two, 2), 0);
	assert_int_equal(bt_stacks_each(stacks, see, &all), 0);
	assert_int_equal(all.nr, 1000);
	assert_int_equal(bt_stacks_each(stacks, see, &some), 42);
	assert_int_equal(some.nr, 3);
	bt_stacks_free(stacks);
}

static void test_each_new(void **state)
{
	struct bt_stacks *stacks = bt_stacks_new();
	struct seen some = { .last = -1, .stop_at = 2 }, rest = { .last = -1 };
	struct seen none = { .last = -1 }, again = { .last = -1 };
	uint64_t seen = 0;

	(void)state;
	assert_int_equal(bt_stacks_each_new(stacks, &seen, see, &none), 0);
	assert_int_equal(bt_stacks_add(stacks, 1, two, 2), 0);
	assert_int_equal(bt_stacks_add(stacks, 4, two, 2), 0);
	assert_int_equal(bt_stacks_add(stacks, 9, two, 2), 0);
	assert_int_equal(bt_stacks_each_new(stacks, &seen, see, &some), 42);
	/* The stack at which it stopped is not consumed. */
	assert_int_equal(bt_stacks_each_new(stacks, &seen, see, &rest), 0);
	assert_int_equal(rest.nr, 2);
	assert_int_equal(bt_stacks_each_new(stacks, &seen, see, &none), 0);
	assert_int_equal(none.nr, 0);
	assert_int_equal(bt_stacks_add(stacks, 1, two, 1), 0);
	assert_int_equal(bt_stacks_each_new(stacks, &seen, see, &again), 0);
	assert_int_equal(again.nr, 1);
	assert_int_equal(again.last, 1);
	bt_stacks_free(stacks);
}

/* ---- sinks ---- */

struct log_sink {
	struct bt_sink sink;
	char *log;
	char name;
	int ret;
};

static int log_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct log_sink *to = (struct log_sink *)sink;

	(void)ev;
	*to->log++ = to->name;
	return to->ret;
}

static void test_tee(void **state)
{
	struct log_sink a = { .sink.event = log_event, .name = 'a' };
	struct log_sink b = { .sink.event = log_event, .name = 'b' };
	struct bt_event ev = { .type = BT_GONE };
	char log_a[4] = {}, log_b[4] = {};
	struct bt_tee tee;

	(void)state;
	a.log = log_a;
	b.log = log_b;
	bt_tee_init(&tee);
	assert_int_equal(bt_sink_event(&tee.sink, &ev), 0);
	bt_tee_add(&tee, &a.sink);
	bt_tee_add(&tee, &b.sink);
	assert_int_equal(bt_sink_event(&tee.sink, &ev), 0);
	a.ret = -5;
	assert_int_equal(bt_sink_event(&tee.sink, &ev), -5);
	assert_string_equal(log_a, "aa");
	assert_string_equal(log_b, "b");
	/* A sink without a tick is skipped. */
	assert_int_equal(bt_sink_tick(&tee.sink), 0);
}

static void test_bounds(void **state)
{
	const char *frames[BT_STACK_FRAMES_MAX + 1];
	struct bt_stacks *stacks = bt_stacks_new();
	char longest[1001];
	unsigned int i;
	int32_t id;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	for (i = 0; i <= BT_STACK_FRAMES_MAX; i++)
		frames[i] = longest;
	assert_int_equal(bt_stacks_add(stacks, 1, frames, BT_STACK_FRAMES_MAX + 1), 0);
	assert_int_equal(bt_stacks_find(stacks, 1)->nr, BT_STACK_FRAMES_MAX);
	assert_true(strlen(bt_stacks_find(stacks, 1)->frames[0]) < 1000);
	for (id = 2; id <= BT_STACKS_MAX + 1; id++)
		assert_int_equal(bt_stacks_add(stacks, id, two, 2), 0);
	assert_non_null(bt_stacks_find(stacks, BT_STACKS_MAX));
	assert_null(bt_stacks_find(stacks, BT_STACKS_MAX + 1));
	/* Known stacks may still change. */
	assert_int_equal(bt_stacks_add(stacks, 1, two, 2), 0);
	assert_int_equal(bt_stacks_find(stacks, 1)->nr, 2);
	bt_stacks_free(stacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_and_find),  cmocka_unit_test(test_replace),
		cmocka_unit_test(test_each_in_order), cmocka_unit_test(test_each_new),
		cmocka_unit_test(test_tee),	      cmocka_unit_test(test_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
