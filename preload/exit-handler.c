/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* What modules have called at the end of the process: entered, described, disarmed. */
#include "exit-handler.h"

#include <errno.h>
#include <stdio.h>

#include "arena.h"
#include "fork.h"
#include "kind.h"
#include "lock.h"

struct relib_exit_handler {
	enum relib_exit_how how;
	bool gone;
	uintptr_t handle; /* of the object at whose end libc calls it, or 0 */
	uintptr_t function;
	void *argument;
	struct relib_exit_handler *next; /* of those for quick_exit */
};

/* Libc never gives one back, so neither do we. */
static struct relib_pool pool = { .size = sizeof(struct relib_exit_handler) };
/* Quick_exit gives no argument: it calls us once for each of these, the last one first. */
static struct relib_exit_handler *last_quick;

/* A place in a module that somebody else has registered is the module's: it can't be called when that is gone. */
static uint32_t mark_for(struct relib_object *owner, uintptr_t caller, uintptr_t through)
{
	sigset_t saved;
	uint32_t site;

	relib_lock(&relib_registry_lock, &saved);
	site = relib_site_make(owner, through, &caller, 1);
	relib_unlock(&relib_registry_lock, &saved);
	return site ? relib_site_mark(site) : 0;
}

uint32_t relib_exit_mark(uintptr_t function, uintptr_t handle, struct relib_caller caller, uintptr_t through)
{
	struct relib_object *owner = relib_tracking ? relib_object_at(function) : NULL;
	uint32_t mark;

	if (!relib_tracking || (handle && (!owner || owner->kind != RELIB_OBJECT_MODULE || relib_object_has(owner, handle))))
		return 0;
	mark = relib_callsite_thing(caller, through);
	if (!owner || owner->kind != RELIB_OBJECT_MODULE || (mark && relib_site_owner(mark & RELIB_SITE_MASK) == owner->index))
		return mark;
	return mark_for(owner, caller.address, through);
}

static struct relib_exit_handler *enter(enum relib_exit_how how, uintptr_t function, void *argument, uintptr_t handle, uint32_t mark)
{
	struct relib_thing thing = { .kind = RELIB_KIND_EXIT_HANDLER, .mark = mark, .value = { function } };
	struct relib_exit_handler *handler;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	handler = relib_pool_take(&pool);
	if (handler) {
		*handler = (struct relib_exit_handler){ how, false, handle, function, argument, NULL };
		if (how == RELIB_EXIT_QUICK) {
			handler->next = last_quick;
			last_quick = handler;
		}
	}
	relib_unlock(&relib_threads_lock, &saved);
	thing.key = thing.value[1] = (uint64_t)(uintptr_t)handler;
	if (handler && !relib_fork_is_borrowed())
		relib_thing_enter(&thing);
	return handler;
}

struct relib_exit_handler *relib_exit_enter(enum relib_exit_how how, uintptr_t function, void *argument, uintptr_t handle,
					    struct relib_caller caller, uintptr_t through)
{
	struct relib_exit_handler *handler;
	int error = errno;
	uint32_t mark = relib_exit_mark(function, handle, caller, through);

	handler = mark ? enter(how, function, argument, handle, mark) : NULL;
	errno = error;
	return handler;
}

void relib_exit_forget(struct relib_exit_handler *handler)
{
	struct relib_exit_handler **link = &last_quick;
	sigset_t saved;

	relib_thing_leave(RELIB_KIND_EXIT_HANDLER, (uint64_t)(uintptr_t)handler, NULL);
	relib_lock(&relib_threads_lock, &saved);
	while (*link && *link != handler)
		link = &(*link)->next;
	if (*link)
		*link = handler->next;
	relib_pool_give(&pool, handler);
	relib_unlock(&relib_threads_lock, &saved);
}

static bool starts(struct relib_exit_handler *handler)
{
	relib_thing_leave(RELIB_KIND_EXIT_HANDLER, (uint64_t)(uintptr_t)handler, NULL);
	return !__atomic_load_n(&handler->gone, __ATOMIC_ACQUIRE);
}

void relib_exit_run_status(int status, void *handler)
{
	struct relib_exit_handler *of = handler;

	if (starts(of))
		((void (*)(int, void *))of->function)(status, of->argument);
}

void relib_exit_run_plain(void *handler)
{
	struct relib_exit_handler *of = handler;

	if (starts(of))
		((void (*)(void *))of->function)(of->argument);
}

void relib_exit_run_quick(void *none)
{
	struct relib_exit_handler *of;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	of = last_quick;
	last_quick = of ? of->next : NULL;
	relib_unlock(&relib_threads_lock, &saved);
	if (of && starts(of))
		((void (*)(void *))of->function)(none);
}

/* For settlement */

bool relib_exit_release(const struct relib_thing *thing)
{
	__atomic_store_n(&((struct relib_exit_handler *)(uintptr_t)thing->value[1])->gone, true, __ATOMIC_RELEASE);
	return true;
}

/* The object at whose end it is called leaves too, as a library does that only this module needs: then it is called. */
bool relib_exit_waits(const struct relib_thing *thing)
{
	const struct relib_exit_handler *handler = (const void *)(uintptr_t)thing->value[1];
	const struct relib_object *object = handler->handle ? relib_object_at(handler->handle) : NULL;

	return object && object->closers;
}

void relib_exit_describe(const struct relib_thing *thing, char *text, size_t size)
{
	static const char *const names[] = { "on_exit", "atexit", "at_quick_exit" };

	snprintf(text, size, "%s", names[((struct relib_exit_handler *)(uintptr_t)thing->value[1])->how]);
}
