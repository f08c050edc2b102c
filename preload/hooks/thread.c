/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Hooks of threads: start, end, join, detach, thread-local destructors. */
#include <errno.h>

#include "../block.h"
#include "../destructors.h"
#include "../thread-ledger.h"

static void ends(void *record)
{
	relib_thread_ends(record);
}

/* The cleanup handler runs on return as well as by pthread_exit and cancellation. */
static void *run_posix(void *argument)
{
	struct relib_thread_record *record = argument;
	void *result;

	relib_thread_begins(record);
	pthread_cleanup_push(ends, record);
	result = record->start.posix(record->argument);
	pthread_cleanup_pop(1);
	return result;
}

static int run_c11(void *argument)
{
	struct relib_thread_record *record = argument;
	int result;

	relib_thread_begins(record);
	pthread_cleanup_push(ends, record);
	result = record->start.c11(record->argument);
	pthread_cleanup_pop(1);
	return result;
}

static bool starts_detached(const pthread_attr_t *attributes)
{
	int state = PTHREAD_CREATE_JOINABLE;

	if (attributes)
		pthread_attr_getdetachstate(attributes, &state);
	return state == PTHREAD_CREATE_DETACHED;
}

/* The record of a thread that a module is about to start; NULL when it is the host's. */
static struct relib_thread_record *begin_creation(struct relib_caller caller, bool detached)
{
	struct relib_object *owner;
	uint32_t stack;

	relib_need_real();
	owner = relib_callsite_owner(caller, &stack);
	return owner ? relib_thread_enter(owner, stack, detached) : NULL;
}

static void finish_creation(struct relib_thread_record *record, bool created, const pthread_t *thread)
{
	relib_thread_started(record, created ? thread : NULL);
	if (!created)
		relib_thread_forget(record);
}

RELIB_HOOK int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
			      void *argument)
{
	struct relib_thread_record *record = begin_creation(RELIB_CALLER, starts_detached(attributes));
	int error;

	if (!record)
		return relib_real.pthread_create(thread, attributes, start, argument);
	record->start.posix = start;
	record->argument = argument;
	error = relib_real.pthread_create(thread, attributes, run_posix, record);
	finish_creation(record, !error, thread);
	return error;
}

RELIB_HOOK int thrd_create(thrd_t *thread, thrd_start_t start, void *argument)
{
	struct relib_thread_record *record = begin_creation(RELIB_CALLER, false);
	int error;

	if (!record)
		return relib_real.thrd_create(thread, start, argument);
	record->start.c11 = start;
	record->argument = argument;
	error = relib_real.thrd_create(thread, run_c11, record);
	finish_creation(record, error == thrd_success, thread);
	return error;
}

/* A join takes the record out: with a cancelled joiner it stays and is found joinable. */
#define JOIN(name, parameters, arguments)                                                                  \
	RELIB_HOOK int name parameters                                                                     \
	{                                                                                                  \
		struct relib_thread_record *record;                                                        \
		int error;                                                                                 \
                                                                                                           \
		relib_need_real();                                                                         \
		record = relib_thread_join_begins(thread);                                                 \
		if (!record)                                                                               \
			return relib_real.name arguments;                                                  \
		pthread_cleanup_push(join_cancelled, record);                                              \
		error = relib_real.name arguments;                                                         \
		pthread_cleanup_pop(0);                                                                    \
		relib_thread_join_ends(record, !error);                                                    \
		return error;                                                                              \
	}

static void join_cancelled(void *record)
{
	relib_thread_join_ends(record, false);
}

JOIN(pthread_join, (pthread_t thread, void **result), (thread, result))
JOIN(pthread_tryjoin_np, (pthread_t thread, void **result), (thread, result))
JOIN(pthread_timedjoin_np, (pthread_t thread, void **result, const struct timespec *until), (thread, result, until))
JOIN(pthread_clockjoin_np, (pthread_t thread, void **result, clockid_t clock, const struct timespec *until),
     (thread, result, clock, until))
JOIN(thrd_join, (thrd_t thread, int *result), (thread, result))

RELIB_HOOK int pthread_detach(pthread_t thread)
{
	relib_need_real();
	/* Before: a thread that has ended is gone with its pthread_t. */
	relib_thread_detached(thread);
	return relib_real.pthread_detach(thread);
}

RELIB_HOOK int thrd_detach(thrd_t thread)
{
	relib_need_real();
	relib_thread_detached(thread);
	return relib_real.thrd_detach(thread);
}

/*
 * C++ and Rust register the destructor of a thread_local here, and ld.so keeps the object mapped until it has
 * run. For a module of the loader's the tracker is named in its stead: unload runs or names what is pending,
 * and then the object really goes. For any other the module is named, as it would be without the tracker.
 */
extern void *__dso_handle;

RELIB_HOOK int __cxa_thread_atexit_impl(void (*function)(void *), void *argument, void *object_symbol)
{
	struct relib_destructor *destructor = NULL;
	struct relib_object *owner;
	int error;

	relib_need_real();
	owner = relib_tracking && object_symbol ? relib_object_at((uintptr_t)object_symbol) : NULL;
	if (owner && owner->kind == RELIB_OBJECT_MODULE)
		destructor = relib_destructor_enter(owner, function, argument);
	relib_enter();
	if (destructor)
		error = relib_real.__cxa_thread_atexit_impl(relib_destructor_run, destructor,
							    owner->managed ? &__dso_handle : object_symbol);
	else
		error = relib_real.__cxa_thread_atexit_impl(function, argument, object_symbol);
	relib_leave();
	if (error && destructor)
		relib_destructor_forget(destructor);
	return error;
}
