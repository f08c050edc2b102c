/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The stack of another thread, which the loader has started. */
#ifndef RELIB_LOADER_STACK_OTHER_H
#define RELIB_LOADER_STACK_OTHER_H

#include <pthread.h>
#include <stddef.h>

/* Of a thread that can be looked at, written by itself. */
struct relib_stack_other {
	_Atomic int id; /* as in gettid(); 0: it has not begun */
};

/* By the thread itself: it lets a signal through that can be used for it. */
void relib_stack_other_begin(struct relib_stack_other *other);

/*
 * Where the thread is now, as relib_stack_write() writes it. The thread must not have been joined. It is sent a signal that
 * nobody uses, and a function that it waits in is interrupted as by any handler with SA_RESTART.
 * @return NULL, or why that was not possible
 */
const char *relib_stack_other(const struct relib_stack_other *other, pthread_t thread, char *text, size_t size);

#endif
