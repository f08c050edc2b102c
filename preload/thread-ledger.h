/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The threads that modules started, until the kernel has let them go. */
#ifndef RELIB_THREAD_LEDGER_H
#define RELIB_THREAD_LEDGER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <threads.h>

#include "object.h"

struct relib_thread_record {
	struct relib_thread_record *next;
	uint32_t owner; /* of an object; 0: free */
	uint32_t stack; /* who created it, see site.h */
	pthread_t thread;
	int32_t id; /* the kernel's; 0 until it runs */
	bool ended;    /* its function returned; thread-local destructors may still run */
	bool detached;
	bool joining;  /* a thread is in pthread_join for it */
	bool starting; /* its creator has not come back from pthread_create */
	bool over;     /* forgotten meanwhile: the creator gives the record back */
	union {
		void *(*posix)(void *);
		thrd_start_t c11;
	} start;
	void *argument;
};

/* A record for a thread that `owner` is about to start; NULL without memory (then it is not tracked). */
struct relib_thread_record *relib_thread_enter(struct relib_object *owner, uint32_t stack, bool detached);
/* It was started: on the creator's side, whose pthread_t may be joined before the thread runs at all. */
void relib_thread_started(struct relib_thread_record *record, const pthread_t *thread);
/* The thread was not started, or was joined. */
void relib_thread_forget(struct relib_thread_record *record);

/* On the new thread, around its start function. */
void relib_thread_begins(struct relib_thread_record *record);
void relib_thread_ends(struct relib_thread_record *record);

/*
 * The record of a thread that the caller is about to join, marked so; NULL when it isn't a module's.
 * Before the join: after it the pthread_t may be another thread's.
 */
struct relib_thread_record *relib_thread_join_begins(pthread_t thread);
void relib_thread_join_ends(struct relib_thread_record *record, bool joined);
void relib_thread_detached(pthread_t thread);

/* Whether there are any at all; without a lock. */
bool relib_threads_any(void);

/* What became of a thread. */
enum relib_thread_fate { RELIB_THREAD_RUNS, RELIB_THREAD_UNJOINED, RELIB_THREAD_GONE };

/*
 * Calls `visit` for each thread of these owners that still runs or that ended without being joined, and
 * forgets those that are gone. Threads lock held during `visit`, which may not call back.
 */
typedef void relib_thread_visit(void *context, const struct relib_thread_record *record,
				enum relib_thread_fate state);
void relib_threads_visit(struct relib_object *const *owners, size_t count, relib_thread_visit *visit, void *context);

/* Waits, not long, until those that were just created run: only then they have a number and perhaps a name. */
void relib_threads_wait_begun(struct relib_object *const *owners, size_t count);

/* Joins the ended threads of these owners that nobody joined; gives how many. */
unsigned relib_threads_release(struct relib_object *const *owners, size_t count);
/* Takes what is left out of the ledger: the next object with these owners' numbers must not inherit it. */
void relib_threads_disown(struct relib_object *const *owners, size_t count);

/* The name of a thread of this process into a buffer of 16; "" when it is gone. */
void relib_thread_name(int32_t id, char name[16]);

/* In a forked child: only the calling thread is there. */
void relib_threads_in_child(void);

#endif
