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

#include <errno.h>
#include <pthread.h>
#include <sys/single_threaded.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "destructors.h"
#include "dlopen-attempt.h"
#include "emit.h"
#include "file-lock.h"
#include "foreign.h"
#include "key-value.h"
#include "linker-gate.h"
#include "lock.h"
#include "monotonic.h"
#include "options.h"
#include "real.h"
#include "signal-stack.h"
#include "stack-unwind.h"
#include "start.h"
#include "thread-ledger.h"
#include "thread-look.h"
#include "thread-state.h"

static sigset_t saved;
static bool had_threads;
static pid_t forking;

/* hooks/vfork.S: where to return to, for each vfork in whose child the thread is. */
void *relib_vfork_begin(uintptr_t address) __attribute__((visibility("hidden")));
uintptr_t relib_vfork_end(pid_t child) __attribute__((visibility("hidden")));

/* In no header, but in every glibc: the lock of libc's list of streams. */
extern void _IO_list_lock(void) __attribute__((weak));
extern void _IO_list_unlock(void) __attribute__((weak));
extern void _IO_list_resetlock(void) __attribute__((weak));

static pid_t refuse(void)
{
	errno = EAGAIN;
	return -1;
}

void *relib_vfork_begin(uintptr_t address)
{
	RELIB_NEED(vfork);
	relib_thread.vfork_addresses[relib_thread.vforks] = address;
	return (void *)(relib_thread.vforks < RELIB_VFORKS ? relib_real.vfork : refuse);
}

/* In the child, then in the parent, which finds what the child has written. */
uintptr_t relib_vfork_end(pid_t child)
{
	if (!child)
		return relib_thread.vfork_addresses[relib_thread.vforks++];
	if (child > 0)
		relib_thread.vforks--;
	return relib_thread.vfork_addresses[relib_thread.vforks];
}

bool relib_fork_is_borrowed(void)
{
	return relib_thread.vforks;
}

bool relib_fork_borrow(void)
{
	if (relib_thread.vforks == RELIB_VFORKS)
		return false;
	relib_thread.vforks++;
	return true;
}

void relib_fork_give_back(void)
{
	relib_thread.vforks--;
}

/*
 * A fork needs that no other thread is in the middle of a change when the child is made, and libc, before that, locks that other
 * threads may have while they allocate (of streams, of NSS). So those that come to our locks meanwhile wait, but not for ever: then
 * they go on, and the child, whose tables may be half changed, follows nothing any more.
 */
#define MOST_NS 300000000

static pthread_mutex_t fork_lock = PTHREAD_MUTEX_INITIALIZER; /* one at a time */
bool relib_forking;
static bool broken;

static bool waits_on(int64_t end)
{
	struct timespec pause = { .tv_nsec = 50000 };

	if (relib_now() >= end)
		return false;
	syscall(SYS_nanosleep, &pause, NULL);
	return true;
}

void relib_lock_in_fork(pthread_mutex_t *lock)
{
	int error = errno;
	int64_t end = relib_now() + MOST_NS;

	while (!relib_thread.forking && __atomic_load_n(&relib_forking, __ATOMIC_ACQUIRE) && !__atomic_load_n(&broken, __ATOMIC_ACQUIRE)) {
		bool time_left;

		relib_real.pthread_mutex_unlock(lock);
		time_left = waits_on(end);
		relib_real.pthread_mutex_lock(lock);
		if (!time_left && __atomic_load_n(&relib_forking, __ATOMIC_ACQUIRE))
			__atomic_store_n(&broken, true, __ATOMIC_RELEASE);
	}
	errno = error;
}

void relib_fork_before(void)
{
	sigset_t signals, none;

	relib_enter();
	relib_lock(&fork_lock, &signals);
	relib_lock(&relib_registry_lock, &none);
	relib_lock(&relib_threads_lock, &none);
	relib_lock(&relib_mappings_lock, &none);
	relib_thread.forking = true;
	__atomic_store_n(&relib_forking, true, __ATOMIC_RELEASE);
	relib_real.pthread_mutex_unlock(&relib_mappings_lock);
	relib_real.pthread_mutex_unlock(&relib_threads_lock);
	relib_real.pthread_mutex_unlock(&relib_registry_lock);
	saved = signals;
	had_threads = !__libc_single_threaded;
	forking = (pid_t)syscall(SYS_gettid);
	relib_gate_close();
}

void relib_fork_after_in_parent(void)
{
	sigset_t signals = saved;

	relib_gate_open_in_parent();
	__atomic_store_n(&relib_forking, false, __ATOMIC_RELEASE);
	__atomic_store_n(&broken, false, __ATOMIC_RELEASE);
	relib_thread.forking = false;
	relib_unlock(&fork_lock, &signals);
	relib_leave();
}

void relib_fork_after_in_child(void)
{
	relib_gate_open_in_child();
	relib_forking = relib_thread.forking = false;
	if (broken)
		relib_tracking = false;
	broken = false;
	pthread_mutex_init(&fork_lock, NULL);
	pthread_mutex_init(&relib_mappings_lock, NULL);
	pthread_mutex_init(&relib_threads_lock, NULL);
	pthread_mutex_init(&relib_registry_lock, NULL);
	pthread_mutex_init(&relib_settle_lock, NULL);
	relib_thread.vforks = 0;
	relib_threads_in_child();
	relib_destructors_in_child();
	relib_key_values_in_child();
	relib_threads_look_in_child();
	relib_signal_stack_in_child(forking);
	relib_children_in_child();
	relib_locks_in_child();
	relib_attempts_in_child();
	relib_foreign_in_child();
	if (had_threads)
		relib_unwind_disable();
	relib_options_set_process();
	if (relib_options.own_report)
		relib_emit_open();
	relib_signal_mask(SIG_SETMASK, &saved, NULL);
	relib_leave();
}

/* A fork takes libc's lock next. Who has it flushes all streams, and what writes a module's stream may wait for our locks. */
static void before(void)
{
	if (_IO_list_lock && _IO_list_unlock && _IO_list_resetlock)
		_IO_list_lock();
	relib_fork_before();
}

static void after_in_parent(void)
{
	relib_fork_after_in_parent();
	if (_IO_list_lock && _IO_list_unlock && _IO_list_resetlock)
		_IO_list_unlock();
}

static void after_in_child(void)
{
	/* Libc does so only where there were threads. */
	if (_IO_list_lock && _IO_list_unlock && _IO_list_resetlock)
		_IO_list_resetlock();
	relib_fork_after_in_child();
}

void relib_fork_follow(void)
{
	pthread_atfork(before, after_in_parent, after_in_child);
}
