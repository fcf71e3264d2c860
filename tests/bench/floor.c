// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor OBJECT PROGRAM...: attaches these programs of OBJECT and stays until SIGINT. OBJECT
 * (hooks-to-floor) has the hooks of one of our objects, each with a program that returns at
 * once: this measures the kernel's minimum cost of calling programs.
 * Names may be those that the kernel reports, which are cut off.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define KERNEL_NAME_LEN 15 /* BPF_OBJ_NAME_LEN less its NUL */

/* Selects the one program with this name. */
static int want(struct bpf_object *object, const char *name)
{
	struct bpf_program *program, *found = NULL;

	bpf_object__for_each_program(program, object)
	{
		const char *its = bpf_program__name(program);

		if (strcmp(its, name) &&
		    (strlen(name) != KERNEL_NAME_LEN || strncmp(its, name, KERNEL_NAME_LEN) != 0))
			continue;
		if (found) {
			fprintf(stderr, "floor: '%s': more than one program is called so\n", name);
			return -EINVAL;
		}
		found = program;
	}
	if (!found) {
		fprintf(stderr, "floor: no program '%s' in the object\n", name);
		return -ENOENT;
	}
	return bpf_program__set_autoload(found, true);
}

static int load(struct bpf_object *object, char **names, int nr)
{
	struct bpf_program *program;
	int i, err;

	bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, false);
	for (i = 0; i < nr; i++) {
		err = want(object, names[i]);
		if (err)
			return err;
	}
	return bpf_object__load(object);
}

/* The links stay as long as this process. */
static int attach(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		if (bpf_program__autoload(program) && !bpf_program__attach(program)) {
			fprintf(stderr, "floor: cannot attach %s (%s)\n",
				bpf_program__name(program), bpf_program__section_name(program));
			return -errno;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	sigset_t until;
	int err, signal;

	if (argc < 3) {
		fputs("usage: floor OBJECT PROGRAM...\n", stderr);
		return 2;
	}
	sigemptyset(&until);
	sigaddset(&until, SIGINT);
	sigprocmask(SIG_BLOCK, &until, NULL);
	object = bpf_object__open_file(argv[1], NULL);
	err = object ? load(object, argv + 2, argc - 2) : -errno;
	err = err ?: attach(object);
	if (err) {
		fprintf(stderr, "floor: %s: %s\n", argv[1], strerror(-err));
		return 2;
	}
	printf("attached %d\n", argc - 2);
	fflush(stdout);
	sigwait(&until, &signal);
	return 0;
}
