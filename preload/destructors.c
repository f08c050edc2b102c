/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Thread-local destructors of modules that have not run yet. */
#include "destructors.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lock.h"
#include "arena.h"
#include "thread-state.h"

static struct relib_pool pool = { .size = sizeof(struct relib_destructor) };
static struct relib_destructor *first;

static void link_in(struct relib_destructor *destructor)
{
	destructor->next = first;
	destructor->link = &first;
	if (first)
		first->link = &destructor->next;
	first = destructor;
}

static void link_out(struct relib_destructor *destructor)
{
	*destructor->link = destructor->next;
	if (destructor->next)
		destructor->next->link = destructor->link;
}

struct relib_destructor *relib_destructor_enter(struct relib_object *owner, void (*function)(void *), void *argument)
{
	struct relib_destructor *destructor;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	destructor = relib_pool_take(&pool);
	if (destructor) {
		destructor->function = function;
		destructor->argument = argument;
		destructor->owner = owner->index;
		destructor->thread = (int32_t)syscall(SYS_gettid);
		destructor->next_of_thread = relib_thread.destructors;
		relib_thread.destructors = destructor;
		link_in(destructor);
	}
	relib_unlock(&relib_threads_lock, &saved);
	return destructor;
}

static void unlink_of_thread(struct relib_destructor *destructor)
{
	struct relib_destructor **link = &relib_thread.destructors;

	while (*link && *link != destructor)
		link = &(*link)->next_of_thread;
	if (*link)
		*link = destructor->next_of_thread;
}

void relib_destructor_forget(struct relib_destructor *destructor)
{
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	unlink_of_thread(destructor);
	if (destructor->state != RELIB_DESTRUCTOR_DONE)
		link_out(destructor);
	relib_pool_give(&pool, destructor);
	relib_unlock(&relib_threads_lock, &saved);
}

/* Whoever takes it runs it. */
static bool take(struct relib_destructor *destructor)
{
	uint32_t pending = RELIB_DESTRUCTOR_PENDING;

	return __atomic_compare_exchange_n(&destructor->state, &pending, RELIB_DESTRUCTOR_RUNS, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/*
 * It stays pending until it has run: it is the module's code. What it destroys lies in memory of this thread's, which is gone
 * when the thread is: so it waits for one that is run from elsewhere.
 */
void relib_destructor_run(void *argument)
{
	struct relib_destructor *destructor = argument;
	int saved = errno;

	if (take(destructor)) {
		errno = saved;
		destructor->function(destructor->argument);
	} else {
		while (__atomic_load_n(&destructor->state, __ATOMIC_ACQUIRE) == RELIB_DESTRUCTOR_RUNS)
			syscall(SYS_futex, &destructor->state, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, RELIB_DESTRUCTOR_RUNS, NULL, NULL, 0);
		errno = saved;
	}
	relib_destructor_forget(destructor);
}

static bool is_of(const struct relib_destructor *destructor, struct relib_object *const *owners, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (destructor->owner == owners[i]->index)
			return true;
	return false;
}

void relib_destructors_run_early(struct relib_object *const *owners, size_t count)
{
	struct relib_destructor *destructor = relib_thread.destructors;

	while (destructor) {
		sigset_t saved;

		if (destructor->state != RELIB_DESTRUCTOR_PENDING || !is_of(destructor, owners, count)) {
			destructor = destructor->next_of_thread;
			continue;
		}
		/* Libc still holds the record, and gives it back at the thread's end. */
		relib_lock(&relib_threads_lock, &saved);
		destructor->state = RELIB_DESTRUCTOR_DONE;
		link_out(destructor);
		relib_unlock(&relib_threads_lock, &saved);
		destructor->function(destructor->argument);
		destructor = relib_thread.destructors;
	}
}

/*
 * The next that is to be run. The list of all has the newest first, and so those of each thread; while one of a thread's runs,
 * its older ones wait. NULL when there is none; *running says whether one runs elsewhere.
 */
static struct relib_destructor *take_next(struct relib_object *const *owners, size_t count, bool *running)
{
	struct relib_destructor *found = NULL;
	int32_t self = (int32_t)syscall(SYS_gettid);
	sigset_t saved;

	*running = false;
	relib_lock(&relib_threads_lock, &saved);
	for (struct relib_destructor *destructor = first; destructor && !found; destructor = destructor->next) {
		if (destructor->thread == self || !is_of(destructor, owners, count))
			continue;
		if (__atomic_load_n(&destructor->state, __ATOMIC_ACQUIRE) == RELIB_DESTRUCTOR_RUNS) {
			*running = true;
			break;
		}
		if (take(destructor))
			found = destructor;
	}
	relib_unlock(&relib_threads_lock, &saved);
	return found;
}

/* It stays in the list of its thread, whose end forgets it. */
static void run_from_here(struct relib_destructor *destructor)
{
	sigset_t saved;

	destructor->function(destructor->argument);
	relib_lock(&relib_threads_lock, &saved);
	link_out(destructor);
	__atomic_store_n(&destructor->state, RELIB_DESTRUCTOR_DONE, __ATOMIC_RELEASE);
	/* Under the lock: when that is free again it may be gone. */
	syscall(SYS_futex, &destructor->state, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, NULL, NULL, 0);
	relib_unlock(&relib_threads_lock, &saved);
}

#define LONGEST_WAIT 1000 /* ms */

bool relib_destructors_run_others(struct relib_object *const *owners, size_t count, relib_destructor_visit *note, void *context)
{
	unsigned waited = 0;
	bool running;

	for (;;) {
		struct relib_destructor *destructor = take_next(owners, count, &running);
		struct timespec pause = { .tv_nsec = 1000000 };

		if (destructor) {
			note(context, destructor);
			run_from_here(destructor);
			waited = 0;
		} else if (!running) {
			return true;
		} else if (waited++ == LONGEST_WAIT) {
			return false;
		} else {
			nanosleep(&pause, NULL);
		}
	}
}

void relib_destructors_visit(struct relib_object *const *owners, size_t count, relib_destructor_visit *visit,
			     void *context)
{
	int32_t self = (int32_t)syscall(SYS_gettid);
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	for (const struct relib_destructor *destructor = first; destructor; destructor = destructor->next)
		if (destructor->thread != self && is_of(destructor, owners, count))
			visit(context, destructor);
	relib_unlock(&relib_threads_lock, &saved);
}

bool relib_destructors_any(void)
{
	return __atomic_load_n(&first, __ATOMIC_ACQUIRE) != NULL;
}

bool relib_destructors_pending(const struct relib_object *owner)
{
	bool pending = false;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	for (const struct relib_destructor *destructor = first; destructor && !pending; destructor = destructor->next)
		pending = destructor->owner == owner->index;
	relib_unlock(&relib_threads_lock, &saved);
	return pending;
}

void relib_destructors_in_child(void)
{
	int32_t self = (int32_t)syscall(SYS_gettid);
	struct relib_destructor *destructor, *next;

	for (destructor = relib_thread.destructors; destructor; destructor = destructor->next_of_thread) {
		destructor->thread = self;
		/* By this thread, which forgets it soon; or by one that is not in the child. */
		if (destructor->state == RELIB_DESTRUCTOR_RUNS) {
			link_out(destructor);
			destructor->state = RELIB_DESTRUCTOR_DONE;
		}
	}
	for (destructor = first; destructor; destructor = next) {
		next = destructor->next;
		if (destructor->thread != self && destructor->state == RELIB_DESTRUCTOR_PENDING) {
			link_out(destructor);
			relib_pool_give(&pool, destructor);
		}
	}
}
