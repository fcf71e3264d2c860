// SPDX-License-Identifier: GPL-2.0-only
#include "base/atomic_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* needed before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define WRITES 100

/* Lengths that need more than one read or write of stdio. */
static const size_t lengths[] = { 150000, 200001 };

struct fixture {
	char dir[64];
	char path[80];
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/bt-atomic-XXXXXX");
	if (!mkdtemp(fixture->dir)) {
		free(fixture);
		return -1;
	}
	snprintf(fixture->path, sizeof(fixture->path), "%s/x.prom", fixture->dir);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	rmdir(fixture->dir);
	free(fixture);
	return 0;
}

static unsigned int files_in(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned int nr = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		nr += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return nr;
}

static void expect_content(const char *path, const char *expected)
{
	char buf[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(buf, sizeof(buf), file));
	assert_string_equal(buf, expected);
	fclose(file);
}

static void it_is_replaced_and_readable_by_all(void **state)
{
	struct fixture *fixture = *state;
	mode_t mask = umask(0077);
	struct stat st;

	assert_int_equal(bt_atomic_write(fixture->path, "one", 3), 0);
	expect_content(fixture->path, "one");
	assert_int_equal(bt_atomic_write(fixture->path, "three", 5), 0);
	expect_content(fixture->path, "three");
	umask(mask);
	assert_int_equal(stat(fixture->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(files_in(fixture->dir), 1);
}

static void a_name_without_directory(void **state)
{
	struct fixture *fixture = *state;
	int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(chdir(fixture->dir), 0);
	assert_int_equal(bt_atomic_write("x.prom", "here", 4), 0);
	assert_int_equal(fchdir(cwd), 0);
	close(cwd);
	expect_content(fixture->path, "here");
}

/* In a process of its own: writes again and again. */
static _Noreturn void write_for_ever(const char *path)
{
	char *content = malloc(lengths[1]);
	unsigned int i;

	for (i = 0; content && i < WRITES; i++) {
		memset(content, i % 2 ? 'B' : 'A', lengths[1]);
		if (bt_atomic_write(path, content, lengths[i % 2]))
			_exit(1);
	}
	_exit(!content);
}

/* All bytes are one letter, and the length is the one that belongs to the letter. */
static void expect_whole(const char *path, char *buf)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	assert_true(fd >= 0);
	while ((n = read(fd, buf + len, 4096)) > 0) {
		len += (size_t)n;
		assert_true(len <= lengths[1]);
	}
	close(fd);
	assert_int_equal(n, 0);
	assert_true(buf[0] == 'A' || buf[0] == 'B');
	assert_int_equal(len, lengths[buf[0] == 'B']);
	assert_int_equal(strspn(buf, buf[0] == 'A' ? "A" : "B"), len);
}

static void a_reader_never_sees_half_of_it(void **state)
{
	struct fixture *fixture = *state;
	char *buf = calloc(1, lengths[1] + 4097);
	unsigned int reads = 0;
	int status = 0;
	pid_t pid;

	memset(buf, 'A', lengths[0]);
	assert_int_equal(bt_atomic_write(fixture->path, buf, lengths[0]), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		write_for_ever(fixture->path);
	while (!waitpid(pid, &status, WNOHANG)) {
		memset(buf, 0, lengths[1] + 4097);
		expect_whole(fixture->path, buf);
		reads++;
	}
	assert_int_equal(status, 0);
	assert_true(reads > 1);
	assert_int_equal(files_in(fixture->dir), 1);
	free(buf);
}

/* As a user to whom the directory's mode applies. */
static int write_as_nobody(const char *path)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (!geteuid() && setuid(65534))
			_exit(255);
		_exit(-bt_atomic_write(path, "two", 3));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : 1;
}

static void what_cannot_be_written_stays_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit old, small;
	char big[4096] = "";

	assert_int_equal(bt_atomic_write(fixture->path, "one", 3), 0);
	assert_int_equal(chmod(fixture->dir, 0555), 0);
	assert_int_equal(write_as_nobody(fixture->path), -EACCES);
	assert_int_equal(chmod(fixture->dir, 0755), 0);

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(bt_atomic_write(fixture->path, big, sizeof(big)), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	expect_content(fixture->path, "one");
	assert_int_equal(files_in(fixture->dir), 1);
}

static void what_is_no_file_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct stat st;

	assert_int_equal(bt_atomic_write(fixture->dir, "x", 1), -EISDIR);
	assert_int_equal(bt_atomic_write("/dev/null", "x", 1), -EINVAL);
	assert_int_equal(bt_atomic_write("", "x", 1), -ENOENT);
	assert_int_equal(bt_atomic_write("/tmp/no/such/dir/x", "x", 1), -ENOENT);
	assert_int_equal(symlink("elsewhere", fixture->path), 0);
	assert_int_equal(bt_atomic_write(fixture->path, "x", 1), -EINVAL);
	assert_int_equal(lstat(fixture->path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(files_in(fixture->dir), 1);
}

/* Begins to replace path: the old content stays until the end. */
static void begin(struct bt_atomic_file *file, const char *path)
{
	assert_int_equal(bt_atomic_open(file, path), 0);
	assert_int_equal(write(file->fd, "new", 3), 3);
}

static void it_is_there_only_when_it_is_complete(void **state)
{
	struct fixture *fixture = *state;
	struct bt_atomic_file file;
	struct stat st;

	begin(&file, fixture->path);
	assert_int_equal(access(fixture->path, F_OK), -1);
	bt_atomic_drop(&file);
	assert_int_equal(files_in(fixture->dir), 0);

	assert_int_equal(bt_atomic_write(fixture->path, "old", 3), 0);
	assert_int_equal(chmod(fixture->path, 0600), 0);
	begin(&file, fixture->path);
	expect_content(fixture->path, "old");
	bt_atomic_drop(&file);
	expect_content(fixture->path, "old");
	begin(&file, fixture->path);
	assert_int_equal(bt_atomic_commit(&file), 0);
	expect_content(fixture->path, "new");
	assert_int_equal(stat(fixture->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(files_in(fixture->dir), 1);
}

static void a_link_stays_one(void **state)
{
	struct fixture *fixture = *state;
	struct bt_atomic_file file;
	char link[96];
	struct stat st;

	snprintf(link, sizeof(link), "%s/link", fixture->dir);
	assert_int_equal(symlink("x.prom", link), 0);
	assert_int_equal(bt_atomic_open(&file, link), -ENOENT);
	assert_int_equal(bt_atomic_write(fixture->path, "old", 3), 0);
	begin(&file, link);
	assert_int_equal(bt_atomic_commit(&file), 0);
	expect_content(fixture->path, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(unlink(link), 0);
}

static void a_device_is_written_in_place(void **state)
{
	struct fixture *fixture = *state;
	struct bt_atomic_file file;

	begin(&file, "/dev/null");
	assert_int_equal(bt_atomic_commit(&file), 0);
	assert_int_equal(bt_atomic_open(&file, "/dev/full"), 0);
	assert_int_equal(write(file.fd, "x", 1), -1);
	bt_atomic_drop(&file);
	assert_int_equal(access("/dev/full", F_OK), 0);
	assert_int_equal(bt_atomic_open(&file, fixture->dir), -EISDIR);
	assert_int_equal(bt_atomic_open(&file, ""), -ENOENT);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(it_is_replaced_and_readable_by_all),
		test(a_name_without_directory),
		test(a_reader_never_sees_half_of_it),
		test(what_cannot_be_written_stays_as_it_was),
		test(what_is_no_file_is_left_alone),
		test(it_is_there_only_when_it_is_complete),
		test(a_link_stays_one),
		test(a_device_is_written_in_place),
	};

	return cmocka_run_group_tests_name("atomic_file", tests, NULL, NULL);
}
