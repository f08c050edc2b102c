/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/* The tracker around a fork. */
#ifndef RELIB_FORK_H
#define RELIB_FORK_H

#include <stdbool.h>

/* From now on forks are followed. */
void relib_fork_follow(void);

/* Around a fork that calls no handlers. Async-signal-safe. */
void relib_fork_before(void);
void relib_fork_after_in_parent(void);
void relib_fork_after_in_child(void);

/*
 * Whether this is a child of vfork, in its parent's memory: what it opens and closes is its own, and must not be
 * entered in its parent's ledger.
 */
bool relib_fork_is_borrowed(void);

/* By a child of clone() that is like that; false when there are too many. When it has ended its parent gives it back. */
bool relib_fork_borrow(void);
void relib_fork_give_back(void);

#endif
