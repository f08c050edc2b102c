/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Looks at the stacks of all threads: is one of them in a function of what is to be unloaded?
 *
 * A thread that is asleep is looked at from outside, by what the kernel says of its registers and by reading its stack: so no
 * call of the host's is interrupted. One that runs is asked by a signal.
 */
#ifndef RELIB_THREAD_LOOK_H
#define RELIB_THREAD_LOOK_H

#include "settle.h"

/* So many are named. */
#define RELIB_LOOKED_MOST 64

struct relib_looked {
	size_t inside, unseen; /* how many */
	size_t count;
	struct relib_looked_thread {
		int32_t id;
		uintptr_t address; /* in the innermost function; 0: it could not be looked at */
		const char *why;   /* then */
		char name[16];
	} threads[RELIB_LOOKED_MOST];
};

/* Fills `looked`, which is zeroed, with all threads but the calling one; gives how many are inside. */
size_t relib_threads_look(const struct relib_set *set, struct relib_looked *looked);

/* Where the calling thread will return into these, or 0, also where its frames can't be followed at all. */
uintptr_t relib_own_stack_look(const struct relib_set *set);

void relib_threads_look_in_child(void);

#endif
