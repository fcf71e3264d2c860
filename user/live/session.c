// SPDX-License-Identifier: GPL-2.0-only
#include "live/session.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

int bt_session_open(struct bt_session *session, const struct bt_loader_object *object,
		    int (*prepare)(void *ctx), bool verbose)
{
	struct bt_loader loader;
	int err;

	session->object = *object;
	session->verbose = verbose;
	err = bt_loader_begin(&loader, verbose);
	if (!err)
		err = bt_loader_load(&loader, object, &session->times);
	if (!err && prepare) {
		err = prepare(object->ctx);
		if (err)
			err = bt_loader_fail(err, "cannot load the probes");
	}
	if (!err)
		err = bt_loader_attach(&loader, &session->links, &session->times);
	if (!err)
		bt_loader_take_hooks(&loader, &session->hooks);
	bt_loader_end(&loader);
	return err;
}

static void release(struct bt_session *session)
{
	bt_links_detach(&session->links);
	session->object.close(session->object.ctx);
	bt_hooks_free(&session->hooks);
}

void bt_session_close(struct bt_session *session, bool behind)
{
	uint64_t start = bt_now_ns();

	if (behind && bt_loader_fork()) {
		release(session);
		_exit(0);
	}
	release(session);
	if (session->verbose)
		fprintf(stderr, "open %.3f s, load %.3f s, attach %.3f s, detach %.3f s%s\n",
			(double)session->times.open_ns / 1e9, (double)session->times.load_ns / 1e9,
			(double)session->times.attach_ns / 1e9, (double)(bt_now_ns() - start) / 1e9,
			behind ? " (in the background)" : "");
}
