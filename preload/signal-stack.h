/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* Alternate signal stacks of threads that modules set, or that lie in a module's memory. */
#ifndef RELIB_SIGNAL_STACK_H
#define RELIB_SIGNAL_STACK_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "callsite.h"

/* Round the real call. Async-signal-safe; errno stays. False: there is nothing to be noted. */
bool relib_signal_stack_before(stack_t *before);
void relib_signal_stack_after(const stack_t *before, struct relib_caller caller, uintptr_t through);

/* After a change: what it is now. Async-signal-safe; errno stays. */
void relib_signal_stack_note_size(void);
/* Whether any thread has ever set one on which a signal more than the program's own could find no room. */
bool relib_signal_stack_any_small(void);

/*
 * Another live thread whose signal stack lies in the image of one of these objects, or 0. It can't be taken down from here, and
 * where the image was there is nothing for a moment.
 */
struct relib_set;
pid_t relib_signal_stack_in_images(const struct relib_set *set);

/* In a forked child: the thread has another number than in its parent. */
void relib_signal_stack_in_child(pid_t in_parent);

#endif
