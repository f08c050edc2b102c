/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Thread-local destructors of modules that have not run yet. */
#ifndef RELIB_DESTRUCTORS_H
#define RELIB_DESTRUCTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object.h"

enum relib_destructor_state {
	RELIB_DESTRUCTOR_PENDING,
	RELIB_DESTRUCTOR_RUNS, /* on its own thread, or on one that unloads */
	RELIB_DESTRUCTOR_DONE  /* libc's record of it is there still, until the thread ends */
};

struct relib_destructor {
	struct relib_destructor *next_of_thread;
	struct relib_destructor *next, **link; /* of all */
	void (*function)(void *);
	void *argument;
	uint32_t owner;
	int32_t thread;
	uint32_t state; /* futex */
};

/* Notes a destructor of the calling thread; NULL without memory. */
struct relib_destructor *relib_destructor_enter(struct relib_object *owner, void (*function)(void *), void *argument);
/* It could not be registered with libc. */
void relib_destructor_forget(struct relib_destructor *destructor);
/* What libc calls at the thread's end. */
void relib_destructor_run(void *destructor);

/* Runs those of the calling thread, newest first, also those that the running ones add. */
void relib_destructors_run_early(struct relib_object *const *owners, size_t count);

/* Calls `visit` for each one pending on another thread than the caller. Threads lock held during `visit`. */
typedef void relib_destructor_visit(void *context, const struct relib_destructor *destructor);
void relib_destructors_visit(struct relib_object *const *owners, size_t count, relib_destructor_visit *visit,
			     void *context);
/*
 * Runs those that are pending on other threads, those of each thread newest first, each once: a thread that ends meanwhile
 * waits for the one that runs here, and this waits, not for ever, for the one that runs there. False when that one takes too
 * long. `note` is called before each.
 */
bool relib_destructors_run_others(struct relib_object *const *owners, size_t count, relib_destructor_visit *note, void *context);
/* Whether any is pending at all; without a lock. */
bool relib_destructors_any(void);
/* Whether any is pending, on any thread. */
bool relib_destructors_pending(const struct relib_object *owner);

/* In a forked child: those of other threads will never run. */
void relib_destructors_in_child(void);

#endif
