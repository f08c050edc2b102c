/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tracker's versioned interface. */
#include <relib/track.h>

#include "descriptor.h"
#include "linker-gate.h"
#include "mapping.h"
#include "object.h"
#include "real.h"
#include "report-build.h"
#include "start.h"
#include "stream.h"
#include "tags.h"
#include "thread-state.h"
#include "unload.h"

static void load_begin(void)
{
	if (!relib_real.malloc)
		relib_start();
	relib_start_tracking();
	relib_thread.managed_load++;
}

/* What was discovered while it loaded is managed already; what was not yet is discovered now. */
static void load_end(void *handle)
{
	struct relib_object *root;

	relib_objects_refresh();
	root = relib_object_of_map(handle);
	if (root && root->kind == RELIB_OBJECT_MODULE)
		root->managed = true;
	relib_thread.managed_load--;
}

static void give(void *block)
{
	relib_tag_take(block);
}

static void give_descriptor(int descriptor)
{
	relib_descriptor_leave(descriptor);
}

static void give_stream(void *stream)
{
	relib_stream_leave(stream);
}

static void give_mapping(void *start, size_t length)
{
	struct relib_pieces given;

	relib_mapping_take(start, length, &given);
}

/* No hook calls a host's code from inside, but for callbacks of libc functions: where it stood at the call is outside. */
static void left_by_jump(void)
{
	if (relib_thread.depth) {
		relib_thread.depth = 1;
		relib_leave();
	}
	relib_thread.unwinding = false;
	if (relib_thread.gates) {
		relib_thread.gates = 1;
		relib_gate_leave();
	}
}

static void close_needed(void *handle)
{
	relib_enter();
	relib_real.dlclose(handle);
	relib_leave();
}

RELIB_HOOK extern const struct relib_track relib_track;
const struct relib_track relib_track = {
	.abi = RELIB_TRACK_ABI,
	.size = sizeof(struct relib_track),
	.version = PACKAGE_VERSION,
	.load_begin = load_begin,
	.load_end = load_end,
	.refusal = relib_unload_refusal,
	.run_thread_destructors = relib_unload_run_destructors,
	.unload = relib_unload_settled,
	.report_free = relib_unload_report_free,
	.give = give,
	.give_descriptor = give_descriptor,
	.give_stream = give_stream,
	.give_mapping = give_mapping,
	.left_by_jump = left_by_jump,
	.name_object = relib_object_name_as,
	.close_needed = close_needed,
};
