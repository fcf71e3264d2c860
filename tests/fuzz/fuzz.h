/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the fuzz targets. A target is one file, NAME_fuzz.c; it passes libFuzzer's input to
 * the tool's own code and aborts if the result is wrong. Sanitizers detect the rest.
 */
#ifndef BT_FUZZ_H
#define BT_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* libFuzzer's interface (llvm.org/docs/LibFuzzer.html); it has no header in C. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t out_max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* A check: if it fails it prints a message, and libFuzzer keeps the input. */
#define fuzz_require(holds) ((holds) ? (void)0 : fuzz_broken(#holds, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

/* A file in memory with a path, for code that opens one. */
struct fuzz_file {
	int fd;
	char path[32];
};

/* Empty; lives as long as the process. */
void fuzz_file_open(struct fuzz_file *file);
/* Replaces its content. */
void fuzz_file_set(struct fuzz_file *file, const void *data, size_t size);

/* Captures the output between begin and end, of standard output and standard error. */
struct fuzz_output {
	FILE *stdout_was, *stderr_was;
	FILE *out_stream, *err_stream;
	char *out, *err; /* valid after end, until free; NUL-terminated */
	size_t out_len, err_len;
};

void fuzz_output_begin(struct fuzz_output *output);
void fuzz_output_end(struct fuzz_output *output);
void fuzz_output_free(struct fuzz_output *output);

/* Only printable ASCII and line ends: no terminal control. */
bool fuzz_printable(const char *text, size_t len);

/* A small random number generator for mutators. */
uint64_t fuzz_random(uint64_t *state);

#endif /* BT_FUZZ_H */
