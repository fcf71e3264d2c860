// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

_Noreturn void fuzz_broken(const char *what, const char *file, int line)
{
	/* Standard error may be captured at this time; its descriptor is not. */
	dprintf(STDERR_FILENO, "%s:%d: broken promise: %s\n", file, line, what);
	abort();
}

void fuzz_file_open(struct fuzz_file *file)
{
	file->fd = memfd_create("fuzz", MFD_CLOEXEC);
	fuzz_require(file->fd >= 0);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
}

void fuzz_file_set(struct fuzz_file *file, const void *data, size_t size)
{
	fuzz_require(!ftruncate(file->fd, 0));
	fuzz_require(pwrite(file->fd, data, size, 0) == (ssize_t)size);
}

void fuzz_output_begin(struct fuzz_output *output)
{
	*output = (struct fuzz_output){ .stdout_was = stdout, .stderr_was = stderr };
	output->out_stream = open_memstream(&output->out, &output->out_len);
	output->err_stream = open_memstream(&output->err, &output->err_len);
	fuzz_require(output->out_stream && output->err_stream);
	/* glibc allows assignments to the standard streams. */
	stdout = output->out_stream;
	stderr = output->err_stream;
}

void fuzz_output_end(struct fuzz_output *output)
{
	stdout = output->stdout_was;
	stderr = output->stderr_was;
	fuzz_require(!fclose(output->out_stream) && !fclose(output->err_stream));
}

void fuzz_output_free(struct fuzz_output *output)
{
	free(output->out);
	free(output->err);
}

bool fuzz_printable(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~'))
			return false;
	return true;
}

uint64_t fuzz_random(uint64_t *state)
{
	/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators) */
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}
