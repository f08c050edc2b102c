/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: The relib authors */
/*
 * Calls of dlopen whose result the hook doesn't see, since it had to jump there. Whether one of them succeeded is told by
 * ld.so's own count of opens, once all else that changed that count is accounted for. An open that was none would have its
 * close take away another's: so where this is not certain, it is only said that there may be one.
 */
#ifndef RELIB_DLOPEN_ATTEMPT_H
#define RELIB_DLOPEN_ATTEMPT_H

#include "settle.h"

/* The calling thread is about to jump. A mark of 0: the host's. errno stays. */
void relib_attempt_note(const char *file, int mode, uint32_t mark);

/* Looks what became of attempts. Those of `ended`, which may be NULL, are over and are looked at for the last time. */
void relib_attempts_resolve(const struct relib_set *ended);

/* Around a dlopen whose result is seen; what the first gives is for the second. errno stays. */
unsigned relib_attempt_bystander_begins(const char *file);
void relib_attempt_bystander_ends(unsigned at, void *opened);

/* Around a dlclose; what the first gives is for the second. errno stays. */
int relib_attempt_close_begins(const void *handle);
void relib_attempt_close_ends(const void *handle, int before);

/* In a forked child: what other threads were opening and closing, nobody ends. */
void relib_attempts_in_child(void);

#endif
