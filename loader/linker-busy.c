/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Who is in ld.so. A fork copies its lists as they are: if another thread was about to change them, the child finds them half
 * changed or locked for ever, and hangs at its next dlopen. It gets an error instead.
 */
#include <pthread.h>

#include "internal.h"

/* Held for a moment only, and during a fork: the kernel copies page after page, so that nobody may come in meanwhile. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned inside; /* threads, and one more for each level of those that load while they load */
static __thread unsigned own __attribute__((tls_model("initial-exec")));
static bool was_busy; /* when this thread forked */
static bool lost;

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
	was_busy = inside != own;
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

static void after_fork_in_child(void)
{
	lost = lost || was_busy;
	inside = own;
	pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void start(void)
{
	pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

void relib_linker_enter(void)
{
	pthread_mutex_lock(&lock);
	inside++;
	own++;
	pthread_mutex_unlock(&lock);
}

void relib_linker_leave(void)
{
	pthread_mutex_lock(&lock);
	inside--;
	own--;
	pthread_mutex_unlock(&lock);
}

enum relib_code relib_linker_check(const char *shown, const char *what, enum relib_code code, struct relib_error *error)
{
	if (!lost)
		return RELIB_OK;
	return relib_fail(error, code,
			  "%s was not %s: this process was forked while another thread loaded or unloaded a module\n"
			  "  ld.so can't be used in it any more; fork when no thread does that, or let the child call exec",
			  shown, what);
}
