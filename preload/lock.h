/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * The tracker's locks.
 *
 * Order: settle, then registry, then threads, then mappings. Signals are blocked while one is held, since a handler may
 * allocate. Nothing of the host's is called under one, so that no host can wait for them, but its allocator
 * under the first.
 *
 * While a child is forked nobody is in the middle of what the others guard, see fork.c.
 */
#ifndef RELIB_LOCK_H
#define RELIB_LOCK_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arena.h"
#include "real.h"

extern pthread_mutex_t relib_settle_lock;   /* settle-heap.c: one settlement at a time */
extern pthread_mutex_t relib_registry_lock; /* object.c, owner.c, callsite.c: what the tables hold */
extern pthread_mutex_t relib_threads_lock;  /* thread-ledger.c, destructors.c, handler.c, key-value.c, timer.c, exit-handler.c */
extern pthread_mutex_t relib_mappings_lock; /* mapping.c: a mapping that is cut */

/*
 * The kernel's call and not pthread_sigmask, which leaves libc's own two signals out: restoring by it would
 * unblock the one that libc's helper thread for timers waits for, and end the process.
 */
static inline void relib_signal_mask(int how, const sigset_t *set, sigset_t *saved)
{
	syscall(SYS_rt_sigprocmask, how, set, saved, _NSIG / 8);
}

/* fork.c: whether a fork is going on, and what to do after a lock was taken then */
RELIB_INTERNAL extern bool relib_forking;
void relib_lock_in_fork(pthread_mutex_t *lock);

static inline void relib_lock(pthread_mutex_t *lock, sigset_t *saved)
{
	sigset_t all;

	memset(&all, 0xff, sizeof all);
	relib_signal_mask(SIG_SETMASK, &all, saved);
	/* Not through the hook, which asks under the same locks whose a mutex is. */
	RELIB_NEED(pthread_mutex_lock);
	relib_real.pthread_mutex_lock(lock);
	if (__builtin_expect(__atomic_load_n(&relib_forking, __ATOMIC_RELAXED), 0))
		relib_lock_in_fork(lock);
}

static inline void relib_unlock(pthread_mutex_t *lock, const sigset_t *saved)
{
	RELIB_NEED(pthread_mutex_unlock);
	relib_real.pthread_mutex_unlock(lock);
	relib_signal_mask(SIG_SETMASK, saved, NULL);
}

#endif
