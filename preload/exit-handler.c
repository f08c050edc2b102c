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
	uintptr_t function;
	void *argument;
	struct relib_exit_handler *next; /* of those for quick_exit */
};

/* Libc never gives one back, so neither do we. */
static struct relib_pool pool = { .size = sizeof(struct relib_exit_handler) };
/* Quick_exit gives no argument: it calls us once for each of these, the last one first. */
static struct relib_exit_handler *last_quick;

struct relib_exit_handler *relib_exit_enter(enum relib_exit_how how, uintptr_t function, void *argument, uint32_t mark)
{
	struct relib_thing thing = { .kind = RELIB_KIND_EXIT_HANDLER, .mark = mark, .value = { function } };
	struct relib_exit_handler *handler;
	int error = errno;
	sigset_t saved;

	relib_lock(&relib_threads_lock, &saved);
	handler = relib_pool_take(&pool);
	if (handler) {
		*handler = (struct relib_exit_handler){ how, false, function, argument, NULL };
		if (how == RELIB_EXIT_QUICK) {
			handler->next = last_quick;
			last_quick = handler;
		}
	}
	relib_unlock(&relib_threads_lock, &saved);
	thing.key = thing.value[1] = (uint64_t)(uintptr_t)handler;
	if (handler && !relib_fork_is_borrowed())
		relib_thing_enter(&thing);
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

void relib_exit_describe(const struct relib_thing *thing, char *text, size_t size)
{
	static const char *const names[] = { "on_exit", "atexit", "at_quick_exit" };

	snprintf(text, size, "%s", names[((struct relib_exit_handler *)(uintptr_t)thing->value[1])->how]);
}
