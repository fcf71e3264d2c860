// SPDX-License-Identifier: GPL-2.0-only
#include "base/same_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const names[] = { "file", "other", "symlink", "hardlink" };

static int setup(void **state)
{
	static char dir[] = "/tmp/bt-same-XXXXXX";

	(void)state;
	if (!mkdtemp(dir) || chdir(dir))
		return -1;
	close(open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(open("other", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	return symlink("file", "symlink") || link("file", "hardlink");
}

static int teardown(void **state)
{
	char dir[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	return !getcwd(dir, sizeof(dir)) || chdir("/") || rmdir(dir);
}

static void by_any_name(void **state)
{
	(void)state;
	assert_true(bt_same_file("file", "file"));
	assert_true(bt_same_file("file", "./file"));
	assert_true(bt_same_file("file", "symlink"));
	assert_true(bt_same_file("hardlink", "symlink"));
	assert_false(bt_same_file("file", "other"));
}

static void what_is_not_there_yet(void **state)
{
	(void)state;
	assert_true(bt_same_file("new", "new"));
	assert_false(bt_same_file("new", "newer"));
	assert_false(bt_same_file("new", "file"));
}

static void what_nothing_is_lost_in(void **state)
{
	(void)state;
	assert_false(bt_same_file("/dev/null", "/dev/null"));
	assert_false(bt_same_file(".", "."));
}

static void descriptors(void **state)
{
	int fd = open("file", O_RDONLY | O_CLOEXEC), in = dup(0);

	(void)state;
	assert_true(bt_same_file_fd("symlink", fd));
	assert_false(bt_same_file_fd("other", fd));
	assert_false(bt_same_file_fd("new", fd));
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	assert_true(bt_same_file("-", "hardlink"));
	assert_true(bt_same_file_fd("-", fd));
	dup2(in, STDIN_FILENO);
	close(in);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_any_name),
		cmocka_unit_test(what_is_not_there_yet),
		cmocka_unit_test(what_nothing_is_lost_in),
		cmocka_unit_test(descriptors),
	};

	return cmocka_run_group_tests_name("same_file", tests, setup, teardown);
}
