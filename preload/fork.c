/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The tracker around a fork: the locks are taken, in their order, so that the child finds the tables whole. Not
 * that of settlement, under which memory is freed: an allocator whose own handler has taken its locks by now would
 * never let the settlement end. The child has no use for what that lock protects.
 *
 * By pthread_atfork and not by a hook of fork: forkpty and daemon call libc's own. Handlers are called before
 * a fork in the reverse order of their registration: registered first, we take our locks when all others
 * have taken theirs, so none waits for us while we wait for it.
 */
#include "fork.h"

#include <pthread.h>
#include <sys/single_threaded.h>

#include "destructors.h"
#include "emit.h"
#include "lock.h"
#include "options.h"
#include "stack-unwind.h"
#include "thread-ledger.h"
#include "thread-state.h"

static sigset_t saved;
static bool had_threads;

static void before(void)
{
	sigset_t signals, none;

	relib_enter();
	relib_lock(&relib_registry_lock, &signals);
	relib_lock(&relib_threads_lock, &none);
	saved = signals;
	had_threads = !__libc_single_threaded;
}

static void after_in_parent(void)
{
	sigset_t signals = saved;

	pthread_mutex_unlock(&relib_threads_lock);
	relib_unlock(&relib_registry_lock, &signals);
	relib_leave();
}

static void after_in_child(void)
{
	pthread_mutex_init(&relib_threads_lock, NULL);
	pthread_mutex_init(&relib_registry_lock, NULL);
	pthread_mutex_init(&relib_settle_lock, NULL);
	relib_threads_in_child();
	relib_destructors_in_child();
	if (had_threads)
		relib_unwind_disable();
	relib_options_set_process();
	if (relib_options.own_report)
		relib_emit_open();
	relib_signal_mask(SIG_SETMASK, &saved, NULL);
	relib_leave();
}

void relib_fork_follow(void)
{
	pthread_atfork(before, after_in_parent, after_in_child);
}
