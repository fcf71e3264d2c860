// SPDX-License-Identifier: GPL-2.0-only
/* Where raid456 keeps what tells stripes apart, from BTF that is made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/raid5_at.h"

struct kernel {
	char dir[32];
	struct bt_kernel_btf btf;
};

static void write_btf(const struct btf *btf, const char *dir, const char *name)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(data, size, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

/* written: what the member is called */
static void add_raid5(struct btf *btf, const char *written)
{
	int u64 = btf__add_int(btf, "u64", 8, 0), u32 = btf__add_int(btf, "u32", 4, 0), dev;

	btf__add_struct(btf, "r5conf", 32);
	btf__add_field(btf, "mddev", u64, 8 * 24, 0);
	dev = btf__add_struct(btf, "r5dev", 40);
	btf__add_field(btf, written, u64, 8 * 16, 0);
	btf__add_struct(btf, "stripe_head", 100);
	btf__add_field(btf, "raid_conf", u64, 8 * 8, 0);
	btf__add_field(btf, "disks", u32, 8 * 20, 0);
	btf__add_field(btf, "dev", dev, 8 * 48, 0);
}

static void kernel_new(struct kernel *kernel, bool module, const char *written)
{
	struct btf *vmlinux = btf__new_empty(), *raid456;

	snprintf(kernel->dir, sizeof(kernel->dir), "/tmp/bt-raid5-XXXXXX");
	assert_non_null(mkdtemp(kernel->dir));
	btf__add_int(vmlinux, "int", 4, BTF_INT_SIGNED);
	if (!module)
		add_raid5(vmlinux, written);
	write_btf(vmlinux, kernel->dir, "vmlinux");
	if (module) {
		raid456 = btf__new_empty_split(vmlinux);
		add_raid5(raid456, written);
		write_btf(raid456, kernel->dir, "raid456");
		btf__free(raid456);
	}
	btf__free(vmlinux);
	assert_int_equal(bt_kernel_btf_open(&kernel->btf, kernel->dir), 0);
}

static void kernel_free(struct kernel *kernel)
{
	char path[64];

	bt_kernel_btf_close(&kernel->btf);
	snprintf(path, sizeof(path), "%s/raid456", kernel->dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/vmlinux", kernel->dir);
	unlink(path);
	rmdir(kernel->dir);
}

static void expect_places(const uint32_t at[BT_RAID5_AT_NR])
{
	const uint32_t places[BT_RAID5_AT_NR] = {
		[BT_RAID5_CONF] = 8, [BT_RAID5_MDDEV] = 24,   [BT_RAID5_DISKS] = 20,
		[BT_RAID5_DEV] = 48, [BT_RAID5_WRITTEN] = 16, [BT_RAID5_DEV_BYTES] = 40
	};

	assert_memory_equal(at, places, sizeof(places));
}

static void a_module_has_them(void **state)
{
	uint32_t at[BT_RAID5_AT_NR], published[BT_RAID5_AT_NR] = { 0 };
	struct kernel kernel = { 0 };

	(void)state;
	kernel_new(&kernel, true, "written");
	assert_int_equal(bt_raid5_at(&kernel.btf, kernel.dir, at), 0);
	expect_places(at);
	bt_raid5_at_publish(published, at);
	expect_places(published);
	kernel_free(&kernel);
}

static void built_in_the_kernel_has_them(void **state)
{
	uint32_t at[BT_RAID5_AT_NR];
	struct kernel kernel = { 0 };

	(void)state;
	kernel_new(&kernel, false, "written");
	assert_int_equal(bt_raid5_at(&kernel.btf, kernel.dir, at), 0);
	expect_places(at);
	kernel_free(&kernel);
}

static void another_struct_is_not_known(void **state)
{
	const uint32_t nowhere[BT_RAID5_AT_NR] = { 0 };
	uint32_t at[BT_RAID5_AT_NR];
	struct kernel kernel = { 0 };

	(void)state;
	kernel_new(&kernel, true, "wrote");
	assert_int_equal(bt_raid5_at(&kernel.btf, kernel.dir, at), 0);
	assert_memory_equal(at, nowhere, sizeof(nowhere));
	kernel_free(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_has_them),
		cmocka_unit_test(built_in_the_kernel_has_them),
		cmocka_unit_test(another_struct_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
