/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The table of kinds of things. */
#include "kind.h"

const struct relib_kind_row relib_kinds[] = {
	/* First: the destructors of a library may use what the module gave it. */
	{ .kind = RELIB_KIND_DLOPEN_HANDLE, .release = relib_dlopen_release, .describe = relib_dlopen_describe },
	{ .kind = RELIB_KIND_SIGNAL_HANDLER, .release = relib_handler_release, .detach = relib_handler_release, .calls = true,
	  .describe = relib_handler_describe },
	{ .kind = RELIB_KIND_KEY, .release = relib_key_release, .detach = relib_key_release, .prepare = relib_key_destroy_value,
	  .calls = true, .describe = relib_key_describe },
	{ .kind = RELIB_KIND_TIMER, .release = relib_timer_release, .detach = relib_timer_release, .calls = true,
	  .describe = relib_timer_describe },
	{ .kind = RELIB_KIND_EXIT_HANDLER, .release = relib_exit_release, .detach = relib_exit_release, .calls = true,
	  .describe = relib_exit_describe },
	/* Before descriptors: what is buffered is written. */
	{ .kind = RELIB_KIND_STREAM, .release = relib_stream_release, .describe = relib_stream_describe },
	{ .kind = RELIB_KIND_DESCRIPTOR, .release = relib_descriptor_release, .describe = relib_descriptor_describe },
	/* After streams, whose buffers may lie there. */
	{ .kind = RELIB_KIND_MAPPING, .release = relib_mapping_release, .describe = relib_mapping_describe, .sized = true },
	{ 0 },
};
