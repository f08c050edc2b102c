/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Thread-local destructors of modules that have not run yet. */
#include "destructors.h"

#include <sys/syscall.h>
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
	if (!destructor->done)
		link_out(destructor);
	relib_pool_give(&pool, destructor);
	relib_unlock(&relib_threads_lock, &saved);
}

/* It stays pending until it has run: it is the module's code. */
void relib_destructor_run(void *argument)
{
	struct relib_destructor *destructor = argument;

	if (!destructor->done)
		destructor->function(destructor->argument);
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

		if (destructor->done || !is_of(destructor, owners, count)) {
			destructor = destructor->next_of_thread;
			continue;
		}
		/* Libc still holds the record, and gives it back at the thread's end. */
		relib_lock(&relib_threads_lock, &saved);
		destructor->done = true;
		link_out(destructor);
		relib_unlock(&relib_threads_lock, &saved);
		destructor->function(destructor->argument);
		destructor = relib_thread.destructors;
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

	for (destructor = relib_thread.destructors; destructor; destructor = destructor->next_of_thread)
		destructor->thread = self;
	for (destructor = first; destructor; destructor = next) {
		next = destructor->next;
		if (destructor->thread != self) {
			link_out(destructor);
			relib_pool_give(&pool, destructor);
		}
	}
}
