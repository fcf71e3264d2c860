// SPDX-License-Identifier: GPL-2.0-only
#include "probes/loader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/privileges.h"

#define LOG_SIZE (4u << 20)

__attribute__((format(printf, 2, 3))) static int fail(int err, const char *format, ...)
{
	va_list args;

	fputs("bitmap-trace: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return err;
}

int bt_loader_fail(int err, const char *what)
{
	if ((err == -EPERM || err == -EACCES) && !bt_privileges_suffice())
		return fail(-EPERM, "%s: not permitted; run as root (CAP_BPF and CAP_PERFMON)",
			    what);
	return fail(err, "%s: %s; -v shows libbpf's messages", what, strerror(-err));
}

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG) /* thousands of lines of relocations */
		return 0;
	return vfprintf(stderr, format, args);
}

static int open_kernel_btf(struct bt_loader *loader)
{
	bool loaded = !access(BT_MODULE_DIR "/" BT_BTF_MODULE, F_OK);
	int err;

	if (!loaded && !bt_privileges_suffice())
		fail(-EPERM, "not permitted; run as root (CAP_BPF and CAP_PERFMON)");
	if (!loaded)
		return fail(-ENOENT, "md is not loaded; run 'modprobe md-mod'");
	err = bt_kernel_btf_open(&loader->btf, BT_BTF_DIR);
	if (err == -ENOENT)
		return fail(err,
			    "no " BT_BTF_DIR "/vmlinux; the kernel needs CONFIG_DEBUG_INFO_BTF");
	if (err)
		return fail(err, "cannot read the BTF in " BT_BTF_DIR ": %s", strerror(-err));
	return 0;
}

/* Called by libbpf right before it loads a program. */
static int prepare_load(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	struct bt_loader *loader = (struct bt_loader *)cookie;
	const struct bt_program *probe = bt_hooks_program(&loader->hooks, program);
	const struct bt_site *site;

	loader->loading = probe;
	if (!probe) { /* SEC("syscall") */
		opts->prog_flags |= BPF_F_SLEEPABLE;
		return 0;
	}
	site = probe->hook->site;
	if (!site)
		return -ENOENT;
	opts->attach_btf_id = site->btf_id;
	opts->attach_btf_obj_fd =
		site->module ? (uint32_t)bt_loader_module_btf_fd(loader, site->module) : 0;
	/* See register_handlers(). */
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

/*
 * Until prepare_load() the program has another type: for a program of type TRACING libbpf would
 * read the whole BTF of the kernel again, only to look up what is already known.
 */
static int register_handlers(struct bt_loader *loader)
{
	static const struct {
		const char *section;
		enum bpf_prog_type type;
		enum bpf_attach_type attach;
	} all[] = {
		{ "fentry+", BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_TRACE_FENTRY },
		{ "fexit+", BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_TRACE_FEXIT },
		{ "tp_btf+", BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_TRACE_RAW_TP },
		/* Records which program is being loaded. */
		{ "syscall", BPF_PROG_TYPE_SYSCALL, 0 },
	};
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)loader,
		    .prog_prepare_load_fn = prepare_load);
	unsigned int i;
	int kept;

	/* It stays: libbpf before 1.3 goes on with freed memory when the last one is unregistered.
	 */
	kept = libbpf_register_prog_handler("bitmap-trace+", BPF_PROG_TYPE_SYSCALL, 0, NULL);
	if (kept < 0)
		return kept;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		loader->handlers[i] = libbpf_register_prog_handler(all[i].section, all[i].type,
								   all[i].attach, &opts);
		if (loader->handlers[i] < 0)
			return loader->handlers[i];
	}
	return 0;
}

static void unregister_handlers(const struct bt_loader *loader)
{
	unsigned int i;

	for (i = 0; i < sizeof(loader->handlers) / sizeof(loader->handlers[0]); i++)
		if (loader->handlers[i] > 0)
			libbpf_unregister_prog_handler(loader->handlers[i]);
}

static int open_memfd(struct bt_loader *loader)
{
	loader->core_btf_fd = memfd_create("bitmap-trace-btf", MFD_CLOEXEC);
	if (loader->core_btf_fd < 0)
		return fail(-errno, "cannot create a memfd: %s", strerror(errno));
	snprintf(loader->btf_path, sizeof(loader->btf_path), "/proc/self/fd/%d",
		 loader->core_btf_fd);
	return 0;
}

