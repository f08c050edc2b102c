/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What libc calls out of tables and variables of its own: entered, described, given back. */
#include "callback.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "detach.h"
#include "exit-handler.h"
#include "fork.h"
#include "kind.h"
#include "lock.h"
#include "real.h"

/* Conversions of printf. What the host registered, for the time when a module has registered over it and is gone. */
static struct conversion {
	printf_function *convert;
	printf_arginfo_size_function *ask;
} of_host[UCHAR_MAX + 1];

void relib_callback_conversion(int letter, printf_function *convert, printf_arginfo_size_function *ask, uint32_t mark)
{
	struct relib_thing thing = { .kind = RELIB_KIND_CALLBACK, .key = (uint64_t)letter, .mark = mark,
				     .value = { (uint64_t)(uintptr_t)convert, (uint64_t)letter } };

	if (letter < 0 || letter > UCHAR_MAX)
		return;
	if (!mark)
		of_host[letter] = (struct conversion){ convert, ask };
	/* What takes its own back has nothing there. */
	if (!convert)
		thing.mark = 0;
	relib_thing_acquired(&thing);
}

static bool give_back_conversion(const struct relib_thing *thing)
{
	const struct conversion *found = &of_host[thing->value[1]];

	return relib_real.register_printf_specifier &&
	       !relib_real.register_printf_specifier((int)thing->value[1], found->convert, found->ask);
}

/* Variables. Those that a program or an old libc doesn't have are NULL. */

typedef void (*function)(void);
extern function obstack_alloc_failed_handler __attribute__((weak));
extern function error_print_progname __attribute__((weak));
extern function argp_program_version_hook __attribute__((weak)); /* of another type, which doesn't matter here */

static const struct {
	const char *name;
	function *variable;
} variables[] = {
	{ "obstack_alloc_failed_handler", &obstack_alloc_failed_handler },
	{ "error_print_progname", &error_print_progname },
	{ "argp_program_version_hook", &argp_program_version_hook },
};
#define VARIABLES (sizeof(variables) / sizeof(*variables))
#define FIRST_VARIABLE (UCHAR_MAX + 1) /* value[1] of the first of them */

static function by_default[VARIABLES];

static __attribute__((constructor)) void note_defaults(void)
{
	for (unsigned i = 0; i < VARIABLES; i++)
		if (variables[i].variable)
			by_default[i] = *variables[i].variable;
}

void relib_callback_sweep(const struct relib_object *object)
{
	for (unsigned i = 0; i < VARIABLES; i++) {
		function now = variables[i].variable ? __atomic_load_n(variables[i].variable, __ATOMIC_RELAXED) : NULL;

		if (now && relib_object_has(object, (uintptr_t)now) &&
		    __atomic_compare_exchange_n(variables[i].variable, &now, by_default[i], false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			relib_detach_found(RELIB_KIND_CALLBACK, object, (uintptr_t)now, FIRST_VARIABLE + i);
	}
}

/* What a fork calls. Libc has a handle of our own for each, by whose end it forgets that one. */

#define FIRST_HANDLE 65536 /* above it value[1] is one */
static struct relib_pool handles = { .size = 16 };

void *relib_callback_fork(void (*const functions[3])(void), void *handle, struct relib_caller caller, uintptr_t through)
{
	struct relib_thing thing = { .kind = RELIB_KIND_CALLBACK };
	int error = errno;
	void *own = NULL;
	sigset_t saved;

	for (unsigned i = 0; i < 3 && !thing.mark && handle; i++) {
		thing.value[0] = (uint64_t)(uintptr_t)functions[i];
		if (functions[i] && !relib_fork_is_borrowed())
			thing.mark = relib_exit_mark((uintptr_t)functions[i], (uintptr_t)handle, caller, through);
	}
	if (thing.mark) {
		relib_lock(&relib_threads_lock, &saved);
		own = relib_pool_take(&handles);
		relib_unlock(&relib_threads_lock, &saved);
	}
	if (own) {
		thing.key = thing.value[1] = (uint64_t)(uintptr_t)own;
		relib_thing_enter(&thing);
	}
	errno = error;
	return own ? own : handle;
}

/* It may be one that isn't ours. */
void relib_callback_fork_forget(void *handle)
{
	sigset_t saved;

	if (!relib_thing_leave(RELIB_KIND_CALLBACK, (uint64_t)(uintptr_t)handle, NULL))
		return;
	relib_lock(&relib_threads_lock, &saved);
	relib_pool_give(&handles, handle);
	relib_unlock(&relib_threads_lock, &saved);
}

/* For settlement */

static bool forget_fork(void *handle)
{
	sigset_t saved;

	if (!relib_real.__cxa_finalize)
		return false;
	relib_real.__cxa_finalize(handle);
	relib_lock(&relib_threads_lock, &saved);
	relib_pool_give(&handles, handle);
	relib_unlock(&relib_threads_lock, &saved);
	return true;
}

bool relib_callback_release(const struct relib_thing *thing)
{
	if (thing->value[1] >= FIRST_HANDLE)
		return forget_fork((void *)(uintptr_t)thing->value[1]);
	return give_back_conversion(thing);
}

/* "printf %Y", "error_print_progname", "pthread_atfork" */
void relib_callback_describe(const struct relib_thing *thing, char *text, size_t size)
{
	if (thing->value[1] < FIRST_VARIABLE)
		snprintf(text, size, "printf %%%c", (int)thing->value[1]);
	else if (thing->value[1] >= FIRST_HANDLE)
		snprintf(text, size, "pthread_atfork");
	else
		snprintf(text, size, "%s", variables[thing->value[1] - FIRST_VARIABLE].name);
}
