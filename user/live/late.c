// SPDX-License-Identifier: GPL-2.0-only
#include "live/late.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/privileges.h"
#include "live/ring.h"
#include "live/session.h"
#include "probes/raid5_at.h"
#include "skel/bitmap_trace.skel.h"

/*
 * How often it is looked whether a module is there. mdadm waits for the end of modprobe, and
 * then still has an array to start.
 */
#define LOOK_EVERY_MS 10

/* What the process knows. */
struct waiting {
	struct bitmap_trace *main; /* has the maps */
	const struct bt_ring *ring;
	int fd;
	bool wanted[BT_BTF_PERSONALITIES_NR];
	bool told_places; /* of raid456 */
};

/* One personality that has come. */
struct arrival {
	struct bitmap_trace *main, *skel;
	const char *module;
};

/* ---- loading, as live_load.c does it ----------------------------------------------------- */

static struct bpf_object *open_object(void *ctx, const struct bpf_object_open_opts *opts)
{
	struct arrival *arrival = ctx;

	arrival->skel = bitmap_trace__open_opts(opts);
	return arrival->skel ? arrival->skel->obj : NULL;
}

static void leave_out(void *ctx, struct bt_hooks *hooks)
{
	const struct arrival *arrival = ctx;
	const char *module;
	unsigned int i;

	for (i = 0; i < hooks->programs_nr; i++) {
		module = hooks->programs[i].hook->row->module;
		if (!module || strcmp(module, arrival->module) != 0)
			hooks->programs[i].left_out = "attached before";
	}
}

/* The programs go with the maps of those that are attached. */
static int set_up(void *ctx, const struct bt_kernel_btf *btf)
{
	const struct arrival *arrival = ctx;
	const struct bpf_map *map;
	struct bpf_map *own;
	int err = bpf_program__set_autoload(arrival->skel->progs.find_direct_map, false);

	(void)btf;
	bpf_object__for_each_map(map, arrival->main->obj)
	{
		own = bpf_object__find_map_by_name(arrival->skel->obj, bpf_map__name(map));
		if (!err && own && bpf_map__fd(map) >= 0)
			err = bpf_map__reuse_fd(own, bpf_map__fd(map));
	}
	return err;
}

static int load(void *ctx)
{
	const struct arrival *arrival = ctx;

	return bitmap_trace__load(arrival->skel);
}

static void close_object(void *ctx)
{
	struct arrival *arrival = ctx;

	bitmap_trace__destroy(arrival->skel);
	arrival->skel = NULL;
}

/* What the hooks of the module give that are all attached. */
static uint64_t given(const struct bt_hooks *hooks, const char *module)
{
	uint64_t given = 0, lacking = 0, bits;
	const struct bt_program *program;
	unsigned int i, n;

	for (i = 0; i < hooks->programs_nr; i++) {
		program = &hooks->programs[i];
		if (!program->hook->row->module || strcmp(program->hook->row->module, module) != 0)
			continue;
		for (bits = 0, n = 0; n < BT_PROBE_CAPABILITIES; n++)
			bits |= UINT64_C(1) << program->probe->gives[n];
		if (program->hook->variant && program->hook->sees_all)
			given |= bits;
		else
			lacking |= bits;
	}
	return given & ~lacking & ~UINT64_C(1);
}

/* Links and programs are left to the end of the process. */
static uint64_t attach(struct bitmap_trace *main, const char *module)
{
	struct arrival arrival = { .main = main, .module = module };
	const struct bt_loader_object object = { .open = open_object,
						 .leave_out = leave_out,
						 .set_up = set_up,
						 .load = load,
						 .close = close_object,
						 .ctx = &arrival };
	struct bt_session session = { 0 };
	uint64_t came = 0;

	if (!bt_session_open(&session, &object, NULL, false))
		came = given(&session.hooks, module);
	bt_hooks_free(&session.hooks);
	return came;
}

/* ---- waiting ----------------------------------------------------------------------------- */