int bt_loader_begin(struct bt_loader *loader, bool verbose)
{
	int err;

	memset(loader, 0, sizeof(*loader));
	loader->core_btf_fd = -1;
	loader->verbose = verbose;
	libbpf_set_print(verbose ? print_libbpf : NULL);
	err = register_handlers(loader);
	if (err)
		return bt_loader_fail(err, "cannot set up libbpf");
	err = open_kernel_btf(loader);
	return err ? err : open_memfd(loader);
}

void bt_loader_end(struct bt_loader *loader)
{
	unsigned int i;

	unregister_handlers(loader);
	bt_hooks_free(&loader->hooks);
	bt_kernel_btf_close(&loader->btf);
	free(loader->log);
	for (i = 0; i < BT_LOADER_MODULES_NR; i++)
		if (loader->module_btf_fds[i] > 0)
			close(loader->module_btf_fds[i]);
	if (loader->core_btf_fd >= 0)
		close(loader->core_btf_fd);
}

static int write_core_btf(const struct bt_loader *loader, struct bpf_object *object)
{
	struct btf *core;
	const char *data;
	uint32_t size;
	ssize_t n;
	int err;

	err = bt_core_btf_build(&loader->btf, bpf_object__btf(object), &core);
	if (err)
		return err;
	data = btf__raw_data(core, &size);
	/* A memfd takes all bytes in one write or none. */
	n = data ? write(loader->core_btf_fd, data, size) : -1;
	err = n == (ssize_t)size ? 0 : -ENOMEM;
	btf__free(core);
	return err;
}

/* ---- load --------------------------------------------------------------------- */

/* Page numbers and bit positions are computed for this size. */
static void check_page_size(struct bt_hooks *hooks)
{
	const long size = sysconf(_SC_PAGESIZE);
	char why[80];

	if (size == BT_PAGE_SIZE)
		return;
	snprintf(why, sizeof(why), "pages of %ld bytes; only pages of %d bytes are supported", size,
		 BT_PAGE_SIZE);
	bt_hooks_refuse_all(hooks, why);
}

static int find_hooks(struct bt_loader *loader, struct bpf_object *object)
{
	struct bt_kallsyms symbols = { 0 };
	int err = bt_hooks_find(&loader->hooks, object, &loader->btf, BT_BTF_DIR);

	if (err)
		return bt_loader_fail(err, "cannot find the hooks");
	/* A kernel that can attach probes by name has symbols, too. */
	err = bt_hooks_symbols(&symbols, &loader->hooks, BT_KALLSYMS);
	if (err)
		return fail(err, "cannot read " BT_KALLSYMS ": %s", strerror(-err));
	bt_hooks_choose(&loader->hooks, &symbols, BT_MODULE_DIR);
	bt_kallsyms_free(&symbols);
	check_page_size(&loader->hooks);
	return 0;
}

/* The first time; later the same object is opened again. */
static int prepare_first(struct bt_loader *loader, const struct bt_loader_object *object,
			 struct bpf_object *opened)
{
	int err = find_hooks(loader, opened);

	if (err)
		return err;
	object->leave_out(object->ctx, &loader->hooks);
	err = write_core_btf(loader, opened);
	if (err)
		return bt_loader_fail(err, "cannot open the probes");
	err = bt_loader_module_btfs(loader);
	return err ? bt_loader_fail(err, "cannot find the BTF of md's modules") : 0;
}

static int open_object(struct bt_loader *loader, const struct bt_loader_object *object)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = loader->btf_path,
		    .kernel_log_buf = loader->log, .kernel_log_size = LOG_SIZE);
	struct bpf_object *opened = object->open(object->ctx, &opts);
	const struct bt_program *program;
	unsigned int i;
	int err = 0;

	if (!opened)
		return bt_loader_fail(-errno, "cannot open the probes");
	if (!loader->hooks.nr)
		err = prepare_first(loader, object, opened);
	else
		bt_hooks_bind(&loader->hooks, opened);
	if (err)
		return err;
	for (i = 0; i < loader->hooks.programs_nr && !err; i++) {
		program = &loader->hooks.programs[i];
		if (!bt_program_wanted(program))
			err = bpf_program__set_autoload(program->program, false);
	}
	if (!err)
		err = object->set_up(object->ctx, &loader->btf);
	return err ? bt_loader_fail(err, "cannot open the probes") : 0;
}

