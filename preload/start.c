/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The start of the tracker, and what is safe when:
 *
 * first hook    ld.so's first allocation, as a rule: nothing but relocation is done. relib_start() finds the
 *               next definitions and notes the host's objects. No environment yet, no stdio.
 * constructor   the environment is there; options are read, the report file is opened.
 * first dlopen  libunwind is opened. Only from here on can there be a module, so only from here on do the
 *               hooks ask whose an allocation is.
 * fork          see fork.c.
 * exit          hooks go on working: other objects' destructors run after ours.
 */
#include "start.h"

#include <errno.h>

#include "callsite.h"
#include "emit.h"
#include "foreign.h"
#include "fork.h"
#include "held.h"
#include "message.h"
#include "object.h"
#include "options.h"
#include "real.h"
#include "stack-unwind.h"
#include "tags.h"
#include "thread-state.h"

__thread struct relib_thread_state relib_thread = { .tick = RELIB_SITE_TICK };

void relib_start(void)
{
	static bool starting;
	int saved = errno;

	if (starting)
		return;
	starting = true;
	relib_enter();
	relib_real_resolve();
	if (relib_real.malloc) {
		/* First of all: what is registered first is called last before a fork, and first after it. */
		relib_fork_follow();
		relib_sites_start();
		relib_tags_start();
		relib_objects_start();
	}
	relib_leave();
	starting = false;
	errno = saved;
}

static void start_options(void)
{
	static bool done;

	if (__atomic_exchange_n(&done, true, __ATOMIC_RELAXED))
		return;
	relib_enter();
	relib_stderr_note();
	relib_options_read();
	relib_held_never = !relib_options.locks;
	relib_objects_apply_options();
	relib_emit_open();
	relib_leave();
}

void relib_start_tracking(void)
{
	if (__atomic_load_n(&relib_tracking, __ATOMIC_RELAXED))
		return;
	/* A library that is initialised before us may load modules. */
	start_options();
	if (relib_real.front) {
		static bool said;

		if (!__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
			relib_warn("the malloc of %s comes before the tracker's, so nothing can be tracked; preload the "
				   "tracker first, or build the program without a malloc of its own",
				   *relib_real.front->l_name ? relib_real.front->l_name : "the program itself");
		return;
	}
	relib_unwind_open();
	if (relib_options.foreign)
		relib_foreign_start();
	/* Without these tables there is nothing to tag with: the program runs as if untracked. */
	if (relib_objects && relib_sites) {
		__atomic_store_n(&relib_tracking, true, __ATOMIC_RELEASE);
		relib_held_tracked = relib_options.locks;
	}
}

static __attribute__((constructor)) void construct(void)
{
	if (!relib_real.malloc)
		relib_start();
	start_options();
}

static __attribute__((destructor)) void destruct(void)
{
	relib_enter();
	relib_emit_close();
	relib_leave();
}
