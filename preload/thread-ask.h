/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Asks threads by a signal where they are: those that run, so that their stacks can't be read from outside. The signal is one
 * in real time that nobody handles, and is given back when all have answered.
 */
#ifndef RELIB_THREAD_ASK_H
#define RELIB_THREAD_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "stack-walk.h"

#define RELIB_ASKED_MOST 64

struct relib_asked {
	int32_t id;
	struct relib_place_inside place; /* RELIB_UNKNOWN: `why` says why */
	const char *why;
	bool passing; /* it may be otherwise soon: threads that begin or end block signals for a moment */
};

/*
 * Asks at most RELIB_ASKED_MOST threads, none of them the caller, and waits for their answers, for
 * each a second at most. One caller at a time. `tasks` is a descriptor of /proc/self/task.
 */
void relib_threads_ask(int tasks, const struct relib_stack_walk *walk, struct relib_asked *asked, unsigned count);

/* In a forked child nobody will answer any more. */
void relib_threads_ask_in_child(void);

#endif