/* The verifier's reason is the last line before its statistics. */
static const char *last_words(char *log)
{
	static const char *const statistics[] = { "processed ", "verification time ",
						  "stack depth " };
	char *line, *rest, *last = NULL;
	unsigned int i;

	for (line = strtok_r(log, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		for (i = 0; i < sizeof(statistics) / sizeof(statistics[0]); i++)
			if (!strncmp(line, statistics[i], strlen(statistics[i])))
				break;
		if (i == sizeof(statistics) / sizeof(statistics[0]) && line[0])
			last = line;
	}
	return last;
}

/* Is there a program to leave out? Then its hook is left out. */
static bool give_up_refused(struct bt_loader *loader, int err)
{
	const struct bt_program *program = loader->loading;
	const char *words = last_words(loader->log);
	char why[200];

	if (!program || (err == -EPERM && !bt_privileges_suffice()))
		return false;
	snprintf(why, sizeof(why), "%s was not loaded: %s", program->probe->program,
		 words ? words : strerror(-err));
	if (loader->verbose)
		fprintf(stderr, "bitmap-trace: %s; trying without %s\n", why,
			program->hook->row->name);
	bt_hooks_refuse(program->hook, why);
	return true;
}

int bt_loader_load(struct bt_loader *loader, const struct bt_loader_object *object,
		   struct bt_loader_times *times)
{
	uint64_t start = bt_now_ns(), now;
	int err;

	loader->log = malloc(LOG_SIZE);
	if (!loader->log)
		return bt_loader_fail(-ENOMEM, "cannot open the probes");
	for (;;) {
		loader->loading = NULL;
		loader->log[0] = '\0';
		err = open_object(loader, object);
		now = bt_now_ns();
		times->open_ns += now - start;
		start = now;
		if (err)
			return err;
		err = object->load(object->ctx);
		now = bt_now_ns();
		times->load_ns += now - start;
		start = now;
		if (!err || !give_up_refused(loader, err))
			break;
		object->close(object->ctx);
	}
	return err ? bt_loader_fail(err, "cannot load the probes") : 0;
}

void bt_loader_take_hooks(struct bt_loader *loader, struct bt_hooks *hooks)
{
	*hooks = loader->hooks;
	memset(&loader->hooks, 0, sizeof(loader->hooks));
}

/* ---- attach -------------------------------------------------------------------- */

static void detach_hook(const struct bt_loader *loader, struct bt_links *links,
			const struct bt_hook *hook)
{
	unsigned int i;

	for (i = 0; i < links->nr; i++) {
		if (loader->hooks.programs[i].hook != hook)
			continue;
		bpf_link__destroy(links->all[i]);
		links->all[i] = NULL;
	}
}

static void give_up_unattached(const struct bt_loader *loader, struct bt_links *links,
			       const struct bt_program *program, int err)
{
	struct bt_hook *hook = program->hook;
	char why[200];

	snprintf(why, sizeof(why), "%s was not attached to %s: %s", program->probe->program,
		 hook->site->function, strerror(-err));
	detach_hook(loader, links, hook);
	bt_hooks_refuse(hook, why);
}

int bt_loader_attach(struct bt_loader *loader, struct bt_links *links,
		     struct bt_loader_times *times)
{
	unsigned int i, wanted = 0, attached = 0;
	const struct bt_program *program;
	uint64_t start = bt_now_ns();
	int err = 0;

	links->all = calloc(loader->hooks.programs_nr + 1, sizeof(*links->all));
	if (!links->all)
		return bt_loader_fail(-ENOMEM, "cannot attach the probes");
	links->nr = loader->hooks.programs_nr;
	for (i = 0; i < links->nr; i++) {
		program = &loader->hooks.programs[i];
		if (!bt_program_wanted(program))
			continue;
		wanted++;
		links->all[i] = bpf_program__attach_trace(program->program);
		if (links->all[i]) {
			attached++;
			continue;
		}
		err = -errno;
		give_up_unattached(loader, links, program, err);
	}
	times->attach_ns = bt_now_ns() - start;
	return wanted && !attached ? bt_loader_fail(err, "cannot attach the probes") : 0;
}

void bt_links_detach(struct bt_links *links)
{
	unsigned int i;

	for (i = 0; i < links->nr; i++)
		bpf_link__destroy(links->all[i]);
	free(links->all);
	links->all = NULL;
	links->nr = 0;
}

int bt_loader_set_arrays(const struct bpf_map *map, const uint32_t *arrays, unsigned int nr)
{
	const unsigned char one = 1;
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = bpf_map_update_elem(bpf_map__fd(map), &arrays[i], &one, BPF_ANY);
	return err;
}

bool bt_loader_fork(void)
{
	if (fork() != 0)
		return false;
	/* A reader that waits for the end of our output must not wait for this child. */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	setsid();
	return true;
}
