/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What the tracker knows of the calling thread. */
#ifndef RELIB_THREAD_STATE_H
#define RELIB_THREAD_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/*
 * Initial-exec thread-local data comes out of the small static TLS surplus that all preloaded and dlopened
 * objects share: keep it small.
 */
#define RELIB_VFORKS 3

struct relib_thread_state {
	/*
	 * Allocations until the next sample stack. 0 while the thread is inside the tracker: so one word tells the
	 * hooks both.
	 */
	unsigned tick;
	/*
	 * Above 0 the thread is inside the tracker: its allocations are the tracker's or those of a function
	 * that a hook calls, and pass through untagged.
	 */
	unsigned depth;
	unsigned kept_tick; /* of outside */
	/* Whether libunwind may be called here, see stack-unwind.c. */
	enum { RELIB_UNWIND_UNKNOWN, RELIB_UNWIND_ALLOWED, RELIB_UNWIND_FORBIDDEN } unwind;
	/* The thread is inside libunwind: what it allocates must not fail, see hooks/heap.c. */
	bool unwinding;
	/* It is in a fork, see fork.c. */
	bool forking;
	/* Above 0 the thread may hold ld.so's lock, see linker-gate.h. */
	unsigned gates;
	/* dlclose calls under way: a destructor may call it, and ld.so then takes out at the end of the outermost. */
	unsigned closing;
	/* How the innermost of these settles: by that, what points back into a module's code is given back as the module ends. */
	const struct relib_settle_options *closes_with;
	/* Nested load_begin() of the loader. */
	unsigned managed_load;
	/* Thread-local destructors pending on this thread, newest first. */
	struct relib_destructor *destructors;
	/* How many children of vfork, one in the other, this is; and where each vfork returns to. See fork.c. */
	unsigned vforks;
	uintptr_t vfork_addresses[RELIB_VFORKS + 1];
};

RELIB_INTERNAL extern __thread struct relib_thread_state relib_thread;

static inline void relib_enter(void)
{
	if (!relib_thread.depth++) {
		relib_thread.kept_tick = relib_thread.tick;
		relib_thread.tick = 0;
	}
}

static inline void relib_leave(void)
{
	if (!--relib_thread.depth)
		relib_thread.tick = relib_thread.kept_tick;
}

#endif
