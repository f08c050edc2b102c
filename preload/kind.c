/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The table of kinds of things. */
#include "kind.h"

const struct relib_kind_row relib_kinds[] = {
	/* First: the destructors of a library may use what the module gave it. */
	{ .kind = RELIB_KIND_DLOPEN_HANDLE, .release = relib_dlopen_release, .describe = relib_dlopen_describe },
	{ .kind = RELIB_KIND_SIGNAL_HANDLER, .release = relib_handler_release, .detach = relib_handler_release, .sweep = relib_handler_sweep,
	  .calls = true, .describe = relib_handler_describe },
	{ .kind = RELIB_KIND_CXX_HANDLER, .release = relib_cxx_handler_release, .detach = relib_cxx_handler_detach, .calls = true,
	  .describe = relib_cxx_handler_describe },
	{ .kind = RELIB_KIND_CALLBACK, .release = relib_callback_release, .detach = relib_callback_release,
	  .sweep = relib_callback_sweep, .calls = true, .describe = relib_callback_describe },
	/* Before the heap and mappings, where it may lie. */
	{ .kind = RELIB_KIND_SIGNAL_STACK, .refresh = relib_signal_stack_refresh, .release = relib_signal_stack_release,
	  .detach = relib_signal_stack_detach, .waits = relib_signal_stack_waits, .describe = relib_signal_stack_describe },
	{ .kind = RELIB_KIND_KEY, .release = relib_key_release, .detach = relib_key_release, .prepare = relib_key_destroy_value,
	  .calls = true, .describe = relib_key_describe },
	{ .kind = RELIB_KIND_TIMER, .release = relib_timer_release, .detach = relib_timer_release, .calls = true,
	  .describe = relib_timer_describe },
	{ .kind = RELIB_KIND_EXIT_HANDLER, .release = relib_exit_release, .detach = relib_exit_release, .waits = relib_exit_waits,
	  .calls = true, .describe = relib_exit_describe },
	/* Before streams and mappings, in which what is lent may lie. */
	{ .kind = RELIB_KIND_STRING, .release = relib_lent_release, .detach = relib_lent_detach, .describe = relib_lent_describe },
	/* Before what they go with. */
	{ .kind = RELIB_KIND_LOCK, .refresh = relib_lock_refresh, .release = relib_lock_release, .describe = relib_lock_describe },
	/* Before descriptors: what is buffered is written. */
	{ .kind = RELIB_KIND_STREAM, .release = relib_stream_release, .leads_in = relib_stream_leads_in, .describe = relib_stream_describe },
	{ .kind = RELIB_KIND_DESCRIPTOR, .release = relib_descriptor_release, .describe = relib_descriptor_describe },
	/* After streams, whose buffers may lie there. */
	{ .kind = RELIB_KIND_MAPPING, .release = relib_mapping_release, .describe = relib_mapping_describe, .sized = true },
	{ .kind = RELIB_KIND_SEMAPHORE, .release = relib_semaphore_release, .describe = relib_semaphore_describe },
	/* After streams: the child of a popen is waited for by pclose(). */
	{ .kind = RELIB_KIND_CHILD, .refresh = relib_child_refresh, .release = relib_child_release, .describe = relib_child_describe },
	{ 0 },
};