/* The kernel attaches to no module before its init function has ended. */
static bool is_live(const char *module)
{
	char path[64], state[16] = "";
	FILE *file;

	snprintf(path, sizeof(path), BT_MODULE_DIR "/%s/initstate", module);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(state, sizeof(state), file))
		state[0] = '\0';
	fclose(file);
	return !strncmp(state, "live", 4);
}

/* As soon as the module has BTF, which is before it runs: no stripe is met without. */
static void tell_places(struct waiting *waiting)
{
	uint32_t at[BT_RAID5_AT_NR];
	struct bt_kernel_btf btf;

	if (waiting->told_places || access(BT_BTF_DIR "/raid456", R_OK) != 0)
		return;
	if (bt_kernel_btf_open(&btf, BT_BTF_DIR))
		return;
	if (!bt_raid5_at(&btf, BT_BTF_DIR, at))
		bt_raid5_at_publish(waiting->main->bss->raid5_at, at);
	waiting->told_places = true;
	bt_kernel_btf_close(&btf);
}

/* False: all are there. */
static bool look(struct waiting *waiting)
{
	struct bt_late_message message;
	bool more = false;
	unsigned int i;

	for (i = 0; i < BT_BTF_PERSONALITIES_NR; i++) {
		if (!waiting->wanted[i])
			continue;
		if (!is_live(bt_btf_personalities[i])) {
			more = true;
			continue;
		}
		waiting->wanted[i] = false;
		message.capabilities = attach(waiting->main, bt_btf_personalities[i]);
		message.head = bt_ring_head(waiting->ring);
		if (message.capabilities)
			send(waiting->fd, &message, sizeof(message), MSG_NOSIGNAL);
	}
	return more;
}

/* Ends when the other side of fd is closed, at the latest with the process of that. */
static void wait_for_modules(struct waiting *waiting)
{
	struct pollfd fd = { .fd = waiting->fd };
	bool more = true;

	while (!fd.revents) {
		tell_places(waiting);
		if (more)
			more = look(waiting);
		if (poll(&fd, 1, more ? LOOK_EVERY_MS : -1) < 0 && errno != EINTR)
			break;
	}
}

/*
 * Who waits for the end of the tool's output must not wait for this. Left closed, the numbers would
 * be given to BTF, and 0 stands for none there.
 */
static bool leave_standard_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
	       dup2(null, STDERR_FILENO) >= 0;
}

/* ^C is for the one that reads the events. */
static void run(struct waiting *waiting)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	setsid();
	if (leave_standard_streams() && !bt_privileges_drop_to_attach())
		wait_for_modules(waiting);
	_exit(0);
}

static bool find_wanted(struct waiting *waiting, const struct bt_hooks *hooks)
{
	const struct bt_hook *hook;
	bool any = false;
	unsigned int i, n;

	for (i = 0; i < hooks->nr; i++) {
		hook = &hooks->all[i];
		for (n = 0; n < BT_BTF_PERSONALITIES_NR; n++) {
			if (hook->state != BT_HOOK_ABSENT || !hook->row->module ||
			    strcmp(hook->row->module, bt_btf_personalities[n]) != 0 ||
			    is_live(bt_btf_personalities[n]))
				continue;
			any = waiting->wanted[n] = true;
		}
	}
	return any;
}

int bt_late_start(struct bt_late *late, const struct bt_hooks *hooks, struct bitmap_trace *skel,
		  const struct bt_ring *ring)
{
	struct waiting waiting = { .main = skel, .ring = ring };
	int fds[2];
	pid_t pid;

	if (!find_wanted(&waiting, hooks))
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	if (!pid) {
		close(fds[0]);
		waiting.fd = fds[1];
		run(&waiting);
	}
	close(fds[1]);
	*late = (struct bt_late){ .pid = pid, .fd = fds[0] };
	return 0;
}

bool bt_late_take(const struct bt_late *late, struct bt_late_message *message)
{
	return late->pid &&
	       recv(late->fd, message, sizeof(*message), MSG_DONTWAIT) == (ssize_t)sizeof(*message);
}

void bt_late_stop(struct bt_late *late)
{
	if (!late->pid)
		return;
	close(late->fd);
	kill(late->pid, SIGKILL);
	while (waitpid(late->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*late = (struct bt_late){ 0 };
}
